/**
 * Activity: imports, syncs, and what they did to every competition they count for.
 *
 * @module
 */

import type {
  Activity,
  ActivityChange,
  ActivityDetail,
  ActivityQuery,
} from "@/contracts/activities.ts";
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
import { checkSignedIn } from "../accounts/access.ts";
import type { ActivityScores } from "./activity_scores.ts";
import type { BoardsService } from "../boards/boards.ts";
import type { FileReader } from "./file_reader.ts";
import {
  changeActivity,
  getActivity,
  listActivities,
  removeActivity,
} from "./fitness_activities.ts";
import { exportJobKind, importExport } from "./fitness_export.ts";
import { importFile, syncRecords } from "./fitness_import.ts";
import { getImport, listImports } from "./fitness_imports.ts";
import { readStats } from "./fitness_stats.ts";
import type { JobsService } from "../jobs/jobs.ts";
import { scheduleUploadSweep } from "./upload_sweep.ts";
import type { Upload, UploadsService } from "./uploads.ts";

/** One file in memory. */
export interface UploadedFile {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
}

export interface FitnessService {
  /**
   * Reads a device file, stores its records and scores them, in one transaction. Fails with
   * `IMPORT_REJECTED` (reason in details) and then stores nothing. An export of Health is only
   * checked and left to a job: its import is `queued` then.
   */
  importFile(
    actor: Actor,
    file: UploadedFile | Upload,
    options: { competitionId?: string | undefined },
  ): Promise<ImportResult>;
  /** Stores records and workouts of an app, each answered by itself. */
  sync(actor: Actor, request: SyncRequest): Promise<ImportResult>;
  /** One's own imports (admins: anybody's by `userId`), newest first. */
  imports(actor: Actor, query: PageQuery & { userId?: string }): Promise<Page<ImportSummary>>;
  /** What one import said. Fails with `NOT_FOUND`, `FORBIDDEN`. */
  getImport(actor: Actor, importId: string): Promise<ImportResult>;
  /** The athlete's recorded sessions, the latest first. Oneself or an admin. */
  activities(actor: Actor, userId: string, query: ActivityQuery): Promise<Page<Activity>>;
  /** One session with its doubles and what it did. Fails with `NOT_FOUND`, `FORBIDDEN`. */
  getActivity(actor: Actor, activityId: string): Promise<ActivityDetail>;
  /** Corrects the type, or chooses which record of a session counts; scores anew what used it. */
  changeActivity(actor: Actor, activityId: string, change: ActivityChange): Promise<ActivityDetail>;
  /** Removes a session; scores anew what used it. */
  removeActivity(actor: Actor, activityId: string): Promise<void>;
  /** Totals by bucket, best day, streaks, sources. Oneself or an admin. */
  stats(actor: Actor, userId: string, query: StatsQuery): Promise<Stats>;
}

export interface FitnessDeps {
  database: Database;
  activityScores: ActivityScores;
  boards: BoardsService;
  files: FileReader;
  uploads: UploadsService;
  jobs: Pick<JobsService, "enqueue" | "handle" | "schedule">;
  clock: Clock;
  newId: IdGenerator;
  /** Hears of each import, for metrics. */
  onImport?: (kind: "file" | "sync", outcome: "done" | "rejected") => void;
  /** Hears how many score events an import made durable. */
  onScores?: (count: number) => void;
}

export function createFitnessService(deps: FitnessDeps): FitnessService {
  const { jobs, uploads } = deps;
  jobs.handle(exportJobKind(uploads.storeId), (order, job) => importExport(deps, order, job));
  scheduleUploadSweep(deps);
  return {
    async importFile(actor, file, options) {
      checkSignedIn(actor);
      if ("source" in file) return await importFile(deps, actor, file, options);
      await using upload = await uploads.receive(file.name, [file.bytes]);
      return await importFile(deps, actor, upload, options);
    },
    sync: (actor, request) => syncRecords(deps, actor, request),
    imports: (actor, query) => listImports(deps, actor, query),
    getImport: (actor, importId) => getImport(deps, actor, importId),
    activities: (actor, userId, query) => listActivities(deps, actor, userId, query),
    getActivity: (actor, activityId) => getActivity(deps, actor, activityId),
    changeActivity: (actor, activityId, change) => changeActivity(deps, actor, activityId, change),
    removeActivity: (actor, activityId) => removeActivity(deps, actor, activityId),
    stats: (actor, userId, query) => readStats(deps, actor, userId, query),
  };
}
