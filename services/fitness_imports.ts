/** The history of imports: what each held and what it did. */

import { count, desc, eq } from "drizzle-orm";
import type { ImportResult, ImportSummary, RecordResult } from "@/contracts/fitness.ts";
import type { Page, PageQuery } from "@/contracts/envelope.ts";
import type { Tx } from "@/db/client.ts";
import { imports } from "@/db/schema.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import type { EpochMs } from "@/domain/time.ts";
import { checkSelfOrAdmin, checkSignedIn } from "./access.ts";
import type { FitnessDeps } from "./fitness.ts";
import { type Effect, toCompetitionEffects } from "./fitness_effects.ts";
import type { ImportSource } from "./fitness_import.ts";

type ImportRow = typeof imports.$inferSelect;

/** Writes the import before its records, which point at it. */
export async function insertImport(
  tx: Tx,
  row: ImportSource & { id: string; userId: string; createdAt: EpochMs },
): Promise<void> {
  const fileHash = row.fileHash === null ? null : Uint8Array.from(row.fileHash);
  await tx.db.insert(imports).values({ ...row, fileHash, status: "done", records: [] });
}

/** Adds what became of the records and the competitions. */
export async function setEffects(
  tx: Tx,
  importId: string,
  results: readonly RecordResult[],
  effects: readonly Effect[],
): Promise<void> {
  const counts = countOutcomes(results);
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

function fromRow(row: Omit<ImportRow, "userId" | "fileHash" | "records" | "competitions">) {
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
    createdAt: new Date(row.createdAt).toISOString(),
  };
}
