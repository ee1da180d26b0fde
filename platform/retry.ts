/** Repeating a call that failed for a passing reason, ever later and never in step with others. */

/** How often and how late. */
export interface RetryPolicy {
  /** The first try included. */
  triesMax: number;
  /** The longest wait before the second try; it doubles from there. */
  firstWaitMs: number;
  waitMaxMs: number;
}

/** The database comes back within seconds, or not at all. */
export const DATABASE_RETRY: RetryPolicy = { triesMax: 3, firstWaitMs: 500, waitMaxMs: 5_000 };
/** Other people's services are given more time. */
export const OUTSIDE_RETRY: RetryPolicy = { triesMax: 5, firstWaitMs: 2_000, waitMaxMs: 30_000 };

export interface RetryOptions {
  policy: RetryPolicy;
  /** Tells whether the fault passes and the call may be repeated; idempotent calls only. */
  isTransient: (error: unknown) => boolean;
  /** Ends the waiting with its reason. */
  signal?: AbortSignal;
  /** From 0 up to, not including, 1. */
  random?: () => number;
  sleep?: (waitMs: number, signal?: AbortSignal) => Promise<void>;
}

/** Runs the work until it succeeds, fails for good or has had its tries; then the last error is thrown. */
export async function retry<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { policy, isTransient, signal, random = Math.random, sleep = wait } = options;
  for (let tries = 1;; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries >= policy.triesMax || !isTransient(error)) throw error;
      await sleep(waitMs(tries, policy, random()), signal);
    }
  }
}

/** The wait after so many tries: half of the doubling step, and a share of the other half by chance.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { DATABASE_RETRY, waitMs } from "@/platform/retry.ts";
 *
 * assertEquals(waitMs(1, DATABASE_RETRY, 0), 250);
 * assertEquals(waitMs(2, DATABASE_RETRY, 0.5), 750);
 * ```
 */
export function waitMs(tries: number, policy: RetryPolicy, chance = Math.random()): number {
  const stepMs = Math.min(policy.waitMaxMs, policy.firstWaitMs * 2 ** (tries - 1));
  return stepMs / 2 + chance * stepMs / 2;
}

/** Waits, unless the signal aborts; then rejects with its reason. */
export function wait(waitMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, waitMs);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
