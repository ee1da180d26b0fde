/** Local date and time of a form field ↔ instant, in a named zone. */

import { Temporal } from "temporal";

/**
 * The instant of a local time such as `2026-05-01T09:00`; undefined when it is none or the zone is
 * unknown. In the hour that a clock change skips it moves on, in the one it repeats the first counts.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { instantOf } from "@/routes/forms/local_time.ts";
 *
 * assertEquals(instantOf("2026-05-01T09:00", "Europe/Helsinki"), "2026-05-01T06:00:00.000Z");
 * assertEquals(instantOf("tomorrow", "UTC"), undefined);
 * ```
 */
export function instantOf(local: string, timeZone: string): string | undefined {
  try {
    const { epochMilliseconds } = Temporal.PlainDateTime.from(local).toZonedDateTime(timeZone);
    return new Date(epochMilliseconds).toISOString();
  } catch {
    return undefined;
  }
}

/** The local time of an instant in a zone, as a form field shows it; seconds only where there are any.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { localOf } from "@/routes/forms/local_time.ts";
 *
 * assertEquals(localOf("2026-05-01T06:00:00.000Z", "Europe/Helsinki"), "2026-05-01T09:00");
 * ```
 */
export function localOf(instant: string, timeZone: string): string {
  const local = Temporal.Instant.from(instant).toZonedDateTimeISO(timeZone).toPlainDateTime();
  const hasSeconds = local.second > 0 || local.millisecond > 0;
  return local.toString({ smallestUnit: hasSeconds ? "second" : "minute" });
}
