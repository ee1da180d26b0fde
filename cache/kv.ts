/// <reference lib="deno.unstable" />
/**
 * A key-value store with the interface of `Deno.Kv` and two drivers: Redis (one server or a
 * Cluster), shared by all nodes, and `Deno.openKv` itself. One conformance suite runs on both, the
 * second being the oracle. What differs is listed in `docs/kv.md`.
 *
 * `Deno.openKv` exists only under `--unstable-kv`. The app runs without unstable flags, for Deno
 * Deploy forbids them (and offers `openKv` without): `hasDenoKv()` tells whether the driver is there.
 *
 * @module
 */

import { createKeyspace } from "./kv_keyspace.ts";
import { RedisKv } from "./kv_store.ts";
import { openRedis, type RedisConnection, type RedisOptions } from "./redis.ts";

export { KvU64 } from "./kv_value.ts";

/** The port: whatever `Deno.Kv` promises, and no more. */
export type KvStore = Deno.Kv;

export interface RedisKvOptions {
  /** Parts stores of one Redis; letters, digits, `_` and `-`. */
  name?: string;
  /** Hears of failed handlers of `listenQueue`; their messages are tried again. */
  onHandlerError?: (error: unknown) => void;
}

/** The store of those who name none. */
export const STORE_NAME_DEFAULT = "default";

/** Braces would change the hash slot, and with it the node of a Cluster. */
const STORE_NAME = /^[\w-]{1,64}$/;

/** A store on a connection of one's own, which stays open when the store is closed. */
export function createRedisKv(redis: RedisConnection, options: RedisKvOptions = {}): KvStore {
  return createStore(redis, options, () => {});
}

/** Connects to Redis and opens a store there; closing the store closes the connection. */
export async function openRedisKv(options: RedisOptions & RedisKvOptions): Promise<KvStore> {
  checkName(options.name ?? STORE_NAME_DEFAULT);
  const redis = await openRedis(options);
  return createStore(redis, options, () => redis.close());
}

/** Whether the runtime offers `Deno.openKv`. */
export function hasDenoKv(): boolean {
  return typeof (Deno as Partial<typeof Deno>).openKv === "function";
}

/** Deno's own store, in a file or `:memory:`. Fails with a TypeError where `hasDenoKv()` is false. */
export async function openDenoKv(path?: string): Promise<KvStore> {
  if (!hasDenoKv()) {
    throw new TypeError("Cannot open a store of Deno: it needs the flag --unstable-kv");
  }
  return await Deno.openKv(path);
}

function createStore(
  redis: RedisConnection,
  { name = STORE_NAME_DEFAULT, onHandlerError = () => {} }: RedisKvOptions,
  onClosed: () => void,
): KvStore {
  checkName(name);
  return new RedisKv({
    keyspace: createKeyspace(redis, name),
    onHandlerError,
    onReady: (tell) => redis.onReady(tell),
    onClosed,
  });
}

function checkName(name: string): void {
  if (STORE_NAME.test(name)) return;
  throw new TypeError(`Cannot open the store "${name}": it may have letters, digits, _ and - only`);
}
