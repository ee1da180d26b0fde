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
import type { Actor } from "@/domain/actor.ts";

/** One uploaded file. */
export interface UploadedFile {
  name: string;
  bytes: Uint8Array;
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
