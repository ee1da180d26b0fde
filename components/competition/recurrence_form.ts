/** How a competition comes again, in its form, as text, the way a browser posts it. */

import type { CompetitionView } from "@/contracts/competitions.ts";
import { chosenOf, textOf } from "../form_text.ts";
import { wholeOf } from "../whole_number.ts";

/** An empty `every` is: it does not come again. */
export interface RecurrenceFormValues {
  every: string;
  interval: string;
  count: string;
  until: string;
  carryOver: boolean;
}

/** It does not come again. */
export const NO_RECURRENCE_FORM: RecurrenceFormValues = {
  every: "",
  interval: "",
  count: "",
  until: "",
  carryOver: false,
};

/** The posted fields as they were typed. */
export function recurrenceFormOf(form: FormData): RecurrenceFormValues {
  const text = (name: string) => textOf(form, `recurrence.${name}`);
  return {
    every: chosenOf(form, "recurrence.every")[0] ?? "",
    interval: text("interval"),
    count: text("count"),
    until: text("until"),
    carryOver: text("carryOver") === "on",
  };
}

/** A stored rule as the form shows it. */
export function recurrenceFormFrom(
  { recurrence }: { recurrence?: CompetitionView["recurrence"] },
): RecurrenceFormValues {
  if (!recurrence) return NO_RECURRENCE_FORM;
  const { every, interval, count, until, carryOver } = recurrence;
  return {
    every,
    interval: interval?.toString() ?? "",
    count: count?.toString() ?? "",
    until: until ?? "",
    carryOver: carryOver === true,
  };
}

/** What the contract checks; null where it does not come again.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { NO_RECURRENCE_FORM, recurrenceOf } from "@/components/competition/recurrence_form.ts";
 *
 * assertEquals(recurrenceOf(NO_RECURRENCE_FORM), null);
 * assertEquals(recurrenceOf({ ...NO_RECURRENCE_FORM, every: "weekly", count: "4" }), {
 *   every: "weekly",
 *   count: 4,
 * });
 * ```
 */
export function recurrenceOf({ every, interval, count, until, carryOver }: RecurrenceFormValues) {
  if (every === "") return null;
  return {
    every,
    ...(interval === "" ? {} : { interval: wholeOf(interval) }),
    ...(count === "" ? {} : { count: wholeOf(count) }),
    ...(until === "" ? {} : { until }),
    ...(carryOver ? { carryOver: true } : {}),
  };
}
