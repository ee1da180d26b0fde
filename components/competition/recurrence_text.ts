/** How a competition comes again, in words. */

import type { Recurrence } from "@/contracts/recurrence.ts";

const NOUNS = { daily: "day", weekly: "week", monthly: "month" } as const;

/** The rhythm, and where it ends.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { rhythmText } from "@/components/competition/recurrence_text.ts";
 *
 * assertEquals(rhythmText({ every: "weekly" }), "Every week");
 * assertEquals(
 *   rhythmText({ every: "daily", interval: 2, count: 10 }),
 *   "Every 2 days, 10 times in all",
 * );
 * ```
 */
export function rhythmText({ every, interval = 1, count, until }: Recurrence): string {
  const noun = NOUNS[every];
  const rhythm = interval === 1 ? `Every ${noun}` : `Every ${interval} ${noun}s`;
  const times = count === undefined ? "" : `, ${count} times in all`;
  return `${rhythm}${times}${until === undefined ? "" : `, until ${until}`}`;
}
