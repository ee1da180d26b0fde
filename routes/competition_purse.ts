/** Money on a competition's public pages: what the viewer can pay with, and who won what. */

import type { Purse } from "@/components/competition/JoinButtons.tsx";
import { availableMinor } from "@/components/money/WalletFigures.tsx";
import type { CompetitionView } from "@/contracts/competitions.ts";
import type { PrizeQuery, PrizeResult } from "@/contracts/prizes.ts";
import { DomainError } from "@/domain/error.ts";
import type { State } from "./define.ts";

/** Null where entering is free. */
export async function purseOf(
  { services, actor }: State,
  { entryFee, participantId }: Pick<CompetitionView, "entryFee" | "participantId">,
): Promise<Purse | null> {
  if (entryFee === null || participantId !== null) return null;
  const { gateway } = services.orders;
  const isTestMoney = gateway?.isTestMoney ?? false;
  const hasGateway = gateway !== null;
  if (actor.kind !== "user") return { availableMinor: null, hasGateway, isTestMoney };
  const accounts = await services.books.userAccounts(actor, actor.userId);
  const available = availableMinor(accounts, entryFee.currency);
  return { availableMinor: available, hasGateway, isTestMoney };
}

/** Prizes that the board's page shows; the others have a page. */
const WINNERS_SHOWN = 5;

/** The prizes with their proof; null before they are decided. */
export async function prizesOf(
  { services, actor }: State,
  { id, entryFee, prizes }: CompetitionView,
  query: PrizeQuery,
): Promise<PrizeResult & { total: number } | null> {
  if (entryFee === null && prizes === null) return null;
  try {
    return await services.prizes.get(actor, id, query);
  } catch (error) {
    if (error instanceof DomainError && error.code === "NOT_FOUND") return null;
    throw error;
  }
}

/** The first prizes, once the result is final. */
export async function winnersOf(state: State, competition: CompetitionView) {
  const { status } = competition;
  if (status !== "final" && status !== "settled") return null;
  return await prizesOf(state, competition, { page: 1, page_size: WINNERS_SHOWN });
}
