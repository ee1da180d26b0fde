/** Wallets for tests: filled from nowhere, and the laws that every book must keep. */

import type { Database } from "@/db/client.ts";
import type { AccountName } from "@/domain/ledger.ts";
import { moveOf } from "@/domain/ledger.ts";
import { createIdGenerator } from "@/platform/id.ts";
import { createLedger, LEDGER_FAULTS } from "@/services/money/ledger.ts";
import { assertEquals } from "./assert.ts";
import type { ManualTime } from "./manual_time.ts";
import { SYSTEM } from "./users.ts";

/** The wallet of a user in euro. */
export function walletOf(userId: string): AccountName {
  return { kind: "wallet", userId, currency: "EUR" };
}

/** A ledger on a test's database, with ways to look at it. */
export function createTestLedger(database: Database, time: Pick<ManualTime, "now">) {
  const ledger = createLedger({ clock: time, newId: createIdGenerator(time) });
  /** Fills wallets as captured payments do. */
  async function fill(userIds: string | readonly string[], amountMinor: bigint): Promise<void> {
    const clearing: AccountName = { kind: "clearing", gateway: "test", currency: "EUR" };
    await database.transaction((tx) =>
      ledger.post(
        tx,
        [userIds].flat().map((userId) => ({
          kind: "top_up",
          reference: `test:${crypto.randomUUID()}`,
          postings: moveOf(clearing, walletOf(userId), amountMinor),
          actor: SYSTEM,
        })),
      )
    );
  }
  return {
    ledger,
    run: <T>(work: Parameters<Database["transaction"]>[0]) =>
      database.transaction(work, { constraints: LEDGER_FAULTS }) as Promise<T>,
    fill,
    balance: async (account: AccountName) => (await ledger.balance(database, account)).balanceMinor,
    wallet: async (userId: string) =>
      (await ledger.balance(database, walletOf(userId))).balanceMinor,
  };
}

/** Every transaction sums to zero, every balance is the sum of its postings, no floor is broken. */
export async function assertBooksBalance({ sql }: Database): Promise<void> {
  const unbalanced = await sql`
    select p.transaction_id from ledger_postings p join ledger_accounts a on a.id = p.account_id
    group by p.transaction_id, a.currency having sum(p.amount_minor) <> 0`;
  const drifted = await sql`
    select b.account_id from ledger_balances b
    left join ledger_postings p on p.account_id = b.account_id
    group by b.account_id, b.balance_minor
    having coalesce(sum(p.amount_minor), 0) <> b.balance_minor`;
  const negative = await sql`
    select a.kind from ledger_balances b join ledger_accounts a on a.id = b.account_id
    where a.kind not in ('receivable', 'sponsor', 'clearing')
      and b.balance_minor - b.reserved_minor < 0`;
  assertEquals([unbalanced.length, drifted.length, negative.length], [0, 0, 0]);
}

/** Gives users accounts that a gateway sends their withdrawals to. */
export async function connectPayouts(
  { sql }: Database,
  userIds: readonly string[],
  gateway = "test",
): Promise<void> {
  await sql`
    insert into gateway_users (gateway, user_id, payout_account, payout_state)
    select ${gateway}, id::uuid, 'acct_' || id, 'ready' from unnest(${[...userIds]}::text[]) as id`;
}

/** Adds users whose wallets hold the amount, quickly; gives their ids. */
export async function addPayers(
  database: Database,
  count: number,
  wallet: { fill(userIds: string[], amountMinor: bigint): Promise<void>; amountMinor: bigint },
): Promise<string[]> {
  const ids = Array.from({ length: count }, () => crypto.randomUUID());
  await database.sql`
    insert into users (id, email, name, access_changed_at, created_at, updated_at)
    select id::uuid, id || '@example.org', 'Payer', now(), now(), now()
    from unnest(${ids}::text[]) as id`;
  await database.sql`
    insert into profiles (user_id, updated_at)
    select id::uuid, now() from unnest(${ids}::text[]) as id`;
  if (wallet.amountMinor > 0n) await wallet.fill(ids, wallet.amountMinor);
  return ids;
}
