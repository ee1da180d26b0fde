/** Doubtful figures in words. */

import type { ReviewEvidence } from "@/contracts/reviews.ts";
import { groupDigits } from "../score_text.ts";

type Finding = ReviewEvidence["findings"][number];
type Rule = Finding["rule"];

const RULES: Record<Rule, { what: string; unit: Unit }> = {
  "mean_speed": { what: "Mean speed of the session", unit: "speed" },
  "speed_over_minute": { what: "Speed over the fastest minute", unit: "speed" },
  "speed_over_ten_minutes": { what: "Speed over the fastest ten minutes", unit: "speed" },
  "climb_rate": { what: "Climb", unit: "m an hour" },
  "energy_rate": { what: "Energy", unit: "kcal an hour" },
  cadence: { what: "Cadence", unit: "steps a minute" },
  duration: { what: "Duration", unit: "h" },
  "moving_beyond_elapsed": { what: "Moving time, longer than the session", unit: "s" },
  "daily_steps": { what: "Steps of the day", unit: "steps" },
  "shared_file": { what: "Accounts that brought the same file", unit: "" },
};

type Unit = "speed" | "m an hour" | "kcal an hour" | "steps a minute" | "h" | "s" | "steps" | "";

/** cm/s → km/h */
const KMH_PER_CMS = 0.036;

/** A speed in cm/s as km/h.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { speedText } from "@/components/activity/finding_text.ts";
 *
 * assertEquals(speedText(662), "23.8\u00a0km/h");
 * ```
 */
export function speedText(speedCms: number): string {
  return `${groupDigits(speedCms * KMH_PER_CMS, 1)}\u00a0km/h`;
}

/** What was observed, and the limit that it passed.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findingText } from "@/components/activity/finding_text.ts";
 *
 * const finding = { rule: "cadence", verdict: "flag", observed: 240, limit: 230 } as const;
 * assertEquals(
 *   findingText(finding),
 *   "Cadence: 240\u00a0steps a minute, the limit is 230\u00a0steps a minute",
 * );
 * ```
 */
export function findingText({ rule, observed, limit }: Finding): string {
  const { what, unit } = RULES[rule];
  return `${what}: ${amount(observed, unit)}, the limit is ${amount(limit, unit)}`;
}

/** What follows from a finding unless somebody decides otherwise. */
export function verdictText({ verdict }: Finding): string {
  return verdict === "reject"
    ? "Does not count unless it is accepted."
    : "Waits until somebody has looked.";
}

function amount(value: number, unit: Unit): string {
  if (unit === "speed") return speedText(value);
  const decimals = Number.isInteger(value) ? 0 : 1;
  return unit === "" ? groupDigits(value) : `${groupDigits(value, decimals)}\u00a0${unit}`;
}
