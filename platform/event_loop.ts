/** How late the event loop runs: a timer that should fire each half second tells by how much it did not. */

import { Histogram, type Registry } from "prom-client";

export interface EventLoopMonitor extends Disposable {
  /** The lag of the last measurement. */
  readonly lagMs: number;
}

export interface EventLoopOptions {
  registry: Registry;
  intervalMs?: number;
  /** A clock that never goes back, in milliseconds. */
  elapsedMs?: () => number;
}

/** Often enough to see a stall that a viewer would, rare enough to cost nothing. */
const INTERVAL_MS = 500;
/** Seconds from the timer's own jitter to a loop that answers nobody. */
const LAG_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Starts to measure `event_loop_lag_seconds`; disposing it stops the timer. */
export function monitorEventLoop(options: EventLoopOptions): EventLoopMonitor {
  const { registry, intervalMs = INTERVAL_MS, elapsedMs = () => performance.now() } = options;
  const histogram = new Histogram({
    name: "event_loop_lag_seconds",
    help: "How much later than asked a timer fired",
    buckets: LAG_BUCKETS,
    registers: [registry],
  });
  let dueMs = elapsedMs() + intervalMs;
  let lagMs = 0;
  const timer = setInterval(() => {
    const nowMs = elapsedMs();
    lagMs = Math.max(0, nowMs - dueMs);
    dueMs = nowMs + intervalMs;
    histogram.observe(lagMs / 1000);
  }, intervalMs);
  // A measurement alone must not keep the process alive.
  Deno.unrefTimer(timer);
  return {
    get lagMs() {
      return lagMs;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
