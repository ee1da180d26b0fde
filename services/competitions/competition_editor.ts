/** Creating, changing, publishing and cancelling competitions. */

import { isDeepStrictEqual } from "node:util";
import { eq } from "drizzle-orm";
import type {
  CancelRequest,
  CompetitionChange,
  CompetitionInput,
} from "@/contracts/competitions.ts";
import type { Tx } from "@/db/client.ts";
import { competitions } from "@/db/schema.ts";
import type { Actor } from "@/domain/actor.ts";
import { canCancel, canPublish, checkAllowed, checkSchedule } from "@/domain/competition.ts";
import { DomainError, type ErrorDetail, invalid } from "@/domain/error.ts";
import type { NewLogEntry } from "@/domain/log.ts";
import type { EpochMs } from "@/domain/time.ts";
import { checkManages, checkRoleOrScope, ownerIdOf } from "../accounts/access.ts";
import { getRow } from "./competition_access.ts";
import type { LockedCompetition } from "../leaderboard/competition_log.ts";
import { withPlatformCut } from "./competition_money.ts";
import type { CompetitionsDeps, CompetitionsService } from "./competitions.ts";
import { editSeries, type RecurrenceWish, removeSeriesOf } from "./series_edit.ts";
import { checkDivisionsKept } from "../teams/divisions.ts";
import {
  changedColumns,
  type CompetitionColumns,
  type CompetitionRow,
  slugOf,
  toColumns,
  toCompetition,
} from "./competition_view.ts";

type Editor = Pick<CompetitionsService, "create" | "change" | "publish" | "cancel" | "remove">;

/** Constraint → code, for races that only the database can decide. */
const CONSTRAINTS = {
  competitions_slug_key: "SLUG_TAKEN",
  competitions_capacity_held: "COMPETITION_FULL",
} as const;

export function createCompetitionEditor(deps: CompetitionsDeps): Editor {
  return {
    create: (actor, input) => create(deps, actor, input),
    change: (actor, idOrSlug, change) => changeCompetition(deps, actor, idOrSlug, change),
    publish: (actor, idOrSlug) => publish(deps, actor, idOrSlug),
    cancel: (actor, idOrSlug, request) => cancel(deps, actor, idOrSlug, request),
    remove: (actor, idOrSlug) => remove(deps, actor, idOrSlug),
  };
}

async function create(deps: CompetitionsDeps, actor: Actor, input: CompetitionInput) {
  checkRoleOrScope(actor, "competitions:write", "organiser");
  const ownerId = ownerIdOf(actor);
  const columns = toColumns(await withPlatformCut(deps.settings, input), deps.newInviteCode);
  checkSchedule(columns);
  const now = deps.clock.now();
  const id = deps.newId();
  const row = await write(deps, async (tx) => {
    const [inserted] = await tx.db.insert(competitions).values({
      id,
      slug: await takeSlug(tx, input, id),
      ownerId,
      epoch: deps.newId(),
      createdAt: now,
      updatedAt: now,
      ...columns,
    }).returning();
    await deps.audit.record(tx, actor, {
      action: "competition.create",
      targetKind: "competition",
      targetId: id,
      after: { ...columns, ...(input.recurrence ? { recurrence: input.recurrence } : {}) },
    });
    await editSeries(tx, inserted!, { wish: input.recurrence, newId: deps.newId, now });
    return input.recurrence ? await getRow(tx.db, id) : inserted!;
  });
  // Somebody may have asked for the slug before, and found nothing.
  await deps.directory.forget({ id, slugs: [row.slug] });
  return toCompetition(row, { at: now, isStaff: true });
}

/** Keeps the keys of this lock apart from those of others. */
const SLUG_LOCK = 8;

/** The slug asked for; else that of the name, or with the end of the id where it is taken. */
async function takeSlug(tx: Tx, input: CompetitionInput, id: string): Promise<string> {
  const slug = input.slug ?? slugOf(input.name);
  // Two drafts of one name at the same moment wait here, so that the second sees the first.
  await tx.sql`select pg_advisory_xact_lock(hashtextextended(${slug}, ${SLUG_LOCK}))`;
  if (input.slug !== undefined) return slug;
  const taken = await tx.db.select({ id: competitions.id }).from(competitions)
    .where(eq(competitions.slug, slug)).limit(1);
  return taken.length === 0 ? slug : `${slug}-${id.slice(-6)}`;
}

async function changeCompetition(
  deps: CompetitionsDeps,
  actor: Actor,
  idOrSlug: string,
  change: CompetitionChange,
) {
  const asked = await withPlatformCut(deps.settings, change);
  return await edit(deps, actor, idOrSlug, async (tx, row) => {
    const columns = changedColumns(row, asked, deps.newInviteCode);
    checkChange(row, columns);
    checkCapacity(row, columns);
    await checkDivisionsKept(tx, row, columns.divisions);
    checkFreezeAt(row, columns, deps.clock.now());
    const after = { ...columns, slug: change.slug ?? row.slug };
    await deps.audit.record(tx, actor, {
      action: "competition.change",
      targetKind: "competition",
      targetId: row.id,
      before: pick(row, after),
      after,
    });
    // The number makes every node and viewer read the new times and name.
    const entries: NewLogEntry[] = row.status === "draft"
      ? []
      : [{ kind: "status", status: "published" }];
    return { columns: after, entries, recurrence: change.recurrence };
  });
}

function checkChange(row: CompetitionRow, columns: CompetitionColumns): void {
  checkSchedule(columns);
  if (row.status === "draft") return;
  if (row.status === "cancelled") {
    throw new DomainError("COMPETITION_CANCELLED", `Cannot change "${row.name}": it was cancelled`);
  }
  if (row.status !== "published") {
    throw new DomainError("ALREADY_FINAL", `Cannot change "${row.name}": its result is final`);
  }
  const details = lockedChanges(row, columns);
  if (details.length > 0) {
    throw new DomainError("RULES_LOCKED", `Cannot change "${row.name}": its rules are published`, {
      details,
    });
  }
}

/** Nobody is put out again: the places held stay. */
function checkCapacity(
  { name, participantCount: held }: Pick<CompetitionRow, "name" | "participantCount">,
  { capacity }: Pick<CompetitionRow, "capacity">,
): void {
  if (capacity === null || capacity >= held) return;
  const message = `Cannot lower the capacity of "${name}" to ${capacity}: ${held} take part`;
  const detail = { field: "capacity", code: "too_small", message: `At least ${held} take part` };
  throw new DomainError("COMPETITION_FULL", message, { details: [detail] });
}

/** A plan to freeze must lie ahead: for now there is freezing. */
function checkFreezeAt(
  row: Pick<CompetitionRow, "status" | "freezeAt" | "frozenAt">,
  { freezeAt }: Pick<CompetitionRow, "freezeAt">,
  now: EpochMs,
): void {
  if (row.status === "draft" || freezeAt === null || freezeAt === row.freezeAt) return;
  if (row.frozenAt !== null) {
    throw invalid("freezeAt", "frozen", "The public board is frozen already");
  }
  if (freezeAt <= now) throw invalid("freezeAt", "too_early", "The freeze must lie ahead");
}

function lockedChanges(row: CompetitionRow, columns: CompetitionColumns): ErrorDetail[] {
  const details: ErrorDetail[] = [];
  const lock = (field: string, message: string) => details.push({ field, code: "locked", message });
  if (columns.startsAt !== row.startsAt) lock("startsAt", "The start is fixed by publishing");
  if (columns.timeZone !== row.timeZone) lock("timeZone", "The zone is fixed by publishing");
  if (columns.endsAt < row.endsAt) lock("endsAt", "The end can only be moved later");
  if (columns.graceMs < row.graceMs) lock("graceMs", "The grace can only be made longer");
  for (const part of ["scoring", "rankMethod", "tieBreaks", "teams"] as const) {
    if (!isDeepStrictEqual(columns.rules[part], row.rules[part])) {
      lock(part, "The rules are fixed by publishing");
    }
  }
  if (!isDeepStrictEqual(columns.entryFee, row.entryFee)) {
    lock("entryFee", "The entry fee is fixed by publishing");
  }
  if (!isDeepStrictEqual(columns.prizePlan, row.prizePlan)) {
    lock("prizes", "The prizes are fixed by publishing");
  }
  return details;
}

async function publish(deps: CompetitionsDeps, actor: Actor, idOrSlug: string) {
  return await edit(deps, actor, idOrSlug, async (tx, row) => {
    checkAllowed(canPublish(row, deps.clock.now()));
    checkFreezeAt({ ...row, status: "published", freezeAt: null }, row, deps.clock.now());
    await deps.audit.record(tx, actor, {
      action: "competition.publish",
      targetKind: "competition",
      targetId: row.id,
      before: { status: row.status },
      after: { status: "published" },
    });
    return {
      columns: { status: "published" as const, publishedAt: deps.clock.now() },
      entries: [{ kind: "rules", rules: row.rules }, { kind: "status", status: "published" }],
    };
  });
}

async function cancel(
  deps: CompetitionsDeps,
  actor: Actor,
  idOrSlug: string,
  request: CancelRequest,
) {
  const cancelled = await edit(deps, actor, idOrSlug, async (tx, row) => {
    checkAllowed(canCancel(row));
    await deps.audit.record(tx, actor, {
      action: "competition.cancel",
      targetKind: "competition",
      targetId: row.id,
      before: { status: row.status },
      after: { status: "cancelled" },
      reason: request.reason,
    });
    const cancelledAt = deps.clock.now();
    const { id, slug, name } = row;
    await deps.notices.tellParticipants(tx, id, {
      kind: "competition.cancelled",
      payload: { competitionId: id, slug, name, reason: request.reason },
    });
    return {
      columns: { status: "cancelled" as const, cancelledAt, cancelReason: request.reason },
      entries: [{ kind: "status", status: "cancelled" }],
    };
  });
  // Committed: what the refunds do not finish now, the sweep of refunds does.
  await deps.entryFees.refundCancelled(cancelled.id).catch(() => {});
  return cancelled;
}

async function remove(deps: CompetitionsDeps, actor: Actor, idOrSlug: string): Promise<void> {
  const found = await getRow(deps.database.db, idOrSlug);
  checkManages(actor, found);
  await write(deps, async (tx) => {
    await deps.log.lock(tx, [found.id]);
    const row = await getRow(tx.db, found.id);
    if (row.status !== "draft") {
      throw new DomainError("ALREADY_PUBLISHED", `Cannot remove "${row.name}": only drafts can go`);
    }
    await tx.db.delete(competitions).where(eq(competitions.id, row.id));
    await removeSeriesOf(tx, row);
    await deps.audit.record(tx, actor, {
      action: "competition.remove",
      targetKind: "competition",
      targetId: row.id,
      before: { name: row.name, slug: row.slug },
    });
  });
  await deps.directory.forget({ id: found.id, slugs: [found.slug] });
}

/** What an edit changes: columns, and entries for the log. */
interface Edit {
  columns: Partial<CompetitionRow>;
  entries: NewLogEntry[];
  recurrence?: RecurrenceWish;
}

/** One edit under the row lock: decide, update, log, and afterwards tell the board. */
async function edit(
  deps: CompetitionsDeps,
  actor: Actor,
  idOrSlug: string,
  decide: (tx: Tx, row: CompetitionRow) => Promise<Edit>,
) {
  const found = await getRow(deps.database.db, idOrSlug);
  checkManages(actor, found);
  const now = deps.clock.now();
  const row = await write(deps, async (tx) => {
    const locked = (await deps.log.lock(tx, [found.id])).get(found.id)!;
    const { columns, entries, recurrence: wish } = await decide(tx, await getRow(tx.db, found.id));
    await tx.db.update(competitions).set({ ...columns, updatedAt: now })
      .where(eq(competitions.id, found.id));
    await deps.log.append(tx, locked, entries.map((entry) => ({ entry, actor })));
    await rescoreMoved(deps, tx, locked, { columns, actor });
    const edited = await getRow(tx.db, found.id);
    await deps.timetable.plan(tx, edited);
    await editSeries(tx, edited, { wish, newId: deps.newId, now });
    const placed = await getRow(tx.db, found.id);
    await deps.seriesPlan.plan(tx, placed.seriesId);
    return placed;
  });
  await deps.directory.forget({ id: row.id, slugs: [found.slug, row.slug] });
  await deps.boards.committed(row.id);
  return toCompetition(row, { at: now, isStaff: true });
}

/** A later end or a longer grace lets in activity that was left out before. */
async function rescoreMoved(
  deps: CompetitionsDeps,
  tx: Tx,
  before: LockedCompetition,
  { columns, actor }: { columns: Partial<CompetitionRow>; actor: Actor },
): Promise<void> {
  const { endsAt = before.endsAt, graceMs = before.graceMs } = columns;
  if (endsAt === before.endsAt && graceMs === before.graceMs) return;
  const locked = (await deps.log.lock(tx, [before.id])).get(before.id)!;
  await deps.activityScores.rescoreMoved(tx, locked, before, { actor, reason: "schedule" });
}

async function write<T>(deps: CompetitionsDeps, run: (tx: Tx) => Promise<T>): Promise<T> {
  try {
    return await deps.database.transaction(run, { name: "competition", constraints: CONSTRAINTS });
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "SLUG_TAKEN") throw error;
    throw new DomainError("SLUG_TAKEN", "Cannot use this slug: another competition has it", {
      cause: error,
      details: [{ field: "slug", code: "taken", message: "Another competition has this slug" }],
    });
  }
}

function pick(row: CompetitionRow, like: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.keys(like).map((key) => [key, row[key as keyof CompetitionRow]]),
  );
}
