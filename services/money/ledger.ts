/**
 * The ledger: the only writer of accounts, transactions and postings. What it writes the database
 * checks once more: balance, floors and immutability stand in its constraints and triggers.
 *
 * Each transaction carries a `reference` that names the event behind it; an event that comes twice
 * meets the unique reference and moves nothing. Postings are written in the order of their
 * accounts, so that two batches that meet wait for each other instead of locking crosswise.
 *
 * @module
 */

import type { ConstraintFaults, Tx } from "@/db/client.ts";
import { type Actor, actorIdOf } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import {
  accountKey,
  type AccountName,
  checkPostings,
  type Posting,
  reversalOf,
  type TransactionKind,
} from "@/domain/ledger.ts";
import type { Clock } from "@/platform/clock.ts";
import type { IdGenerator } from "@/platform/id.ts";
import {
  findAccounts,
  type LedgerAccount,
  openAccounts,
  type SqlSource,
} from "./ledger_accounts.ts";

/** One transaction to write. */
export interface LedgerDraft {
  kind: TransactionKind;
  /** Names the event, e.g. `prize:<competition>:<participant>`; unique for ever. */
  reference: string;
  postings: readonly Posting[];
  actor: Actor;
  competitionId?: string | undefined;
  orderId?: string | undefined;
  reason?: string | undefined;
  /** The transaction that this one takes back, whole or in part; each only once. */
  reversesId?: string | undefined;
}

/** What an account holds, and how much of it pending transactions may still take. */
export interface Balance {
  balanceMinor: bigint;
  reservedMinor: bigint;
}

/** Who acts on a transaction that is there, and why. */
export interface LedgerCause {
  actor: Actor;
  reference: string;
  reason?: string | undefined;
}

export interface LedgerService {
  /** Writes transactions that count at once; gives their ids. Breaks `ledger_balances_floor` when an account would fall below zero. */
  post(tx: Tx, drafts: readonly LedgerDraft[]): Promise<string[]>;
  /** Reserves what a transaction takes, until it is settled or voided. */
  hold(tx: Tx, draft: LedgerDraft): Promise<string>;
  /** Makes a pending transaction count. Fails with `CONFLICT` when it was posted or voided before. */
  postHeld(tx: Tx, id: string, cause: LedgerCause): Promise<string>;
  /** Lets go what a pending transaction reserved. Fails with `CONFLICT` as above. */
  voidHeld(tx: Tx, id: string, cause: LedgerCause): Promise<string>;
  /** Takes a posted transaction back whole. Fails with `NOT_FOUND`, and `CONFLICT` the second time. */
  reverse(tx: Tx, id: string, cause: LedgerCause): Promise<string>;
  /** Zero for an account that was never used. */
  balance(tx: SqlSource, account: AccountName): Promise<Balance>;
  /** Like `balance`, holding the account until the transaction ends. */
  lockBalance(tx: Tx, account: AccountName): Promise<Balance>;
  /** The transaction of an event, if it has one. */
  findByReference(tx: SqlSource, reference: string): Promise<string | undefined>;
}

export interface LedgerDeps {
  clock: Clock;
  newId: IdGenerator;
}

/** What the ledger's constraints mean, for transactions that post. */
export const LEDGER_FAULTS = {
  ledger_balances_floor: {
    code: "INSUFFICIENT_FUNDS",
    message: "Cannot move the money: the account does not hold it",
  },
  ledger_transactions_reference_key: {
    code: "CONFLICT",
    message: "Cannot move the money: it was moved before",
  },
  ledger_transactions_resolves_key: {
    code: "CONFLICT",
    message: "Cannot settle the transaction: it was posted or voided before",
  },
  ledger_transactions_reverses_key: {
    code: "CONFLICT",
    message: "Cannot reverse the transaction: it was reversed before",
  },
} as const satisfies ConstraintFaults;

export function createLedger(deps: LedgerDeps): LedgerService {
  return {
    post: (tx, drafts) => write(deps, tx, "posted", drafts),
    hold: async (tx, draft) => (await write(deps, tx, "pending", [draft]))[0]!,
    postHeld: (tx, id, cause) => resolve(deps, tx, { id, phase: "post", cause }),
    voidHeld: (tx, id, cause) => resolve(deps, tx, { id, phase: "void", cause }),
    reverse: (tx, id, cause) => reverse(deps, tx, id, cause),
    balance: (tx, account) => readBalance(tx, account, false),
    lockBalance: (tx, account) => readBalance(tx, account, true),
    async findByReference({ sql }, reference) {
      const [row] = await sql<{ id: string }[]>`
        select id from ledger_transactions where reference = ${reference}`;
      return row?.id;
    },
  };
}

interface Line {
  transactionId: string;
  line: number;
  accountId: number;
  amountMinor: string;
}

async function write(
  deps: LedgerDeps,
  tx: Tx,
  phase: "posted" | "pending",
  drafts: readonly LedgerDraft[],
): Promise<string[]> {
  if (drafts.length === 0) return [];
  for (const { postings } of drafts) checkPostings(postings);
  const names = drafts.flatMap(({ postings }) => postings.map(({ account }) => account));
  const accounts = await openAccounts(tx, names, deps.clock.now());
  const lines: Line[] = [];
  const headers = drafts.map((draft) => {
    const id = deps.newId();
    for (const [index, { account, amountMinor }] of draft.postings.entries()) {
      const accountId = accounts.get(accountKey(account))!.id;
      lines.push({ transactionId: id, line: index + 1, accountId, amountMinor: `${amountMinor}` });
    }
    return headerOf(deps, draft, { id, phase, lineCount: draft.postings.length });
  });
  // Sent together: the second needs nothing of the first's answer.
  await Promise.all([insertHeaders(tx, headers), insertLines(tx, phase, lines)]);
  return headers.map(({ id }) => id);
}

interface Header {
  id: string;
  at: string;
  kind: string;
  phase: string;
  reference: string;
  lineCount: number;
  resolvesId: string | null;
  reversesId: string | null;
  competitionId: string | null;
  orderId: string | null;
  actorKind: string;
  actorId: string | null;
  requestId: string | null;
  reason: string | null;
}

function headerOf(
  deps: LedgerDeps,
  draft: Omit<LedgerDraft, "postings">,
  how: Pick<Header, "id" | "phase" | "lineCount"> & { resolvesId?: string },
): Header {
  const { actor } = draft;
  if (actor.kind === "anonymous") throw new RangeError("Cannot post: nobody acts");
  return {
    at: new Date(deps.clock.now()).toISOString(),
    kind: draft.kind,
    reference: draft.reference,
    reversesId: draft.reversesId ?? null,
    competitionId: draft.competitionId ?? null,
    orderId: draft.orderId ?? null,
    actorKind: actor.kind,
    actorId: actorIdOf(actor),
    requestId: actor.requestId,
    reason: draft.reason ?? null,
    ...how,
    resolvesId: how.resolvesId ?? null,
  };
}

async function insertHeaders(tx: Tx, headers: readonly Header[]): Promise<void> {
  await tx.sql`
    insert into ledger_transactions (id, at, kind, phase, reference, line_count, resolves_id,
      reverses_id, competition_id, order_id, actor_kind, actor_id, request_id, reason)
    select id, at, kind, phase, reference, "lineCount", "resolvesId", "reversesId",
      "competitionId", "orderId", "actorKind", "actorId", "requestId", reason
    from jsonb_to_recordset(${JSON.stringify(headers)}::text::jsonb) as r(id uuid, at timestamptz,
      kind text, phase text, reference text, "lineCount" smallint, "resolvesId" uuid,
      "reversesId" uuid, "competitionId" uuid, "orderId" uuid, "actorKind" text, "actorId" uuid,
      "requestId" text, reason text)`;
}

async function insertLines(
  tx: Tx,
  phase: "posted" | "pending",
  lines: readonly Line[],
): Promise<void> {
  const rows = tx.sql`
    select "transactionId", line, "accountId", "amountMinor"
    from jsonb_to_recordset(${JSON.stringify(lines)}::text::jsonb) as r("transactionId" uuid,
      line smallint, "accountId" bigint, "amountMinor" bigint)
    order by "accountId", "transactionId", line`;
  if (phase === "pending") {
    await tx.sql`
      insert into ledger_holds (transaction_id, line, account_id, amount_minor) ${rows}`;
    return;
  }
  // The trigger gives id and balance_after_minor under the account's lock.
  await tx
    .sql`insert into ledger_postings (transaction_id, line, account_id, amount_minor) ${rows}`;
}

interface StoredHeader {
  kind: TransactionKind;
  phase: string;
  lineCount: number;
  competitionId: string | null;
  orderId: string | null;
}

async function getHeader(tx: Tx, id: string): Promise<StoredHeader> {
  const [row] = await tx.sql<StoredHeader[]>`
    select kind, phase, line_count as "lineCount", competition_id as "competitionId",
      order_id as "orderId"
    from ledger_transactions where id = ${id}`;
  if (row) return row;
  throw new DomainError("NOT_FOUND", `Cannot find ledger transaction "${id}": there is none`);
}

async function resolve(
  deps: LedgerDeps,
  tx: Tx,
  given: { id: string; phase: "post" | "void"; cause: LedgerCause },
): Promise<string> {
  const { id: resolvesId, phase, cause } = given;
  const { kind, competitionId, orderId, lineCount } = await getHeader(tx, resolvesId);
  const draft = {
    kind,
    ...cause,
    competitionId: competitionId ?? undefined,
    orderId: orderId ?? undefined,
  };
  const id = deps.newId();
  const header = headerOf(deps, draft, {
    id,
    phase,
    lineCount: phase === "post" ? lineCount : 0,
    resolvesId,
  });
  const statements = [insertHeaders(tx, [header])];
  if (phase === "post") statements.push(copyHeld(tx, { from: resolvesId, to: id }));
  await Promise.all(statements);
  return id;
}

async function copyHeld(tx: Tx, { from, to }: { from: string; to: string }): Promise<void> {
  await tx.sql`
    insert into ledger_postings (transaction_id, line, account_id, amount_minor)
    select ${to}, line, account_id, amount_minor from ledger_holds
    where transaction_id = ${from} order by account_id, line`;
}

type StoredPosting = LedgerAccount & { amountMinor: string };

async function reverse(
  deps: LedgerDeps,
  tx: Tx,
  id: string,
  cause: LedgerCause,
): Promise<string> {
  const { competitionId, orderId } = await getHeader(tx, id);
  const rows = await tx.sql<StoredPosting[]>`
    select a.id, a.kind, a.currency, a.user_id as "userId", a.competition_id as "competitionId",
      a.order_id as "orderId", a.gateway, p.amount_minor::text as "amountMinor"
    from ledger_postings p join ledger_accounts a on a.id = p.account_id
    where p.transaction_id = ${id} order by p.line`;
  if (rows.length === 0) {
    throw new DomainError("CONFLICT", `Cannot reverse ledger transaction "${id}": nothing counts`);
  }
  const postings = rows.map(({ amountMinor, ...account }): Posting => ({
    account: nameOf(account),
    amountMinor: BigInt(amountMinor),
  }));
  const [reversal] = await write(deps, tx, "posted", [{
    kind: "reversal",
    ...cause,
    postings: reversalOf(postings),
    competitionId: competitionId ?? undefined,
    orderId: orderId ?? undefined,
    reversesId: id,
  }]);
  return reversal!;
}

/** The name of a stored account. */
function nameOf(account: LedgerAccount): AccountName {
  const { kind, currency, userId, competitionId, orderId, gateway } = account;
  const owner = { userId, competitionId, orderId, gateway };
  const given = Object.fromEntries(Object.entries(owner).filter(([, value]) => value !== null));
  return { kind, currency, ...given } as AccountName;
}

async function readBalance(
  tx: SqlSource,
  name: AccountName,
  isLocking: boolean,
): Promise<Balance> {
  const account = (await findAccounts(tx, [name])).get(accountKey(name));
  if (!account) return { balanceMinor: 0n, reservedMinor: 0n };
  const [row] = await tx.sql<{ balance: string; reserved: string }[]>`
    select balance_minor::text as balance, reserved_minor::text as reserved
    from ledger_balances where account_id = ${account.id}
    ${isLocking ? tx.sql`for update` : tx.sql``}`;
  return { balanceMinor: BigInt(row!.balance), reservedMinor: BigInt(row!.reserved) };
}
