/**
 * Local days of an IANA zone. A day is the half-open interval from its first midnight (or what the
 * zone has in its place) to the next day's, so that days follow each other without gap or overlap:
 * they may last 23, 24, 25 hours or half an hour more or less. Where a clock is set back across
 * midnight, the repeated minutes belong to the day that had already begun.
 *
 * Intervals are remembered by zone and UTC day, because asking the calendar costs about as much as
 * scoring a hundred samples.
 *
 * @module
 */

import { Temporal } from "temporal";
import { DAY_MS, type EpochMs } from "./time.ts";

/** A half-open span of time. */
export interface Interval {
  startsAt: EpochMs;
  endsAt: EpochMs;
}

/** A local day (`YYYY-MM-DD`) and when it is. */
export interface LocalDay extends Interval {
  day: string;
}

/** The part of a value that falls on one local day. */
export interface DayPiece extends Interval {
  day: string;
  amount: number;
}

/** A value measured evenly over a span, e.g. 900 steps in ten minutes. */
export interface MeasuredValue {
  startedAt: EpochMs;
  endedAt: EpochMs;
  /** A whole number, 0 or more. */
  value: number;
}

/** UTC days remembered before all are forgotten: two months of every zone, in some 4 MB. */
const REMEMBERED_MAX = 20_000;

const remembered = new Map<string, Map<number, readonly LocalDay[]>>();
let rememberedCount = 0;

/** Tells the local day of an instant.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { localDay } from "@/domain/days.ts";
 *
 * const at = Date.UTC(2026, 4, 1, 12);
 * assertEquals(localDay(at, "Pacific/Kiritimati"), "2026-05-02");
 * assertEquals(localDay(at, "Etc/GMT+12"), "2026-05-01");
 * ```
 */
export function localDay(at: EpochMs, zone: string): string {
  return dayAt(at, zone).day;
}

/** Gives the local day that holds an instant, with its bounds. */
export function dayAt(at: EpochMs, zone: string): LocalDay {
  // The days found cover the whole UTC day, so one of them ends later.
  return daysOfUtcDay(Math.floor(at / DAY_MS), zone).find((day) => at < day.endsAt)!;
}

/** Gives the bounds of a local day; a day that the zone skipped is empty.
 * @example Helsinki's day of 23 hours
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dayBounds } from "@/domain/days.ts";
 *
 * const { startsAt, endsAt } = dayBounds("2026-03-29", "Europe/Helsinki");
 * assertEquals((endsAt - startsAt) / 3_600_000, 23);
 * ```
 */
export function dayBounds(day: string, zone: string): LocalDay {
  const date = Temporal.PlainDate.from(day);
  return { day, startsAt: startOf(date, zone), endsAt: startOf(date.add({ days: 1 }), zone) };
}

/** Gives the calendar day some days later, or earlier when negative.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { shiftDay } from "@/domain/days.ts";
 *
 * assertEquals(shiftDay("2028-03-01", -1), "2028-02-29");
 * ```
 */
export function shiftDay(day: string, days: number): string {
  return Temporal.PlainDate.from(day).add({ days }).toString();
}

/** Counts the calendar days from one to another, 0 when they are the same.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { daysBetween } from "@/domain/days.ts";
 *
 * assertEquals(daysBetween("2028-02-28", "2028-03-01"), 2);
 * ```
 */
export function daysBetween(from: string, to: string): number {
  return Temporal.PlainDate.from(from).until(Temporal.PlainDate.from(to), { largestUnit: "day" })
    .days;
}

/** Splits a value over local days pro rata by time. Each piece is the difference of two floored
 * running totals, so the pieces of adjacent windows sum to the value exactly. Pieces of 0 are left
 * out; a value without duration belongs to the day of its instant.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { splitByDay } from "@/domain/days.ts";
 *
 * const startedAt = Date.UTC(2026, 4, 1, 23);
 * const walk = { startedAt, endedAt: startedAt + 3 * 3_600_000, value: 100 };
 * const pieces = splitByDay(walk, "UTC");
 * assertEquals(pieces.map((piece) => [piece.day, piece.amount]), [["2026-05-01", 33], ["2026-05-02", 67]]);
 * ```
 */
export function splitByDay(measured: MeasuredValue, zone: string, window?: Interval): DayPiece[] {
  checkMeasured(measured);
  if (measured.startedAt === measured.endedAt) return pieceOfInstant(measured, zone, window);
  const startsAt = Math.max(measured.startedAt, window?.startsAt ?? -Infinity);
  const endsAt = Math.min(measured.endedAt, window?.endsAt ?? Infinity);
  const pieces: DayPiece[] = [];
  let at = startsAt;
  while (at < endsAt) {
    const { day, endsAt: nextDayAt } = dayAt(at, zone);
    const until = Math.min(nextDayAt, endsAt);
    const amount = amountBetween(measured, { startsAt: at, endsAt: until });
    if (amount > 0) pieces.push({ day, startsAt: at, endsAt: until, amount });
    at = until;
  }
  return pieces;
}

/** The part of a value that falls into a window, by the same floored running total as `splitByDay`. */
export function amountBetween(measured: MeasuredValue, window: Interval): number {
  return amountUntil(measured, window.endsAt) - amountUntil(measured, window.startsAt);
}

function amountUntil({ startedAt, endedAt, value }: MeasuredValue, at: EpochMs): number {
  if (at >= endedAt) return value;
  if (at <= startedAt) return 0;
  return floorShare(value, at - startedAt, endedAt - startedAt);
}

/** floor(value · part / whole), exact. */
function floorShare(value: number, part: number, whole: number): number {
  const product = value * part;
  if (product <= Number.MAX_SAFE_INTEGER) return (product - product % whole) / whole;
  return Number(BigInt(value) * BigInt(part) / BigInt(whole));
}

function pieceOfInstant(
  { startedAt, value }: MeasuredValue,
  zone: string,
  window?: Interval,
): DayPiece[] {
  const isInside = !window || (startedAt >= window.startsAt && startedAt < window.endsAt);
  if (!isInside || value === 0) return [];
  return [{
    day: localDay(startedAt, zone),
    startsAt: startedAt,
    endsAt: startedAt,
    amount: value,
  }];
}

function checkMeasured({ startedAt, endedAt, value }: MeasuredValue): void {
  if (!Number.isSafeInteger(startedAt) || !Number.isSafeInteger(endedAt) || endedAt < startedAt) {
    throw new RangeError(`Cannot split a value from ${startedAt} to ${endedAt}: it is not a span`);
  }
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`Cannot split the value ${value}: it must be a whole number from 0 on`);
  }
}

function daysOfUtcDay(utcDay: number, zone: string): readonly LocalDay[] {
  const ofZone = remembered.get(zone);
  const known = ofZone?.get(utcDay);
  if (known) return known;
  const days = readDays(utcDay, zone);
  remember(utcDay, zone, days);
  return days;
}

function remember(utcDay: number, zone: string, days: readonly LocalDay[]): void {
  if (rememberedCount >= REMEMBERED_MAX) {
    remembered.clear();
    rememberedCount = 0;
  }
  const ofZone = remembered.get(zone) ?? new Map<number, readonly LocalDay[]>();
  remembered.set(zone, ofZone.set(utcDay, days));
  rememberedCount += 1;
}

/** The local days that a UTC day touches, in their order. */
function readDays(utcDay: number, zone: string): LocalDay[] {
  const startsAt = utcDay * DAY_MS;
  const first = Temporal.Instant.fromEpochMilliseconds(startsAt).toZonedDateTimeISO(zone);
  const days: LocalDay[] = [];
  // Where a clock is set back across midnight the first may be over already; no instant finds it.
  for (let date = first.toPlainDate(); !isCovered(days, startsAt + DAY_MS);) {
    const day = dayBounds(date.toString(), zone);
    days.push(day);
    date = date.add({ days: 1 });
  }
  return days;
}

function isCovered(days: readonly LocalDay[], until: EpochMs): boolean {
  const last = days.at(-1);
  return last !== undefined && last.endsAt >= until;
}

function startOf(date: Temporal.PlainDate, zone: string): EpochMs {
  return date.toZonedDateTime(zone).epochMilliseconds;
}
