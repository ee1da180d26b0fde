/** Rules of a competition in words. */

import type { ActivityType } from "@/domain/activity.ts";
import type {
  Aggregate,
  DayZone,
  ManualPolicy,
  OverlapRule,
  PointUnit,
  RankMethod,
  ScoreOperator,
  TieBreak,
} from "@/domain/rules.ts";
import type { Visibility } from "@/domain/competition.ts";
import {
  countsDays,
  groupDigits,
  metricName,
  scoreFormatOf,
  unitOf,
  type WireScoring,
} from "../score_text.ts";

export const OPERATOR_TEXT: Record<ScoreOperator, string> = {
  set: "The last score sent counts",
  best: "The best score sent counts",
  increment: "Scores sent are added up",
  decrement: "Scores sent are taken off",
};

export const AGGREGATE_TEXT: Record<Aggregate, string> = {
  total: "The total",
  "best_activity": "The best single activity",
  "best_day": "The best day",
  "average_per_day": "The average of the days begun",
  "streak_days": "The longest streak of days at a goal",
  "days_at_goal": "The number of days at a goal",
  target: "Who reaches a target first",
};

export const MANUAL_TEXT: Record<ManualPolicy, string> = {
  exclude: "Do not count",
  cap: "Count up to a daily cap",
  include: "Count",
};

export const OVERLAP_TEXT: Record<OverlapRule, string> = {
  "largest_source": "The largest of the day counts",
  "interval_union": "Joined, the finest reading at each moment",
  sum: "Added up",
};

export const DAY_ZONE_TEXT: Record<DayZone, string> = {
  competition: "The competition's zone",
  athlete: "Each athlete's zone, as at the join",
};

export const POINT_UNIT_TEXT: Record<PointUnit, string> = {
  activity: "per activity",
  minute: "per minute",
  km: "per km",
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
 * import { sentence } from "@/components/competition/rule_text.ts";
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
 * import { ruleText } from "@/components/competition/rule_text.ts";
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
  const how = howText(scoring);
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
  return [
    { term: "Scores come from", value: "Activity of devices and apps" },
    { term: "Measures", value: `${metricName(scoring.metric)} (${unitOf(scoring.metric)})` },
    { term: "Takes", value: AGGREGATE_TEXT[scoring.aggregate] },
    ...goalFacts(scoring),
    ...(scoring.points ?? []).map(({ type, points, per }) => (
      { term: `Points for ${type}`, value: `${points} ${POINT_UNIT_TEXT[per]}` }
    )),
    { term: "Activity types", value: sentence(typesText(scoring.activityTypes)) },
    ...limitFacts(scoring),
    { term: "Manual entries", value: manualText(scoring) },
    { term: "Several sources", value: OVERLAP_TEXT[scoring.overlap ?? "largest_source"] },
    { term: "Days are those of", value: DAY_ZONE_TEXT[scoring.dayZone ?? "competition"] },
    { term: "Counts from", value: backfillText(scoring.backfillDays) },
    { term: "Wins", value: wins },
  ];
}

type WireActivityScoring = Extract<WireScoring, { kind: "activity" }>;

function howText(scoring: WireActivityScoring): string {
  const amount = (value = 0) => amountText(value, scoring);
  switch (scoring.aggregate) {
    case "total":
      return "in total";
    case "best_activity":
      return "of the best activity";
    case "best_day":
      return "of the best day";
    case "average_per_day":
      return "a day on average";
    case "streak_days":
      return `of ${amount(scoring.dailyGoal)} a day, longest streak`;
    case "days_at_goal":
      return `of ${amount(scoring.dailyGoal)} a day, days reached`;
    case "target":
      return `up to ${amount(scoring.target)}, first wins`;
  }
}

function amountText(value: number, { metric }: Pick<WireActivityScoring, "metric">): string {
  return `${groupDigits(value)}\u00a0${unitOf(metric)}`;
}

function goalFacts(scoring: WireActivityScoring): { term: string; value: string }[] {
  const { dailyGoal, target } = scoring;
  return [
    ...(dailyGoal ? [{ term: "Daily goal", value: amountText(dailyGoal, scoring) }] : []),
    ...(target ? [{ term: "Target", value: amountText(target, scoring) }] : []),
  ];
}

const LIMIT_TERMS = {
  dailyMinimum: "Daily minimum",
  dailyCap: "Daily cap",
  activityMinimum: "Minimum of an activity",
  activityCap: "Cap of an activity",
} as const;

/** The limits that are set; a rule without any says so. */
function limitFacts(scoring: WireActivityScoring): { term: string; value: string }[] {
  const limits = Object.keys(LIMIT_TERMS) as (keyof typeof LIMIT_TERMS)[];
  const facts = limits.flatMap((limit) => {
    const value = scoring[limit];
    return value ? [{ term: LIMIT_TERMS[limit], value: amountText(value, scoring) }] : [];
  });
  return facts.length > 0 ? facts : [{ term: "Limits", value: "None" }];
}

function manualText(scoring: WireActivityScoring): string {
  if (scoring.manualPolicy !== "cap") return MANUAL_TEXT[scoring.manualPolicy];
  return `Count up to ${amountText(scoring.manualDailyCap ?? 0, scoring)} a day`;
}

function backfillText(days: number | undefined): string {
  if (days === undefined) return "The start, also for who joins later";
  if (days === 0) return "The day of joining";
  return days === 1 ? "The day before joining" : `${days} days before joining`;
}

function typesText(types: readonly ActivityType[] | undefined): string {
  return types ? types.join(", ") : "all";
}

/** Head of a board's score column: the metric with its unit. */
export function scoreHead(scoring: WireScoring): string {
  if (scoring.kind === "direct") return "Score";
  const { unit, style } = scoreFormatOf(scoring);
  if (countsDays(scoring)) return "Days";
  const name = metricName(scoring.metric);
  if (style === "duration") return `${name}, h:mm:ss`;
  return unit === "" || unit === scoring.metric ? name : `${name}, ${unit}`;
}
