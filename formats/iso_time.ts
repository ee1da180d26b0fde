import type { EpochMs } from "@/domain/time.ts";
import { HOUR_MS, MINUTE_MS } from "@/domain/time.ts";

/** An instant read from text, and the zone it was written in where that is not `Z`. */
export interface IsoTime {
  at: EpochMs;
  zoneOffsetMinutes: number | null;
}

/** Also what XML does not allow and apps write: small letters, no seconds, zones of whole hours. */
const ISO_TIME =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,12}))?)?(?:Z|([+-])(\d\d)(?::?(\d\d))?)?$/i;
const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/**
 * Reads an `xsd:dateTime`; undefined when the text is none. Without a zone it is UTC, as GPX and
 * TCX say, never the zone of the machine that reads. Fractions are cut to milliseconds.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseIsoTime } from "@/formats/iso_time.ts";
 *
 * const at = Date.UTC(2024, 4, 1, 6, 30);
 * assertEquals(parseIsoTime("2024-05-01T06:30:00Z"), { at, zoneOffsetMinutes: null });
 * assertEquals(parseIsoTime("2024-05-01T08:30:00+02:00"), { at, zoneOffsetMinutes: 120 });
 * assertEquals(parseIsoTime("2024-02-30T08:30:00Z"), undefined);
 * ```
 */
export function parseIsoTime(text: string): IsoTime | undefined {
  const match = ISO_TIME.exec(text.trim());
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7)
    .map((part) => Number(part ?? 0)) as Clock;
  if (!isClock([year, month, day, hour, minute, second])) return undefined;
  const milliseconds = Number((match[7] ?? "").padEnd(3, "0").slice(0, 3));
  const local = new Date(0);
  // Not Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
  local.setUTCFullYear(year, month - 1, day);
  local.setUTCHours(hour, minute, second, milliseconds);
  const zoneOffsetMinutes = zoneOf(match);
  return { at: local.getTime() - (zoneOffsetMinutes ?? 0) * MINUTE_MS, zoneOffsetMinutes };
}

type Clock = [number, number, number, number, number, number];

function isClock([year, month, day, hour, minute, second]: Clock): boolean {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 && !isLeap ? 28 : DAYS_IN_MONTH[month - 1] ?? 0;
  // Second 60 is a leap second, which falls on the next minute.
  return day >= 1 && day <= days && hour <= 23 && minute <= 59 && second <= 60;
}

function zoneOf(match: RegExpExecArray): number | null {
  if (!match[8]) return null;
  const minutes = Number(match[9]) * (HOUR_MS / MINUTE_MS) + Number(match[10] ?? 0);
  return match[8] === "-" && minutes !== 0 ? -minutes : minutes;
}
