/**
 * Standings of competitions in order, kept outside of the boards of nodes, so that a node that does
 * not hold a board can tell ranks and windows at once. A projection: it follows the log by contiguous
 * numbers, tells a gap rather than a wrong rank, and can be built anew from the database.
 *
 * @module
 */

import type { PlaceRules, RankedRow } from "@/domain/rank_index.ts";
import type { Rules } from "@/domain/rules.ts";
import type { Contender } from "@/domain/standing.ts";

/** The state of the log that a ranking shows. */
export interface RankingState {
  competitionId: string;
  epoch: string;
  /** Another version may order everybody otherwise. */
  rules: PlaceRules & Pick<Rules, "version">;
  offset: number;
}

/** Members that changed in the entries after `from`, each as it stands at the state's offset. */
export interface RankingChange extends RankingState {
  from: number;
  members: readonly Contender[];
}

/** A member's rank before and after a change; null without one. */
export interface RankMove {
  participantId: string;
  previousRank: number | null;
  rank: number | null;
}

/**
 * What became of a change: `applied`; `known`, where the ranking stands there or further; `gap`, where
 * it lacks entries before the change or has lost some of its own, so that it must be built anew.
 */
export type RankingOutcome =
  | { outcome: "applied"; moves: RankMove[] }
  | { outcome: "known" | "gap" };

/** Rows of one moment. */
export interface RankingWindow {
  epoch: string;
  offset: number;
  rulesVersion: number;
  /** Members on the board, ranked or not. */
  total: number;
  /** The place of the first row, from 0. */
  from: number;
  rows: RankedRow[];
}

/** Which rows. */
export type RankingRange =
  | { from: number; limit: number }
  | { around: string; before: number; after: number };

export interface Ranking {
  /** Follows the log, telling the moves of those members that are asked for, at most 100. Never applies a change with a gap. */
  apply(change: RankingChange, movesOf?: readonly string[]): Promise<RankingOutcome>;
  /** Takes a state as a whole, unless the ranking stands further by then; `settle` gives what changed while the members were read. */
  rebuild(state: RankingState, rebuilding: Rebuilding): Promise<void>;
  /** The rows of a range, none around somebody who is not listed; undefined where the ranking must be built first. */
  window(competitionId: string, range: RankingRange): Promise<RankingWindow | undefined>;
  /** The ranks of participants; undefined where the ranking must be built first. */
  ranks(
    competitionId: string,
    participantIds: readonly string[],
  ): Promise<Map<string, number | null> | undefined>;
  /** Forgets a competition. */
  forget(competitionId: string): Promise<void>;
  /** Tells of each time the ranking can be reached again; returns how to stop. */
  onReady(tell: () => void): () => void;
}

/** How a ranking is built while its source may move. */
export interface Rebuilding {
  /** All members in parts. */
  members: Iterable<readonly Contender[]>;
  /** Called once, after the last part: the state to end at, and those that changed since the first part. */
  settle(): { offset: number; members: readonly Contender[] };
}
