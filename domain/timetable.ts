/** What a competition's own clock does: which phases it enters, and when it has to look again. */

import {
  type FreezeFacts,
  isFrozenAt,
  nextPhaseChangeAt,
  type Phase,
  phaseOf,
  type Schedule,
} from "./competition.ts";
import type { EpochMs } from "./time.ts";

/** Who approves a result: somebody, or the schedule once nothing stands in the way. */
export const FINALIZATIONS = ["manual", "automatic"] as const;
export type Finalization = (typeof FINALIZATIONS)[number];

/** The phases that follow from the clock, in their order. */
export const CLOCK_PHASES = [
  "upcoming",
  "registration",
  "active",
  "grace",
  "provisional",
] as const;
export type ClockPhase = (typeof CLOCK_PHASES)[number];

/** Tells a phase of the clock from one that staff decide. */
export function isClockPhase(phase: Phase): phase is ClockPhase {
  return (CLOCK_PHASES as readonly Phase[]).includes(phase);
}

/** The phases that were entered since one was noted, in order; those that lasted no time are left
 * out. Before the start only the one of now counts. Empty when the clock moved none, or the times
 * were edited so that an earlier one is back.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { completeSchedule } from "@/domain/competition.ts";
 * import { phasesEntered } from "@/domain/timetable.ts";
 *
 * const schedule = {
 *   status: "published" as const,
 *   ...completeSchedule({ startsAt: 1000, endsAt: 2000, graceMs: 500 }),
 * };
 * assertEquals(phasesEntered("registration", schedule, 1000), ["active"]);
 * assertEquals(phasesEntered("registration", schedule, 2500), ["active", "grace", "provisional"]);
 * assertEquals(phasesEntered("active", schedule, 1999), []);
 * ```
 */
export function phasesEntered(
  noted: ClockPhase,
  schedule: Schedule,
  at: EpochMs,
): ClockPhase[] {
  const phase = phaseOf(schedule, at);
  if (!isClockPhase(phase) || phase === noted) return [];
  if (placeOf(phase) < START) return placeOf(noted) < START ? [phase] : [];
  const entered = CLOCK_PHASES.slice(Math.max(START, placeOf(noted) + 1), placeOf(phase) + 1);
  return entered.filter((one) => one !== "grace" || schedule.graceMs > 0);
}

const START = CLOCK_PHASES.indexOf("active");

function placeOf(phase: ClockPhase): number {
  return CLOCK_PHASES.indexOf(phase);
}

/** What is noted after an edit: a phase that is back is noted at once, one that is ahead is for the
 * clock to enter. */
export function notedAfterEdit(
  noted: ClockPhase | null,
  schedule: Schedule,
  at: EpochMs,
): ClockPhase | null {
  const phase = phaseOf(schedule, at);
  if (!isClockPhase(phase)) return noted;
  return noted === null || placeOf(phase) < placeOf(noted) ? phase : noted;
}

/** When the clock next changes the phase or freezes the board; null when it never will. */
export function nextTurnAt(competition: Schedule & FreezeFacts, at: EpochMs): EpochMs | null {
  const turns = [nextPhaseChangeAt(competition, at)];
  if (competition.status === "published" && !isFrozenAt(competition, at)) {
    turns.push(competition.freezeAt);
  }
  const ahead = turns.filter((turn) => turn !== null);
  return ahead.length === 0 ? null : Math.min(...ahead);
}
