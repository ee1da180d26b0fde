/** The form of a top-up or withdrawal, and the order that it asks for. */

import type { Faults } from "@/components/Field.tsx";
import { OrderInput } from "@/contracts/orders.ts";
import { faultsOfSchema, textOf } from "./fields.ts";

/** What was typed. */
export interface PostedAmount {
  currency: string;
  amount: string;
  note: string;
  key: string;
}

export function amountFormOf(form: FormData): PostedAmount {
  return {
    currency: textOf(form, "currency").toUpperCase(),
    amount: textOf(form, "amount"),
    note: textOf(form, "note"),
    key: textOf(form, "key"),
  };
}

/** The order, or what is wrong with each field. */
export function parseAmount(
  kind: "top_up" | "withdrawal",
  { currency, amount, note }: PostedAmount,
): { value: OrderInput; faults?: never } | { value?: never; faults: Faults } {
  const parsed = OrderInput.safeParse({
    kind,
    currency,
    amount: amount.replaceAll(/[\s\u202f]/g, "").replace(",", "."),
    ...(note === "" ? {} : { note }),
  });
  if (parsed.success) return { value: parsed.data };
  return { faults: amountFaults(faultsOfSchema(parsed.error)) };
}

/** Faults beside the fields of the form. */
export function amountFaults({ amountMinor, ...faults }: Faults): Faults {
  if (amountMinor) return { ...faults, amount: amountMinor };
  return faults.amount ? { ...faults, amount: "Give an amount like 20.00" } : faults;
}
