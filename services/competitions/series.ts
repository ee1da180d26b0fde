/** Competitions that come again: their series, and the job that makes the next occurrence. */

import { z } from "zod";
import type { PlannedOccurrence, Series } from "@/contracts/recurrence.ts";
import type { Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError, invalid } from "@/domain/error.ts";
import { hasOccurrence, madeAt, occurrenceAt } from "@/domain/recurrence.ts";
import { type EpochMs, HOUR_MS } from "@/domain/time.ts";
import { checkManages } from "../accounts/access.ts";
import { getRow, getVisible } from "./competition_access.ts";
import type { CompetitionRow } from "./competition_view.ts";
import { jobKind } from "../jobs/job_kinds.ts";
import type { JobsService } from "../jobs/jobs.ts";
import { lockSeries, type StoredSeries } from "./series_edit.ts";
import { findUpcoming, makeOccurrence, type SeriesMakingDeps } from "./series_making.ts";

export interface SeriesService {
  /** The series as seen from one of its occurrences; null for a competition of its own. Whoever may see it. */
  get(actor: Actor, idOrSlug: string): Promise<Series | null>;
  /** Makes no more occurrences; those there are stay. Who manages the competition. Fails with `NOT_FOUND` without a series. */
  stop(actor: Actor, idOrSlug: string): Promise<Series>;
  /** Goes on with the next occurrence that is not over. */
  resume(actor: Actor, idOrSlug: string): Promise<Series>;
  /** Leaves an occurrence out that is not made yet. Fails with `VALIDATION_ERROR`. */
  skip(actor: Actor, idOrSlug: string, index: number): Promise<Series>;
  /** Takes an occurrence in again. */
  unskip(actor: Actor, idOrSlug: string, index: number): Promise<Series>;
}

/** Plans the next occurrence in the transaction of whatever moves it. */
export interface SeriesPlan {
  plan(tx: Tx, seriesId: string | null): Promise<void>;
}

export interface SeriesDeps extends SeriesMakingDeps {
  seriesPlan: SeriesPlan;
}

const makeJob = jobKind({ name: "series.make", payload: z.object({ seriesId: z.uuid() }) });
/** Finds series without the job that they should have. */
const lookJob = jobKind({ name: "series.look", payload: z.object({}) });

/** Occurrences that are shown ahead. */
const PLANNED_SHOWN = 10;

export function createSeriesPlan(
  { jobs, clock }: { jobs: Pick<JobsService, "enqueue" | "remove">; clock: { now(): EpochMs } },
): SeriesPlan {
  return {
    async plan(tx, seriesId) {
      if (seriesId === null) return;
      const key = keyOf(seriesId);
      const next = await findUpcoming(tx, seriesId, clock.now());
      if (!next) return await jobs.remove(tx, key);
      const runAt = madeAt(next.series.recurrence, next.series, next.occurrence.index);
      await jobs.enqueue(tx, makeJob, { seriesId }, { key, runAt });
    },
  };
}

function keyOf(seriesId: string): string {
  return `series:${seriesId}`;
}

export function createSeriesService(
  deps: SeriesDeps,
  jobs: Pick<JobsService, "handle" | "schedule">,
): SeriesService {
  jobs.handle(makeJob, ({ seriesId }) => makeNext(deps, seriesId));
  jobs.handle(lookJob, () => planMissed(deps));
  jobs.schedule({ name: lookJob.name, kind: lookJob, payload: {}, everyMs: HOUR_MS });
  const skipping = (isSkipped: boolean): SeriesService["skip"] => (actor, idOrSlug, index) =>
    steerSeries(deps, actor, idOrSlug, async (tx, series) => {
      await setSkipped(tx, series, { index, isSkipped });
      return { action: isSkipped ? "series.skip" : "series.unskip", after: { index } };
    });
  return {
    get: (actor, idOrSlug) => getSeries(deps, actor, idOrSlug),
    stop: (actor, idOrSlug) =>
      steerSeries(deps, actor, idOrSlug, async (tx, { id }) => {
        await tx.sql`
          update competition_series set stopped_at = coalesce(stopped_at, ${deps.clock.now()})
          where id = ${id}`;
        return { action: "series.stop", after: { isStopped: true } };
      }),
    resume: (actor, idOrSlug) =>
      steerSeries(deps, actor, idOrSlug, async (tx, { id }) => {
        await tx.sql`update competition_series set stopped_at = null where id = ${id}`;
        return { action: "series.resume", after: { isStopped: false } };
      }),
    skip: skipping(true),
    unskip: skipping(false),
  };
}

async function getSeries(
  deps: SeriesDeps,
  actor: Actor,
  idOrSlug: string,
): Promise<Series | null> {
  const { row } = await getVisible(deps.database.db, actor, idOrSlug);
  return row.seriesId === null ? null : await readSeries(deps, row);
}

async function readSeries(deps: SeriesDeps, row: CompetitionRow): Promise<Series> {
  return await deps.database.transaction(async (tx) => {
    const series = await readStored(tx, row.seriesId!);
    const [made] = await tx.sql<{ count: number; last: number }[]>`
      select count(*) as count, max(series_index) as last from competitions
      where series_id = ${series.id}`;
    return {
      id: series.id,
      recurrence: series.recurrence as Series["recurrence"],
      stoppedAt: series.stoppedAt === null ? null : new Date(series.stoppedAt).toISOString(),
      made: made!.count,
      previous: await readNeighbour(tx, row, "previous"),
      next: await readNeighbour(tx, row, "next"),
      planned: series.stoppedAt === null ? plannedAfter(series, made!.last) : [],
    };
  }, { name: "series" });
}

async function readStored(tx: Tx, seriesId: string): Promise<StoredSeries> {
  const [row] = await tx.sql<StoredSeries[]>`
    select id, recurrence, time_zone as "timeZone", starts_at as "startsAt",
      ends_at as "endsAt", slug, skipped, stopped_at as "stoppedAt"
    from competition_series where id = ${seriesId}`;
  return row!;
}

/** One that is a draft is nobody's to see yet. */
async function readNeighbour(
  tx: Tx,
  { seriesId, seriesIndex }: CompetitionRow,
  side: "previous" | "next",
): Promise<Series["next"]> {
  const isAfter = side === "next";
  const [row] = await tx.sql<{ id: string; slug: string; index: number; startsAt: EpochMs }[]>`
    select id, slug, series_index as index, starts_at as "startsAt" from competitions
    where series_id = ${seriesId} and status <> 'draft'
      and ${isAfter ? tx.sql`series_index > ${seriesIndex}` : tx.sql`series_index < ${seriesIndex}`}
    order by series_index ${isAfter ? tx.sql`asc` : tx.sql`desc`} limit 1`;
  return row ? { ...row, startsAt: new Date(row.startsAt).toISOString() } : null;
}

function plannedAfter(series: StoredSeries, last: number): PlannedOccurrence[] {
  const { recurrence, skipped } = series;
  const planned: PlannedOccurrence[] = [];
  for (let index = last + 1; planned.length < PLANNED_SHOWN; index++) {
    if (!hasOccurrence(recurrence, series, index)) break;
    const { startsAt, endsAt } = occurrenceAt(recurrence, series, index);
    planned.push({
      index,
      startsAt: new Date(startsAt).toISOString(),
      endsAt: new Date(endsAt).toISOString(),
      madeAt: new Date(madeAt(recurrence, series, index)).toISOString(),
      isSkipped: skipped.includes(index),
    });
  }
  return planned;
}

/** One change of a series under its lock, audited, and the job planned anew. */
async function steerSeries(
  deps: SeriesDeps,
  actor: Actor,
  idOrSlug: string,
  change: (tx: Tx, series: StoredSeries) => Promise<{ action: string; after: object }>,
): Promise<Series> {
  const row = await getRow(deps.database.db, idOrSlug);
  checkManages(actor, row);
  const { seriesId } = row;
  if (seriesId === null) {
    throw new DomainError("NOT_FOUND", `Cannot find a series: "${row.name}" does not come again`);
  }
  await deps.database.transaction(async (tx) => {
    const { action, after } = await change(tx, await lockSeries(tx, seriesId));
    await deps.audit.record(tx, actor, {
      action,
      targetKind: "competition",
      targetId: row.id,
      after: { seriesId, ...after },
    });
    await deps.seriesPlan.plan(tx, seriesId);
  }, { name: "series" });
  return await readSeries(deps, row);
}

async function setSkipped(
  tx: Tx,
  series: StoredSeries,
  { index, isSkipped }: { index: number; isSkipped: boolean },
): Promise<void> {
  const [made] = await tx.sql<{ last: number }[]>`
    select max(series_index) as last from competitions where series_id = ${series.id}`;
  if (index <= made!.last) {
    throw invalid("index", "made", "It is made already: cancel it where it shall not be");
  }
  if (!hasOccurrence(series.recurrence, series, index)) {
    throw invalid("index", "none", "The series does not go so far");
  }
  const others = series.skipped.filter((one) => one !== index);
  const skipped = isSkipped ? [...others, index].sort((a, b) => a - b) : others;
  await tx.sql`
    update competition_series set skipped = ${skipped}::integer[]
    where id = ${series.id}`;
}

/** Makes the next occurrence if its time has come, and plans the one after it. */
async function makeNext(deps: SeriesDeps, seriesId: string): Promise<void> {
  const made = await deps.database.transaction(async (tx) => {
    const now = deps.clock.now();
    const next = await findUpcoming(tx, seriesId, now);
    if (!next) return undefined;
    const { series, occurrence } = next;
    const isDue = madeAt(series.recurrence, series, occurrence.index) <= now;
    const row = isDue ? await makeOccurrence(deps, tx, next) : undefined;
    await deps.seriesPlan.plan(tx, seriesId);
    return row;
  }, { name: "series_make" });
  if (made) await deps.directory.forget({ id: made.id, slugs: [made.slug] });
}

/** Series whose job was given up, cancelled or lost. */
async function planMissed({ database, seriesPlan }: SeriesDeps): Promise<void> {
  const rows = await database.sql<{ id: string }[]>`
    select id from competition_series s
    where stopped_at is null and not exists (
      select from graphile_worker.jobs j
      where j.key = replace(${keyOf("*")}, '*', s.id::text) and j.attempts < j.max_attempts)
    order by id`;
  for (const { id } of rows) {
    await database.transaction((tx) => seriesPlan.plan(tx, id), { name: "series_plan" });
  }
}
