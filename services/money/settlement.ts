/**
 * What a final result does to the money of its competition: escrow and sponsors fill the pool,
 * platform and organiser get their shares, the rest of the pool goes by rule, and the prize of
 * somebody disqualified later comes back. Each move has a reference of its own, so that doing it
 * again does nothing.
 *
 * @module
 */

import { amountOf } from "@/contracts/money.ts";
import type { Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { type EntryFee, entryFeeOf, splitFees, type StoredEntryFee } from "@/domain/entry_fee.ts";
import type { AccountName, Posting } from "@/domain/ledger.ts";
import { moveOf } from "@/domain/ledger.ts";
import { type PrizePlan, prizePlanOf, type StoredPrizePlan } from "@/domain/prize_plan.ts";
import { type DebtsDeps, takeBack } from "./debts.ts";

/** The competition whose money it is. */
export interface SettledCompetition {
  id: string;
}

export interface Settlement {
  /** Fills the pool; called where the result becomes final, and again before prizes are paid. */
  fund(tx: Tx, competition: SettledCompetition, actor: Actor): Promise<void>;
  /**
   * Takes back the prizes of somebody who was disqualified after the distribution began, where the
   * plan says so. Gives the number of prizes taken back.
   */
  clawBack(tx: Tx, given: ClawBack): Promise<number>;
}

export interface ClawBack {
  competitionId: string;
  participantId: string;
  actor: Actor;
  reason?: string | undefined;
  /** Also where the plan leaves it to staff: this is staff. */
  isManual?: boolean;
}

/** Fee and plan of a competition; both null where no money is in it. */
export interface MoneyTerms {
  name: string;
  fee: EntryFee | null;
  plan: PrizePlan | null;
}

/** Reads the terms; fees without a plan make one that gives everything to the organiser. */
export async function readTerms(tx: Pick<Tx, "sql">, id: string): Promise<MoneyTerms> {
  const [row] = await tx.sql<
    { name: string; entryFee: StoredEntryFee | null; prizePlan: StoredPrizePlan | null }[]
  >`
    select name, entry_fee as "entryFee", prize_plan as "prizePlan"
    from competitions where id = ${id}`;
  const fee = row!.entryFee && entryFeeOf(row!.entryFee);
  const plan = row!.prizePlan ? prizePlanOf(row!.prizePlan) : fee && emptyPlan(fee.currency);
  return { name: row!.name, fee, plan };
}

function emptyPlan(currency: string): PrizePlan {
  return {
    currency,
    sponsoredMinor: 0n,
    tiers: [],
    divisions: [],
    rest: "organiser",
    clawBack: "manual",
    approvals: 1,
  };
}

export function createSettlement(deps: DebtsDeps): Settlement {
  return {
    fund: (tx, competition, actor) => fund(deps, tx, competition, actor),
    clawBack: (tx, given) => clawBack(deps, tx, given),
  };
}

/** An account of the competition. */
export function accountOf(
  kind: "escrow" | "pool" | "organiser" | "sponsor",
  competitionId: string,
  currency: string,
): AccountName {
  return { kind, competitionId, currency };
}

async function fund(
  deps: DebtsDeps,
  tx: Tx,
  { id }: SettledCompetition,
  actor: Actor,
): Promise<void> {
  const { fee, plan } = await readTerms(tx, id);
  if (fee) await divideFees(deps, tx, { id, fee, actor });
  if (plan && plan.sponsoredMinor > 0n) await addSponsored(deps, tx, { id, plan, actor });
}

async function divideFees(
  deps: DebtsDeps,
  tx: Tx,
  { id, fee, actor }: { id: string; fee: EntryFee; actor: Actor },
): Promise<void> {
  const { currency } = fee;
  const escrow = accountOf("escrow", id, currency);
  const { balanceMinor } = await deps.ledger.lockBalance(tx, escrow);
  if (balanceMinor === 0n || await deps.ledger.findByReference(tx, `pool:${id}`)) return;
  const { poolMinor, platformMinor, organiserMinor } = splitFees(balanceMinor, fee);
  const postings: Posting[] = [
    { account: escrow, amountMinor: -balanceMinor },
    { account: accountOf("pool", id, currency), amountMinor: poolMinor },
    { account: { kind: "fees", currency }, amountMinor: platformMinor },
    { account: accountOf("organiser", id, currency), amountMinor: organiserMinor },
  ];
  await deps.ledger.post(tx, [{
    kind: "pool",
    reference: `pool:${id}`,
    postings: postings.filter(({ amountMinor }) => amountMinor !== 0n),
    actor,
    competitionId: id,
  }]);
}

async function addSponsored(
  deps: DebtsDeps,
  tx: Tx,
  { id, plan, actor }: { id: string; plan: PrizePlan; actor: Actor },
): Promise<void> {
  if (await deps.ledger.findByReference(tx, `sponsor:${id}`)) return;
  const { currency, sponsoredMinor } = plan;
  await deps.ledger.post(tx, [{
    kind: "sponsor",
    reference: `sponsor:${id}`,
    postings: moveOf(
      accountOf("sponsor", id, currency),
      accountOf("pool", id, currency),
      sponsoredMinor,
    ),
    actor,
    competitionId: id,
  }]);
}

/** Where the rest of a pool goes: back to sponsors up to what they gave, or to the organiser. */
export function restPostings(
  plan: PrizePlan,
  { competitionId, restMinor }: { competitionId: string; restMinor: bigint },
): Posting[] {
  const { currency, sponsoredMinor } = plan;
  const sponsors = plan.rest === "sponsor"
    ? (restMinor < sponsoredMinor ? restMinor : sponsoredMinor)
    : 0n;
  const postings: Posting[] = [
    { account: accountOf("pool", competitionId, currency), amountMinor: -restMinor },
    { account: accountOf("sponsor", competitionId, currency), amountMinor: sponsors },
    { account: accountOf("organiser", competitionId, currency), amountMinor: restMinor - sponsors },
  ];
  return postings.filter(({ amountMinor }) => amountMinor !== 0n);
}

interface PaidPrize {
  division: string;
  userId: string;
  amountMinor: string;
  transactionId: string | null;
  currency: string;
}

async function clawBack(deps: DebtsDeps, tx: Tx, given: ClawBack): Promise<number> {
  const { competitionId, participantId } = given;
  const { plan } = await readTerms(tx, competitionId);
  if (!plan || (plan.clawBack === "manual" && !given.isManual)) return 0;
  const prizes = await tx.sql<PaidPrize[]>`
    select p.division, p.user_id as "userId", p.amount_minor::text as "amountMinor",
      p.transaction_id as "transactionId", d.currency
    from prize_payouts p join prize_distributions d on d.competition_id = p.competition_id
    where p.competition_id = ${competitionId} and p.participant_id = ${participantId}
      and p.reversal_id is null
    order by p.division for update of p`;
  for (const prize of prizes) await takePrize(deps, tx, { ...given, prize });
  return prizes.length;
}

async function takePrize(
  deps: DebtsDeps,
  tx: Tx,
  { prize, ...given }: ClawBack & { prize: PaidPrize },
): Promise<void> {
  const { competitionId, participantId, actor, reason } = given;
  const { division, userId, currency } = prize;
  const amountMinor = BigInt(prize.amountMinor);
  const pool = accountOf("pool", competitionId, currency);
  // Decided but not paid yet: paid first, so that every prize has its two entries in the books.
  const paidId = prize.transactionId ?? (await deps.ledger.post(tx, [{
    kind: "prize",
    reference: prizeReference({ competitionId, participantId, division }),
    postings: moveOf(pool, { kind: "wallet", userId, currency }, amountMinor),
    actor,
    competitionId,
  }]))[0]!;
  const reversalId = await takeBack(deps, tx, {
    kind: "claw_back",
    reference: `claw_back:${competitionId}:${participantId}:${division}`,
    userId,
    currency,
    amountMinor,
    to: pool,
    actor,
    competitionId,
    reversesId: paidId,
    reason,
  });
  await tx.sql`
    update prize_payouts set transaction_id = ${paidId}, reversal_id = ${reversalId}
    where competition_id = ${competitionId} and participant_id = ${participantId}
      and division = ${division}`;
  const { amount } = amountOf(currency, amountMinor);
  const payload = { competitionId, amount, currency, reason: reason ?? null };
  await deps.notices.tell(tx, [{ userId, kind: "prize.clawed_back", payload }]);
}

/** Names the payment of one prize. */
export function prizeReference(
  prize: { competitionId: string; participantId: string; division: string },
): string {
  return `prize:${prize.competitionId}:${prize.participantId}:${prize.division}`;
}
