/** What distributing would pay now, or pays since it was decided. */

import { amountOf } from "@/contracts/money.ts";
import type { PrizeDistribution, PrizePayout, PrizePreview } from "@/contracts/prizes.ts";
import type { Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { splitFees } from "@/domain/entry_fee.ts";
import { DomainError } from "@/domain/error.ts";
import { canManage, checkRole, type OwnedCompetition } from "../accounts/access.ts";
import { getRow } from "../competitions/competition_access.ts";
import type { CompetitionRow } from "../competitions/competition_view.ts";
import { readDistribution, readPayouts } from "./prize_results.ts";
import { type CompetitionSplit, splitAmong } from "./prize_split.ts";
import type { PrizesDeps } from "./prizes.ts";
import { accountOf, type MoneyTerms, readTerms } from "./settlement.ts";

export async function previewPrizes(
  deps: PrizesDeps,
  actor: Actor,
  idOrSlug: string,
): Promise<PrizePreview> {
  const found = await getRow(deps.database.db, idOrSlug);
  checkForesees(actor, found);
  return await deps.database.transaction(async (tx) => {
    // Pool, standings and number of the log must be of one moment.
    await tx.sql`set transaction isolation level repeatable read read only`;
    const decided = await readDistribution(tx, found.id);
    if (decided && decided.status !== "requested") return await previewDecided(tx, decided);
    const row = await getRow(tx.db, found.id);
    const terms = await readTerms(tx, row.id);
    const plan = planOf(terms);
    const { poolMinor, isFunded } = await poolOf(deps, tx, row, terms);
    const split = await splitAmong(tx, row, { plan, poolMinor });
    return {
      competitionId: row.id,
      currency: plan.currency,
      poolMinor: `${poolMinor}`,
      paidMinor: `${poolMinor - split.restMinor}`,
      restMinor: `${split.restMinor}`,
      rest: plan.rest,
      logSeq: row.lastSeq,
      explanation: split.explanation,
      provisional: !isFunded || row.status === "published",
      payouts: payoutsOf(split, plan.currency),
    };
  }, { name: "preview_prizes" });
}

/** Who may see what will be paid: who manages the competition, and finance; a key does neither with money. */
export function checkForesees(actor: Actor, competition: OwnedCompetition): void {
  if (actor.kind === "api_key" || !canManage(actor, competition)) checkRole(actor, "finance");
}

/** What was decided does not change any more, whatever becomes of pool and standings. */
async function previewDecided(tx: Tx, decided: PrizeDistribution): Promise<PrizePreview> {
  const { competitionId, currency, poolMinor, paidMinor, restMinor, rest, logSeq, explanation } =
    decided;
  return {
    ...{ competitionId, currency, poolMinor, paidMinor, restMinor, rest, logSeq, explanation },
    provisional: false,
    payouts: await readPayouts(tx, decided),
  };
}

/** The plan. Fails with `NO_PRIZES`. */
export function planOf({ name, plan }: MoneyTerms) {
  if (plan) return plan;
  throw new DomainError("NO_PRIZES", `Cannot calculate the prizes of "${name}": it has none`);
}

/** What the pool holds, or would hold if the result were final now. */
async function poolOf(
  deps: PrizesDeps,
  tx: Tx,
  { id }: CompetitionRow,
  { fee, plan }: MoneyTerms,
): Promise<{ poolMinor: bigint; isFunded: boolean }> {
  const { currency, sponsoredMinor } = plan!;
  const balanceOf = async (kind: "pool" | "escrow") =>
    (await deps.ledger.balance(tx, accountOf(kind, id, currency))).balanceMinor;
  const held = await balanceOf("pool");
  const escrow = fee ? await balanceOf("escrow") : 0n;
  const isSponsored = sponsoredMinor === 0n ||
    await deps.ledger.findByReference(tx, `sponsor:${id}`) !== undefined;
  const fees = fee ? splitFees(escrow, fee).poolMinor : 0n;
  return {
    poolMinor: held + fees + (isSponsored ? 0n : sponsoredMinor),
    isFunded: escrow === 0n && isSponsored,
  };
}

function payoutsOf(split: CompetitionSplit, currency: string): PrizePayout[] {
  return split.payouts.map(({ amountMinor, ...payout }) => {
    const { userId, name } = split.people.get(payout.participantId)!;
    return { ...payout, userId, name, ...amountOf(currency, amountMinor), status: "planned" };
  });
}
