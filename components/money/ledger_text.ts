/** The ledger in words. */

import type { AccountKind, TransactionKind } from "@/domain/ledger.ts";

export const ACCOUNT_TEXT: Record<AccountKind, string> = {
  wallet: "Wallet",
  receivable: "Debt",
  escrow: "Entry fees held",
  pool: "Prize pool",
  organiser: "Organiser's share",
  sponsor: "Sponsors",
  fees: "Platform's share",
  payable: "Withdrawal on its way",
  clearing: "Payment gateway",
};

/** Why money moved. */
export const TRANSACTION_TEXT: Record<TransactionKind, string> = {
  "top_up": "Top-up",
  entry: "Entry fee",
  "entry_refund": "Entry fee given back",
  pool: "Fees divided",
  sponsor: "Given by sponsors",
  prize: "Prize",
  rest: "Rest of the pool",
  "claw_back": "Prize taken back",
  recovery: "Debt paid off",
  withdrawal: "Withdrawal",
  payout: "Payout",
  "payment_refund": "Payment given back",
  dispute: "Payment disputed",
  reversal: "Reversal",
  adjustment: "Moved by hand",
};

/** Options of a filter, with one for all.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { filterOptions } from "@/components/money/ledger_text.ts";
 *
 * assertEquals(filterOptions("Any kind", { prize: "Prize" }), [
 *   { value: "", label: "Any kind" },
 *   { value: "prize", label: "Prize" },
 * ]);
 * ```
 */
export function filterOptions(
  all: string,
  texts: Readonly<Record<string, string>>,
): { value: string; label: string }[] {
  const options = Object.entries(texts).map(([value, label]) => ({ value, label }));
  return [{ value: "", label: all }, ...options];
}
