/**
 * Paying prizes, in steps that each commit by themselves: decide, pay batch by batch, settle. Every
 * step looks at what is stored, so that a crash between any two loses nothing and repeats nothing.
 *
 * @module
 */

import { amountOf } from "@/contracts/money.ts";
import type { PrizeDecision, PrizeDistribution } from "@/contracts/prizes.ts";
import type { Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { actorIdOf } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import { moveOf } from "@/domain/ledger.ts";
import type { PrizePlan } from "@/domain/prize_plan.ts";
import { checkRole } from "../accounts/access.ts";
import { getRow } from "../competitions/competition_access.ts";
import type { LockedCompetition } from "../leaderboard/competition_log.ts";
import { recoverDebts } from "./debts.ts";
import { inTurn } from "../jobs/in_turn.ts";
import { LEDGER_FAULTS } from "./ledger.ts";
import { planOf } from "./prize_preview.ts";
import { readDistribution } from "./prize_results.ts";
import { type CompetitionSplit, splitAmong } from "./prize_split.ts";
import type { PrizesDeps } from "./prizes.ts";
import { accountOf, prizeReference, readTerms, restPostings } from "./settlement.ts";
import { SYSTEM_MONEY } from "../system_actor.ts";

/** Short enough to let others at the wallets and to lose little at a crash, long enough to be quick. */
const PAYOUT_BATCH = 500;

export async function distribute(
  deps: PrizesDeps,
  actor: Actor,
  idOrSlug: string,
  { reason }: PrizeDecision,
): Promise<PrizeDistribution> {
  checkRole(actor, "finance");
  const { id } = await getRow(deps.database.db, idOrSlug);
  const status = await inTransaction(deps, "decide_prizes", async (tx) => {
    const locked = (await deps.log.lock(tx, [id])).get(id)!;
    return await decide(deps, tx, { locked, actor, reason });
  });
  if (status === "paying") await payAndSettle(deps, id, actor);
  return (await readDistribution(deps.database, id))!;
}

/** Goes on with distributions that were decided and not settled. */
export async function resumeDistributions(deps: PrizesDeps): Promise<string[]> {
  const rows = await deps.database.sql<{ id: string }[]>`
    select competition_id as id from prize_distributions where status = 'paying'
    order by requested_at`;
  const settled = await inTurn(
    rows,
    async ({ id }) => await payAndSettle(deps, id, SYSTEM_MONEY) ? [id] : [],
  );
  return settled.flat();
}

function inTransaction<T>(
  deps: PrizesDeps,
  name: string,
  run: (tx: Tx) => Promise<T>,
): Promise<T> {
  return deps.database.transaction(run, { name, constraints: LEDGER_FAULTS });
}

type DistributionStatus = PrizeDistribution["status"];

interface Deciding {
  locked: LockedCompetition;
  actor: Actor;
  reason: string | undefined;
}

interface StoredRequest {
  status: DistributionStatus;
  requestedBy: string | null;
  logSeq: number;
  poolMinor: string;
}

async function decide(deps: PrizesDeps, tx: Tx, given: Deciding): Promise<DistributionStatus> {
  const { locked, actor } = given;
  const plan = planOf(await readTerms(tx, locked.id));
  const [before] = await tx.sql<StoredRequest[]>`
    select status, requested_by as "requestedBy", log_seq as "logSeq",
      pool_minor::text as "poolMinor"
    from prize_distributions where competition_id = ${locked.id}`;
  if (before && before.status !== "requested") return before.status;
  if (locked.status !== "final") {
    const message = `Cannot distribute the prizes of "${locked.name}": its result is not final`;
    throw new DomainError("NOT_FINAL", message);
  }
  await deps.settlement.fund(tx, locked, actor);
  const pool = accountOf("pool", locked.id, plan.currency);
  const { balanceMinor: poolMinor } = await deps.ledger.lockBalance(tx, pool);
  // A request holds for the result and the pool that its maker saw; after a change somebody must
  // ask anew.
  const isSame = before?.logSeq === locked.lastSeq && before.poolMinor === `${poolMinor}`;
  if (before && isSame && before.requestedBy === actorIdOf(actor)) return before.status;
  const isApproval = before !== undefined && isSame;
  const status = plan.approvals === 1 || isApproval ? "paying" : "requested";
  const split = await splitAmong(tx, locked, { plan, poolMinor });
  await writeDecision(deps, tx, { ...given, plan, split, status, isApproval });
  if (status === "paying") await insertPayouts(tx, locked.id, split);
  return status;
}

interface Decision extends Deciding {
  plan: PrizePlan;
  split: CompetitionSplit;
  status: DistributionStatus;
  isApproval: boolean;
}

async function writeDecision(deps: PrizesDeps, tx: Tx, decision: Decision): Promise<void> {
  const { locked, actor, plan, split, status, isApproval } = decision;
  const at = deps.clock.now();
  const by = actor.kind === "user" ? actor.userId : null;
  await (isApproval
    ? tx.sql`
      update prize_distributions set status = ${status}, approved_by = ${by}, approved_at = ${at}
      where competition_id = ${locked.id}`
    : tx.sql`
      insert into prize_distributions (competition_id, status, currency, pool_minor, rest_minor,
        log_seq, explanation, requested_by, requested_at)
      values (${locked.id}, ${status}, ${plan.currency}, ${`${split.poolMinor}`},
        ${`${split.restMinor}`}, ${locked.lastSeq},
        ${JSON.stringify(split.explanation)}::text::jsonb, ${by}, ${at})
      on conflict (competition_id) do update set status = excluded.status,
        pool_minor = excluded.pool_minor, rest_minor = excluded.rest_minor,
        log_seq = excluded.log_seq, explanation = excluded.explanation,
        requested_by = excluded.requested_by, requested_at = excluded.requested_at`);
  await deps.audit.record(tx, actor, {
    action: isApproval ? "prizes.approve" : `prizes.${status === "paying" ? "pay" : "request"}`,
    targetKind: "competition",
    targetId: locked.id,
    after: {
      poolMinor: `${split.poolMinor}`,
      restMinor: `${split.restMinor}`,
      prizes: split.payouts.length,
      logSeq: locked.lastSeq,
    },
    reason: decision.reason,
  });
}

async function insertPayouts(tx: Tx, competitionId: string, split: CompetitionSplit) {
  const rows = split.payouts.map(({ amountMinor, division, ...payout }) => ({
    ...payout,
    division: division ?? "",
    userId: split.people.get(payout.participantId)!.userId,
    amountMinor: `${amountMinor}`,
  }));
  await tx.sql`
    insert into prize_payouts (competition_id, participant_id, division, user_id, rank,
      first_place, last_place, amount_minor)
    select ${competitionId}, "participantId", division, "userId", rank, "firstPlace",
      "lastPlace", "amountMinor"
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r("participantId" uuid,
      division text, "userId" uuid, rank integer, "firstPlace" integer, "lastPlace" integer,
      "amountMinor" bigint)`;
}

/** Whether this call settled it; another node may be paying the last ones. */
async function payAndSettle(deps: PrizesDeps, id: string, actor: Actor): Promise<boolean> {
  const batch = deps.payoutBatch ?? PAYOUT_BATCH;
  for (;;) {
    const paid = await inTransaction(deps, "pay_prizes", (tx) => payBatch(deps, tx, id, batch));
    if (paid < batch) break;
  }
  const isSettled = await inTransaction(deps, "settle_prizes", (tx) => settle(deps, tx, id, actor));
  if (isSettled) await deps.boards.committed(id);
  return isSettled;
}

interface UnpaidPrize {
  participantId: string;
  division: string;
  userId: string;
  rank: number;
  amountMinor: string;
  currency: string;
}

/** Prizes that somebody else is just paying are left to them. */
async function payBatch(
  deps: PrizesDeps,
  tx: Tx,
  competitionId: string,
  limit: number,
): Promise<number> {
  const prizes = await tx.sql<UnpaidPrize[]>`
    select p.participant_id as "participantId", p.division, p.user_id as "userId", p.rank,
      p.amount_minor::text as "amountMinor", d.currency
    from prize_payouts p join prize_distributions d on d.competition_id = p.competition_id
    where p.competition_id = ${competitionId} and p.transaction_id is null
    order by p.first_place, p.participant_id, p.division limit ${limit}
    for update of p skip locked`;
  if (prizes.length === 0) return 0;
  const { currency } = prizes[0]!;
  const ids = await deps.ledger.post(
    tx,
    prizes.map((prize) => ({
      kind: "prize" as const,
      reference: prizeReference({ competitionId, ...prize }),
      postings: moveOf(
        accountOf("pool", competitionId, currency),
        { kind: "wallet", userId: prize.userId, currency },
        BigInt(prize.amountMinor),
      ),
      actor: SYSTEM_MONEY,
      competitionId,
    })),
  );
  const paid = prizes.map(({ participantId, division }, index) => ({
    participantId,
    division,
    transactionId: ids[index],
  }));
  await tx.sql`
    update prize_payouts p set transaction_id = r."transactionId"
    from jsonb_to_recordset(${JSON.stringify(paid)}::text::jsonb)
      as r("participantId" uuid, division text, "transactionId" uuid)
    where p.competition_id = ${competitionId} and p.participant_id = r."participantId"
      and p.division = r.division`;
  await recoverDebts(deps, tx, { userIds: prizes.map(({ userId }) => userId), currency });
  await deps.notices.tell(
    tx,
    prizes.map(({ userId, rank, division, amountMinor }) => ({
      userId,
      kind: "prize.paid" as const,
      payload: {
        competitionId,
        rank,
        division: division || null,
        currency,
        amount: amountOf(currency, BigInt(amountMinor)).amount,
      },
    })),
  );
  return prizes.length;
}

/** The last step: nothing is left to pay, the rest goes by rule, the competition is settled. */
async function settle(deps: PrizesDeps, tx: Tx, id: string, actor: Actor): Promise<boolean> {
  const locked = (await deps.log.lock(tx, [id])).get(id)!;
  const [row] = await tx.sql<{ isDue: boolean; restMinor: string }[]>`
    select d.rest_minor::text as "restMinor", d.status = 'paying' and not exists (
      select 1 from prize_payouts p
      where p.competition_id = d.competition_id and p.transaction_id is null) as "isDue"
    from prize_distributions d where d.competition_id = ${id}`;
  if (!row?.isDue) return false;
  const plan = planOf(await readTerms(tx, id));
  const restMinor = BigInt(row.restMinor);
  if (restMinor > 0n) {
    await deps.ledger.post(tx, [{
      kind: "rest",
      reference: `rest:${id}`,
      postings: restPostings(plan, { competitionId: id, restMinor }),
      actor,
      competitionId: id,
    }]);
  }
  const at = deps.clock.now();
  await tx.sql`
    update prize_distributions set status = 'settled', settled_at = ${at}
    where competition_id = ${id}`;
  await tx.sql`update competitions set status = 'settled', updated_at = ${at} where id = ${id}`;
  await deps.log.append(tx, locked, [{ entry: { kind: "status", status: "settled" }, actor }]);
  await deps.audit.record(tx, actor, {
    action: "prizes.settle",
    targetKind: "competition",
    targetId: id,
    before: { status: locked.status },
    after: { status: "settled", restMinor: `${restMinor}` },
  });
  return true;
}
