/**
 * Calls to systems of others: payment, mail, sign-in by another site, devices' clouds. Each call has
 * a time limit; calls to one system share a breaker; calls that may be repeated are, after a pause.
 *
 *     const stripe = createOutsideCall({ name: "stripe", metrics });
 *     const intent = await stripe.call("read the payment", (signal) => read(id, { signal }), {
 *       isIdempotent: true,
 *     });
 *
 * @module
 */

import { DomainError } from "@/domain/error.ts";
import { type Breaker, type BreakerRule, createBreaker } from "./breaker.ts";
import { withDeadline } from "./deadline.ts";
import type { Metrics } from "./metrics.ts";
import { OUTSIDE_RETRY, retry, type RetryOptions, type RetryPolicy } from "./retry.ts";

/** One outside system. */
export interface OutsideCall extends Disposable {
  readonly state: Breaker["state"];
  /**
   * Runs the work, which must pass the signal on. `action` completes "Cannot …" in errors.
   * Fails with `SERVICE_UNAVAILABLE` (the fault as its cause) when the system does not work, with
   * `CIRCUIT_OPEN` while it is left alone, and with whatever else the work threw.
   */
  call<T>(
    action: string,
    work: (signal: AbortSignal) => Promise<T>,
    options?: OutsideCallOptions,
  ): Promise<T>;
}

/** How one call is made. */
export interface OutsideCallOptions {
  /** Repeating does no harm: a reading, or a write under a key of idempotency. */
  isIdempotent?: boolean;
  /** The first try included; fewer than the policy's where somebody waits for the answer. */
  triesMax?: number;
  timeoutMs?: number;
  /** Ends the call and the pauses between tries, with its reason. */
  signal?: AbortSignal;
}

export interface OutsideCallDeps {
  /** In errors and metrics, one of few: `stripe`, `mail`. */
  name: string;
  metrics: Pick<Metrics, "breakerState" | "breakerFailures">;
  /** Which faults pass and mean that the system is away; for clients with errors of their own. */
  isTransient?: (error: unknown) => boolean;
  timeoutMs?: number;
  policy?: RetryPolicy;
  rule?: BreakerRule;
  resetMs?: number;
  random?: RetryOptions["random"];
  sleep?: RetryOptions["sleep"];
}

/** Longer than any good answer, shorter than a client's patience. */
export const OUTSIDE_TIMEOUT_MS = 10_000;

/** Half of a window; fewer calls than this say nothing. */
export const OUTSIDE_BREAKER_RULE: BreakerRule = {
  kind: "share",
  percent: 50,
  callsMin: 5,
  windowMs: 30_000,
};

/** Services of others that fail do so for a while. */
const RESET_MS = 15_000;

/** What a client that was refused for this is told to wait. */
const RETRY_AFTER_SECONDS = 15;

/** Makes the way to one outside system; disposing it stops its timers. */
export function createOutsideCall(deps: OutsideCallDeps): OutsideCall {
  const { name, isTransient = isOutsideFault, policy = OUTSIDE_RETRY } = deps;
  const breaker = createBreaker({
    name,
    rule: deps.rule ?? OUTSIDE_BREAKER_RULE,
    resetMs: deps.resetMs ?? RESET_MS,
    // A system that says "too many" works.
    isFailure: (error) => isTransient(error) && statusOf(error) !== TOO_MANY,
    metrics: deps.metrics,
  });
  return {
    get state() {
      return breaker.state;
    },
    async call(action, work, options = {}) {
      const timeoutMs = options.timeoutMs ?? deps.timeoutMs ?? OUTSIDE_TIMEOUT_MS;
      const signal = options.signal ? { signal: options.signal } : {};
      const once = () => breaker.call(() => withDeadline(work, { timeoutMs, action, ...signal }));
      const triesMax = options.isIdempotent ? options.triesMax ?? policy.triesMax : 1;
      try {
        return await retry(once, {
          policy: { ...policy, triesMax },
          isTransient: (error) => !options.signal?.aborted && isTransient(error),
          ...signal,
          ...(deps.random ? { random: deps.random } : {}),
          ...(deps.sleep ? { sleep: deps.sleep } : {}),
        });
      } catch (error) {
        throw isTransient(error) ? unavailable(action, name, error) : error;
      }
    },
    [Symbol.dispose]: () => breaker[Symbol.dispose](),
  };
}

const TOO_MANY = 429;

/** Answers that another try may change. */
const TRANSIENT_STATUSES: readonly number[] = [408, 425, TOO_MANY, 500, 502, 503, 504];

/** Codes of the socket, as Node's clients give them. */
const SOCKET_CODE =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|ESOCKET|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EMFILE)$/;

/** Names that Deno gives to faults of the network. */
const NETWORK_ERROR =
  /^(ConnectionRefused|ConnectionReset|ConnectionAborted|BrokenPipe|UnexpectedEof|TimedOut|TimeoutError|NetworkUnreachable|HostUnreachable|Http)$/;

/** What `fetch` says when no answer, or only a part of it, came. */
const FETCH_FAILED = /^(fetch failed|error sending request|error reading a body|error decoding)/i;

/**
 * Whether the fault is that the system could not be reached, was too slow, or answered (in `status`
 * or `statusCode` of the error) that it does not work right now.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isOutsideFault } from "@/platform/outside_call.ts";
 *
 * assertEquals(isOutsideFault(Object.assign(new Error("Bad gateway"), { status: 502 })), true);
 * assertEquals(isOutsideFault(Object.assign(new Error("No such card"), { status: 404 })), false);
 * ```
 */
export function isOutsideFault(error: unknown): boolean {
  if (error instanceof DomainError) return error.code === "SERVICE_UNAVAILABLE";
  if (!(error instanceof Error)) return false;
  const status = statusOf(error);
  if (status !== undefined) return TRANSIENT_STATUSES.includes(status);
  if (error instanceof TypeError && FETCH_FAILED.test(error.message)) return true;
  return NETWORK_ERROR.test(error.name) || SOCKET_CODE.test(codeOf(error));
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || error instanceof DomainError) return undefined;
  for (const key of ["status", "statusCode"] as const) {
    const value: unknown = Reflect.get(error, key);
    if (typeof value === "number") return value;
  }
  return undefined;
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "";
}

/** A deadline's error says enough; anything else gets words for the client, and stays as cause. */
function unavailable(action: string, name: string, cause: unknown): DomainError {
  if (cause instanceof DomainError && cause.retryAfterSeconds !== undefined) return cause;
  const message = cause instanceof DomainError
    ? cause.message
    : `Cannot ${action}: the ${name} does not work right now`;
  return new DomainError("SERVICE_UNAVAILABLE", message, {
    cause,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}
