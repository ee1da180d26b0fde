/**
 * A connection to Redis (7 or later), one server or a Cluster, that runs scripts and hears sharded
 * channels. Every call ends: with an answer, with an error, or with `SERVICE_UNAVAILABLE` after
 * `timeoutMs`. While the connection is down calls fail at once instead of queueing, so that callers
 * fall back without waiting; the client connects again by itself, for as long as it takes, and
 * subscribes anew. A call that was under way when the connection broke may or may not have run.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { createClient, createCluster, ErrorReply, RESP_TYPES } from "redis";
import { DomainError } from "@/domain/error.ts";
import { withDeadline } from "@/platform/deadline.ts";

/** A script with the digest by which the server knows it. */
export interface RedisScript {
  source: string;
  sha: string;
}

/** What a script may answer; text comes as bytes. */
export type RedisReply = number | Uint8Array | null | RedisReply[];

/** Text or bytes. */
export type RedisArgument = string | Uint8Array;

/** A connection that cache modules may share. */
export interface RedisConnection {
  /** Runs a script; all keys lie in one hash slot. Its own errors come as `ErrorReply`. */
  run(
    script: RedisScript,
    keys: readonly string[],
    values: readonly RedisArgument[],
  ): Promise<RedisReply>;
  /** Sends to those who hear a sharded channel, and tells nobody who missed it. */
  publish(channel: string, message: RedisArgument): Promise<void>;
  /** Hears a sharded channel until the returned function is called. */
  subscribe(channel: string, hear: (message: Uint8Array) => void): Promise<() => void>;
  /** Tells of each time the connection stands again; messages may have been missed before. */
  onReady(tell: () => void): () => void;
  /** Ends at once; calls under way fail. */
  close(): void;
}

export interface RedisOptions {
  /** `redis[s]://…`; several addresses, parted by commas, or `redis[s]+cluster://…` for a Cluster. */
  url: string;
  /** How long a call may take. */
  timeoutMs?: number;
  /** Hears of faults of the connection, which is repaired meanwhile. */
  onFault?: (error: Error) => void;
}

/** Outside calls end after 10 s at the latest; a cache that takes longer than 2 s is no help. */
export const REDIS_TIMEOUT_MS = 2_000;

const RECONNECT_FIRST_MS = 50;
const RECONNECT_MAX_MS = 2_000;

const CLUSTER_SCHEME = /^(rediss?)\+cluster:/;
const REPLIES = { [RESP_TYPES.BLOB_STRING]: Buffer } as const;

/** A script that can be run; the digest is of its text. */
export function redisScript(source: string): RedisScript {
  return { source, sha: createHash("sha1").update(source).digest("hex") };
}

/** Connects, and fails when the first try does. */
export async function openRedis(options: RedisOptions): Promise<RedisConnection> {
  const driver = isCluster(options.url) ? createClusterDriver(options) : createDriver(options);
  const timeoutMs = options.timeoutMs ?? REDIS_TIMEOUT_MS;
  try {
    await withDeadline(() => driver.connect(), { timeoutMs, action: "connect to Redis" });
  } catch (error) {
    driver.destroy();
    throw error;
  }
  return createConnection(driver, timeoutMs);
}

/** Whether the URL means a Cluster.
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { isCluster } from "@/cache/redis.ts";
 *
 * assert(isCluster("redis://a:7000,redis://b:7000"));
 * assert(isCluster("redis+cluster://a:7000"));
 * assert(!isCluster("redis://a:6379"));
 * ```
 */
export function isCluster(url: string): boolean {
  return url.includes(",") || CLUSTER_SCHEME.test(url);
}

/** What the two kinds of client have in common. */
interface Driver {
  connect(): Promise<unknown>;
  send(key: string, command: readonly RedisArgument[]): Promise<RedisReply>;
  subscribe(channel: string, hear: (message: Buffer) => void): Promise<void>;
  unsubscribe(channel: string, hear: (message: Buffer) => void): Promise<void>;
  onReady(tell: () => void): () => void;
  destroy(): void;
}

/** Gives up when the very first try fails, so that a wrong URL is told; never after that. */
function socketOptions(timeoutMs: number, hasConnected: () => boolean) {
  return {
    connectTimeout: timeoutMs,
    reconnectStrategy: (tries: number, cause: Error) =>
      hasConnected()
        ? Math.min(RECONNECT_FIRST_MS * 2 ** Math.min(tries, 10), RECONNECT_MAX_MS)
        : cause,
  };
}

function createDriver({ url, timeoutMs = REDIS_TIMEOUT_MS, onFault }: RedisOptions): Driver {
  let hasConnected = false;
  const client = createClient({
    url,
    socket: socketOptions(timeoutMs, () => hasConnected),
    disableOfflineQueue: true,
    commandOptions: { timeout: 0 },
  });
  // Without a listener the client throws, and never connects again.
  client.on("error", (error: Error) => onFault?.(error));
  client.once("ready", () => hasConnected = true);
  const binary = client.withTypeMapping(REPLIES);
  return {
    connect: () => client.connect(),
    send: (_key, command) => binary.sendCommand<RedisReply>(command.map(toArgument)),
    subscribe: (channel, hear) => client.sSubscribe(channel, hear, true),
    unsubscribe: (channel, hear) => client.sUnsubscribe(channel, hear, true),
    onReady: (tell) => listen(client, "ready", tell),
    destroy: () => client.destroy(),
  };
}

function createClusterDriver(options: RedisOptions): Driver {
  const { url, timeoutMs = REDIS_TIMEOUT_MS, onFault } = options;
  const roots = url.split(",").map((root) => ({ url: root.replace(CLUSTER_SCHEME, "$1:") }));
  let hasConnected = false;
  const { username, password, protocol } = new URL(roots[0]!.url);
  const cluster = createCluster({
    rootNodes: roots,
    defaults: {
      ...(username && { username: decodeURIComponent(username) }),
      ...(password && { password: decodeURIComponent(password) }),
      socket: {
        ...socketOptions(timeoutMs, () => hasConnected),
        ...(protocol === "rediss:" && { tls: true }),
      },
      disableOfflineQueue: true,
    },
    commandOptions: { timeout: 0 },
  });
  for (const event of ["error", "node-error"]) {
    cluster.on(event, (error: Error) => onFault?.(error));
  }
  const binary = cluster.withTypeMapping(REPLIES);
  return {
    connect: () => cluster.connect().then(() => hasConnected = true),
    send: (key, command) => binary.sendCommand<RedisReply>(key, false, command.map(toArgument)),
    subscribe: (channel, hear) => cluster.sSubscribe(channel, hear, true),
    unsubscribe: (channel, hear) => cluster.sUnsubscribe(channel, hear, true),
    onReady: (tell) => listen(cluster, "node-ready", tell),
    destroy: () => cluster.destroy(),
  };
}

/** The part of an event emitter that is needed. */
interface Emitter {
  on(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
}

function listen(emitter: Emitter, event: string, tell: () => void): () => void {
  emitter.on(event, tell);
  return () => emitter.off(event, tell);
}

function toArgument(value: RedisArgument): string | Buffer {
  if (typeof value === "string") return value;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

function createConnection(driver: Driver, timeoutMs: number): RedisConnection {
  let isClosed = false;
  const within = async <T>(work: () => Promise<T>, action: string): Promise<T> => {
    if (isClosed) throw unavailable(`Cannot ${action}: the connection is closed`);
    return await withDeadline(work, { timeoutMs, action });
  };
  return {
    run: (script, keys, values) =>
      within(() => runScript(driver, script, keys, values), "run a script in Redis"),
    async publish(channel, message) {
      const command = ["SPUBLISH", channel, message];
      await within(() => driver.send(channel, command), "publish in Redis");
    },
    async subscribe(channel, hear) {
      await within(() => driver.subscribe(channel, hear), "subscribe in Redis");
      return () => {
        if (!isClosed) driver.unsubscribe(channel, hear).catch(() => {});
      };
    },
    onReady: (tell) => driver.onReady(tell),
    close() {
      if (!isClosed) driver.destroy();
      isClosed = true;
    },
  };
}

/** By digest, so that the text travels only to a server that does not know it yet. */
async function runScript(
  driver: Driver,
  { source, sha }: RedisScript,
  keys: readonly string[],
  values: readonly RedisArgument[],
): Promise<RedisReply> {
  const call = [String(keys.length), ...keys, ...values];
  try {
    return await driver.send(keys[0]!, ["EVALSHA", sha, ...call]);
  } catch (error) {
    if (!(error instanceof ErrorReply) || !error.message.startsWith("NOSCRIPT")) throw error;
    return await driver.send(keys[0]!, ["EVAL", source, ...call]);
  }
}

function unavailable(message: string): DomainError {
  return new DomainError("SERVICE_UNAVAILABLE", message);
}
