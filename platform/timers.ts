/** Waiting as a dependency: tests move the time instead of sleeping. */

import { setImmediate } from "node:timers";

/** Runs something later. */
export interface Timers {
  /** Runs once after the delay, in milliseconds, unless the returned function is called before. */
  after(delayMs: number, run: () => void): () => void;
}

/** The longest delay that `setTimeout` keeps; a longer one would run at once. */
const DELAY_MAX_MS = 2 ** 31 - 1;

/** The machine's timers; a delay beyond 24 days runs after 24 days. */
export const systemTimers: Timers = {
  after(delayMs, run) {
    const timer = setTimeout(run, Math.min(delayMs, DELAY_MAX_MS));
    return () => clearTimeout(timer);
  },
};

/** Runs once the event loop has handled what is due, arrived requests among it; about 0.1 ms later. */
export function nextTurn(run: () => void): void {
  setImmediate(run);
}
