import fc from "fast-check";
import { assertEquals, assertThrows } from "@std/assert";
import { CURRENCIES, decimalOf, exponentOf, minorOf, partOf } from "./money.ts";
import { splitFees } from "./entry_fee.ts";
import { accountKey, checkPostings, moveOf } from "./ledger.ts";

const currencies = fc.constantFrom(...CURRENCIES);
const amounts = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });

Deno.test("minorOf() reads what decimalOf() writes, in every currency", () => {
  fc.assert(fc.property(currencies, amounts, (currency, amountMinor) => {
    assertEquals(minorOf(decimalOf({ currency, amountMinor }), currency), amountMinor);
  }));
});

Deno.test("minorOf() takes no amount finer than the currency, and no other writing", () => {
  for (const text of ["", "1.", ".5", "1e3", " 1", "1,5", "0x1", "1.005", "--1", "٣"]) {
    assertEquals(minorOf(text, "EUR"), undefined, text);
  }
  assertEquals(minorOf("1.5", "JPY"), undefined);
  assertEquals(minorOf("1.005", "KWD"), 1005n);
  assertThrows(() => exponentOf("XXX"), RangeError);
});

Deno.test("splitFees() conserves the fees and rounds nobody up but the pool", () => {
  const totals = fc.bigInt({ min: 0n, max: 10n ** 18n });
  fc.assert(
    fc.property(totals, fc.nat(5_000), fc.nat(5_000), (total, platformBps, organiserBps) => {
      const split = splitFees(total, { platformBps, organiserBps });

      assertEquals(split.poolMinor + split.platformMinor + split.organiserMinor, total);
      assertEquals(split.platformMinor, partOf(total, platformBps));
      assertEquals(split.organiserMinor, partOf(total, organiserBps));
    }),
  );
});

Deno.test("checkPostings() wants two or more, none of zero, and zero in each currency", () => {
  const euro = { kind: "fees" as const, currency: "EUR" };
  const yen = { kind: "fees" as const, currency: "JPY" };
  const wallet = { kind: "wallet" as const, userId: "mira", currency: "EUR" };
  checkPostings(moveOf(wallet, euro, 5n));
  const faulty = [
    [],
    [{ account: euro, amountMinor: 0n }, { account: wallet, amountMinor: 0n }],
    [{ account: euro, amountMinor: 5n }, { account: yen, amountMinor: -5n }],
    moveOf(wallet, euro, 5n).slice(1),
  ];
  for (const postings of faulty) assertThrows(() => checkPostings(postings), RangeError);
  assertEquals(accountKey(euro), "fees:platform:EUR");
});
