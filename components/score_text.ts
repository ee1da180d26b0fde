/** Scores as people read them: exact, grouped, with their unit. */

import { QUANTITIES } from "@/domain/activity.ts";
import type { ActivityScoring, Aggregate, DirectScoring, Metric, Scoring } from "@/domain/rules.ts";

/** Groups digits without being mistaken for a decimal sign in any language, and never wraps. */
const GROUP_SPACE = "\u202f";

/** How the scores of a competition are shown. */
export interface ScoreFormat {
  /** Digits after the point. */
  decimals: number;
  /** Follows the number; empty for plain points. */
  unit: string;
  /** `duration` shows whole seconds as h:mm:ss. */
  style: "number" | "duration";
  /** Whether a longer pace bar is a better score. */
  higherWins: boolean;
}

/** For a rule that is not known: the number alone. */
export const PLAIN_FORMAT: ScoreFormat = {
  decimals: 0,
  unit: "",
  style: "number",
  higherWins: true,
};

const METRIC_NAMES: Record<Metric, string> = {
  steps: "Steps",
  distance: "Distance",
  "moving_time": "Moving time",
  "active_energy": "Active energy",
  "elevation_gain": "Elevation gain",
  floors: "Floors",
  activities: "Activities",
  points: "Points",
};

/** The field's word for a metric. */
export function metricName(metric: Metric): string {
  return METRIC_NAMES[metric];
}

/** A type whose optional members may be present and undefined, as contracts carry them. */
type Loose<T> = T extends readonly unknown[] ? T
  : T extends object
    ? { [K in keyof T]: Loose<T[K]> | (IsOptional<T, K> extends true ? undefined : never) }
  : T;
type IsOptional<T, K extends keyof T> = Record<never, never> extends Pick<T, K> ? true : false;

/** Scoring as contracts carry it. */
export type WireScoring = DirectScoring | Loose<ActivityScoring>;

/** How to show the scores of a rule.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { scoreFormatOf } from "@/components/score_text.ts";
 *
 * const format = scoreFormatOf({
 *   kind: "activity", metric: "distance", aggregate: "total", direction: "higher", manualPolicy: "exclude",
 * });
 * assertEquals(format.unit, "m");
 * ```
 */
export function scoreFormatOf(scoring: WireScoring | Scoring): ScoreFormat {
  const higherWins = scoring.direction === "higher";
  if (scoring.kind === "direct") {
    return { decimals: scoring.decimals, unit: "", style: "number", higherWins };
  }
  if (countsDays(scoring)) return { decimals: 0, unit: "days", style: "number", higherWins };
  if (scoring.metric === "moving_time") {
    return { decimals: 0, unit: "", style: "duration", higherWins };
  }
  return { decimals: 0, unit: unitOf(scoring.metric), style: "number", higherWins };
}

/** How amounts of activity are shown under a rule: in its metric's unit, also where days are counted.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { amountFormatOf } from "@/components/score_text.ts";
 *
 * const format = amountFormatOf({
 *   kind: "activity", metric: "steps", aggregate: "streak_days", direction: "higher",
 *   manualPolicy: "exclude",
 * });
 * assertEquals(format.unit, "steps");
 * ```
 */
export function amountFormatOf(scoring: WireScoring | Scoring): ScoreFormat {
  if (scoring.kind === "direct" || !countsDays(scoring)) return scoreFormatOf(scoring);
  return scoreFormatOf({ ...scoring, aggregate: "total" });
}

/** Whether scores are numbers of days, whatever is measured on them. */
export function countsDays({ aggregate }: { aggregate: Aggregate }): boolean {
  return aggregate === "streak_days" || aggregate === "days_at_goal";
}

/** The unit in which a metric's amounts are given. */
export function unitOf(metric: Metric): string {
  if (metric === "activities") return "sessions";
  return metric === "points" ? "points" : QUANTITIES[metric].unit;
}

/** A number with grouped thousands and a point before its decimals.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { groupDigits } from "@/components/score_text.ts";
 *
 * assertEquals(groupDigits(13843), "13\u202f843");
 * assertEquals(groupDigits(-1234.5, 2), "\u22121\u202f234.50");
 * ```
 */
export function groupDigits(value: number, decimals = 0): string {
  const [whole = "0", fraction] = Math.abs(value).toFixed(decimals).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, GROUP_SPACE);
  const sign = value < 0 && /[1-9]/.test(whole + (fraction ?? "")) ? "\u2212" : "";
  return sign + grouped + (fraction ? `.${fraction}` : "");
}

/** Whole seconds as h:mm:ss.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { clockText } from "@/components/score_text.ts";
 *
 * assertEquals(clockText(45296), "12:34:56");
 * ```
 */
export function clockText(seconds: number): string {
  const whole = Math.abs(Math.round(seconds));
  const two = (part: number) => String(part).padStart(2, "0");
  const sign = seconds < 0 ? "\u2212" : "";
  return `${sign}${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${
    two(whole % 60)
  }`;
}

/** The number of a score without its unit; a dash where there is none. */
export function scoreNumber(score: number | null, format: ScoreFormat): string {
  if (score === null) return "\u2013";
  return format.style === "duration" ? clockText(score) : groupDigits(score, format.decimals);
}

/** A score with its unit.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { scoreText } from "@/components/score_text.ts";
 *
 * const format = { decimals: 0, unit: "m", style: "number", higherWins: true } as const;
 * assertEquals(scoreText(13843, format), "13\u202f843\u00a0m");
 * assertEquals(scoreText(null, format), "\u2013");
 * ```
 */
export function scoreText(score: number | null, format: ScoreFormat): string {
  const number = scoreNumber(score, format);
  return score === null || format.unit === "" ? number : `${number}\u00a0${format.unit}`;
}

/** Length of a pace bar in whole percent of the leader; 0 where a bar would mislead. */
export function pacePercent(score: number | null, best: number | null, format: ScoreFormat) {
  if (!format.higherWins || score === null || best === null || best <= 0) return 0;
  return Math.max(0, Math.min(100, Math.round(score / best * 100)));
}
