/** Numbers and instants straight from bytes, without a text in between. */

import type { EpochMs } from "@/domain/time.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "@/domain/time.ts";

const ZERO = 0x30;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
/** With more digits the quotient below would round twice. */
const DIGITS_MAX = 15;
const POWERS = Array.from({ length: DIGITS_MAX + 1 }, (_, exponent) => 10 ** exponent);

/**
 * A plain decimal number; undefined when the bytes are none.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decimalAt } from "@/formats/byte_values.ts";
 *
 * const bytes = new TextEncoder().encode("-12.50 0.4971749504535062 x");
 * assertEquals(decimalAt(bytes, 0, 6), -12.5);
 * assertEquals(decimalAt(bytes, 7, 25), 0.4971749504535062);
 * assertEquals(decimalAt(bytes, 26, 27), undefined);
 * ```
 */
export function decimalAt(bytes: Uint8Array, start: number, end: number): number | undefined {
  const isNegative = bytes[start] === MINUS;
  let mantissa = 0;
  let digits = 0;
  let decimals = -1;
  for (let at = isNegative ? start + 1 : start; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      digits++;
      if (decimals >= 0) decimals++;
    } else if (bytes[at] === POINT && decimals < 0) decimals = 0;
    else return otherDecimal(bytes, start, end);
  }
  if (digits === 0 || digits > DIGITS_MAX) return otherDecimal(bytes, start, end);
  // Both are exact, so that their quotient is the number nearest to the text.
  const value = decimals > 0 ? mantissa / POWERS[decimals]! : mantissa;
  return isNegative ? -value : value;
}

/** Exponents and more digits are rare. */
const OTHER_DECIMAL = /^-?\d+(?:\.\d*)?(?:[eE][+-]?\d{1,3})?$/;
const NUMBER_BYTES_MAX = 64;

function otherDecimal(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (end - start > NUMBER_BYTES_MAX) return undefined;
  const text = String.fromCharCode(...bytes.subarray(start, end));
  const value = OTHER_DECIMAL.test(text) ? Number(text) : NaN;
  return Number.isFinite(value) ? value : undefined;
}

/** `2017-03-30 09:29:59 +0200` */
const INSTANT_BYTES = 25;
const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/**
 * An instant as Apple writes it; undefined when the bytes are none.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { appleInstantAt } from "@/formats/byte_values.ts";
 *
 * const bytes = new TextEncoder().encode("2017-03-30 09:29:59 +0200");
 * assertEquals(appleInstantAt(bytes, 0, 25), Date.UTC(2017, 2, 30, 7, 29, 59));
 * assertEquals(appleInstantAt(bytes, 0, 19), undefined);
 * ```
 */
export function appleInstantAt(bytes: Uint8Array, start: number, end: number): EpochMs | undefined {
  const sign = bytes[start + 20];
  if (end - start !== INSTANT_BYTES || (sign !== PLUS && sign !== MINUS)) return undefined;
  const year = twoDigits(bytes, start) * 100 + twoDigits(bytes, start + 2);
  const month = twoDigits(bytes, start + 5);
  const day = twoDigits(bytes, start + 8);
  const hour = twoDigits(bytes, start + 11);
  const minute = twoDigits(bytes, start + 14);
  const second = twoDigits(bytes, start + 17);
  const zone = twoDigits(bytes, start + 21) * HOUR_MS + twoDigits(bytes, start + 23) * MINUTE_MS;
  const isClock = hour <= 23 && minute <= 59 && second <= 60 && year >= 1 && zone <= DAY_MS;
  if (!isClock || !isDate(year, month, day)) return undefined;
  const local = daysFrom(year, month, day) * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS +
    second * SECOND_MS;
  return sign === PLUS ? local - zone : local + zone;
}

/** NaN where there are no two digits, which fails every comparison. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - ZERO;
  const ones = bytes[at + 1]! - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}

function isDate(year: number, month: number, day: number): boolean {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 && !isLeap ? 28 : DAYS_IN_MONTH[month - 1] ?? 0;
  return day >= 1 && day <= days;
}

/** Days since 1970-01-01 in the Gregorian calendar, with years that begin in March. */
function daysFrom(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) +
    dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
