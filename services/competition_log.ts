/**
 * The competition log: numbers, times and hashes entries under the competition's row lock.
 * The only writer of `competition_log` and of the head columns of `competitions`.
 *
 * @module
 */

import type { CompetitionStatus } from "@/domain/competition.ts";
import type { LogEntry, NewLogEntry } from "@/domain/log.ts";
import type { Rules } from "@/domain/rules.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";

/** A competition row held by `for update`; `append` moves its head. */
export interface LockedCompetition {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly ownerId: string;
  status: CompetitionStatus;
  readonly visibility: "public" | "unlisted" | "invite";
  readonly inviteCode: string | null;
  readonly timeZone: string;
  readonly registrationOpensAt: EpochMs | null;
  readonly registrationClosesAt: EpochMs;
  readonly startsAt: EpochMs;
  readonly endsAt: EpochMs;
  readonly graceMs: number;
  readonly capacity: number | null;
  participantCount: number;
  readonly publishedAt: EpochMs | null;
  rules: Rules;
  readonly epoch: string;
  lastSeq: number;
  lastArrivedAt: EpochMs | null;
  lastHash: Uint8Array;
}

/** An entry to append, with what the log keeps besides (not hashed: free text is personal). */
export interface LogDraft {
  entry: NewLogEntry;
  actor: Actor;
  idempotencyKey?: string | undefined;
  requestHash?: Uint8Array | undefined;
  scoreAfter?: number | null | undefined;
  reason?: string | undefined;
  metadata?: Record<string, unknown> | undefined;
}

export interface CompetitionLogService {
  /** Locks the competitions in id order (no deadlocks). Fails with `NOT_FOUND` naming the id. */
  lock(tx: Tx, competitionIds: readonly string[]): Promise<Map<string, LockedCompetition>>;
  /** Appends entries: seq, arrivedAt (never decreasing) and chained hash. One statement for all. */
  append(tx: Tx, locked: LockedCompetition, drafts: readonly LogDraft[]): Promise<LogEntry[]>;
  /** Entries with seq > after, oldest first, as the pure functions take them. */
  read(
    competitionId: string,
    range: { after: number; limit: number },
  ): Promise<{ entry: LogEntry; hash: Uint8Array }[]>;
}
