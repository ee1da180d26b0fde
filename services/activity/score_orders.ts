/** What a score is asked for with: terms, athlete, and what referees have said until now. */

import type { EpochMs } from "@/domain/time.ts";
import type { ComputeFrame } from "./activity_compute.ts";
import type { ActivityEntry, ScoringTerms } from "./activity_entries.ts";
import { type Decisions, NO_DECISIONS } from "../reviews/review_store.ts";
import type { ScoreOrder } from "./score_worker.ts";

/** The records that somebody asks about. */
export interface ScoreAsked {
  recordIds: readonly string[];
}

/** What else a score depends on: the moment, and what referees have said until then. */
export interface AsOf {
  decisions: ReadonlyMap<string, Decisions>;
  now: EpochMs;
}

/** What referees have said of a participant. */
export function decisionsFor(
  { decisions }: AsOf,
  { participantId }: { participantId: string },
): Decisions {
  return decisions.get(participantId) ?? NO_DECISIONS;
}

/** For whom a score is computed, and which records are asked about. */
export function frameOf(
  entry: ActivityEntry,
  { recordIds }: Pick<ScoreAsked, "recordIds">,
  asOf: AsOf,
): ComputeFrame {
  return { recordIds, athlete: entry, decisions: decisionsFor(asOf, entry), now: asOf.now };
}

/** The terms alone: what else a row holds need not go to another thread. */
export function orderOf(
  terms: ScoringTerms,
  entry: ActivityEntry,
  { changed, asOf }: { changed: ScoreAsked; asOf: AsOf },
): ScoreOrder {
  return { competition: termsOf(terms), frame: frameOf(entry, changed, asOf) };
}

/** The terms of a row that has more. */
export function termsOf(
  { startsAt, endsAt, graceMs, timeZone, rules }: ScoringTerms,
): ScoringTerms {
  return { startsAt, endsAt, graceMs, timeZone, rules };
}
