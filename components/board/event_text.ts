/** Score events in words. */

import type { ExplainedEvent } from "@/contracts/explanation.ts";
import { type ScoreFormat, scoreText } from "../score_text.ts";

/** Where an event comes from. */
export const SOURCE_TEXT: Record<ExplainedEvent["source"], string> = {
  direct: "Sent by an app",
  activity: "Computed from activity",
  staff: "Entered by staff",
};

/** What an event does to the score, e.g. `+250 m`.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { eventText } from "@/components/board/event_text.ts";
 *
 * const format = { decimals: 0, unit: "m", style: "number", higherWins: true } as const;
 * assertEquals(eventText({ operator: "increment", value: 250 }, format), "+250\u00a0m");
 * assertEquals(eventText({ operator: "set", value: null }, format), "No score");
 * ```
 */
export function eventText(
  { operator, value }: Pick<ExplainedEvent, "operator" | "value">,
  format: ScoreFormat,
): string {
  if (value === null) return "No score";
  const score = scoreText(value, format);
  switch (operator) {
    case "increment":
      return `+${score}`;
    case "decrement":
      return `\u2212${score}`;
    case "best":
      return `Best of ${score}`;
    case "set":
      return score;
  }
}
