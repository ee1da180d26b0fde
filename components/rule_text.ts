/** Rules of a competition in words. */

import type { ActivityType } from "@/domain/activity.ts";
import type { RankMethod, ScoreOperator, TieBreak } from "@/domain/rules.ts";
import type { Visibility } from "@/domain/competition.ts";
import { groupDigits, metricName, scoreFormatOf, type WireScoring } from "./score_text.ts";

export const OPERATOR_TEXT: Record<ScoreOperator, string> = {
  set: "The last score sent counts",
  best: "The best score sent counts",
  increment: "Scores sent are added up",
  decrement: "Scores sent are taken off",
};

export const RANK_METHOD_TEXT: Record<RankMethod, string> = {
  standard: "Standard: 1, 2, 2, 4",
  dense: "Dense: 1, 2, 2, 3",
  ordinal: "Ordinal: 1, 2, 3, 4",
  modified: "Modified: 1, 3, 3, 4",
};

export const TIE_BREAK_TEXT: Record<TieBreak, string> = {
  "fewest_events": "Fewer counted events go first",
  "best_event": "The better single event goes first",
  "earliest_join": "Who joined earlier goes first",
};

export const VISIBILITY_TEXT: Record<Visibility, { name: string; about: string }> = {
  public: { name: "Public", about: "Listed, and open to everybody" },
  unlisted: { name: "Unlisted", about: "Open to everybody who has the link" },
  invite: { name: "Invite code", about: "Seen and joined with a code only" },
};

/** An identifier such as `moving_time` as words.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sentence } from "@/components/rule_text.ts";
 *
 * assertEquals(sentence("moving_time"), "Moving time");
 * ```
 */
export function sentence(identifier: string): string {
  const words = identifier.replaceAll(/[_.]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** One line that says what the score is.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ruleText } from "@/components/rule_text.ts";
 *
 * assertEquals(
 *   ruleText({
 *     kind: "activity", metric: "distance", aggregate: "total", direction: "higher",
 *     manualPolicy: "exclude", activityTypes: ["running"],
 *   }),
 *   "Distance in total, running only",
 * );
 * ```
 */
export function ruleText(scoring: WireScoring): string {
  if (scoring.kind === "direct") {
    const wins = scoring.direction === "higher" ? "higher wins" : "lower wins";
    return `${OPERATOR_TEXT[scoring.operator]}, ${wins}`;
  }
  const what = metricName(scoring.metric);
  const how = scoring.aggregate === "total" ? "in total" : "of the best activity";
  const types = scoring.activityTypes ? `, ${typesText(scoring.activityTypes)} only` : "";
  return `${what} ${how}${types}`;
}

/** The whole rule as facts for a list. */
export function ruleFacts(scoring: WireScoring): { term: string; value: string }[] {
  const wins = scoring.direction === "higher" ? "The higher score" : "The lower score";
  if (scoring.kind === "direct") {
    return [
      { term: "Scores come from", value: "Apps, through the API" },
      { term: "Each update", value: OPERATOR_TEXT[scoring.operator] },
      { term: "Decimals", value: String(scoring.decimals) },
      { term: "Self-reporting", value: scoring.selfReport ? "Participants may report" : "Off" },
      { term: "Wins", value: wins },
    ];
  }
  const unit = scoreFormatOf(scoring).unit || "s";
  return [
    { term: "Scores come from", value: "Activity of devices and apps" },
    { term: "Measures", value: `${metricName(scoring.metric)} (${unit})` },
    {
      term: "Takes",
      value: scoring.aggregate === "total" ? "The total" : "The best single activity",
    },
    { term: "Activity types", value: sentence(typesText(scoring.activityTypes)) },
    {
      term: "Daily cap",
      value: scoring.dailyCap ? `${groupDigits(scoring.dailyCap)} ${unit}` : "None",
    },
    {
      term: "Manual entries",
      value: scoring.manualPolicy === "exclude" ? "Do not count" : "Count",
    },
    { term: "Wins", value: wins },
  ];
}

function typesText(types: readonly ActivityType[] | undefined): string {
  return types ? types.join(", ") : "all";
}

/** Head of a board's score column: the metric with its unit. */
export function scoreHead(scoring: WireScoring): string {
  if (scoring.kind === "direct") return "Score";
  const { unit, style } = scoreFormatOf(scoring);
  const name = metricName(scoring.metric);
  if (style === "duration") return `${name}, h:mm:ss`;
  return unit === "" || unit === scoring.metric ? name : `${name}, ${unit}`;
}
