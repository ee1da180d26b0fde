/** What an edit of a competition does to its series, in the edit's transaction. */

import type { Recurrence as GivenRecurrence } from "@/contracts/recurrence.ts";
import type { Tx } from "@/db/client.ts";
import { DomainError, type ErrorDetail } from "@/domain/error.ts";
import { type Recurrence, recurrenceFaults, type SeriesAnchor } from "@/domain/recurrence.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { IdGenerator } from "@/platform/id.ts";
import type { CompetitionRow } from "./competition_view.ts";

/** A series as it is stored. */
export interface StoredSeries extends SeriesAnchor {
  id: string;
  recurrence: Recurrence;
  slug: string;
  skipped: number[];
  stoppedAt: EpochMs | null;
}

/** Absent: as it was; null: it does not come again. */
export type RecurrenceWish = GivenRecurrence | null | undefined;

/** Reads a series and keeps others from making an occurrence until the transaction ends. */
export async function lockSeries(tx: Tx, seriesId: string): Promise<StoredSeries> {
  const [row] = await tx.sql<StoredSeries[]>`
    select id, recurrence, time_zone as "timeZone", starts_at as "startsAt",
      ends_at as "endsAt", slug, skipped, stopped_at as "stoppedAt"
    from competition_series where id = ${seriesId} for update`;
  return { ...row! };
}

/**
 * Begins, changes or ends a series as an edit wants it; the row is as it is after the edit. Fails
 * with `VALIDATION_ERROR` beside the fields of `recurrence`, `RULES_LOCKED` once occurrences follow
 * from the rule.
 */
export async function editSeries(
  tx: Tx,
  row: CompetitionRow,
  { wish, newId, now }: { wish: RecurrenceWish; newId: IdGenerator; now: EpochMs },
): Promise<void> {
  if (row.seriesId === null) {
    if (wish) await beginSeries(tx, row, { recurrence: ruleOf(wish), id: newId(), now });
    return;
  }
  const series = await lockSeries(tx, row.seriesId);
  const isOpen = row.status === "draft" && row.seriesIndex === 0;
  if (wish === null) return await endSeries(tx, row, { series, isOpen, now });
  if (wish === undefined && !isOpen) return;
  const recurrence = wish ? ruleOf(wish) : series.recurrence;
  if (!isOpen) checkLocked(series.recurrence, recurrence);
  const anchor = isOpen ? anchorOf(row) : series;
  checkFaults(recurrence, anchor, row);
  const isGoingOn = wish ? null : series.stoppedAt;
  await tx.sql`
    update competition_series set recurrence = ${JSON.stringify(recurrence)}::text::jsonb,
      time_zone = ${anchor.timeZone}, starts_at = ${anchor.startsAt}, ends_at = ${anchor.endsAt},
      slug = ${isOpen ? row.slug : series.slug}, stopped_at = ${isGoingOn}
    where id = ${series.id}`;
}

async function beginSeries(
  tx: Tx,
  row: CompetitionRow,
  { recurrence, id, now }: { recurrence: Recurrence; id: string; now: EpochMs },
): Promise<void> {
  const { timeZone, startsAt, endsAt, slug } = row;
  checkFaults(recurrence, anchorOf(row), row);
  await tx.sql`
    insert into competition_series (id, recurrence, time_zone, starts_at, ends_at, slug, created_at)
    values (${id}, ${JSON.stringify(recurrence)}::text::jsonb, ${timeZone}, ${startsAt},
      ${endsAt}, ${slug}, ${now})`;
  await tx.sql`
    update competitions set series_id = ${id}, series_index = 0 where id = ${row.id}`;
}

/** A draft leaves no series behind; one that has boards keeps them, and makes no more. */
async function endSeries(
  tx: Tx,
  row: CompetitionRow,
  { series, isOpen, now }: { series: StoredSeries; isOpen: boolean; now: EpochMs },
): Promise<void> {
  if (!isOpen) {
    await tx.sql`
      update competition_series set stopped_at = coalesce(stopped_at, ${now})
      where id = ${series.id}`;
    return;
  }
  await tx.sql`
    update competitions set series_id = null, series_index = null where id = ${row.id}`;
  await tx.sql`delete from competition_series where id = ${series.id}`;
}

/** The series of a draft goes with it. */
export async function removeSeriesOf(tx: Tx, row: CompetitionRow): Promise<void> {
  if (row.seriesId === null) return;
  await tx.sql`
    delete from competition_series s where id = ${row.seriesId}
      and not exists (select from competitions c where c.series_id = s.id)`;
}

function anchorOf({ startsAt, endsAt, timeZone }: CompetitionRow): SeriesAnchor {
  return { startsAt, endsAt, timeZone };
}

/** Without the `undefined` that Zod leaves for what is absent. */
function ruleOf(given: GivenRecurrence): Recurrence {
  return JSON.parse(JSON.stringify(given));
}

function checkFaults(recurrence: Recurrence, anchor: SeriesAnchor, row: CompetitionRow): void {
  const details = recurrenceFaults(recurrence, anchor, { hasFee: row.entryFee !== null });
  if (details.length > 0) fail("VALIDATION_ERROR", details);
}

function checkLocked(before: Recurrence, after: Recurrence): void {
  const details: ErrorDetail[] = [];
  const message = "The rhythm is fixed by publishing; stop the series and begin another";
  if (before.every !== after.every) {
    details.push({ field: "recurrence.every", code: "locked", message });
  }
  if ((before.interval ?? 1) !== (after.interval ?? 1)) {
    details.push({ field: "recurrence.interval", code: "locked", message });
  }
  if (details.length > 0) fail("RULES_LOCKED", details);
}

function fail(code: "VALIDATION_ERROR" | "RULES_LOCKED", details: readonly ErrorDetail[]): never {
  throw new DomainError(code, `Cannot repeat the competition: ${details[0]!.message}`, { details });
}
