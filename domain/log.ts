/**
 * The competition log: one sequence a competition, appended under its row lock, never changed.
 * Everything that alters a board is an entry here; standings are a pure function of it.
 * Entries hold no personal data, so that the log of a public competition can be published.
 *
 * @module
 */

import type { Rules, ScoreOperator } from "./rules.ts";
import type { EpochMs } from "./time.ts";

/** Where a score event came from; `activity` events are computed, `staff` ones are adjustments. */
export const SCORE_SOURCES = ["direct", "activity", "staff"] as const;
export type ScoreSource = (typeof SCORE_SOURCES)[number];

/** What every entry carries. */
interface Entry {
  /** 1, 2, 3, … without a gap. */
  seq: number;
  /** Set under the row lock; never decreases along the sequence. */
  arrivedAt: EpochMs;
}

/** An immutable fact about one participant's score. */
export interface ScoreEntry extends Entry {
  kind: "score";
  eventId: string;
  participantId: string;
  operator: ScoreOperator;
  /** Stored integer (direct: score · 10^decimals; activity: whole base units). */
  value: number | null;
  occurredAt: EpochMs;
  source: ScoreSource;
  /** Rule version the value was computed under. */
  rulesVersion: number;
}

/** A score event counts as never written, or counts again. */
export interface VoidEntry extends Entry {
  kind: "void_event" | "reinstate_event";
  eventId: string;
  participantId: string;
}

/** A participant comes, goes, is disqualified or taken back, or changes the name that the board shows. */
export interface ParticipantEntry extends Entry {
  kind: "join" | "leave" | "disqualify" | "reinstate" | "profile";
  participantId: string;
  /** The division from now on, of `join` and `profile` entries; absent means none. */
  division?: string | null;
}

/** A participant is in a team from now on; null: in none. */
export interface TeamEntry extends Entry {
  kind: "team";
  participantId: string;
  teamId: string | null;
}

/** A team is gone, with all that was given to it; its members are in none. */
export interface TeamRemovalEntry extends Entry {
  kind: "team_removal";
  teamId: string;
}

/** When a computed score moved, and by how much: [instant, change] in the order of time. */
export type CourseSteps = readonly (readonly [at: EpochMs, change: number])[];

/**
 * How the computed score of an event came about, where teams count what was given when. The newest
 * of an event holds.
 */
export interface CourseEntry extends Entry {
  kind: "course";
  participantId: string;
  eventId: string;
  steps: CourseSteps;
}

/** A new version of the rules; rescores the competition from its start. */
export interface RulesEntry extends Entry {
  kind: "rules";
  rules: Rules;
}

/** The life of the competition moves on. */
export interface StatusEntry extends Entry {
  kind: "status";
  status: "published" | "cancelled" | "final" | "settled";
}

/** The public board stops at the last number before this entry's arrival, or moves again. */
export interface FreezeEntry extends Entry {
  kind: "freeze" | "unfreeze";
}

export type LogEntry =
  | ScoreEntry
  | VoidEntry
  | ParticipantEntry
  | TeamEntry
  | TeamRemovalEntry
  | CourseEntry
  | RulesEntry
  | StatusEntry
  | FreezeEntry;
/** An entry before the log gives it its number and time. */
export type NewLogEntry = LogEntry extends infer E
  ? E extends LogEntry ? Omit<E, "seq" | "arrivedAt"> : never
  : never;
