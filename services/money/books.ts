/**
 * The books as people read them: accounts, statements with their running balance, transactions,
 * and whether everything is true; corrections by finance are transactions like any other.
 *
 * @module
 */

import type {
  AccountQuery,
  AdjustmentRequest,
  LedgerAccount,
  LedgerTransaction,
  Reconciliation,
  ReversalRequest,
  Statement,
  StatementLine,
  StatementQuery,
  TransactionQuery,
  TransactionsMeta,
} from "@/contracts/ledger.ts";
import type { Page } from "@/contracts/envelope.ts";
import { readAmount } from "@/contracts/money.ts";
import type { Database, Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError, invalid } from "@/domain/error.ts";
import {
  accountKey,
  type AccountName,
  isReversible,
  moveOf,
  type TransactionKind,
} from "@/domain/ledger.ts";
import { decimalOf } from "@/domain/money.ts";
import type { Clock } from "@/platform/clock.ts";
import { checkRole, hasRole, isSelf } from "../accounts/access.ts";
import type { AuditService } from "../audit.ts";
import { getTransaction, listAccounts } from "./book_accounts.ts";
import { type DebtsDeps, recoverDebts } from "./debts.ts";
import { reconcile } from "./book_reconciliation.ts";
import { checkNotOwn } from "./four_eyes.ts";
import { csvOfTransactions, readStatement, readTransactions } from "./book_statements.ts";
import { LEDGER_FAULTS } from "./ledger.ts";
import type { NewNotice } from "../notices.ts";
import { BY_HAND } from "./order_view.ts";
import type { PaymentGateway } from "./payment_gateway.ts";

export interface BooksService {
  /** Finance and admins. */
  accounts(actor: Actor, query: AccountQuery): Promise<Page<LedgerAccount>>;
  /** Newest first, by cursor: a page costs the same wherever it is. Finance; fails with `NOT_FOUND`. */
  statement(actor: Actor, accountId: number, query: StatementQuery): Promise<Statement>;
  /** Finance; fails with `NOT_FOUND`. */
  transaction(actor: Actor, id: string): Promise<LedgerTransaction>;
  /** What moved in a user's wallets and debts; oneself or finance. */
  userTransactions(
    actor: Actor,
    userId: string,
    query: TransactionQuery,
  ): Promise<{ items: StatementLine[]; meta: TransactionsMeta }>;
  /** The same as CSV, all that matches, in pieces. */
  userTransactionsCsv(
    actor: Actor,
    userId: string,
    query: TransactionQuery,
  ): AsyncIterable<string>;
  /** The wallets and debts of a user with their balances; oneself or finance. */
  userAccounts(actor: Actor, userId: string): Promise<LedgerAccount[]>;
  /** Takes a move by hand back whole; finance, audited. Fails with `NOT_FOUND`, `CONFLICT` (also for what an order or a prize stands on), `INSUFFICIENT_FUNDS`. */
  reverse(actor: Actor, id: string, request: ReversalRequest): Promise<LedgerTransaction>;
  /** Moves money by hand; finance, audited. Fails with `CONFLICT` where the reference was used, `INSUFFICIENT_FUNDS`. */
  adjust(actor: Actor, request: AdjustmentRequest): Promise<LedgerTransaction>;
  /** Whether all books sum to zero and agree with the gateway; finance. */
  reconciliation(actor: Actor): Promise<Reconciliation>;
  /** For the nightly job. Throws when the books are not true, so that the job fails and alerts. */
  checkBooks(): Promise<void>;
}

export interface BooksDeps extends DebtsDeps {
  database: Database;
  clock: Clock;
  audit: AuditService;
  gateway: PaymentGateway | undefined;
}

export function createBooksService(deps: BooksDeps): BooksService {
  const { database } = deps;
  return {
    async accounts(actor, query) {
      checkRole(actor, "finance");
      return await listAccounts(database, query);
    },
    async statement(actor, accountId, query) {
      checkRole(actor, "finance");
      return await readStatement(database, accountId, query);
    },
    async transaction(actor, id) {
      checkRole(actor, "finance");
      return await getTransaction(database, id);
    },
    async userTransactions(actor, userId, query) {
      checkReads(actor, userId);
      return await readTransactions(database, userId, query);
    },
    userTransactionsCsv(actor, userId, query) {
      checkReads(actor, userId);
      return csvOfTransactions(database, userId, query);
    },
    async userAccounts(actor, userId) {
      checkReads(actor, userId);
      const query = { "page": 1, "page_size": ACCOUNTS_MAX, "user": userId };
      return (await listAccounts(database, query)).items;
    },
    reverse: (actor, id, request) => reverse(deps, actor, id, request),
    adjust: (actor, request) => adjust(deps, actor, request),
    async reconciliation(actor) {
      checkRole(actor, "finance");
      return await reconcile(deps);
    },
    checkBooks: () => checkBooks(deps),
  };
}

/** More currencies than anybody holds. */
const ACCOUNTS_MAX = 400;

function checkReads(actor: Actor, userId: string): void {
  if (isSelf(actor, userId) || hasRole(actor, "finance")) return;
  checkRole(actor, "finance");
}

async function reverse(
  deps: BooksDeps,
  actor: Actor,
  id: string,
  { reason }: ReversalRequest,
): Promise<LedgerTransaction> {
  checkRole(actor, "finance");
  const reversalId = await deps.database.transaction(async (tx) => {
    await checkReversible(tx, id);
    const cause = { actor, reason, reference: `reversal:${id}` };
    const reversalId = await deps.ledger.reverse(tx, id, cause);
    await deps.audit.record(tx, actor, {
      action: "ledger.reverse",
      targetKind: "ledger_transaction",
      targetId: id,
      after: { reversalId },
      reason,
    });
    return reversalId;
  }, { name: "reverse", constraints: LEDGER_FAULTS });
  return await getTransaction(deps.database, reversalId);
}

/** Other moves go back where they were made: the order, the prize, the gateway. */
async function checkReversible({ sql }: Tx, id: string): Promise<void> {
  const [row] = await sql<{ kind: TransactionKind }[]>`
    select kind from ledger_transactions where id = ${id}`;
  if (!row || isReversible(row.kind)) return;
  const message =
    `Cannot reverse ledger transaction "${id}": give back what it stands for, or adjust`;
  throw new DomainError("CONFLICT", message);
}

async function adjust(
  deps: BooksDeps,
  actor: Actor,
  request: AdjustmentRequest,
): Promise<LedgerTransaction> {
  checkRole(actor, "finance");
  const { currency, reason, reference } = request;
  const amountMinor = readAmount(request, currency, "amountMinor");
  if (amountMinor === 0n) throw invalid("amountMinor", "too_small", "A move is of something");
  const from = accountName(request.from, currency, "from");
  const to = accountName(request.to, currency, "to");
  if (accountKey(from) === accountKey(to)) {
    throw invalid("to", "same", "A move is between two accounts");
  }
  const id = await deps.database.transaction(async (tx) => {
    if (to.kind === "wallet") {
      await checkNotOwn(tx, actor, { userId: to.userId, what: "move money to this wallet" });
    }
    await checkGateways(deps, tx, { from, to });
    const [id] = await deps.ledger.post(tx, [{
      kind: "adjustment",
      reference: `adjustment:${reference}`,
      postings: moveOf(from, to, amountMinor),
      actor,
      reason,
    }]);
    await deps.audit.record(tx, actor, {
      action: "ledger.adjust",
      targetKind: "ledger_transaction",
      targetId: id!,
      after: { from, to, amountMinor: `${amountMinor}` },
      reason,
    });
    if (to.kind === "wallet") {
      await recoverDebts(deps, tx, { userIds: [to.userId], currency });
    }
    await deps.notices.tell(tx, adjustmentNotices({ from, to, amountMinor, reason }));
    return id!;
  }, { name: "adjust", constraints: ADJUST_FAULTS });
  return await getTransaction(deps.database, id);
}

/** Money stands at gateways that there are; any other name would make it from nothing. */
async function checkGateways(
  { gateway }: BooksDeps,
  { sql }: Tx,
  sides: { from: AccountName; to: AccountName },
): Promise<void> {
  for (const [field, account] of Object.entries(sides)) {
    if (account.kind !== "clearing") continue;
    const { gateway: name } = account;
    if (name === BY_HAND || name === gateway?.name) continue;
    const [known] = await sql`
      select 1 from ledger_accounts where kind = 'clearing' and owner = ${name} limit 1`;
    if (!known) throw invalid(`${field}.gateway`, "unknown", `There is no gateway "${name}"`);
  }
}

/** Whoever's wallet it is hears of it, with the sign that it has for them. */
function adjustmentNotices(
  given: { from: AccountName; to: AccountName; amountMinor: bigint; reason: string },
): NewNotice[] {
  const { from, to, amountMinor, reason } = given;
  return [[from, -amountMinor] as const, [to, amountMinor] as const].flatMap(([account, sum]) => {
    if (account.kind !== "wallet") return [];
    const { userId, currency } = account;
    const payload = { amount: decimalOf({ currency, amountMinor: sum }), currency, reason };
    return [{ userId, kind: "wallet.adjusted" as const, payload }];
  });
}

const OWNER_GONE = {
  code: "NOT_FOUND",
  message: "Cannot find whose account it is: there is no such user, competition or order",
} as const;
const ADJUST_FAULTS = {
  ...LEDGER_FAULTS,
  ledger_accounts_user_id_fkey: OWNER_GONE,
  ledger_accounts_competition_id_fkey: OWNER_GONE,
  ledger_accounts_order_id_fkey: OWNER_GONE,
} as const;

/** Who owns accounts of each kind; null: the platform. */
const OWNER_FIELDS = {
  wallet: "userId",
  receivable: "userId",
  escrow: "competitionId",
  pool: "competitionId",
  organiser: "competitionId",
  sponsor: "competitionId",
  payable: "orderId",
  clearing: "gateway",
  fees: null,
} as const;

function accountName(
  choice: AdjustmentRequest["from"],
  currency: string,
  field: string,
): AccountName {
  const { kind } = choice;
  const owner = OWNER_FIELDS[kind];
  if (owner === null) return { kind, currency } as AccountName;
  const value = choice[owner];
  if (value === undefined) {
    throw invalid(`${field}.${owner}`, "required", `An account of kind ${kind} needs ${owner}`);
  }
  return { kind, currency, [owner]: value } as AccountName;
}

async function checkBooks(deps: BooksDeps): Promise<void> {
  const { balanced, unbalancedCount, driftedCount, overdrawnCount, gateways, books } =
    await reconcile(deps);
  if (balanced) return;
  const facts = { unbalancedCount, driftedCount, overdrawnCount, gateways, books };
  throw new DomainError("CONFLICT", `Cannot close the books: they are not true`, {
    cause: facts,
  });
}
