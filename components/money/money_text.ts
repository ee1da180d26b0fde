/** Amounts of money as people read them. */

const GROUP_SPACE = "\u202f";

/** A decimal amount with its currency, digits in groups of three.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { moneyText } from "@/components/money/money_text.ts";
 *
 * assertEquals(moneyText("1250.00", "EUR"), "1\u202f250.00\u00a0EUR");
 * assertEquals(moneyText("-5.00", "EUR"), "\u22125.00\u00a0EUR");
 * ```
 */
export function moneyText(amount: string, currency: string): string {
  const [whole = "0", fraction] = amount.replace(/^-/, "").split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, GROUP_SPACE);
  const sign = amount.startsWith("-") ? "\u2212" : "";
  return `${sign}${grouped}${fraction ? `.${fraction}` : ""}\u00a0${currency}`;
}

/** The same with a plus where something was received.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { changeText } from "@/components/money/money_text.ts";
 *
 * assertEquals(changeText("5.00", "EUR"), "+5.00\u00a0EUR");
 * ```
 */
export function changeText(amount: string, currency: string): string {
  const isGain = !amount.startsWith("-") && /[1-9]/.test(amount);
  return (isGain ? "+" : "") + moneyText(amount, currency);
}

const BASIS_POINTS_PER_PERCENT = 100;

/** Basis points as percent.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { percentText } from "@/components/money/money_text.ts";
 *
 * assertEquals([5000, 1250, 5].map(percentText), ["50\u00a0%", "12.5\u00a0%", "0.05\u00a0%"]);
 * ```
 */
export function percentText(basisPoints: number): string {
  return `${basisPoints / BASIS_POINTS_PER_PERCENT}\u00a0%`;
}

/** One place or several: `1`, `2–3`.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { placesText } from "@/components/money/money_text.ts";
 *
 * assertEquals([placesText(1, 1), placesText(2, 3)], ["1", "2–3"]);
 * ```
 */
export function placesText(first: number, last: number): string {
  return first === last ? String(first) : `${first}–${last}`;
}
