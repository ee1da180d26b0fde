/** Moving times by local days, so that what began at seven in the morning does so again. */

import { Temporal } from "temporal";
import { DAY_MS, type EpochMs } from "./time.ts";

const WEEK_MS = 7 * DAY_MS;

/** When the same weekday and local time come next after now; the instant itself when it lies ahead.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nextSameWeekday } from "@/domain/shift.ts";
 *
 * const at = Date.UTC(2026, 2, 22, 5); // a Sunday, 07:00 in Helsinki, a week before summer time
 * assertEquals(nextSameWeekday(at, "Europe/Helsinki", at), Date.UTC(2026, 2, 29, 4));
 * ```
 */
export function nextSameWeekday(at: EpochMs, zone: string, now: EpochMs): EpochMs {
  if (at > now) return at;
  const start = zoned(at, zone);
  let weeks = Math.floor((now - at) / WEEK_MS);
  for (;;) {
    const moved = start.add({ weeks }).epochMilliseconds;
    if (moved > now) return moved;
    weeks += 1;
  }
}

/** Moves an instant by as many local days and hours as lie between two others.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { shiftLike } from "@/domain/shift.ts";
 *
 * const from = Date.UTC(2026, 2, 22, 5);
 * const to = Date.UTC(2026, 2, 29, 4);
 * const end = Date.UTC(2026, 2, 23, 5); // 07:00 the day after
 * assertEquals(shiftLike(end, { from, to, zone: "Europe/Helsinki" }), Date.UTC(2026, 2, 30, 4));
 * ```
 */
export function shiftLike(
  at: EpochMs,
  { from, to, zone }: { from: EpochMs; to: EpochMs; zone: string },
): EpochMs {
  const move = zoned(from, zone).until(zoned(to, zone), { largestUnit: "day" });
  return zoned(at, zone).add(move).epochMilliseconds;
}

function zoned(at: EpochMs, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
}
