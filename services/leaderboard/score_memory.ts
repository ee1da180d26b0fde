/**
 * What this node knows of the competitions it writes scores to: the row, participants and folds, all
 * as of one version of the row. Every writer of participants or folds changes the row in the same
 * transaction, so that whoever finds the row at that version may use what is known without reading.
 *
 * @module
 */

import type postgres from "postgres";
import type { ParticipantStatus } from "@/domain/standing.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { LockedCompetition } from "./competition_log.ts";
import type { StoredFold } from "./score_entries.ts";
import { NO_FOLD } from "./scores.ts";

/** A participant with the fold of their events. */
export interface KnownMember {
  participantId: string;
  status: ParticipantStatus;
  fold: StoredFold;
}

/** A competition as of one version of its row. */
export interface KnownCompetition {
  locked: LockedCompetition;
  version: string;
  /** By user id; those that were asked for so far. */
  members: Map<string, KnownMember>;
}

/** Participants kept over all competitions, some 400 bytes each; the rest is read when needed. */
const MEMBERS_MAX = 50_000;

/** About a second of batches: who repeats keys does so for many requests. */
const DISTRUSTED_BATCHES = 20;

/** Competitions known to this node; the least recently used are forgotten beyond `membersMax`. */
export class ScoreMemory {
  readonly #membersMax: number;
  /** Batches for which a competition still goes by transactions. */
  readonly #distrusted = new Map<string, number>();
  /** In order of use, the oldest first. */
  readonly #known = new Map<string, KnownCompetition>();

  constructor({ membersMax = MEMBERS_MAX }: { membersMax?: number } = {}) {
    this.#membersMax = membersMax;
  }

  /** What is known, unless it failed the last time and is not to be used for a while. */
  trusted(id: string): KnownCompetition | undefined {
    const left = this.#distrusted.get(id);
    if (left === undefined) return this.#known.get(id);
    if (left > 1) this.#distrusted.set(id, left - 1);
    else this.#distrusted.delete(id);
    return undefined;
  }

  /** Lets the next batches find out by transactions, e.g. while a client repeats its keys. */
  distrust(id: string): void {
    this.#distrusted.set(id, DISTRUSTED_BATCHES);
  }

  /** Takes over people who are known of the version before, but not anew. */
  keepAfter(version: string, known: KnownCompetition): void {
    const before = this.#known.get(known.locked.id);
    if (before?.version === version) {
      for (const [userId, member] of known.members) before.members.set(userId, member);
    }
    const members = before?.version === version ? before.members : known.members;
    this.keep({ ...known, members });
  }

  keep(known: KnownCompetition): void {
    this.#known.delete(known.locked.id);
    this.#known.set(known.locked.id, known);
    let members = 0;
    for (const each of [...this.#known.values()].reverse()) {
      members += each.members.size;
      if (members <= this.#membersMax) continue;
      if (each === known) each.members.clear();
      else this.#known.delete(each.locked.id);
    }
  }

  forget(id: string): void {
    this.#known.delete(id);
  }
}

interface MemberRow {
  version: string;
  userId: string | null;
  participantId: string;
  status: ParticipantStatus;
  score: number | null;
  reachedAt: EpochMs | null;
  eventCount: number | null;
  bestEvent: number | null;
  lastOccurredAt: EpochMs | null;
  lastEventSeq: number | null;
}

/**
 * Reads people of a competition, with the version of its row in the same instant; undefined when
 * there is no such competition.
 */
export async function readMembers(
  sql: postgres.Sql | postgres.TransactionSql,
  competitionId: string,
  userIds: readonly string[],
): Promise<{ version: string; members: Map<string, KnownMember> } | undefined> {
  const rows = await sql<MemberRow[]>`
    select c.xmin::text as version, p.user_id as "userId", p.id as "participantId", p.status,
      s.score, s.reached_at as "reachedAt", s.event_count as "eventCount",
      s.best_event as "bestEvent", s.last_occurred_at as "lastOccurredAt",
      s.last_event_seq as "lastEventSeq"
    from competitions c
    left join participants p on p.competition_id = c.id and p.user_id = any(${[...userIds]}::uuid[])
    left join standings s on s.competition_id = c.id and s.participant_id = p.id
    where c.id = ${competitionId}`;
  const [first] = rows;
  if (!first) return undefined;
  const members = new Map<string, KnownMember>();
  for (const row of rows) {
    if (row.userId !== null) members.set(row.userId, toMember(row));
  }
  return { version: first.version, members };
}

function toMember(row: MemberRow): KnownMember {
  const { participantId, status, score, reachedAt, eventCount, bestEvent } = row;
  if (eventCount === null) return { participantId, status, fold: NO_FOLD };
  const { lastOccurredAt, lastEventSeq } = row;
  const folded = { score, reachedAt, eventCount, bestEvent };
  return { participantId, status, fold: { folded, lastOccurredAt, lastEventSeq } };
}
