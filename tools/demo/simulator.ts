/** Keeps the demo's moving competition moving, until it is disposed. */

import type { Logger } from "@/platform/log.ts";
import type { Timers } from "@/platform/timers.ts";
import { MINUTE_MS, SECOND_MS } from "@/domain/time.ts";
import { createSimulation, type Simulation, type SimulationDeps } from "./simulation.ts";

export interface SimulatorDeps extends SimulationDeps {
  timers: Timers;
  log: Logger;
}

/** The first step comes soon, so that the first page that is opened moves. */
const FIRST_PAUSE_MS = SECOND_MS;
/** After a failed step; doubled with each further one. */
const FAILED_PAUSE_MS = 5 * SECOND_MS;
const FAILED_PAUSE_MAX_MS = MINUTE_MS;

/** Starts it; disposing waits for the step under way. Never for production: main decides. */
export function startSimulator(
  deps: SimulatorDeps,
  simulation: Simulation = createSimulation(deps),
): AsyncDisposable {
  let failures = 0;
  let isStopped = false;
  let underWay: Promise<void> = Promise.resolve();
  let cancel = waitFor(FIRST_PAUSE_MS);

  function waitFor(pauseMs: number): () => void {
    return deps.timers.after(pauseMs, () => {
      underWay = step();
    });
  }
  async function step(): Promise<void> {
    const pauseMs = await simulation.step().then(succeeded, failed);
    if (!isStopped) cancel = waitFor(pauseMs);
  }
  function succeeded(pauseMs: number): number {
    failures = 0;
    return pauseMs;
  }
  /** The demo must not take the app down, nor fill its log. */
  function failed(error: unknown): number {
    const pauseMs = Math.min(FAILED_PAUSE_MAX_MS, FAILED_PAUSE_MS * 2 ** failures);
    failures += 1;
    if (!isStopped) deps.log.warning("Cannot move the demo competition", { error, pauseMs });
    return pauseMs;
  }
  return {
    async [Symbol.asyncDispose]() {
      isStopped = true;
      cancel();
      await underWay;
    },
  };
}
