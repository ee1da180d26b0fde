/** Where a refusal without field details belongs in the competition form. */

import type { ErrorCode } from "@/domain/error.ts";
import type { Faults } from "@/components/Field.tsx";
import { groupFaults } from "@/components/team/group_form.ts";
import type { MoneyFormValues } from "@/components/competition/money_form.ts";
import { moneyFaults } from "./money_form.ts";

const FIELD_OF_CODE: Partial<Record<ErrorCode, { field: string; text: string }>> = {
  SLUG_TAKEN: { field: "slug", text: "Another competition has this address" },
  COMPETITION_FULL: { field: "capacity", text: "More people than that have already joined" },
};

/** Puts a refusal beside the field that it is about; the others stay above the form. */
export function formFaults(code: ErrorCode, faults: Faults, money: MoneyFormValues): Faults {
  const place = FIELD_OF_CODE[code];
  if (place) return { [place.field]: place.text };
  const { graceMs, ...rest } = moneyFaults(groupFaults(faults), money);
  return graceMs ? { ...rest, graceHours: graceMs } : rest;
}
