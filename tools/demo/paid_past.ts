/**
 * The money of a demo competition's past: everybody filled a wallet at the test gateway and paid the
 * fee when they joined; somebody left in time and was given it back. Written through the ledger
 * at its own times, with the test gateway's records beside it, so that both books agree.
 *
 * @module
 */

import type { Database, Tx } from "@/db/client.ts";
import { entryFeeOf } from "@/domain/entry_fee.ts";
import { type EpochMs, HOUR_MS, MINUTE_MS } from "@/domain/time.ts";
import type { IdGenerator } from "@/platform/id.ts";
import type { LockedCompetition } from "@/services/leaderboard/competition_log.ts";
import type { CompetitionsService } from "@/services/competitions/competitions.ts";
import type { MoneyCore } from "@/services/money/money.ts";
import { createPayments, type PaymentsService } from "@/services/money/payments.ts";
import { athleteActor } from "./athletes.ts";
import type { PastParticipant } from "./replay.ts";

export interface PaidPastDeps {
  database: Database;
  newId: IdGenerator;
  setTime: (at: EpochMs) => void;
  now: () => EpochMs;
  money: MoneyCore;
  competitions: Pick<CompetitionsService, "join" | "joinPaid" | "leave">;
}

/** The test gateway's own name. */
const GATEWAY = "test";

/** People top up before they pay. */
const TOP_UP_BEFORE_MS = 10 * MINUTE_MS;

/** What somebody fills the wallet with: the fee, or some more for the next one. */
const TOP_UPS_MINOR = [1_000n, 2_000n, 1_000n, 5_000n] as const;

/** After publishing: joined, then injured. */
const JOINS_AFTER_MS = 2 * HOUR_MS;
const LEAVES_AFTER_MS = 6 * HOUR_MS;

/** Somebody who joins before all others, and leaves: the fee goes back into the wallet. */
export async function payAndLeave(
  deps: PaidPastDeps,
  tx: Tx,
  { locked, userId, publishedAt }: {
    locked: LockedCompetition;
    userId: string;
    publishedAt: EpochMs;
  },
): Promise<void> {
  const at = publishedAt + JOINS_AFTER_MS;
  await topUp(deps, tx, { userId, at: at - TOP_UP_BEFORE_MS, amountMinor: TOP_UPS_MINOR[1] });
  deps.setTime(at);
  const accept = { rules: true, healthData: true };
  await deps.competitions.join(athleteActor(userId, at), locked.id, { accept });
  deps.setTime(publishedAt + LEAVES_AFTER_MS);
  await deps.competitions.leave(athleteActor(userId, deps.now()), locked.id);
}

/** Everybody who takes part has paid, each at the time of joining. */
export async function payEntries(
  deps: PaidPastDeps,
  tx: Tx,
  locked: LockedCompetition,
  participants: readonly PastParticipant[],
): Promise<void> {
  if (locked.entryFee === null) return;
  const { currency } = entryFeeOf(locked.entryFee);
  for (const [index, { userId, joinedAt }] of participants.entries()) {
    const amountMinor = TOP_UPS_MINOR[index % TOP_UPS_MINOR.length]!;
    await topUp(deps, tx, { userId, at: joinedAt - TOP_UP_BEFORE_MS, amountMinor, currency });
    deps.setTime(joinedAt);
    const actor = athleteActor(userId, joinedAt);
    await deps.money.entryFees.charge(tx, locked, { userId, actor });
  }
}

interface TopUp {
  userId: string;
  at: EpochMs;
  amountMinor: bigint;
  currency?: string;
}

/** An order, its payment at the test gateway, and what the ledger made of the report. */
async function topUp(deps: PaidPastDeps, tx: Tx, given: TopUp): Promise<void> {
  const { userId, at, amountMinor, currency = "EUR" } = given;
  deps.setTime(at);
  const orderId = deps.newId();
  const reference = `test_pay_${orderId}`;
  await tx.sql`
    insert into orders (id, user_id, kind, method, currency, amount_minor, gateway,
      gateway_reference, created_at, updated_at)
    values (${orderId}, ${userId}, 'top_up', 'gateway', ${currency}, ${`${amountMinor}`},
      ${GATEWAY}, ${reference}, ${at}, ${at})`;
  await tx.sql`
    insert into test_transfers (reference, kind, state, order_id, user_id, currency, amount_minor,
      description, created_at, decided_at, reported_at)
    values (${reference}, 'payment', 'done', ${orderId}, ${userId}, ${currency},
      ${`${amountMinor}`}, 'Wallet', ${at}, ${at}, ${at})`;
  const captured = { gateway: GATEWAY, eventId: reference, reference, orderId, at } as const;
  await paymentsOf(deps).handle({ ...captured, kind: "captured", currency, amountMinor });
}

/** Only what a gateway reports is booked here; nothing is asked of one. */
function paymentsOf({ money, ...deps }: PaidPastDeps): PaymentsService {
  return createPayments({
    ...deps,
    ...money,
    clock: { now: deps.now },
    gateway: undefined,
    payoutAccounts: { readyAccount: () => Promise.resolve(null) },
  });
}
