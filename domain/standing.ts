import type { EpochMs } from "./time.ts";

export const PARTICIPANT_STATUSES = ["active", "withdrawn", "disqualified"] as const;
export type ParticipantStatus = (typeof PARTICIPANT_STATUSES)[number];

/** What the fold of a participant's events gives; a score of null is "no counted event". */
export interface FoldedScore {
  score: number | null;
  /** `occurredAt` of the last counted event, in fold order, that changed the score. */
  reachedAt: EpochMs | null;
  /** Counted events, for the tie-break `fewest_events`. */
  eventCount: number;
  /** The best single counted value, for the tie-break `best_event`. */
  bestEvent: number | null;
}

/** One participant's place in the order before a rank is given. */
export interface Contender extends FoldedScore {
  participantId: string;
  division: string | null;
  status: ParticipantStatus;
  joinedAt: EpochMs;
}

/** One row of the standings; rank is null for the unranked and the disqualified. */
export interface Standing extends Contender {
  rank: number | null;
  /** True until the competition is final. */
  provisional: boolean;
}
