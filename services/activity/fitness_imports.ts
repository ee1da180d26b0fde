/** The history of imports: what each held and what it did. */

import { count, desc, eq } from "drizzle-orm";
import type { ImportResult, ImportSummary, RecordResult } from "@/contracts/fitness.ts";
import type { Page, PageQuery } from "@/contracts/envelope.ts";
import type { Database, Tx } from "@/db/client.ts";
import { imports, type ImportTotals } from "@/db/schema.ts";
import type { Actor, Role } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { ExportProgress } from "./export_worker.ts";
import { checkSelfOrAdmin, checkSignedIn } from "../accounts/access.ts";
import type { FitnessDeps } from "./fitness.ts";
import { type Effect, toCompetitionEffects } from "./fitness_effects.ts";
import type { ImportSource } from "./fitness_import.ts";

type ImportRow = typeof imports.$inferSelect;

/** Writes the import before its records, which point at it. */
export async function insertImport(
  tx: Tx,
  row: ImportSource & {
    id: string;
    userId: string;
    createdAt: EpochMs;
    status?: "queued";
    totalBytes?: number;
  },
): Promise<void> {
  const fileHash = row.fileHash === null ? null : Uint8Array.from(row.fileHash);
  await tx.db.insert(imports).values({ status: "done", ...row, fileHash, records: [] });
}

/** Adds what became of the records and the competitions. */
export async function setEffects(
  tx: Tx,
  importId: string,
  results: readonly RecordResult[],
  effects: readonly Effect[],
): Promise<void> {
  await setOutcome(tx, importId, { results, effects, counts: countOutcomes(results) });
}

/** The same where not every record is told. */
export async function setOutcome(
  tx: Tx,
  importId: string,
  { results, effects, counts }: {
    results: readonly RecordResult[];
    effects: readonly Effect[];
    counts: ImportSummary["counts"];
  },
): Promise<void> {
  await tx.db.update(imports).set({
    records: [...results],
    competitions: [...effects],
    importedCount: counts.imported,
    duplicateCount: counts.duplicate,
    mergedCount: counts.merged,
    flaggedCount: counts.flagged,
    rejectedCount: counts.rejected,
  }).where(eq(imports.id, importId));
}

/** Counts records by outcome. */
export function countOutcomes(results: readonly RecordResult[]): ImportSummary["counts"] {
  const counts = { imported: 0, duplicate: 0, merged: 0, flagged: 0, rejected: 0 };
  for (const { outcome } of results) counts[outcome] += 1;
  return counts;
}

/** The head of an import that was just made. */
export function toSummary(
  given: Omit<ImportSource, "fileHash"> & {
    id: string;
    createdAt: EpochMs;
    results: readonly RecordResult[];
  },
): ImportSummary {
  return {
    id: given.id,
    kind: given.kind,
    provider: given.provider,
    format: given.format,
    fileName: given.fileName,
    sizeBytes: given.sizeBytes,
    status: "done",
    reason: null,
    counts: countOutcomes(given.results),
    progress: null,
    createdAt: new Date(given.createdAt).toISOString(),
  };
}

export async function listImports(
  deps: FitnessDeps,
  actor: Actor,
  query: PageQuery & { userId?: string },
): Promise<Page<ImportSummary>> {
  const userId = query.userId ?? checkSignedIn(actor).userId;
  checkSelfOrAdmin(actor, userId);
  const { db } = deps.database;
  const { records: _records, competitions: _competitions, ...columns } = COLUMNS;
  const where = eq(imports.userId, userId);
  const rows = await db.select(columns).from(imports).where(where)
    .orderBy(desc(imports.createdAt), desc(imports.id))
    .limit(query.page_size).offset((query.page - 1) * query.page_size);
  const [total] = await db.select({ value: count() }).from(imports).where(where);
  return {
    items: rows.map(fromRow),
    page: query.page,
    pageSize: query.page_size,
    total: total?.value ?? 0,
  };
}

const COLUMNS = {
  id: imports.id,
  kind: imports.kind,
  provider: imports.provider,
  format: imports.format,
  fileName: imports.fileName,
  sizeBytes: imports.sizeBytes,
  status: imports.status,
  reason: imports.reason,
  importedCount: imports.importedCount,
  duplicateCount: imports.duplicateCount,
  mergedCount: imports.mergedCount,
  flaggedCount: imports.flaggedCount,
  rejectedCount: imports.rejectedCount,
  createdAt: imports.createdAt,
  readBytes: imports.readBytes,
  totalBytes: imports.totalBytes,
  totals: imports.totals,
  // Large; lists leave them out.
  records: imports.records,
  competitions: imports.competitions,
};

export async function getImport(
  deps: FitnessDeps,
  actor: Actor,
  importId: string,
): Promise<ImportResult> {
  checkSignedIn(actor);
  const [row] = await deps.database.db.select().from(imports).where(eq(imports.id, importId));
  if (row === undefined) {
    throw new DomainError("NOT_FOUND", `Cannot find import "${importId}": there is none`);
  }
  checkSelfOrAdmin(actor, row.userId);
  const effects = await stillThere(deps, row.competitions as Effect[]);
  return {
    import: fromRow(row),
    records: row.records as RecordResult[],
    competitions: await toCompetitionEffects(deps, actor, row.userId, effects),
  };
}

/** Demo competitions can be removed; what an import did to them goes with them. */
async function stillThere(deps: FitnessDeps, effects: readonly Effect[]): Promise<Effect[]> {
  const ids = effects.map(({ competitionId }) => competitionId);
  const rows = await deps.database.sql<{ id: string }[]>`
    select id from competitions where id = any(${ids}::uuid[])`;
  const found = new Set(rows.map(({ id }) => id));
  return effects.filter(({ competitionId }) => found.has(competitionId));
}

type SummaryRow = Omit<
  ImportRow,
  "userId" | "fileHash" | "records" | "competitions" | "endedAt"
>;

function fromRow(row: SummaryRow): ImportSummary {
  return {
    id: row.id,
    kind: row.kind,
    provider: row.provider,
    format: row.format,
    fileName: row.fileName,
    sizeBytes: row.sizeBytes,
    status: row.status,
    reason: row.reason,
    counts: {
      imported: row.importedCount,
      duplicate: row.duplicateCount,
      merged: row.mergedCount,
      flagged: row.flaggedCount,
      rejected: row.rejectedCount,
    },
    progress: progressOf(row),
    createdAt: new Date(row.createdAt).toISOString(),
  };
}

/** Only files that are read as jobs have one. */
function progressOf({ status, totals, readBytes, totalBytes }: SummaryRow) {
  if (totals === null && status !== "queued") return null;
  const share = totalBytes === 0 ? 0 : Math.floor(100 * readBytes / totalBytes);
  const { records = 0, workouts = 0, skipped = [] } = totals ?? {};
  return {
    percent: status === "done" ? 100 : Math.min(99, share),
    records,
    workouts,
    skipped: skipped.map(([type, count]) => ({ type, count })),
  };
}

/** An import whose job is not done. */
export interface OpenImport {
  id: string;
  userId: string;
  role: Role;
  provider: string;
  /** The athlete's, for records that do not tell theirs. */
  timeZone: string;
  createdAt: EpochMs;
}

/** Finds an import that waits or runs; none when it ended, or its athlete is gone. */
export async function findOpenImport(
  { database }: Pick<FitnessDeps, "database">,
  importId: string,
): Promise<OpenImport | undefined> {
  const [row] = await database.sql<OpenImport[]>`
    select i.id, i.user_id as "userId", u.role, i.provider, coalesce(p.time_zone, 'UTC') as "timeZone",
      i.created_at as "createdAt"
    from imports i join users u on u.id = i.user_id left join profiles p on p.user_id = u.id
    where i.id = ${importId} and i.status in ('queued', 'running') and u.status <> 'deleted'`;
  return row;
}

/** Notes how far the job has come. */
export async function noteProgress(
  on: { sql: Tx["sql"] | Database["sql"] },
  importId: string,
  { bytes, bytesTotal, records, workouts, skipped }: ExportProgress,
): Promise<void> {
  const totals: ImportTotals = { records, workouts, skipped };
  await on.sql`
    update imports set status = 'running', read_bytes = ${bytes}, total_bytes = ${bytesTotal},
      totals = ${JSON.stringify(totals)}::text::jsonb
    where id = ${importId} and status in ('queued', 'running')`;
}

/** Ends a job's import. */
export async function endImport(
  on: { sql: Tx["sql"] | Database["sql"] },
  importId: string,
  { status, reason, at }: {
    status: "done" | "rejected" | "failed";
    reason: string | null;
    at: EpochMs;
  },
): Promise<void> {
  await on.sql`
    update imports set status = ${status}, reason = ${reason}, ended_at = ${at}
    where id = ${importId}`;
}
