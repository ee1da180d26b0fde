/** Why somebody is ranked where they are, in words. */

import type { Explanation } from "@/contracts/explanation.ts";
import { UNCOUNTED_REASONS } from "@/domain/participant_fold.ts";
import { type ScoreFormat, scoreText } from "../score_text.ts";

type Neighbour = NonNullable<Explanation["ahead"]>;
type DecidedBy = Neighbour["decidedBy"];

const TIE_WORDS: Record<Exclude<DecidedBy, "score">, string> = {
  "fewest_events": "the scores are equal; fewer counted events decide",
  "best_event": "the scores are equal; the better single event decides",
  "earliest_join": "the scores are equal; the earlier join decides",
  "reached_at": "the scores are equal; who reached it first decides",
  shared: "nothing separates them; they share the rank",
};

/** What lies between a row and its neighbour.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { gapText } from "@/components/board/explanation_text.ts";
 *
 * const format = { decimals: 0, unit: "m", style: "number", higherWins: true } as const;
 * assertEquals(gapText({ gap: 277, decidedBy: "score" }, format), "277\u00a0m apart");
 * assertEquals(
 *   gapText({ gap: 0, decidedBy: "earliest_join" }, format),
 *   "the scores are equal; the earlier join decides",
 * );
 * ```
 */
export function gapText(
  { gap, decidedBy }: Pick<Neighbour, "gap" | "decidedBy">,
  format: ScoreFormat,
): string {
  return decidedBy === "score" ? `${scoreText(gap, format)} apart` : TIE_WORDS[decidedBy];
}

/** Why an event does not count. */
export function uncountedText(
  reason: NonNullable<Explanation["events"][number]["reason"]>,
): string {
  return UNCOUNTED_REASONS[reason];
}
