/** Amounts as Stripe counts them, which for some currencies is not how ISO 4217 does. */

import { DomainError } from "@/domain/error.ts";
import type { Money } from "@/domain/money.ts";

/** Whole units with us, hundredths there: their number must be a multiple of 100. */
const HUNDREDTHS: ReadonlySet<string> = new Set(["ISK", "UGX"]);
/** Hundredths with us, whole units there. */
const WHOLE: ReadonlySet<string> = new Set(["MGA"]);
/** Thousandths, of which the last digit must be zero. */
const TENS: ReadonlySet<string> = new Set(["BHD", "JOD", "KWD", "OMR", "TND"]);

/**
 * The amount of a call to Stripe. Fails with `PAYMENT_REFUSED` for one that Stripe cannot hold.
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { toStripe } from "@/external/stripe_amounts.ts";
 *
 * assertEquals(toStripe({ currency: "EUR", amountMinor: 1999n }), { currency: "eur", amount: 1999 });
 * assertEquals(toStripe({ currency: "ISK", amountMinor: 500n }).amount, 50_000);
 * assertThrows(() => toStripe({ currency: "KWD", amountMinor: 1_234n }));
 * ```
 */
export function toStripe({ currency, amountMinor }: Money): { currency: string; amount: number } {
  const amount = Number(
    HUNDREDTHS.has(currency)
      ? amountMinor * 100n
      : WHOLE.has(currency)
      ? exactly(currency, amountMinor, 100n) / 100n
      : TENS.has(currency)
      ? exactly(currency, amountMinor, 10n)
      : amountMinor,
  );
  return { currency: currency.toLowerCase(), amount };
}

function exactly(currency: string, amountMinor: bigint, step: bigint): bigint {
  if (amountMinor % step === 0n) return amountMinor;
  const message =
    `Cannot pay ${amountMinor} minor units of ${currency}: a multiple of ${step} only`;
  throw new DomainError("PAYMENT_REFUSED", message);
}

/** The amount that Stripe names, in our minor units.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fromStripe } from "@/external/stripe_amounts.ts";
 *
 * assertEquals(fromStripe("mga", 7), { currency: "MGA", amountMinor: 700n });
 * ```
 */
export function fromStripe(currency: string, amount: number): Money {
  const code = currency.toUpperCase();
  const given = BigInt(amount);
  if (HUNDREDTHS.has(code)) return { currency: code, amountMinor: given / 100n };
  return { currency: code, amountMinor: WHOLE.has(code) ? given * 100n : given };
}
