/** Reading competitions: one, lists, participants, log. */

import { and, asc, count, desc, eq, ilike, isNull, or, type SQL, sql } from "drizzle-orm";
import type {
  CompetitionQuery,
  CompetitionView,
  Log,
  LogQuery,
  LogRow,
  RuleSet,
} from "@/contracts/competitions.ts";
import { competitions } from "@/db/schema.ts";
import type { Actor } from "@/domain/actor.ts";
import type { Phase } from "@/domain/competition.ts";
import type { LogEntry } from "@/domain/log.ts";
import { type ChainHead, genesisHash } from "@/domain/log_hash.ts";
import type { EpochMs } from "@/domain/time.ts";
import { canManage, checkSignedIn, isStaff } from "../accounts/access.ts";
import {
  checkVisible,
  findOwnEntry,
  getVisible,
  joinedCondition,
  visibleCondition,
} from "./competition_access.ts";
import { listParticipants } from "./competition_participants.ts";
import { listForPublic } from "../boards/frozen_participants.ts";
import type { CompetitionsDeps, CompetitionsService } from "./competitions.ts";
import { type CompetitionRow, toCompetition } from "./competition_view.ts";
import { likePattern } from "../like_pattern.ts";

type Reader = Pick<CompetitionsService, "list" | "get" | "participants" | "log">;

export function createCompetitionReader(deps: CompetitionsDeps): Reader {
  const { database, clock } = deps;
  return {
    list: (actor, query) => list(deps, actor, query),
    async get(actor, idOrSlug) {
      const { row, participantId } = await findVisible(deps, actor, idOrSlug);
      const staff = isStaff(actor, row);
      return {
        ...toCompetition(row, { at: clock.now(), isStaff: staff }),
        recurrence: await readRecurrence(deps, row.seriesId),
        canManage: canManage(actor, row),
        isStaff: staff,
        participantId,
      };
    },
    async participants(actor, idOrSlug, query) {
      const { row } = await findVisible(deps, actor, idOrSlug);
      if (isStaff(actor, row)) return await listParticipants(database, row, query, true);
      return await listForPublic(deps, row, query);
    },
    log: (actor, idOrSlug, query) => readLog(deps, actor, idOrSlug, query),
  };
}

/** How it comes again, while it does. */
async function readRecurrence(
  { database }: CompetitionsDeps,
  seriesId: string | null,
): Promise<CompetitionView["recurrence"]> {
  if (seriesId === null) return null;
  const [row] = await database.sql<{ recurrence: NonNullable<CompetitionView["recurrence"]> }[]>`
    select recurrence from competition_series where id = ${seriesId} and stopped_at is null`;
  return row?.recurrence ?? null;
}

/** As `getVisible`, from the directory. */
async function findVisible(deps: CompetitionsDeps, actor: Actor, idOrSlug: string) {
  const row = await deps.directory.find(idOrSlug);
  const participantId = await findOwnEntry(deps.database.db, actor, row.id);
  checkVisible(actor, row, participantId, idOrSlug);
  return { row, participantId };
}

async function list(deps: CompetitionsDeps, actor: Actor, query: CompetitionQuery) {
  const { db } = deps.database;
  const now = deps.clock.now();
  const where = and(
    isNull(competitions.removedAt),
    visibleCondition(db, actor),
    scopeCondition(deps, actor, query.scope),
    query.q ? textCondition(query.q) : undefined,
    query.phase ? phaseCondition(query.phase, now) : undefined,
    query.series ? eq(competitions.seriesId, query.series) : undefined,
  );
  const direction = query.order === "asc" ? asc : desc;
  const rows = await db.select().from(competitions).where(where)
    .orderBy(direction(SORT_COLUMNS[query.sort]), asc(competitions.id))
    .limit(query.page_size).offset((query.page - 1) * query.page_size);
  const [total] = await db.select({ value: count() }).from(competitions).where(where);
  return {
    items: rows.map((row) => toCompetition(row, { at: now, isStaff: isStaff(actor, row) })),
    page: query.page,
    pageSize: query.page_size,
    total: total?.value ?? 0,
  };
}

const SORT_COLUMNS = {
  name: sql`lower(${competitions.name})`,
  startsAt: competitions.startsAt,
  endsAt: competitions.endsAt,
  // What a frozen board keeps back must not show in the order either.
  participantCount: sql`coalesce(${competitions.frozenCount}, ${competitions.participantCount})`,
  createdAt: competitions.createdAt,
};

function scopeCondition(
  deps: CompetitionsDeps,
  actor: Actor,
  scope: CompetitionQuery["scope"],
): SQL | undefined {
  if (scope === "all") return undefined;
  const { userId } = checkSignedIn(actor);
  if (scope === "mine") return eq(competitions.ownerId, userId);
  return joinedCondition(deps.database.db, userId);
}

function textCondition(text: string): SQL | undefined {
  const pattern = likePattern(text);
  return or(ilike(competitions.name, pattern), ilike(competitions.slug, pattern));
}

/** `phaseOf` as a condition on rows; a test holds the two together. */
export function phaseCondition(phase: Phase, now: EpochMs): SQL {
  if (phase === "draft" || phase === "final" || phase === "settled" || phase === "cancelled") {
    return sql`${competitions.status} = ${phase}`;
  }
  const at = sql`${new Date(now).toISOString()}::timestamptz`;
  const { startsAt, endsAt, graceMs, registrationOpensAt, registrationClosesAt } = competitions;
  const graceEnd = sql`${endsAt} + ${graceMs} * interval '1 millisecond'`;
  const opensAt =
    sql`coalesce(${registrationOpensAt}, ${competitions.publishedAt}, ${competitions.createdAt})`;
  const open = sql`${opensAt} <= ${at} and ${at} < ${registrationClosesAt}`;
  const timed = {
    upcoming: sql`${at} < ${startsAt} and not (${open})`,
    registration: sql`${at} < ${startsAt} and ${open}`,
    active: sql`${startsAt} <= ${at} and ${at} < ${endsAt}`,
    grace: sql`${endsAt} <= ${at} and ${at} < ${graceEnd}`,
    provisional: sql`${graceEnd} <= ${at}`,
  }[phase];
  return sql`(${competitions.status} = 'published' and ${timed})`;
}

async function readLog(
  deps: CompetitionsDeps,
  actor: Actor,
  idOrSlug: string,
  query: LogQuery,
): Promise<Log> {
  const { row } = await getVisible(deps.database.db, actor, idOrSlug);
  const head = await readShownHead(deps, row, isStaff(actor, row));
  const { after, limit } = query;
  const entries = await deps.log.read(row.id, { after, upTo: head.seq, limit });
  return {
    competitionId: row.id,
    epoch: row.epoch,
    lastSeq: head.seq,
    lastHash: head.hash.toHex(),
    entries: entries.map(({ entry, hash }) => toLogRow(entry, hash)),
  };
}

/** The end of the log as an audience may know it: while the board is frozen that of the freeze. */
export async function readShownHead(
  deps: { log: Pick<CompetitionsDeps["log"], "read"> },
  row: Pick<CompetitionRow, "id" | "lastSeq" | "lastHash" | "frozenSeq">,
  isStaff: boolean,
): Promise<ChainHead> {
  const seq = isStaff ? row.lastSeq : row.frozenSeq ?? row.lastSeq;
  if (seq === row.lastSeq) return { seq, hash: row.lastHash };
  if (seq === 0) return { seq, hash: genesisHash() };
  const [last] = await deps.log.read(row.id, { after: seq - 1, upTo: seq, limit: 1 });
  return { seq, hash: last!.hash };
}

/** An entry of the log as the wire has it. */
export function toLogRow(entry: LogEntry, hash: Uint8Array): LogRow {
  const { seq, kind, arrivedAt, ...rest } = entry;
  const base = { seq, kind, arrivedAt: new Date(arrivedAt).toISOString(), hash: hash.toHex() };
  if ("occurredAt" in rest) {
    return { ...base, ...rest, occurredAt: new Date(rest.occurredAt).toISOString() };
  }
  if ("status" in rest) return { ...base, body: { status: rest.status } };
  if ("rules" in rest) return { ...base, body: { rules: rest.rules as RuleSet } };
  if ("steps" in rest) {
    const { participantId, eventId, steps } = rest;
    return { ...base, participantId, body: { eventId, steps: steps.map(([...step]) => step) } };
  }
  if ("teamId" in rest) {
    const { teamId, ...about } = rest;
    return { ...base, ...about, body: { teamId } };
  }
  return { ...base, ...rest };
}
