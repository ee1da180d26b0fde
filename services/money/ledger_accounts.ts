/** The ledger's accounts: found by name, opened when first posted to. */

import type { Database, Tx } from "@/db/client.ts";
import { accountKey, type AccountKind, type AccountName, ownerOf } from "@/domain/ledger.ts";
import type { EpochMs } from "@/domain/time.ts";

/** The database, or a transaction. */
export interface SqlSource {
  readonly sql: Database["sql"] | Tx["sql"];
}

/** A stored account; of the owners the one of its kind is given. */
export interface LedgerAccount {
  id: number;
  kind: AccountKind;
  currency: string;
  userId: string | null;
  competitionId: string | null;
  orderId: string | null;
  gateway: string | null;
}

/** Another transaction may open the same account; once it has committed, the next look finds it. */
const OPEN_TRIES_MAX = 5;

/** The accounts of the names, opened where they are missing, by key. */
export async function openAccounts(
  tx: Tx,
  names: readonly AccountName[],
  at: EpochMs,
): Promise<Map<string, LedgerAccount>> {
  const wanted = new Map(names.map((name) => [accountKey(name), name]));
  let found = await findAccounts(tx, [...wanted.values()]);
  for (let tries = 0; found.size < wanted.size && tries < OPEN_TRIES_MAX; tries++) {
    const missing = [...wanted].filter(([key]) => !found.has(key)).map(([, name]) => name);
    await insertAccounts(tx, missing, at);
    found = await findAccounts(tx, [...wanted.values()]);
  }
  if (found.size < wanted.size) throw new RangeError("Cannot open the ledger's accounts");
  return found;
}

/** Those of the named accounts that exist, by key. */
export async function findAccounts(
  { sql }: SqlSource,
  names: readonly AccountName[],
): Promise<Map<string, LedgerAccount>> {
  const wanted = names.map((name) => ({ ...name, owner: ownerOf(name) }));
  const rows = await sql<(LedgerAccount & { owner: string })[]>`
    select a.id, a.kind, a.currency, a.user_id as "userId", a.competition_id as "competitionId",
      a.order_id as "orderId", a.gateway, a.owner
    from jsonb_to_recordset(${JSON.stringify(wanted)}::text::jsonb)
      as w(kind text, currency text, owner text)
    join ledger_accounts a on a.kind = w.kind and a.owner = w.owner and a.currency = w.currency`;
  return new Map(
    rows.map(({ owner, ...account }) => [`${account.kind}:${owner}:${account.currency}`, account]),
  );
}

async function insertAccounts(tx: Tx, names: readonly AccountName[], at: EpochMs): Promise<void> {
  await tx.sql`
    insert into ledger_accounts (kind, currency, user_id, competition_id, order_id, gateway,
      created_at)
    select kind, currency, "userId", "competitionId", "orderId", gateway, ${at}
    from jsonb_to_recordset(${JSON.stringify(names)}::text::jsonb) as w(kind text, currency text,
      "userId" uuid, "competitionId" uuid, "orderId" uuid, gateway text)
    order by kind, "userId", "competitionId", "orderId", gateway, currency
    on conflict do nothing`;
}
