/** Which division and team somebody may choose, and until when. */

import type { CompetitionStatus } from "./competition.ts";
import { DomainError, invalid } from "./error.ts";
import type { TeamRule } from "./team_rule.ts";
import type { EpochMs } from "./time.ts";

/** The division of somebody who enters: the one wanted, else the one of before; null where the
 * competition has none. Throws VALIDATION_ERROR about `division`.
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { chooseDivision } from "@/domain/group_choice.ts";
 *
 * const divisions = ["juniors", "seniors"];
 * assertEquals(chooseDivision(divisions, { wanted: "seniors", former: null }), "seniors");
 * assertThrows(() => chooseDivision(divisions, { wanted: undefined, former: null }), Error, "one of");
 * ```
 */
export function chooseDivision(
  divisions: readonly string[],
  { wanted, former }: { wanted: string | undefined; former: string | null },
): string | null {
  if (wanted !== undefined && !divisions.includes(wanted)) {
    throw invalid("division", "unknown", `The competition has no division "${wanted}"`);
  }
  if (divisions.length === 0) return null;
  const chosen = wanted ?? former;
  if (chosen !== null && divisions.includes(chosen)) return chosen;
  throw invalid("division", "required", `Choose one of the divisions: ${divisions.join(", ")}`);
}

/** The facts on which it depends whether people may still choose. */
export interface ChoiceFacts {
  name: string;
  status: CompetitionStatus;
  startsAt: EpochMs;
  endsAt: EpochMs;
  teams?: Pick<TeamRule, "moves"> | undefined;
}

/** Throws CHOICE_LOCKED where participants may not change this themselves any more: their division
 * from the start on, their team from when its rule says, or the end. */
export function checkOwnChoice(
  what: "division" | "team",
  { name, status, startsAt, endsAt, teams }: ChoiceFacts,
  now: EpochMs,
): void {
  if (status !== "published") {
    throw locked(what, name, "the competition is not running");
  }
  const isUntilStart = what === "division" || teams?.moves === "before_start";
  if (isUntilStart && now >= startsAt) throw locked(what, name, "it is fixed since the start");
  if (now >= endsAt) throw locked(what, name, "the competition has ended");
}

function locked(what: string, name: string, why: string): DomainError {
  return new DomainError("CHOICE_LOCKED", `Cannot change your ${what} in "${name}": ${why}`);
}
