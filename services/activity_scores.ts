/**
 * Scores computed from stored activity: recomputes one participant in one competition and appends
 * a superseding `set` event where (score, reachedAt) changed.
 *
 * @module
 */

import type { Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import type { ExcludeReason } from "@/domain/activity.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { LockedCompetition } from "./competition_log.ts";

/** The participant to score. */
export interface ScoredParticipant {
  id: string;
  userId: string;
  joinedAt: EpochMs;
  timeZone: string;
}

/** What was computed, and whether it moved the board. Amounts are in base units of the metric. */
export interface Rescored {
  before: number | null;
  score: number | null;
  changed: boolean;
  counted: { recordId: string; amount: number }[];
  excluded: { recordId: string; reason: ExcludeReason; amount?: number }[];
}

export interface ActivityScores {
  /** Does nothing (`changed: false`) in competitions with direct scores. */
  rescore(
    tx: Tx,
    locked: LockedCompetition,
    participant: ScoredParticipant,
    cause: { actor: Actor; reason: string },
  ): Promise<Rescored>;
}
