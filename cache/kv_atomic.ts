/// <reference lib="deno.unstable" />
/** Collects the parts of a commit, and shows itself as `Deno.AtomicOperation` does. */

import { checkBackoffSchedule, checkDelay, checkExpireIn } from "./kv_limits.ts";
import { posesAs } from "./kv_posing.ts";
import { deserialize, KvU64, serialize, serializeValue } from "./kv_value.ts";
import {
  BACKOFF_SCHEDULE_DEFAULT,
  type KvCommit,
  type KvMessage,
  type KvWrite,
  serializeOperand,
} from "./kv_write.ts";

/** Options of a message. */
export interface EnqueueOptions {
  delay?: number;
  keysIfUndelivered?: Deno.KvKey[];
  backoffSchedule?: number[];
}

/** Runs a commit; null when a check failed. */
export type Committer = (commit: KvCommit) => Promise<string | null>;

type Inspect = (value: unknown, options: unknown) => string;

/** A message as it will be stored. Fails with a TypeError for options out of bounds. */
export function createMessage(value: unknown, given?: EnqueueOptions | null): KvMessage {
  const options = given ?? {};
  const delayMs = options.delay ?? 0;
  checkDelay(delayMs);
  if (options.backoffSchedule !== undefined) checkBackoffSchedule(options.backoffSchedule);
  const { bytes: payload, ...blobs } = serialize(value);
  return {
    payload,
    ...blobs,
    delayMs,
    keysIfUndelivered: options.keysIfUndelivered ?? [],
    backoffSchedule: options.backoffSchedule ?? BACKOFF_SCHEDULE_DEFAULT,
  };
}

/** `Deno.AtomicOperation` for a store that is not Deno's. */
export class KvAtomic implements Deno.AtomicOperation {
  static {
    posesAs(this, "AtomicOperation");
  }

  readonly #commit: Committer;
  readonly #checks: Deno.AtomicCheck[] = [];
  readonly #writes: KvWrite[] = [];
  readonly #messages: KvMessage[] = [];
  /** One line for each part that was added, for `inspect`. */
  readonly #shown: ((inspect: Inspect, options: unknown) => string)[] = [];

  constructor(commit: Committer) {
    this.#commit = commit;
  }

  check(...checks: Deno.AtomicCheck[]): this {
    for (const { key, versionstamp } of checks) this.#checks.push({ key, versionstamp });
    return this;
  }

  mutate(...mutations: Deno.KvMutation[]): this {
    for (const mutation of mutations) this.#writes.push(readMutation(mutation));
    return this;
  }

  sum(key: Deno.KvKey, n: bigint): this {
    return this.mutate({ type: "sum", key, value: new KvU64(n) });
  }

  min(key: Deno.KvKey, n: bigint): this {
    return this.mutate({ type: "min", key, value: new KvU64(n) });
  }

  max(key: Deno.KvKey, n: bigint): this {
    return this.mutate({ type: "max", key, value: new KvU64(n) });
  }

  set(key: Deno.KvKey, value: unknown, options?: { expireIn?: number }): this {
    this.#writes.push(createSet(key, value, options?.expireIn));
    return this;
  }

  delete(key: Deno.KvKey): this {
    this.#writes.push({ key, operation: "delete" });
    return this;
  }

  enqueue(value: unknown, options?: EnqueueOptions): this {
    const message = createMessage(value, options);
    this.#messages.push(message);
    this.#shown.push((inspect, shown) => showMessage(message, options, (of) => inspect(of, shown)));
    return this;
  }

  async commit(): Promise<Deno.KvCommitResult | Deno.KvCommitError> {
    const versionstamp = await this.#commit({
      checks: this.#checks,
      writes: this.#writes,
      messages: this.#messages,
    });
    return versionstamp === null ? { ok: false } : { ok: true, versionstamp };
  }

  /** Awaiting the operation instead of its commit is a mistake that must not pass in silence. */
  then(): never {
    throw new TypeError(
      "'Deno.AtomicOperation' is not a promise: did you forget to call 'commit()'",
    );
  }

  /** What would be inherited from Deno's class reads that class's private fields. */
  [Symbol.for("Deno.privateCustomInspect")](inspect: Inspect, options: unknown): string {
    return this.#show(inspect, options);
  }

  [Symbol.for("Deno.customInspect")](inspect: Inspect, options: unknown): string {
    return this.#show(inspect, options);
  }

  #show(inspect: Inspect, options: unknown): string {
    const show = (value: unknown) => inspect(value, options);
    const lines = [
      ...this.#checks.map((check) => showCheck(check, show)),
      ...this.#writes.map((write) => showWrite(write, show)),
      ...this.#shown.map((line) => line(inspect, options)),
    ];
    if (lines.length === 0) return "AtomicOperation (empty)";
    return ["AtomicOperation", ...lines.map((line) => `  ${line}`)].join("\n");
  }
}

/** A `set` as it will be written. Fails with a TypeError for a bad expiry or an unstorable value. */
export function createSet(key: Deno.KvKey, value: unknown, expireIn: number | undefined): KvWrite {
  checkExpireIn(expireIn);
  return { key, operation: "set", payload: serializeValue(value), expireIn };
}

function readMutation(mutation: Deno.KvMutation): KvWrite {
  const { key, type } = mutation;
  if (type === "delete") {
    if ((mutation as { value?: unknown }).value) {
      throw new TypeError("Invalid mutation 'delete' with value");
    }
    return { key, operation: type };
  }
  if (type !== "set" && type !== "sum" && type !== "min" && type !== "max") {
    throw new TypeError("Invalid mutation type");
  }
  const expireIn = type === "set" && typeof mutation.expireIn === "number"
    ? mutation.expireIn
    : undefined;
  checkExpireIn(expireIn);
  if (!Object.hasOwn(mutation, "value")) {
    throw new TypeError(`Invalid mutation '${type}' without value`);
  }
  if (type === "set") return createSet(key, mutation.value, expireIn);
  return { key, operation: type, payload: serializeOperand(mutation.value) };
}

type Show = (value: unknown) => string;

function showCheck({ key, versionstamp }: Deno.AtomicCheck, show: Show): string {
  const shown = versionstamp === null ? "null" : `"${versionstamp}"`;
  return `check({ key: ${show(key)}, versionstamp: ${shown} })`;
}

function showWrite({ key, operation, payload, expireIn }: KvWrite, show: Show): string {
  if (!payload) return `${operation}(${show(key)})`;
  const options = expireIn === undefined ? "" : `, { expireIn: ${expireIn} }`;
  return `${operation}(${show(key)}, ${show(valueOf(payload))}${options})`;
}

function valueOf({ kind, bytes }: NonNullable<KvWrite["payload"]>): unknown {
  if (kind === "b") return new Uint8Array(bytes);
  if (kind === "v" || kind === "n") return deserialize(bytes);
  const value = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
  return kind === "u" ? new KvU64(value) : value;
}

function showMessage(
  { payload, delayMs, keysIfUndelivered }: KvMessage,
  options: EnqueueOptions | undefined,
  show: Show,
): string {
  const parts = [
    ...(delayMs === 0 ? [] : [`delay: ${delayMs}`]),
    ...(keysIfUndelivered.length === 0 ? [] : [`keysIfUndelivered: ${show(keysIfUndelivered)}`]),
    ...(options?.backoffSchedule ? [`backoffSchedule: ${show(options.backoffSchedule)}`] : []),
  ];
  const shown = parts.length === 0 ? "" : `, { ${parts.join(", ")} }`;
  return `enqueue(${show(deserialize(payload))}${shown})`;
}
