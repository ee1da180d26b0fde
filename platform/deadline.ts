/** Time limits on calls to others: every one of them must end. */

import { DomainError } from "@/domain/error.ts";

export interface DeadlineOptions {
  timeoutMs: number;
  /** Names the call in the error: "reach the database". */
  action: string;
  /** Ends the call too, when the caller gives up first. */
  signal?: AbortSignal;
}

/**
 * Runs the work with a signal that aborts after `timeoutMs`. Fails with `SERVICE_UNAVAILABLE` then,
 * even when the work does not listen to its signal; with the caller's reason when that aborts.
 */
export async function withDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  options: DeadlineOptions,
): Promise<T> {
  const { timeoutMs, action, signal } = options;
  const controller = new AbortController();
  const ended = Promise.withResolvers<never>();
  const abort = (reason: unknown) => {
    controller.abort(reason);
    ended.reject(reason);
  };
  const giveUp = () => abort(signal?.reason);
  if (signal?.aborted) throw signal.reason;
  signal?.addEventListener("abort", giveUp, { once: true });
  const timer = setTimeout(() => abort(overdue(action, timeoutMs)), timeoutMs);
  try {
    return await Promise.race([work(controller.signal), ended.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
}

function overdue(action: string, timeoutMs: number): DomainError {
  return new DomainError(
    "SERVICE_UNAVAILABLE",
    `Cannot ${action}: it took longer than ${timeoutMs} ms`,
  );
}
