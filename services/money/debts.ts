/**
 * Money that must come back: taken from the wallet as far as it goes, the rest is owed. What is
 * owed is settled from whatever comes into the wallet next.
 *
 * @module
 */

import type { Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import type { AccountName, Posting } from "@/domain/ledger.ts";
import { moveOf } from "@/domain/ledger.ts";
import type { IdGenerator } from "@/platform/id.ts";
import type { LedgerDraft, LedgerService } from "./ledger.ts";
import type { NoticesService } from "../notices.ts";
import { SYSTEM_MONEY } from "../system_actor.ts";
import { amountOf } from "@/contracts/money.ts";

export interface DebtsDeps {
  ledger: LedgerService;
  notices: NoticesService;
  newId: IdGenerator;
}

/** An amount to take from a user. */
export interface TakeBack extends Omit<LedgerDraft, "postings"> {
  userId: string;
  currency: string;
  amountMinor: bigint;
  to: AccountName;
  actor: Actor;
}

/** Takes an amount from a wallet, and what the wallet lacks from the user's receivable. */
export async function takeBack(deps: DebtsDeps, tx: Tx, take: TakeBack): Promise<string> {
  const { userId, currency, amountMinor, to, ...draft } = take;
  const wallet: AccountName = { kind: "wallet", userId, currency };
  const { balanceMinor, reservedMinor } = await deps.ledger.lockBalance(tx, wallet);
  const free = balanceMinor - reservedMinor;
  const paid = free < amountMinor ? free : amountMinor;
  const postings: Posting[] = [{ account: to, amountMinor }];
  if (paid > 0n) postings.push({ account: wallet, amountMinor: -paid });
  if (paid < amountMinor) {
    const receivable: AccountName = { kind: "receivable", userId, currency };
    postings.push({ account: receivable, amountMinor: paid - amountMinor });
  }
  const [id] = await deps.ledger.post(tx, [{ ...draft, postings }]);
  return id!;
}

/** Settles what users owe from what came into their wallets; called after every such coming. */
export async function recoverDebts(
  deps: DebtsDeps,
  tx: Tx,
  { userIds, currency }: { userIds: readonly string[]; currency: string },
): Promise<void> {
  const debtors = await tx.sql<{ userId: string }[]>`
    select a.user_id as "userId" from ledger_accounts a
    join ledger_balances b on b.account_id = a.id
    where a.kind = 'receivable' and a.currency = ${currency}
      and a.owner = any(${[...userIds]}::text[]) and b.balance_minor < 0
    order by a.id`;
  for (const { userId } of debtors) await recoverDebt(deps, tx, userId, currency);
}

async function recoverDebt(
  deps: DebtsDeps,
  tx: Tx,
  userId: string,
  currency: string,
): Promise<void> {
  const wallet: AccountName = { kind: "wallet", userId, currency };
  const receivable: AccountName = { kind: "receivable", userId, currency };
  const held = await deps.ledger.lockBalance(tx, wallet);
  const owed = -(await deps.ledger.lockBalance(tx, receivable)).balanceMinor;
  const free = held.balanceMinor - held.reservedMinor;
  const amountMinor = free < owed ? free : owed;
  if (amountMinor <= 0n) return;
  await deps.ledger.post(tx, [{
    kind: "recovery",
    reference: `recovery:${deps.newId()}`,
    postings: moveOf(wallet, receivable, amountMinor),
    actor: SYSTEM_MONEY,
  }]);
  const { amount } = amountOf(currency, amountMinor);
  await deps.notices.tell(tx, [{ userId, kind: "debt.recovered", payload: { amount, currency } }]);
}
