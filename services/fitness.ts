/**
 * Activity: imports, syncs, and what they did to every competition they count for.
 *
 * @module
 */

import type {
  ImportResult,
  ImportSummary,
  Stats,
  StatsQuery,
  SyncRequest,
} from "@/contracts/fitness.ts";
import type { Page, PageQuery } from "@/contracts/envelope.ts";
import type { Database } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import type { Clock } from "@/platform/clock.ts";
import type { IdGenerator } from "@/platform/id.ts";
import type { ActivityScores } from "./activity_scores.ts";
import type { BoardsService } from "./boards.ts";
import type { FileReader } from "./file_reader.ts";
import { importFile, syncRecords } from "./fitness_import.ts";
import { getImport, listImports } from "./fitness_imports.ts";
import { readStats } from "./fitness_stats.ts";

/** One uploaded file; reading a large one gives its bytes away. */
export interface UploadedFile {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
}

export interface FitnessService {
  /** Reads a device file, stores its records and scores them, in one transaction. Fails with `IMPORT_REJECTED` (reason in details) and then stores nothing. */
  importFile(
    actor: Actor,
    file: UploadedFile,
    options: { competitionId?: string | undefined },
  ): Promise<ImportResult>;
  /** Stores records and workouts of an app, each answered by itself. */
  sync(actor: Actor, request: SyncRequest): Promise<ImportResult>;
  /** One's own imports (admins: anybody's by `userId`), newest first. */
  imports(actor: Actor, query: PageQuery & { userId?: string }): Promise<Page<ImportSummary>>;
  /** What one import said. Fails with `NOT_FOUND`, `FORBIDDEN`. */
  getImport(actor: Actor, importId: string): Promise<ImportResult>;
  /** Totals by bucket, best day, streaks, sources. Oneself or an admin. */
  stats(actor: Actor, userId: string, query: StatsQuery): Promise<Stats>;
}

export interface FitnessDeps {
  database: Database;
  activityScores: ActivityScores;
  boards: BoardsService;
  files: FileReader;
  clock: Clock;
  newId: IdGenerator;
  /** Hears of each import, for metrics. */
  onImport?: (kind: "file" | "sync", outcome: "done" | "rejected") => void;
  /** Hears how many score events an import made durable. */
  onScores?: (count: number) => void;
}

export function createFitnessService(deps: FitnessDeps): FitnessService {
  return {
    importFile: (actor, file, options) => importFile(deps, actor, file, options),
    sync: (actor, request) => syncRecords(deps, actor, request),
    imports: (actor, query) => listImports(deps, actor, query),
    getImport: (actor, importId) => getImport(deps, actor, importId),
    stats: (actor, userId, query) => readStats(deps, actor, userId, query),
  };
}
