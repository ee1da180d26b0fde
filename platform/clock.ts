/** Time as a dependency: services and rules never read the machine's clock themselves. */

import type { EpochMs } from "@/domain/time.ts";

export type { EpochMs };

/** Gives the present instant. */
export interface Clock {
  now(): EpochMs;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() };
