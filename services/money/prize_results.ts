/** What was decided and paid, with the proof of the split; and prizes that come back. */

import { amountOf } from "@/contracts/money.ts";
import type {
  PrizeDecision,
  PrizeDistribution,
  PrizePayout,
  PrizeQuery,
  PrizeResult,
} from "@/contracts/prizes.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import type { StoredPrizePlan } from "@/domain/prize_plan.ts";
import type { EpochMs } from "@/domain/time.ts";
import { checkRole } from "../accounts/access.ts";
import { getRow, getVisible } from "../competitions/competition_access.ts";
import { DELETED_NAME } from "../accounts/erasure.ts";
import { LEDGER_FAULTS } from "./ledger.ts";
import type { SqlSource } from "./ledger_accounts.ts";
import type { PrizesDeps } from "./prizes.ts";

interface StoredDistribution {
  competitionId: string;
  status: PrizeDistribution["status"];
  currency: string;
  poolMinor: string;
  restMinor: string;
  logSeq: number;
  explanation: string[];
  requestedBy: string | null;
  requestedAt: EpochMs;
  approvedBy: string | null;
  settledAt: EpochMs | null;
  prizePlan: StoredPrizePlan | null;
  payoutCount: number;
  paidCount: number;
}

/** The distribution of a competition; undefined before anybody asked for it. */
export async function readDistribution(
  { sql }: SqlSource,
  competitionId: string,
): Promise<PrizeDistribution | undefined> {
  const [row] = await sql<StoredDistribution[]>`
    select d.competition_id as "competitionId", d.status, d.currency,
      d.pool_minor::text as "poolMinor", d.rest_minor::text as "restMinor",
      d.log_seq as "logSeq", d.explanation, d.requested_by as "requestedBy",
      d.requested_at as "requestedAt", d.approved_by as "approvedBy",
      d.settled_at as "settledAt", c.prize_plan as "prizePlan",
      (select count(*) from prize_payouts p where p.competition_id = d.competition_id)
        as "payoutCount",
      (select count(*) from prize_payouts p where p.competition_id = d.competition_id
        and p.transaction_id is not null) as "paidCount"
    from prize_distributions d join competitions c on c.id = d.competition_id
    where d.competition_id = ${competitionId}`;
  if (!row) return undefined;
  const { prizePlan, requestedAt, settledAt, ...facts } = row;
  return {
    ...facts,
    paidMinor: `${BigInt(row.poolMinor) - BigInt(row.restMinor)}`,
    rest: prizePlan?.rest ?? "organiser",
    requestedAt: new Date(requestedAt).toISOString(),
    settledAt: settledAt === null ? null : new Date(settledAt).toISOString(),
  };
}

export async function readPrizes(
  deps: PrizesDeps,
  actor: Actor,
  idOrSlug: string,
  query: PrizeQuery,
): Promise<PrizeResult & { total: number }> {
  const { row } = await getVisible(deps.database.db, actor, idOrSlug);
  const distribution = await readDistribution(deps.database, row.id);
  if (!distribution || distribution.status === "requested") {
    const message = `Cannot show the prizes of "${row.name}": they are not distributed yet`;
    throw new DomainError("NOT_FOUND", message);
  }
  const { page, page_size: limit } = query;
  const range = { limit, offset: (page - 1) * limit };
  const payouts = await readPayouts(deps.database, distribution, range);
  return { ...distribution, payouts, total: distribution.payoutCount };
}

type StoredPayout = Omit<PrizePayout, "amount">;

/** The prizes that were decided, in the order of the board; all of them without a range. */
export async function readPayouts(
  { sql }: SqlSource,
  { competitionId, currency }: PrizeDistribution,
  { limit = null, offset = 0 }: { limit?: number | null; offset?: number } = {},
): Promise<PrizePayout[]> {
  const rows = await sql<StoredPayout[]>`
    select p.participant_id as "participantId", p.user_id as "userId",
      case u.status when 'deleted' then ${DELETED_NAME} else coalesce(f.alias, u.name) end as name,
      nullif(p.division, '') as division, p.rank, p.first_place as "firstPlace",
      p.last_place as "lastPlace", p.amount_minor::text as "amountMinor",
      case when p.reversal_id is not null then 'taken_back'
        when p.transaction_id is not null then 'paid' else 'pending' end as status
    from prize_payouts p
    join users u on u.id = p.user_id left join profiles f on f.user_id = p.user_id
    where p.competition_id = ${competitionId}
    order by p.division, p.first_place, p.participant_id
    limit ${limit} offset ${offset}`;
  return rows.map((row) => ({ ...row, ...amountOf(currency, BigInt(row.amountMinor)) }));
}

/** Takes the prizes of a disqualified participant back by hand. */
export async function clawBackPrize(
  deps: PrizesDeps,
  actor: Actor,
  given: PrizeDecision & { idOrSlug: string; participantId: string },
): Promise<{ takenBack: number }> {
  checkRole(actor, "finance");
  const { idOrSlug, participantId, reason } = given;
  const { id, name } = await getRow(deps.database.db, idOrSlug);
  const takenBack = await deps.database.transaction(async (tx) => {
    await deps.log.lock(tx, [id]);
    const [row] = await tx.sql<{ status: string }[]>`
      select status from participants where competition_id = ${id} and id = ${participantId}`;
    if (row?.status !== "disqualified") {
      const message = `Cannot take back a prize of "${name}": the participant is not disqualified`;
      throw new DomainError(row ? "CONFLICT" : "NOT_FOUND", message);
    }
    const cause = { competitionId: id, participantId, actor, reason, isManual: true };
    const count = await deps.settlement.clawBack(tx, cause);
    await deps.audit.record(tx, actor, {
      action: "prizes.claw_back",
      targetKind: "participant",
      targetId: participantId,
      after: { takenBack: count },
      reason,
    });
    return count;
  }, { name: "claw_back", constraints: LEDGER_FAULTS });
  return { takenBack };
}
