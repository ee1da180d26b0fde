/**
 * Writes score events and folds them into the standings, in the caller's transaction; shared by
 * direct updates and by activity.
 *
 * @module
 */

import type { NewLogEntry } from "@/domain/log.ts";
import type { FoldedScore } from "@/domain/standing.ts";
import type { Tx } from "@/db/client.ts";
import type { LockedCompetition, LogDraft } from "./competition_log.ts";

/** A draft whose entry is a score event. */
export interface ScoreDraft extends LogDraft {
  entry: Extract<NewLogEntry, { kind: "score" }>;
}

/** What one score event did. */
export interface ScoreWrite {
  participantId: string;
  seq: number;
  eventId: string;
  before: FoldedScore;
  after: FoldedScore;
}

export interface ScoresWriter {
  /**
   * Appends the events in order and updates `standings`. Fails with `VALIDATION_ERROR` when a
   * score would leave ±(2^53 − 1).
   */
  write(tx: Tx, locked: LockedCompetition, drafts: readonly ScoreDraft[]): Promise<ScoreWrite[]>;
  /** The folded score of participants, those without a row as null scores. */
  read(
    tx: Tx,
    competitionId: string,
    participantIds: readonly string[],
  ): Promise<Map<string, FoldedScore>>;
}
