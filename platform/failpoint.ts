/**
 * Failpoints: named places in the write path where tests of crashes end the process, as abruptly as
 * a kill does and exactly there. Off unless `PACEBOARD_FAILPOINT` names one, which production refuses.
 *
 * @module
 */

/** In the order in which an update passes them. */
export const FAILPOINTS = [
  "score.flush",
  "score.commit.before",
  "score.commit.after",
  "score.publish.before",
  "score.publish.after",
] as const;
export type FailpointName = typeof FAILPOINTS[number];

/** Where to end, and at which passing of it (from 1). */
export interface FailpointPlan {
  name: FailpointName;
  passing: number;
}

/** Tells that a place is passed; does not return from the one that was planned. */
export type Failpoint = (name: FailpointName) => void;

/** What a shell tells of a process that was killed. */
const EXIT_KILLED = 137;

/** Reads `score.flush` or `score.flush:37`; undefined when it is neither.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readFailpoint } from "@/platform/failpoint.ts";
 *
 * assertEquals(readFailpoint("score.flush:37"), { name: "score.flush", passing: 37 });
 * assertEquals(readFailpoint("score.lunch"), undefined);
 * ```
 */
export function readFailpoint(text: string): FailpointPlan | undefined {
  const [, given, count = "1"] = /^([a-z.]+)(?::(\d{1,9}))?$/.exec(text) ?? [];
  const name = FAILPOINTS.find((known) => known === given);
  const passing = Number(count);
  return name === undefined || passing < 1 ? undefined : { name, passing };
}

/** Carries out a plan; `end` must not return. */
export function createFailpoint(
  plan: FailpointPlan,
  end: () => never = () => Deno.exit(EXIT_KILLED),
): Failpoint {
  let passings = 0;
  return (name) => {
    if (name === plan.name && ++passings === plan.passing) end();
  };
}
