/** What an import does to the competitions of its athlete. */

import type { CompetitionEffect, ImportResult } from "@/contracts/fitness.ts";
import type { Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import type { ExcludeReason } from "@/domain/activity.ts";
import type { Interval } from "@/domain/days.ts";
import { type AthleteActor, isStaff } from "../accounts/access.ts";
import type { EntryScore } from "./activity_scores.ts";
import type { ScoresCommitted } from "../boards/board_state.ts";
import type { BoardView } from "../boards/boards.ts";
import type { FitnessDeps } from "./fitness.ts";

/** The effect in one competition, before the rank is known. */
export interface Effect {
  competitionId: string;
  slug: string;
  name: string;
  scoreBefore: number | null;
  score: number | null;
  changed: boolean;
  counted: { recordIndex: number; amount: number }[];
  excluded: { recordIndex: number; reason: ExcludeReason; amount?: number }[];
}

/** What an import holds; the span is that of its records and of those they replaced. */
export interface ImportedRecords {
  importId: string;
  indexByRecordId: ReadonlyMap<string, number>;
  /** Indexes of records whose place another one of the same import took. */
  replacedIndexes: readonly number[];
  span: Interval | null;
}

/** What an import did where the athlete takes part, and what the boards there must hear of. */
export interface ImportScores {
  effects: Effect[];
  committed: ScoresCommitted[];
}

/** Scores the athlete anew in every competition of activity that the import may count for. */
export async function scoreImport(
  deps: FitnessDeps,
  tx: Tx,
  user: AthleteActor,
  records: ImportedRecords,
): Promise<ImportScores> {
  if (records.span === null) return { effects: [], committed: [] };
  const recordIds = [...records.indexByRecordId.keys()];
  const changed = { userId: user.userId, span: records.span, recordIds };
  const cause = { actor: user, reason: "import", importId: records.importId };
  const scores = await deps.activityScores.rescoreAthlete(tx, changed, cause);
  return {
    effects: scores.map((score) => effectOf(score, records)),
    committed: scores.flatMap(({ committed }) => committed ? [committed] : []),
  };
}

function effectOf(score: EntryScore, records: ImportedRecords): Effect {
  const { competition: { id, slug, name }, before, changed, refusal } = score;
  const parts = refusal === null
    ? ofThisImport(score, records.indexByRecordId)
    : refused(refusal, records.indexByRecordId);
  return {
    competitionId: id,
    slug,
    name,
    scoreBefore: before,
    score: score.score,
    changed,
    counted: parts.counted,
    excluded: [...parts.excluded, ...excludeEach(records.replacedIndexes, "replaced")]
      .sort((a, b) => a.recordIndex - b.recordIndex),
  };
}

function refused(
  reason: ExcludeReason,
  indexByRecordId: ReadonlyMap<string, number>,
): Pick<Effect, "counted" | "excluded"> {
  return { counted: [], excluded: excludeEach([...indexByRecordId.values()], reason) };
}

function excludeEach(indexes: readonly number[], reason: ExcludeReason): Effect["excluded"] {
  return indexes.map((recordIndex) => ({ recordIndex, reason }));
}

/** Keeps what concerns the records of this import, with their parts on several days added up. */
export function ofThisImport(
  rescored: {
    counted: { recordId: string; amount: number }[];
    excluded: { recordId: string; reason: ExcludeReason; amount?: number }[];
  },
  indexByRecordId: ReadonlyMap<string, number>,
): Pick<Effect, "counted" | "excluded"> {
  const counted = new Map<number, number>();
  for (const { recordId, amount } of rescored.counted) {
    const index = indexByRecordId.get(recordId);
    if (index !== undefined) counted.set(index, (counted.get(index) ?? 0) + amount);
  }
  const excluded = new Map<string, Effect["excluded"][number]>();
  for (const { recordId, reason, amount } of rescored.excluded) {
    const recordIndex = indexByRecordId.get(recordId);
    if (recordIndex === undefined) continue;
    const key = `${recordIndex} ${reason}`;
    const sum = (amount ?? 0) + (excluded.get(key)?.amount ?? 0);
    excluded.set(key, { recordIndex, reason, ...(sum > 0 ? { amount: sum } : {}) });
  }
  return {
    counted: [...counted].map(([recordIndex, amount]) => ({ recordIndex, amount: tidy(amount) })),
    excluded: [...excluded.values()].map((part) =>
      part.amount === undefined ? part : { ...part, amount: tidy(part.amount) }
    ),
  };
}

/** Sums of thousandths in floating point get tails; the third decimal is the last that is real. */
function tidy(amount: number): number {
  return Math.round(amount * 1000) / 1000;
}

/** Adds the ranks of now, where the actor may know them. */
export async function toCompetitionEffects(
  deps: FitnessDeps,
  actor: Actor,
  userId: string,
  effects: readonly Effect[],
): Promise<CompetitionEffect[]> {
  return await Promise.all(effects.map(async ({ changed: _, ...effect }) => {
    const view = await deps.boards.view(effect.competitionId, "staff");
    const rank = isHidden(actor, view) ? null : view.find({ userId })?.row.rank ?? null;
    return { ...effect, rank };
  }));
}

/** The athlete's standing in the competition that the request named; none when it takes no part. */
export async function toStanding(
  deps: FitnessDeps,
  user: AthleteActor,
  competitionId: string,
): Promise<ImportResult["standing"]> {
  const view = await deps.boards.view(competitionId, "staff");
  const found = view.find({ userId: user.userId });
  if (found === undefined) return undefined;
  const { participantId, score, rank } = found.row;
  const where = isHidden(user, view) ? { rank: null, offset: null } : { rank, offset: view.offset };
  return { competitionId: view.competitionId, participantId, score, ...where };
}

/** A frozen board tells nobody but staff where anybody stands. */
function isHidden(actor: Actor, view: BoardView): boolean {
  return view.frozen && !isStaff(actor, view);
}
