/**
 * Amounts of money: whole minor units as `bigint`, with an ISO 4217 currency that tells how many
 * digits stand after the point. Nothing here rounds but where its name says so.
 *
 * @module
 */

/** The active codes of ISO 4217 that money can be held in; no metals, funds or test codes. */
const CODES = ("AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL " +
  "BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR " +
  "FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY " +
  "KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU " +
  "MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD " +
  "RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY " +
  "TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG").split(" ");

const EXPONENTS: Readonly<Record<string, number>> = Object.fromEntries([
  ..."BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(" ").map((code) => [
    code,
    0,
  ]),
  ..."BHD IQD JOD KWD LYD OMR TND".split(" ").map((code) => [code, 3]),
]);

/** Every currency that an amount may have. */
export const CURRENCIES: ReadonlySet<string> = new Set(CODES);

/**
 * The largest single amount: ten million entries of it, the largest competition, still fit into a
 * 64-bit column.
 */
export const AMOUNT_MINOR_MAX = 100_000_000_000n;

/** One hundred percent. */
export const BASIS_POINTS = 10_000;

/** An amount with its currency. */
export interface Money {
  currency: string;
  amountMinor: bigint;
}

/** Digits after the point of the currency's amounts.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { exponentOf } from "@/domain/money.ts";
 *
 * assertEquals(["EUR", "JPY", "KWD"].map(exponentOf), [2, 0, 3]);
 * ```
 */
export function exponentOf(currency: string): number {
  if (!CURRENCIES.has(currency)) throw new RangeError(`No such currency: "${currency}"`);
  return EXPONENTS[currency] ?? 2;
}

/** Writes minor units with the point of their currency, without a symbol.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decimalOf } from "@/domain/money.ts";
 *
 * assertEquals(decimalOf({ currency: "EUR", amountMinor: -1205n }), "-12.05");
 * assertEquals(decimalOf({ currency: "JPY", amountMinor: 500n }), "500");
 * assertEquals(decimalOf({ currency: "KWD", amountMinor: 7n }), "0.007");
 * ```
 */
export function decimalOf({ currency, amountMinor }: Money): string {
  const exponent = exponentOf(currency);
  const sign = amountMinor < 0n ? "-" : "";
  const digits = `${amountMinor < 0n ? -amountMinor : amountMinor}`.padStart(exponent + 1, "0");
  if (exponent === 0) return sign + digits;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/** Reads a decimal amount as minor units; undefined where it is none or finer than the currency.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { minorOf } from "@/domain/money.ts";
 *
 * assertEquals(minorOf("12.5", "EUR"), 1250n);
 * assertEquals(minorOf("12.505", "EUR"), undefined);
 * assertEquals(minorOf("12,5", "EUR"), undefined);
 * ```
 */
export function minorOf(decimal: string, currency: string): bigint | undefined {
  const match = /^(-?)(\d{1,18})(?:\.(\d+))?$/.exec(decimal);
  const exponent = exponentOf(currency);
  if (!match || (match[3] ?? "").length > exponent) return undefined;
  const magnitude = BigInt(match[2]! + (match[3] ?? "").padEnd(exponent, "0"));
  return match[1] === "-" ? -magnitude : magnitude;
}

/** The part of an amount in basis points, rounded down.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { partOf } from "@/domain/money.ts";
 *
 * assertEquals(partOf(999n, 1_000), 99n);
 * ```
 */
export function partOf(amountMinor: bigint, basisPoints: number): bigint {
  return amountMinor * BigInt(basisPoints) / BigInt(BASIS_POINTS);
}

/**
 * Splits a total in proportion to weights without losing or inventing a unit: each gets its quota
 * rounded down, and the units left go one each to the largest remainders, of equal ones to the
 * first. Weights that do not rise therefore give parts that do not rise.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { apportion } from "@/domain/money.ts";
 *
 * assertEquals(apportion(100n, [1n, 1n, 1n]), [34n, 33n, 33n]);
 * assertEquals(apportion(1001n, [50n, 30n, 20n]), [501n, 300n, 200n]);
 * ```
 */
export function apportion(totalMinor: bigint, weights: readonly bigint[]): bigint[] {
  const sum = weights.reduce((total, weight) => total + weight, 0n);
  if (totalMinor < 0n || weights.some((weight) => weight < 0n)) {
    throw new RangeError("Cannot apportion: total and weights must not be negative");
  }
  if (sum === 0n) {
    if (totalMinor === 0n) return weights.map(() => 0n);
    throw new RangeError("Cannot apportion: no weight is above zero");
  }
  const parts = weights.map((weight) => totalMinor * weight / sum);
  const left = Number(totalMinor - parts.reduce((total, part) => total + part, 0n));
  const order = weights.map((weight, index) => ({ index, remainder: totalMinor * weight % sum }))
    .sort((a, b) => compare(b.remainder, a.remainder) || a.index - b.index);
  for (const { index } of order.slice(0, left)) parts[index]! += 1n;
  return parts;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
