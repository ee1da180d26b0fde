/** A clock and timers that stand still until the test moves them. */

import type { Clock, EpochMs } from "@/platform/clock.ts";
import type { Timers } from "@/platform/timers.ts";

/** Time in the hand of a test. */
export interface ManualTime extends Clock, Timers {
  /** Moves the clock on and runs what falls due, each at its own instant, in order. */
  advance(byMs: number): void;
  /** Timers that wait. */
  readonly pending: number;
}

interface Waiting {
  at: EpochMs;
  order: number;
  run: () => void;
}

/** Makes a clock that shows the instant. */
export function createManualTime(startsAt: EpochMs = Date.UTC(2026, 4, 1, 12)): ManualTime {
  const waiting = new Set<Waiting>();
  let now = startsAt;
  let order = 0;
  const nextDue = (until: EpochMs) =>
    [...waiting].filter((timer) => timer.at <= until)
      .sort((a, b) => a.at - b.at || a.order - b.order)[0];
  return {
    now: () => now,
    after(delayMs, run) {
      const timer = { at: now + Math.max(0, delayMs), order: order++, run };
      waiting.add(timer);
      return () => void waiting.delete(timer);
    },
    advance(byMs) {
      const until = now + byMs;
      for (let timer = nextDue(until); timer; timer = nextDue(until)) {
        waiting.delete(timer);
        now = timer.at;
        timer.run();
      }
      now = until;
    },
    get pending() {
      return waiting.size;
    },
  };
}
