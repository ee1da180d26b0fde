/**
 * The competition log: numbers, times and hashes entries under the competition's row lock.
 * The only writer of `competition_log` and of the head columns of `competitions`.
 *
 * @module
 */

import { type Actor, actorIdOf } from "@/domain/actor.ts";
import type { CompetitionStatus } from "@/domain/competition.ts";
import type { StoredEntryFee } from "@/domain/entry_fee.ts";
import { DomainError } from "@/domain/error.ts";
import type { LogEntry, NewLogEntry, ScoreEntry } from "@/domain/log.ts";
import { chainHash, HashChain } from "@/domain/log_hash.ts";
import type { Rules } from "@/domain/rules.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { Database, Tx } from "@/db/client.ts";
import type { Clock } from "@/platform/clock.ts";
import { sha256, sha256Hex } from "@/platform/sha256.ts";
import { type LogRange, readLogEntries, type StoredEntry } from "./log_reader.ts";

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
  readonly entryFee: StoredEntryFee | null;
  /** Names of the divisions; none: everybody is in the one board. */
  readonly divisions: readonly string[];
  rules: Rules;
  readonly epoch: string;
  lastSeq: number;
  lastArrivedAt: EpochMs | null;
  lastHash: Uint8Array;
  /** When the public board is to freeze; nothing arrives from there on before it has. */
  freezeAt: EpochMs | null;
  frozenAt: EpochMs | null;
  /** The last number on the public board while it is frozen. */
  frozenSeq: number | null;
  /** Changes with each change of the row, whoever makes it. */
  readonly version: string;
}

/** An entry to append, with what the log keeps besides (not hashed: free text is personal). */
export interface LogDraft {
  entry: NewLogEntry;
  actor: Actor;
  idempotencyKey?: string | undefined;
  /** In hex. */
  requestHash?: string | undefined;
  scoreAfter?: number | null | undefined;
  reason?: string | undefined;
  metadata?: Record<string, unknown> | undefined;
}

export interface CompetitionLogService {
  /** Locks the competitions in id order (no deadlocks). Fails with `NOT_FOUND` naming the id. */
  lock(tx: Tx, competitionIds: readonly string[]): Promise<Map<string, LockedCompetition>>;
  /** Locks those that are there, in id order; without waiting, those that nobody else holds. */
  lockFound(
    tx: Tx,
    competitionIds: readonly string[],
    options: { wait: boolean },
  ): Promise<Map<string, LockedCompetition>>;
  /**
   * Puts score events that have their next numbers already into the chain: sets their time of arrival
   * (never decreasing), moves the head of `locked` behind them and gives their hashes in hex; writes
   * nothing.
   */
  chainScores(locked: LockedCompetition, entries: readonly ScoreEntry[]): string[];
  /** Numbers, times and chains entries, and writes them with the head. One statement for all. */
  append(tx: Tx, locked: LockedCompetition, drafts: readonly LogDraft[]): Promise<LogEntry[]>;
  /** Stops the public board at the last number before this entry. One that is frozen stays as it is. */
  freeze(tx: Tx, locked: LockedCompetition, draft: Omit<LogDraft, "entry">): Promise<void>;
  /** Entries with seq > after, oldest first, as the pure functions take them. */
  read(competitionId: string, range: LogRange): Promise<StoredEntry[]>;
}

export interface CompetitionLogDeps {
  database: Database;
  clock: Clock;
}

export function createCompetitionLog(deps: CompetitionLogDeps): CompetitionLogService {
  return {
    lock: (tx, competitionIds) => lockCompetitions(tx, competitionIds, deps.clock.now()),
    lockFound: (tx, competitionIds, { wait }) =>
      lockFound(tx, competitionIds, { wait, now: deps.clock.now() }),
    chainScores: (locked, entries) => chainScores(locked, entries, deps.clock.now()),
    append: (tx, locked, drafts) => append(tx, locked, drafts, deps.clock.now()),
    freeze: (tx, locked, draft) => freeze(tx, locked, draft, deps.clock.now()),
    read: (competitionId, range) => readLogEntries(deps.database.sql, competitionId, range),
  };
}

async function lockCompetitions(
  tx: Tx,
  competitionIds: readonly string[],
  now: EpochMs,
): Promise<Map<string, LockedCompetition>> {
  const locked = await lockFound(tx, competitionIds, { wait: true, now });
  for (const id of competitionIds) {
    if (!locked.has(id)) throw noCompetition(id);
  }
  return locked;
}

/** The failure of naming a competition that is not there. */
export function noCompetition(id: string): DomainError {
  return new DomainError("NOT_FOUND", `Cannot find competition "${id}": there is none`);
}

async function lockFound(
  tx: Tx,
  competitionIds: readonly string[],
  { wait, now }: { wait: boolean; now: EpochMs },
): Promise<Map<string, LockedCompetition>> {
  const ids = [...new Set(competitionIds)].sort();
  const rows = await tx.sql<LockedCompetition[]>`
    select id, slug, name, owner_id as "ownerId", status, visibility, invite_code as "inviteCode",
      time_zone as "timeZone", registration_opens_at as "registrationOpensAt",
      registration_closes_at as "registrationClosesAt", starts_at as "startsAt",
      ends_at as "endsAt", grace_ms as "graceMs", capacity,
      participant_count as "participantCount", published_at as "publishedAt",
      entry_fee as "entryFee", divisions, rules, epoch, last_seq as "lastSeq",
      last_arrived_at as "lastArrivedAt", last_hash as "lastHash",
      freeze_at as "freezeAt", frozen_at as "frozenAt", frozen_seq as "frozenSeq",
      xmin::text as version
    from competitions where id = any(${ids}::uuid[]) order by id
    for update ${wait ? tx.sql`` : tx.sql`skip locked`}`;
  const locked = new Map(rows.map((row) => [row.id, { ...row }]));
  for (const competition of locked.values()) {
    if (isFreezeDue(competition, now)) await freeze(tx, competition, { actor: SCHEDULE }, now);
  }
  return locked;
}

/** Who enters what was planned. */
const SCHEDULE: Actor = { kind: "system", name: "schedule", requestId: null, address: null };

/** Whether the public board is to freeze before anything else arrives. */
export function isFreezeDue(
  { status, freezeAt, frozenAt }: LockedCompetition,
  now: EpochMs,
): boolean {
  return status === "published" && frozenAt === null && freezeAt !== null && freezeAt <= now;
}

async function freeze(
  tx: Tx,
  locked: LockedCompetition,
  draft: Omit<LogDraft, "entry">,
  now: EpochMs,
): Promise<void> {
  if (locked.frozenAt !== null) return;
  // What was shown stays: the freeze is later than whatever arrived before it.
  const earliest = (locked.lastArrivedAt ?? 0) + 1;
  const frozenAt = Math.max(Math.min(now, locked.freezeAt ?? now), earliest);
  const frozenSeq = locked.lastSeq;
  Object.assign(locked, { frozenAt, frozenSeq, freezeAt: null });
  await append(tx, locked, [{ ...draft, entry: { kind: "freeze" } }], Math.max(now, frozenAt));
  await tx.sql`
    update competitions set freeze_at = null, frozen_at = ${frozenAt}, frozen_seq = ${frozenSeq},
      frozen_count = participant_count where id = ${locked.id}`;
}

async function append(
  tx: Tx,
  locked: LockedCompetition,
  drafts: readonly LogDraft[],
  now: EpochMs,
): Promise<LogEntry[]> {
  if (drafts.length === 0) return [];
  const chained = chainDrafts(locked, drafts, now);
  const rows = chained.map((each) => toInsert(locked.id, each));
  // Sent together: neither needs the other's answer, and each wait is a trip to the database.
  await Promise.all([
    insertRows(tx, rows),
    tx.sql`
      update competitions set last_seq = ${locked.lastSeq}, last_arrived_at = ${locked.lastArrivedAt},
        last_hash = ${locked.lastHash} where id = ${locked.id}`,
  ]);
  return chained.map(({ entry }) => entry);
}

/** A draft that has its place in the chain. */
interface ChainedDraft {
  entry: LogEntry;
  hash: Uint8Array;
  draft: LogDraft;
}

function chainDrafts(
  locked: LockedCompetition,
  drafts: readonly LogDraft[],
  now: EpochMs,
): ChainedDraft[] {
  const arrivedAt = arrivalAt(locked, now);
  const chained = drafts.map((draft) => {
    const seq = locked.lastSeq + 1;
    const entry = { ...withoutEmptyDivision(draft.entry), seq, arrivedAt };
    const hash = chainHash(locked.lastHash, entry, sha256);
    locked.lastSeq = seq;
    locked.lastHash = hash;
    return { entry, hash, draft };
  });
  locked.lastArrivedAt = arrivedAt;
  return chained;
}

function chainScores(
  locked: LockedCompetition,
  entries: readonly ScoreEntry[],
  now: EpochMs,
): string[] {
  const last = entries.at(-1);
  if (last?.seq !== locked.lastSeq + entries.length) {
    throw new RangeError(
      `Cannot append to ${locked.lastSeq}: the last of the batch is ${last?.seq}`,
    );
  }
  const arrivedAt = arrivalAt(locked, now);
  const chain = new HashChain(locked.lastHash, sha256Hex);
  const hashes = entries.map((entry) => {
    entry.arrivedAt = arrivedAt;
    return chain.add(entry);
  });
  locked.lastSeq = last.seq;
  locked.lastHash = chain.head;
  locked.lastArrivedAt = arrivedAt;
  return hashes;
}

/**
 * Clocks of two nodes may differ; the log's times never go back. What was locked before a planned
 * freeze arrived before it, so that a number on the frozen board is one that arrived in time.
 */
function arrivalAt({ status, freezeAt, lastArrivedAt }: LockedCompetition, now: EpochMs): EpochMs {
  const isBeforeFreeze = status === "published" && freezeAt !== null;
  const at = isBeforeFreeze ? Math.min(now, freezeAt - 1) : now;
  return Math.max(at, lastArrivedAt ?? at);
}

// A stored row cannot tell a division of null from none, so only one of them may be hashed.
function withoutEmptyDivision(entry: NewLogEntry): NewLogEntry {
  if (!("division" in entry) || (entry.division ?? null) !== null) return entry;
  const { division: _, ...rest } = entry;
  return rest;
}

interface LogInsert {
  competitionId: string;
  seq: number;
  kind: string;
  arrivedAt: string;
  participantId: string | null;
  eventId: string | null;
  operator: string | null;
  value: number | null;
  occurredAt: string | null;
  source: string | null;
  rulesVersion: number | null;
  division: string | null;
  body: unknown;
  scoreAfter: number | null;
  idempotencyKey: string | null;
  requestHash: string | null;
  actorKind: string;
  actorId: string | null;
  requestId: string | null;
  reason: string | null;
  metadata: unknown;
  hash: string;
}

function toInsert(competitionId: string, { entry, hash, draft }: ChainedDraft): LogInsert {
  const score = entry.kind === "score" ? entry : undefined;
  const { actor } = draft;
  return {
    competitionId: competitionId,
    seq: entry.seq,
    kind: entry.kind,
    arrivedAt: new Date(entry.arrivedAt).toISOString(),
    participantId: "participantId" in entry ? entry.participantId : null,
    // Events are looked up by this column; a course only tells more of one.
    eventId: "eventId" in entry && entry.kind !== "course" ? entry.eventId : null,
    operator: score?.operator ?? null,
    value: score?.value ?? null,
    occurredAt: score ? new Date(score.occurredAt).toISOString() : null,
    source: score?.source ?? null,
    rulesVersion: score?.rulesVersion ?? null,
    division: "division" in entry ? entry.division ?? null : null,
    body: bodyOf(entry),
    scoreAfter: draft.scoreAfter ?? null,
    idempotencyKey: draft.idempotencyKey ?? null,
    requestHash: draft.requestHash ?? null,
    actorKind: actor.kind === "anonymous" ? "system" : actor.kind,
    actorId: actorIdOf(actor),
    requestId: actor.requestId,
    reason: draft.reason ?? null,
    metadata: draft.metadata ?? null,
    hash: hash.toHex(),
  };
}

function bodyOf(entry: LogEntry): Record<string, unknown> | null {
  switch (entry.kind) {
    case "rules":
      return { rules: entry.rules };
    case "status":
      return { status: entry.status };
    case "team":
    case "team_removal":
      return { teamId: entry.teamId };
    case "course":
      return { eventId: entry.eventId, steps: entry.steps };
    default:
      return null;
  }
}

async function insertRows(tx: Tx, rows: readonly LogInsert[]): Promise<void> {
  // One JSON parameter keeps the statement's text, and so its plan, the same for any number of rows;
  // as jsonb it would cost twice as much to read.
  await tx.sql`
    insert into competition_log (competition_id, seq, kind, arrived_at, participant_id, event_id,
      operator, value, occurred_at, source, rules_version, division, body, score_after,
      idempotency_key, request_hash, actor_kind, actor_id, request_id, reason, metadata, hash)
    select "competitionId", seq, kind, "arrivedAt", "participantId", "eventId", operator, value,
      "occurredAt", source, "rulesVersion", division, body, "scoreAfter", "idempotencyKey",
      decode("requestHash", 'hex'), "actorKind", "actorId", "requestId", reason, metadata,
      decode(hash, 'hex')
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as r("competitionId" uuid,
      seq bigint, kind text, "arrivedAt" timestamptz, "participantId" uuid, "eventId" uuid,
      operator text, value bigint, "occurredAt" timestamptz, source text, "rulesVersion" integer,
      division text, body jsonb, "scoreAfter" bigint, "idempotencyKey" text, "requestHash" text,
      "actorKind" text, "actorId" uuid, "requestId" text, reason text, metadata jsonb,
      hash text)`;
}
