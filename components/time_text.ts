/** Instants, days and durations as people read them. */

import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "@/domain/time.ts";

/** Whose eyes an instant is written for. */
export interface TimeView {
  timeZone: string;
  locale: string;
}

/** Day, month, year, hour and minute with the zone's short name.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { instantText } from "@/components/time_text.ts";
 *
 * const view = { timeZone: "UTC", locale: "en-GB" };
 * assertEquals(instantText("2026-05-01T07:00:00Z", view), "1 May 2026, 07:00 UTC");
 * ```
 */
export function instantText(instant: string, view: TimeView): string {
  return format(instant, view, {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZoneName: "short",
  });
}

/** Day, month and year of an instant in the view's zone. */
export function dayText(instant: string, view: TimeView): string {
  return format(instant, view, { day: "numeric", month: "short", year: "numeric" });
}

/** Day and time to the second with the zone's short name, as logs need it. */
export function secondText(instant: string, view: TimeView): string {
  return format(instant, view, {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    timeZoneName: "short",
  });
}

function format(instant: string, view: TimeView, options: Intl.DateTimeFormatOptions): string {
  const locale = view.locale === "en" ? "en-GB" : view.locale;
  return new Intl.DateTimeFormat(locale, { ...options, timeZone: view.timeZone })
    .format(new Date(instant));
}

const UNITS: readonly [unit: string, ms: number][] = [
  ["d", DAY_MS],
  ["h", HOUR_MS],
  ["min", MINUTE_MS],
  ["s", SECOND_MS],
];

/** The two largest units of a duration; below a minute the seconds.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { durationText } from "@/components/time_text.ts";
 *
 * assertEquals(durationText(2 * 86_400_000 + 3 * 3_600_000 + 5), "2 d 3 h");
 * assertEquals(durationText(3_600_000), "1 h");
 * assertEquals(durationText(400), "0 s");
 * ```
 */
export function durationText(durationMs: number): string {
  let rest = Math.max(0, durationMs);
  const parts = UNITS.map(([unit, ms]) => {
    const count = Math.floor(rest / ms);
    rest -= count * ms;
    return { unit, count };
  });
  const first = parts.findIndex(({ count }) => count > 0);
  if (first < 0) return "0 s";
  return parts.slice(first, first + 2).filter(({ count }) => count > 0)
    .map(({ unit, count }) => `${count} ${unit}`).join(" ");
}

/** How far a competition is between its start and its end, in whole percent. */
export function progressPercent(
  schedule: { startsAt: string; endsAt: string },
  nowMs: number,
): number {
  const start = Date.parse(schedule.startsAt);
  const end = Date.parse(schedule.endsAt);
  return Math.round(Math.min(1, Math.max(0, (nowMs - start) / (end - start))) * 100);
}

/** The next moment that matters and its words, e.g. `Ends in`; null when nothing is to come.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nextMoment } from "@/components/time_text.ts";
 *
 * const schedule = { startsAt: "2026-05-01T00:00:00Z", endsAt: "2026-06-01T00:00:00Z", graceMs: 0 };
 * assertEquals(nextMoment(schedule, Date.UTC(2026, 3, 30))?.label, "Starts in");
 * assertEquals(nextMoment(schedule, Date.UTC(2026, 4, 2))?.label, "Ends in");
 * assertEquals(nextMoment(schedule, Date.UTC(2026, 6, 2)), null);
 * ```
 */
export function nextMoment(
  schedule: { startsAt: string; endsAt: string; graceMs: number },
  nowMs: number,
): { label: string; atMs: number } | null {
  const end = Date.parse(schedule.endsAt);
  const moments = [
    { label: "Starts in", atMs: Date.parse(schedule.startsAt) },
    { label: "Ends in", atMs: end },
    { label: "Late data counts for", atMs: end + schedule.graceMs },
  ];
  return moments.find(({ atMs }) => atMs > nowMs) ?? null;
}
