/** Divisions and team mode in the competition form, as text, the way a browser posts them. */

import type { Competition } from "@/contracts/competitions.ts";
import { chosenOf, textOf } from "../form_text.ts";

/** Team mode; an empty score is none. */
export interface TeamFormValues {
  score: string;
  count: string;
  maxMembers: string;
  creators: string;
  moves: string;
}

/** No teams. */
export const NO_TEAMS_FORM: TeamFormValues = {
  score: "",
  count: "",
  maxMembers: "",
  creators: "staff",
  moves: "any_time",
};

/** The posted fields as they were typed. */
export function teamFormOf(form: FormData): TeamFormValues {
  const text = (name: string) => textOf(form, `teams.${name}`);
  return {
    score: chosenOf(form, "teams.score")[0] ?? "",
    count: text("count"),
    maxMembers: text("maxMembers"),
    creators: text("creators") || NO_TEAMS_FORM.creators,
    moves: text("moves") || NO_TEAMS_FORM.moves,
  };
}

/** A stored team rule as the form shows it. */
export function teamFormFrom({ teams }: Pick<Competition, "teams">): TeamFormValues {
  if (!teams) return NO_TEAMS_FORM;
  const { score, count, maxMembers, creators, moves } = teams;
  return {
    score,
    count: count?.toString() ?? "",
    maxMembers: maxMembers?.toString() ?? "",
    creators,
    moves,
  };
}

/** What the contract checks; null where there are no teams. */
export function teamRuleOf(values: TeamFormValues) {
  const { score, count, maxMembers, creators, moves } = values;
  if (score === "") return null;
  return {
    score,
    // The field of the best is there for every choice; only one uses it.
    ...(score === "best" && count !== "" ? { count: Number(count) } : {}),
    ...(maxMembers === "" ? {} : { maxMembers: Number(maxMembers) }),
    creators,
    moves,
  };
}

/** One name a line, empty lines left out.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { divisionsOf } from "@/components/team/group_form.ts";
 *
 * assertEquals(divisionsOf("Open\n\n Masters 40+ \n"), ["Open", "Masters 40+"]);
 * ```
 */
export function divisionsOf(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

/** Faults of single names beside the one field of them. */
export function groupFaults(faults: Record<string, string>): Record<string, string> {
  const own: Record<string, string> = {};
  for (const [path, text] of Object.entries(faults)) {
    const line = /^divisions\.(\d+)$/.exec(path);
    own[line ? "divisions" : path] ??= line ? `Line ${Number(line[1]) + 1}: ${text}` : text;
  }
  return own;
}
