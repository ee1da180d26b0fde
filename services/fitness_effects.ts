/** What an import does to the competitions of its athlete. */

import type { CompetitionEffect } from "@/contracts/fitness.ts";
import type { Tx } from "@/db/client.ts";
import type { UserActor } from "@/domain/actor.ts";
import type { ExcludeReason } from "@/domain/activity.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { LockedCompetition } from "./competition_log.ts";
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

/** Which records the import holds, and the time they span. */
export interface ImportedRecords {
  indexByRecordId: Map<string, number>;
  affected: { from: EpochMs; to: EpochMs } | null;
}

/** Scores the athlete anew in every competition of activity it takes part in, in id order. */
export async function scoreImport(
  deps: FitnessDeps,
  tx: Tx,
  user: UserActor,
  records: ImportedRecords,
): Promise<Effect[]> {
  const entries = await readEntries(tx, user.userId);
  const locked = await deps.log.lock(tx, entries.map(({ competitionId }) => competitionId));
  const effects: Effect[] = [];
  for (const entry of entries) {
    const competition = locked.get(entry.competitionId)!;
    effects.push(await scoreEntry(deps, tx, user, { entry, competition, records }));
  }
  return effects;
}

interface EntryRow {
  competitionId: string;
  participantId: string;
}

async function readEntries(tx: Tx, userId: string): Promise<EntryRow[]> {
  return await tx.sql<EntryRow[]>`
    select p.competition_id as "competitionId", p.id as "participantId"
    from participants p join competitions c on c.id = p.competition_id
    where p.user_id = ${userId} and p.status = 'active' and c.status in ('published', 'final')
      and c.rules -> 'scoring' ->> 'kind' = 'activity'
    order by p.competition_id`;
}

async function scoreEntry(
  deps: FitnessDeps,
  tx: Tx,
  user: UserActor,
  given: { entry: EntryRow; competition: LockedCompetition; records: ImportedRecords },
): Promise<Effect> {
  const { entry, competition, records } = given;
  const recordIds = [...records.indexByRecordId.keys()];
  const rescored = await deps.activityScores.rescore(
    tx,
    competition,
    { id: entry.participantId, userId: user.userId },
    { actor: user, reason: "import", recordIds },
  );
  const { id: competitionId, slug, name } = competition;
  const { before: scoreBefore, score, changed } = rescored;
  const effect = { competitionId, slug, name, scoreBefore, score, changed };
  if (competition.status !== "published") {
    const excluded = [...records.indexByRecordId.values()].map((recordIndex) => ({
      recordIndex,
      reason: "locked" as const,
    }));
    return { ...effect, counted: [], excluded };
  }
  return { ...effect, ...ofThisImport(rescored, records.indexByRecordId) };
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
    const sum = amount === undefined ? {} : { amount: amount + (excluded.get(key)?.amount ?? 0) };
    excluded.set(key, { recordIndex, reason, ...sum });
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

/** Adds the ranks of now. */
export async function toCompetitionEffects(
  deps: FitnessDeps,
  userId: string,
  effects: readonly Effect[],
): Promise<CompetitionEffect[]> {
  return await Promise.all(effects.map(async ({ changed: _, ...effect }) => {
    const view = await deps.boards.view(effect.competitionId);
    return { ...effect, rank: view.find({ userId })?.row.rank ?? null };
  }));
}

/** The athlete's standing in the competition that the request named; none when it takes no part. */
export async function toStanding(deps: FitnessDeps, userId: string, competitionId: string) {
  const view = await deps.boards.view(competitionId);
  const found = view.find({ userId });
  if (found === undefined) return undefined;
  const { participantId, score, rank } = found.row;
  return { competitionId, participantId, score, rank, offset: view.offset };
}
