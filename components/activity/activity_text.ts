/** Activity as people read it: quantities with units, outcomes and reasons in words. */

import { EXCLUDE_REASONS, QUANTITIES, type Quantity, REJECT_REASONS } from "@/domain/activity.ts";
import { clockText, groupDigits, metricName } from "../score_text.ts";
import type { Tone } from "../Badge.tsx";

/** One quantity with its unit; distances from a kilometre on in km.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { quantityText } from "@/components/activity/activity_text.ts";
 *
 * assertEquals(quantityText("distance", 9008.22), "9.01\u00a0km");
 * assertEquals(quantityText("distance", 400), "400\u00a0m");
 * assertEquals(quantityText("moving_time", 2710), "0:45:10");
 * assertEquals(quantityText("steps", 3173), "3\u202f173\u00a0steps");
 * ```
 */
export function quantityText(quantity: Quantity, value: number): string {
  if (quantity === "moving_time") return clockText(value);
  if (quantity === "distance" && value >= 1000) return `${groupDigits(value / 1000, 2)}\u00a0km`;
  return `${groupDigits(Math.round(value))}\u00a0${QUANTITIES[quantity].unit}`;
}

/** The quantities of a record in one line, the most telling first. */
export function quantitiesText(values: Partial<Record<Quantity, number>>): string {
  const names = Object.keys(QUANTITIES) as Quantity[];
  return names.filter((name) => values[name] !== undefined)
    .map((name) => quantityText(name, values[name]!)).join(" · ");
}

/** A quantity's name. */
export function quantityName(quantity: Quantity): string {
  return metricName(quantity);
}

/** What became of a record. */
export type OutcomeName = "imported" | "duplicate" | "merged" | "flagged" | "rejected";

/** How an outcome is shown and what it means. */
export const OUTCOME_TEXT: Record<OutcomeName, { name: string; tone: Tone; about: string }> = {
  imported: { name: "Imported", tone: "good", about: "New, and stored." },
  duplicate: { name: "Already here", tone: "plain", about: "The same content was stored before." },
  merged: { name: "Merged", tone: "info", about: "The same session from another source." },
  flagged: { name: "Under review", tone: "warn", about: "Does not count until it is accepted." },
  rejected: { name: "Refused", tone: "bad", about: "Cannot be used." },
};

/** A reason code as a sentence: why a record was refused, or does not count; the code if unknown.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { reasonText } from "@/components/activity/activity_text.ts";
 *
 * assertEquals(reasonText("after_end"), "Ended after the competition.");
 * assertEquals(reasonText("something_new"), "something_new");
 * ```
 */
export function reasonText(code: string): string {
  const reasons: Record<string, string> = { ...REJECT_REASONS, ...EXCLUDE_REASONS };
  return reasons[code] ?? code;
}
