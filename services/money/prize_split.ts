/** The split of a competition's pool as it stands: what the preview shows and the distribution pays. */

import type { Tx } from "@/db/client.ts";
import { type Finisher, type PrizeSplit, splitPool } from "@/domain/prize.ts";
import { explainSplit } from "@/domain/prize_explanation.ts";
import type { PrizePlan } from "@/domain/prize_plan.ts";
import { compareContenders, rankContenders } from "@/domain/ranking.ts";
import type { Rules } from "@/domain/rules.ts";
import { type BoardEntry, readEntries } from "../boards/board_store.ts";

/** A split with the people in it. */
export interface CompetitionSplit extends PrizeSplit {
  explanation: string[];
  /** By participant id. */
  people: Map<string, Pick<BoardEntry, "userId" | "name">>;
}

/** Splits an amount among the participants as they are ranked now. */
export async function splitAmong(
  tx: Tx,
  competition: { id: string; rules: Rules },
  { plan, poolMinor }: { plan: PrizePlan; poolMinor: bigint },
): Promise<CompetitionSplit> {
  const entries = await readEntries(tx, competition.id, null);
  const split = splitPool(plan, poolMinor, finishersOf(entries, competition.rules));
  return {
    ...split,
    explanation: explainSplit(plan, split),
    people: new Map(entries.map((entry) => [entry.participantId, entry])),
  };
}

/** The ranked, in the order of the board; those whom no step tells apart share places, also where
 * the rank method numbers them one by one. */
function finishersOf(entries: readonly BoardEntry[], rules: Rules): Finisher[] {
  const ranked = rankContenders(entries, rules, { provisional: false })
    .filter(({ rank }) => rank !== null);
  let tie = 0;
  return ranked.map((standing, index) => {
    const before = ranked[index - 1];
    if (before && compareContenders(before, standing, rules) !== 0) tie = index;
    const { participantId, division, rank } = standing;
    return { participantId, division, rank: rank!, tie };
  });
}
