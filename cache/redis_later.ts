/** A connection to a Redis that may not be there yet: it is tried until it stands. */

import { DomainError } from "@/domain/error.ts";
import { SECOND_MS } from "@/domain/time.ts";
import type { Timers } from "@/platform/timers.ts";
import { openRedis, type RedisConnection, type RedisOptions } from "./redis.ts";

/** A Redis that starts slowly is found soon, one that is gone costs nothing. */
const RETRY_MS = SECOND_MS;

/**
 * Gives the connection at once. Calls fail with `SERVICE_UNAVAILABLE` until it stands the first
 * time, of which `onReady` tells too.
 */
export function openRedisLater(options: RedisOptions & { timers: Timers }): RedisConnection {
  const ready = new Set<() => void>();
  let real: RedisConnection | undefined;
  let isClosed = false;
  let cancelRetry: (() => void) | undefined;
  const tellReady = () => {
    for (const tell of [...ready]) tell();
  };
  const connect = async () => {
    try {
      const opened = await openRedis(options);
      if (isClosed) return opened.close();
      real = opened;
      real.onReady(tellReady);
      tellReady();
    } catch (error) {
      if (isClosed) return;
      options.onFault?.(error instanceof Error ? error : new Error(String(error)));
      cancelRetry = options.timers.after(RETRY_MS, () => void connect());
    }
  };
  void connect();
  return {
    run: async (script, keys, values) => await there(real).run(script, keys, values),
    publish: async (channel, message) => await there(real).publish(channel, message),
    subscribe: async (channel, hear) => await there(real).subscribe(channel, hear),
    onReady(tell) {
      ready.add(tell);
      return () => void ready.delete(tell);
    },
    close() {
      isClosed = true;
      cancelRetry?.();
      real?.close();
    },
  };
}

function there(connection: RedisConnection | undefined): RedisConnection {
  if (connection) return connection;
  throw new DomainError("SERVICE_UNAVAILABLE", "Cannot reach Redis: it is not there yet");
}
