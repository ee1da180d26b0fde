/**
 * Whether a session can be what it says: each rule compares one observed figure with a limit above
 * which it waits for review, and one above which it does not count unless a referee accepts it.
 *
 * Limits are data. The usual ones stand a little above what the best have done, so that only
 * what is doubtful waits; a competition may set its own. Sources are named beside each figure:
 * World Athletics, World Aquatics, UCI, World Rowing, ICF and ISU records as of 2025.
 *
 * @module
 */

import type { ActivityRecord, ActivityType } from "./activity.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "./time.ts";

/** Above `flag` somebody has to look; above `reject` it counts only when accepted. */
export type Limit = { flag: number; reject: number };

/**
 * What is observed of a session; speeds in cm/s, climb in m/h, energy in kcal/h, cadence in
 * steps/min. Of a local day its steps, and of a file that another account brought it too.
 */
export const PLAUSIBILITY_RULES = [
  "mean_speed",
  "speed_over_minute",
  "speed_over_ten_minutes",
  "climb_rate",
  "energy_rate",
  "cadence",
  "duration",
  "moving_beyond_elapsed",
  "daily_steps",
  "shared_file",
] as const;
export type PlausibilityRule = (typeof PLAUSIBILITY_RULES)[number];

/** The limits of a competition; what is left out is as usual. */
export type PlausibilityLimits = {
  /** Mean speed of a whole session, cm/s. */
  meanSpeed?: Partial<Record<ActivityType, Limit>>;
  /** Mean speed of its fastest minute, cm/s. */
  peakSpeed?: Partial<Record<ActivityType, Limit>>;
  /** Metres climbed an hour. */
  climbRate?: Limit;
  /** kcal an hour. */
  energyRate?: Limit;
  /** Steps a minute. */
  cadence?: Limit;
  /** Hours. */
  duration?: Limit;
  /** Steps of a local day. */
  dailySteps?: Limit;
};

/** One doubtful figure. */
export interface Finding {
  rule: PlausibilityRule;
  verdict: "flag" | "reject";
  observed: number;
  limit: number;
}

/**
 * Mean speeds in cm/s: flagged above records over the distances that people compete in, rejected
 * above what a body can do at all.
 */
const MEAN_SPEED: Record<ActivityType, Limit> = {
  // 5000 m in 12:35 is 662; Bolt's fastest 20 m 1234.
  running: { flag: 662, reject: 1234 },
  // 20 km race walk in 1:16:36 is 435; a walker of 50 km in 3:32 makes 392.
  walking: { flag: 300, reject: 470 },
  // Mountain runners over a vertical kilometre and down again.
  hiking: { flag: 350, reject: 662 },
  // Hour record 56.792 km is 1578; descents of passes mean 2500.
  cycling: { flag: 1578, reject: 2800 },
  // 1500 m freestyle in 14:30.67 is 172; 50 m in 20.91 is 239.
  swimming: { flag: 172, reject: 239 },
  // Men's eight over 2000 m in 5:18.68 is 628.
  rowing: { flag: 540, reject: 700 },
  // Cross-country 50 km above 700; downhill races mean 2800.
  skiing: { flag: 1400, reject: 3000 },
  // 10 000 m on ice in 12:25.69 is 1341.
  skating: { flag: 1200, reject: 1700 },
  // K1 1000 m in 3:19 is 502.
  paddling: { flag: 420, reject: 620 },
  strength: { flag: 300, reject: 1234 },
  yoga: { flag: 150, reject: 662 },
  cardio: { flag: 700, reject: 2800 },
  // Marathon in 1:17:47 is 904.
  wheelchair: { flag: 904, reject: 1500 },
  // Nobody knows what it was, so a car in town has to be told from a bicycle.
  other: { flag: 1200, reject: 3500 },
};

/** The fastest minute, in cm/s; what a motor does in a minute no walker does in a sprint. */
const PEAK_SPEED: Record<ActivityType, Limit> = {
  // 600 m in 1:12.81 is 824.
  running: { flag: 824, reject: 1234 },
  walking: { flag: 500, reject: 824 },
  hiking: { flag: 600, reject: 1000 },
  cycling: { flag: 2600, reject: 3600 },
  swimming: { flag: 215, reject: 300 },
  rowing: { flag: 660, reject: 800 },
  skiing: { flag: 3000, reject: 4200 },
  skating: { flag: 1600, reject: 2100 },
  paddling: { flag: 560, reject: 800 },
  strength: { flag: 824, reject: 1500 },
  yoga: { flag: 500, reject: 1000 },
  cardio: { flag: 1500, reject: 3600 },
  wheelchair: { flag: 1500, reject: 2600 },
  other: { flag: 1600, reject: 4200 },
};

/** Ten minutes are held at less than one; the share of the minute's limit. */
const TEN_MINUTES_SHARE = 0.85;

const USUAL = {
  // Vertical kilometre in 28:53 is 2077 m/h; a lift makes ten times that.
  climbRate: { flag: 2100, reject: 6000 },
  // 440 W on a bicycle for an hour burn about 1600 kcal.
  energyRate: { flag: 1700, reject: 4000 },
  // Sprinters reach 280 for seconds, runners hold 200.
  cadence: { flag: 230, reject: 320 },
  // Longer than a day is an expedition, or a watch that was not stopped.
  duration: { flag: 24, reject: 24 * 14 },
  // A 24-hour run of 319 km is some 300 000 steps; who walks 40 km makes 55 000.
  dailySteps: { flag: 60_000, reject: 300_000 },
} as const satisfies Record<string, Limit>;

/** Shorter sessions have no mean worth comparing. */
const MEAN_FROM_MS = MINUTE_MS;
/** Clocks of a session and of its timer are rounded apart. */
const ELAPSED_SLACK_MS = 2 * SECOND_MS;
const MM_PER_CM = 10;
const MM_PER_M = 1000;
const CAL_PER_KCAL = 1000;

/** Finds what is doubtful in a session; nothing when it is plausible.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findImplausible } from "@/domain/plausibility.ts";
 *
 * const drive = {
 *   kind: "activity" as const,
 *   type: "walking" as const,
 *   startedAt: 0,
 *   endedAt: 3_600_000,
 *   zoneOffsetMinutes: null,
 *   quantities: { distance: 40_000_000, moving_time: 3_600_000 },
 *   source: { recordingMethod: "active" as const },
 * };
 * assertEquals(findImplausible(drive), [
 *   { rule: "mean_speed", verdict: "reject", observed: 1111, limit: 470 },
 * ]);
 * ```
 */
export function findImplausible(
  activity: ActivityRecord,
  limits: PlausibilityLimits = {},
): Finding[] {
  const { type } = activity;
  const peak = limits.peakSpeed?.[type] ?? PEAK_SPEED[type];
  const long = {
    flag: Math.round(peak.flag * TEN_MINUTES_SHARE),
    reject: Math.round(peak.reject * TEN_MINUTES_SHARE),
  };
  const { distance, elevation_gain: climb, active_energy: energy, steps } = activity.quantities;
  const perHour = (value: number | undefined, unit: number) =>
    ratePer(value, unit, activity, HOUR_MS);
  const checks: [PlausibilityRule, number | undefined, Limit][] = [
    [
      "mean_speed",
      ratePer(distance, MM_PER_CM, activity, SECOND_MS),
      limits.meanSpeed?.[type] ?? MEAN_SPEED[type],
    ],
    ["speed_over_minute", activity.trace?.peak60, peak],
    ["speed_over_ten_minutes", activity.trace?.peak600, long],
    ["climb_rate", perHour(climb, MM_PER_M), limits.climbRate ?? USUAL.climbRate],
    ["energy_rate", perHour(energy, CAL_PER_KCAL), limits.energyRate ?? USUAL.energyRate],
    ["cadence", ratePer(steps, 1, activity, MINUTE_MS), limits.cadence ?? USUAL.cadence],
    ["duration", hoursOf(activity), limits.duration ?? USUAL.duration],
  ];
  const findings = checks.flatMap(([rule, observed, limit]) => findingOf(rule, observed, limit));
  return [...findings, ...movingBeyondElapsed(activity)];
}

/** Whether a finding keeps a session from counting even without anybody looking. */
export function worstVerdict(findings: readonly Finding[]): "accept" | "flag" | "reject" {
  if (findings.some(({ verdict }) => verdict === "reject")) return "reject";
  return findings.length > 0 ? "flag" : "accept";
}

function findingOf(rule: PlausibilityRule, observed: number | undefined, limit: Limit): Finding[] {
  if (observed === undefined || observed <= limit.flag) return [];
  return observed > limit.reject
    ? [{ rule, verdict: "reject", observed, limit: limit.reject }]
    : [{ rule, verdict: "flag", observed, limit: limit.flag }];
}

/** Whole units per span of moving time, or of the session's where the device told none. */
function ratePer(
  value: number | undefined,
  unit: number,
  { startedAt, endedAt, quantities }: ActivityRecord,
  spanMs: number,
): number | undefined {
  const elapsedMs = endedAt - startedAt;
  // A timer that ran longer than the session would make everything slower than it was.
  const ms = Math.min(quantities.moving_time || elapsedMs, elapsedMs);
  if (value === undefined || ms < MEAN_FROM_MS) return undefined;
  return Math.round(value / unit / (ms / spanMs));
}

function hoursOf({ startedAt, endedAt }: ActivityRecord): number {
  return Math.round((endedAt - startedAt) / HOUR_MS * 10) / 10;
}

/** More moving time than there was, in seconds. */
function movingBeyondElapsed({ startedAt, endedAt, quantities }: ActivityRecord): Finding[] {
  const elapsedMs = endedAt - startedAt;
  const moving = quantities.moving_time ?? 0;
  if (moving <= elapsedMs + ELAPSED_SLACK_MS) return [];
  const inSeconds = (ms: number) => Math.round(ms / SECOND_MS);
  return [{
    rule: "moving_beyond_elapsed",
    verdict: "flag",
    observed: inSeconds(moving),
    limit: inSeconds(elapsedMs),
  }];
}

/** Finds whether a local day has more steps than a day can hold. */
export function findImplausibleDay(steps: number, limits: PlausibilityLimits = {}): Finding[] {
  return findingOf("daily_steps", steps, limits.dailySteps ?? USUAL.dailySteps);
}

/** What a referee has said of a session or day; `open` ones were flagged by something else. */
export type ReviewDecision = "accepted" | "rejected" | "open";

/** Whether it is held back: a referee's word first, then what the figures say. */
export function holdOf(
  findings: readonly Finding[],
  decision: ReviewDecision | undefined,
): "in_review" | "implausible" | undefined {
  if (decision === "accepted") return undefined;
  if (decision === "rejected") return "implausible";
  const verdict = worstVerdict(findings);
  if (verdict === "reject") return "implausible";
  return verdict === "flag" || decision === "open" ? "in_review" : undefined;
}
