/**
 * Where withdrawals go: each user connects an account at the gateway by themselves, or finance names
 * one. Whether money can be sent there the gateway alone knows; what it last said is kept, and asked
 * again where it matters. Without an account that is ready, finance sends the money by hand.
 *
 * @module
 */

import { and, eq } from "drizzle-orm";
import type { PayoutAccount, PayoutAccountChange } from "@/contracts/withdrawals.ts";
import type { Database, Tx } from "@/db/client.ts";
import { gatewayUsers, users } from "@/db/schema.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError, invalid } from "@/domain/error.ts";
import type { PayoutState } from "@/domain/order.ts";
import type { Clock } from "@/platform/clock.ts";
import { checkRole, checkSignedIn, isSelf } from "../accounts/access.ts";
import type { AuditService } from "../audit.ts";
import type { NoticesService } from "../notices.ts";
import type { Onboarding, PaymentGateway } from "./payment_gateway.ts";

export interface PayoutAccountsService {
  /** A user's account as the gateway has it now, or had it last; by its owner and finance. Fails with `FORBIDDEN`. */
  get(actor: Actor, userId: string): Promise<PayoutAccount>;
  /** Opens the actor's own account, and the gateway's page to complete it. Fails with `FORBIDDEN`, `SERVICE_UNAVAILABLE`, `CIRCUIT_OPEN`, `PAYMENT_REFUSED`. */
  connect(actor: Actor, userId: string): Promise<Onboarding>;
  /** Names an account for somebody, or none; finance, audited. Fails with `NOT_FOUND`, `VALIDATION_ERROR`, and with `SERVICE_UNAVAILABLE` without a gateway. */
  set(actor: Actor, userId: string, change: PayoutAccountChange): Promise<PayoutAccount>;
  /** Asks the gateway what became of an account; does nothing for one that is nobody's here. */
  refresh(account: string): Promise<void>;
  /** Chooses the account of a withdrawal; null where none is ready, so that a person must send it. */
  readyAccount(userId: string): Promise<string | null>;
}

export interface PayoutAccountsDeps {
  database: Database;
  clock: Clock;
  audit: AuditService;
  notices: Pick<NoticesService, "tell">;
  gateway?: PaymentGateway | undefined;
}

export function createPayoutAccounts(deps: PayoutAccountsDeps): PayoutAccountsService {
  return {
    get: (actor, userId) => getAccount(deps, actor, userId),
    connect: (actor, userId) => connect(deps, actor, userId),
    set: (actor, userId, change) => setAccount(deps, actor, userId, change),
    async refresh(account) {
      if (await isKnown(deps, account)) await ask(deps, account);
    },
    readyAccount: (userId) => readyAccount(deps, userId),
  };
}

/** What is kept of an account. */
interface Stored {
  account: string | null;
  state: PayoutState;
}

async function getAccount(
  deps: PayoutAccountsDeps,
  actor: Actor,
  userId: string,
): Promise<PayoutAccount> {
  if (!isSelf(actor, userId)) checkRole(actor, "finance");
  const { account, state } = await find(deps, userId);
  if (account === null || state === "ready") return shown(deps, userId, { account, state });
  // Its owner may just come back from the gateway's page; one that is away changes nothing.
  const now = await ask(deps, account).catch(() => state);
  return shown(deps, userId, { account, state: now });
}

function shown(
  { gateway }: PayoutAccountsDeps,
  userId: string,
  { account, state }: Stored,
): PayoutAccount {
  return {
    userId,
    account,
    state: account === null ? "none" : state,
    gateway: gateway?.name ?? null,
    isTestMoney: gateway?.isTestMoney ?? false,
  };
}

async function find({ database, gateway }: PayoutAccountsDeps, userId: string): Promise<Stored> {
  const nothing: Stored = { account: null, state: "pending" };
  if (!gateway) return nothing;
  const { payoutAccount: account, payoutState: state } = gatewayUsers;
  const [row] = await database.db.select({ account, state }).from(gatewayUsers)
    .where(and(eq(gatewayUsers.gateway, gateway.name), eq(gatewayUsers.userId, userId)));
  return row ?? nothing;
}

async function isKnown({ database, gateway }: PayoutAccountsDeps, account: string) {
  const rows = await database.db.select({ userId: gatewayUsers.userId }).from(gatewayUsers)
    .where(and(
      eq(gatewayUsers.gateway, gateway?.name ?? ""),
      eq(gatewayUsers.payoutAccount, account),
    ));
  return rows.length > 0;
}

/** Asks the gateway, and keeps what it says. */
async function ask(
  { database, clock, gateway }: PayoutAccountsDeps,
  account: string,
): Promise<PayoutState> {
  const { name, readPayoutAccount } = gateway!;
  const payoutState = await readPayoutAccount(account);
  await database.db.update(gatewayUsers).set({ payoutState, payoutCheckedAt: clock.now() })
    .where(and(eq(gatewayUsers.gateway, name), eq(gatewayUsers.payoutAccount, account)));
  return payoutState;
}

function gatewayOf({ gateway }: PayoutAccountsDeps): PaymentGateway {
  if (gateway) return gateway;
  throw new DomainError("SERVICE_UNAVAILABLE", "Cannot send money: no payment gateway is set up");
}

async function connect(
  deps: PayoutAccountsDeps,
  actor: Actor,
  userId: string,
): Promise<Onboarding> {
  if (checkSignedIn(actor).userId !== userId) {
    throw new DomainError("FORBIDDEN", "Cannot open this account: only its owner can");
  }
  const gateway = gatewayOf(deps);
  const { account } = await find(deps, userId);
  const opened = await gateway.openPayoutAccount({ userId, account });
  // Of two that are opened at once the key makes one; what finance named meanwhile stays.
  await deps.database.sql`
    insert into gateway_users as g (gateway, user_id, payout_account)
    values (${gateway.name}, ${userId}, ${opened.account})
    on conflict (gateway, user_id) do update set
      payout_account = coalesce(g.payout_account, excluded.payout_account)`;
  return opened;
}

async function setAccount(
  deps: PayoutAccountsDeps,
  actor: Actor,
  userId: string,
  { account }: PayoutAccountChange,
): Promise<PayoutAccount> {
  checkRole(actor, "finance");
  const gateway = gatewayOf(deps);
  const state = account === null ? "pending" : await stateOf(gateway, account);
  await deps.database.transaction(async (tx) => {
    await checkUser(tx, userId);
    const before = await lockStored(tx, gateway.name, userId);
    await tx.sql`
      insert into gateway_users (gateway, user_id, payout_account, payout_state, payout_checked_at)
      values (${gateway.name}, ${userId}, ${account}, ${state}, ${deps.clock.now()})
      on conflict (gateway, user_id) do update set payout_account = excluded.payout_account,
        payout_state = excluded.payout_state, payout_checked_at = excluded.payout_checked_at`;
    await deps.audit.record(tx, actor, {
      action: "payout_account.set",
      targetKind: "user",
      targetId: userId,
      before,
      after: { account },
    });
    if (before.account === account || isSelf(actor, userId)) return;
    const told = { gateway: gateway.name, isConnected: account !== null };
    await deps.notices.tell(tx, [{ userId, kind: "payout_account.changed", payload: told }]);
  }, { name: "set_payout_account" });
  return shown(deps, userId, { account, state });
}

/** While the gateway is away the account is kept, and asked for when money is to be sent. */
async function stateOf(gateway: PaymentGateway, account: string): Promise<PayoutState> {
  try {
    return await gateway.readPayoutAccount(account);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    if (error.code !== "PAYMENT_REFUSED") return "pending";
    throw invalid("account", "unknown", "The gateway knows no such account");
  }
}

async function checkUser({ db }: Tx, userId: string): Promise<void> {
  const [user] = await db.select({ id: users.id }).from(users).where(eq(users.id, userId));
  if (!user) throw new DomainError("NOT_FOUND", `Cannot find user "${userId}": there is none`);
}

async function lockStored({ sql }: Tx, gateway: string, userId: string) {
  const [row] = await sql<{ account: string | null }[]>`
    select payout_account as account from gateway_users
    where gateway = ${gateway} and user_id = ${userId} for update`;
  return { account: row?.account ?? null };
}

async function readyAccount(deps: PayoutAccountsDeps, userId: string): Promise<string | null> {
  const { account, state } = await find(deps, userId);
  if (account === null) return null;
  const now = state === "ready" ? state : await ask(deps, account).catch(() => state);
  return now === "ready" ? account : null;
}
