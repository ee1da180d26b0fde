/** Entry fee and prizes of a competition: from input to columns, from columns to the wire. */

import {
  amountOf,
  type EntryFee,
  type EntryFeeInput,
  type PrizePlan,
  type PrizePlanInput,
  readEntryFee,
  readPrizePlan,
} from "@/contracts/money.ts";
import { invalid } from "@/domain/error.ts";
import type { StoredEntryFee } from "@/domain/entry_fee.ts";
import type { StoredPrizePlan } from "@/domain/prize_plan.ts";
import type { SettingsService } from "../settings.ts";

/** The columns about money. */
export interface MoneyColumns {
  entryFee: StoredEntryFee | null;
  prizePlan: StoredPrizePlan | null;
}

/** Of a competition that is free and gives nothing. */
export const NO_MONEY: MoneyColumns = { entryFee: null, prizePlan: null };

interface MoneyInput {
  entryFee?: EntryFeeInput | null | undefined;
  prizes?: PrizePlanInput | null | undefined;
}

/** The columns after a change; what is absent stays. Fails with `VALIDATION_ERROR`. */
export function moneyColumns(input: MoneyInput, before: MoneyColumns): MoneyColumns {
  const fee = input.entryFee ? readEntryFee(input.entryFee) : null;
  const entryFee = input.entryFee === undefined ? before.entryFee : stored<StoredEntryFee>(fee);
  const plan = input.prizes ? readPrizePlan(input.prizes, entryFee) : null;
  const prizePlan = input.prizes === undefined ? before.prizePlan : stored<StoredPrizePlan>(plan);
  if (entryFee && prizePlan && entryFee.currency !== prizePlan.currency) {
    throw invalid("entryFee.currency", "differs", "Prizes have the currency of the entry fee");
  }
  return { entryFee, prizePlan };
}

/** The input with at least the platform's own share of the fees, taken from the prizes' share. */
export async function withPlatformCut<T extends MoneyInput>(
  settings: Pick<SettingsService, "current">,
  input: T,
): Promise<T> {
  const { entryFee } = input;
  if (!entryFee) return input;
  const { platformCutBasisPoints: cut } = await settings.current();
  const missing = cut - entryFee.platformBps;
  if (missing <= 0) return input;
  const { poolBps } = entryFee;
  const pool = poolBps === undefined ? {} : { poolBps: poolBps - missing };
  return { ...input, entryFee: { ...entryFee, ...pool, platformBps: cut } };
}

/** Amounts as digits, absent keys left out: what JSON keeps, so that comparison sees no difference. */
function stored<T>(value: object | null): T {
  return JSON.parse(
    JSON.stringify(value, (_key, part) => typeof part === "bigint" ? `${part}` : part),
  );
}

/** Fee and prizes as the API gives them. */
export function moneyShown(
  { entryFee, prizePlan }: MoneyColumns,
): { entryFee: EntryFee | null; prizes: PrizePlan | null } {
  const fee = entryFee &&
    { ...entryFee, ...amountOf(entryFee.currency, BigInt(entryFee.amountMinor)) };
  return { entryFee: fee, prizes: prizePlan as PrizePlan | null };
}
