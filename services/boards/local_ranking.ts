/** Rankings in this process, over rank indexes: the twin of those in Redis, and what they are held against. */

import { RankIndex } from "@/domain/rank_index.ts";
import type {
  Ranking,
  RankingOutcome,
  RankingRange,
  RankingState,
  RankingWindow,
} from "./ranking.ts";

interface Kept extends RankingState {
  index: RankIndex;
}

export function createLocalRanking(): Ranking {
  const rankings = new Map<string, Kept>();
  return {
    apply(change, movesOf = []) {
      const kept = rankings.get(change.competitionId);
      const outcome = follow(kept, change);
      if (outcome !== "applied") return Promise.resolve({ outcome });
      const ranks = () => movesOf.map((id) => rankOf(kept!, id));
      const before = ranks();
      for (const member of change.members) kept!.index.set(member);
      kept!.offset = change.offset;
      const after = ranks();
      const moves = movesOf.map((participantId, n) => ({
        ...{ participantId, previousRank: before[n]!, rank: after[n]! },
      }));
      return Promise.resolve({ outcome, moves });
    },
    rebuild(state, { members, settle }) {
      const index = new RankIndex(state.rules, flatten(members));
      const { offset, members: changed } = settle();
      for (const member of changed) index.set(member);
      const kept = rankings.get(state.competitionId);
      const isKnown = kept && isSame(kept, state) && kept.offset >= offset;
      if (!isKnown) rankings.set(state.competitionId, { ...state, offset, index });
      return Promise.resolve();
    },
    window(competitionId, range) {
      const kept = rankings.get(competitionId);
      return Promise.resolve(kept && toWindow(kept, range));
    },
    ranks(competitionId, participantIds) {
      const kept = rankings.get(competitionId);
      return Promise.resolve(
        kept && new Map(participantIds.map((id) => [id, rankOf(kept, id)])),
      );
    },
    forget(competitionId) {
      rankings.delete(competitionId);
      return Promise.resolve();
    },
    onReady: () => () => {},
  };
}

function* flatten<T>(parts: Iterable<readonly T[]>): Iterable<T> {
  for (const part of parts) yield* part;
}

function isSame(a: RankingState, b: RankingState): boolean {
  return a.epoch === b.epoch && a.rules.version === b.rules.version;
}

function follow(
  kept: Kept | undefined,
  change: RankingState & { from: number },
): RankingOutcome["outcome"] {
  if (!kept || !isSame(kept, change)) return "gap";
  if (kept.offset >= change.offset) return "known";
  return kept.offset < change.from ? "gap" : "applied";
}

function rankOf({ index }: Kept, participantId: string): number | null {
  const slot = index.slotOf(participantId);
  return slot < 0 ? null : index.rankOf(slot);
}

function toWindow({ index, epoch, offset, rules }: Kept, range: RankingRange): RankingWindow {
  const state = { epoch, offset, rulesVersion: rules.version, total: index.size };
  if ("from" in range) {
    const from = Math.max(0, range.from);
    return { ...state, from, rows: index.rows(from, range.limit) };
  }
  const slot = index.slotOf(range.around);
  const place = slot < 0 ? -1 : index.placeOf(slot);
  if (place < 0) return { ...state, from: 0, rows: [] };
  const from = Math.max(0, place - range.before);
  return { ...state, from, rows: index.rows(from, place + range.after + 1 - from) };
}
