/**
 * Imports an export of Health, or an archive of many files, as a job: a worker reads, this thread
 * stores in batches and notes how far it came, and at the end everything is scored at once.
 *
 * A job that broke off begins again: readings have an identity, so what is stored is left as it is,
 * and what an import brought is counted by its rows, not by its tries.
 *
 * @module
 */

import { z } from "zod";
import type { ImportResult, ImportSummary, RecordResult } from "@/contracts/fitness.ts";
import type { Tx } from "@/db/client.ts";
import type { RejectReason } from "@/domain/activity.ts";
import type { UserActor } from "@/domain/actor.ts";
import type { Interval } from "@/domain/days.ts";
import type { EpochMs } from "@/domain/time.ts";
import { getLog } from "@/platform/log.ts";
import { lockAthlete } from "./activity_scores.ts";
import { readArchive } from "./archive_reading.ts";
import { ExportOutcomes, readOwnActivities, type StoredOutcomes } from "./export_outcomes.ts";
import { readExport } from "./export_reading.ts";
import { storeBatch } from "./export_store.ts";
import type { ExportNews, ExportProgress } from "./export_worker.ts";
import type { FitnessDeps } from "./fitness.ts";
import { scoreImport } from "./fitness_effects.ts";
import { readSharers } from "./fitness_flags.ts";
import {
  endImport,
  findOpenImport,
  getImport,
  insertImport,
  noteProgress,
  type OpenImport,
  setOutcome,
} from "./fitness_imports.ts";
import { type IncomingRecord, resultOf } from "./fitness_record.ts";
import { holdSharers, rescoreSharers } from "./fitness_sharing.ts";
import { storeRecords } from "./fitness_store.ts";
import { type JobKind, jobKind, type RunningJob } from "../jobs/job_kinds.ts";
import type { Upload } from "./uploads.ts";

/** Whose the records are: an export of Health has its own, files are known by their content. */
const PROVIDERS = { "apple_health": "apple_health", archive: "file" } as const;

const payload = z.object({
  importId: z.uuid(),
  requestId: z.string().nullable(),
  address: z.string().nullable(),
});
export type ExportJob = z.infer<typeof payload>;

/** Only nodes that can reach the folder take the job. */
export function exportJobKind(storeId: string): JobKind<ExportJob> {
  return jobKind({ name: `fitness.import@${storeId}`, payload, attemptsMax: 5 });
}

/** What of an upload the import tells. */
export interface QueuedExport {
  upload: Upload;
  kind: keyof typeof PROVIDERS;
  /** Of what is in it, unpacked. */
  bytes: number;
  fileName: string | null;
}

/** Leaves an export to a job, in one transaction with its import. */
export async function enqueueExport(
  deps: FitnessDeps,
  user: UserActor,
  { upload, kind: format, bytes, fileName }: QueuedExport,
): Promise<ImportResult> {
  await upload.keep();
  const { id } = upload;
  const { userId, requestId, address } = user;
  const createdAt = deps.clock.now();
  await deps.database.transaction(async (tx) => {
    await insertImport(tx, {
      id,
      userId,
      kind: "file",
      provider: PROVIDERS[format],
      format,
      fileName,
      fileHash: upload.hash,
      sizeBytes: upload.size,
      createdAt,
      status: "queued",
      totalBytes: bytes,
    });
    const kind = exportJobKind(deps.uploads.storeId);
    await deps.jobs.enqueue(tx, kind, { importId: id, requestId, address });
  }, { name: "fitness.export_queued" });
  return await getImport(deps, user, id);
}

/** Does the job. */
export async function importExport(
  deps: FitnessDeps,
  order: ExportJob,
  job: RunningJob,
): Promise<void> {
  const { importId } = order;
  const open = await findOpenImport(deps, importId);
  if (!open) return await deps.uploads.remove(importId);
  const path = await deps.uploads.find(importId);
  if (path === undefined) return await fail(deps, importId, "rejected", "upload_lost");
  const run = new ExportRun(deps, open, order);
  try {
    await run.read(path, job.signal);
    await run.finish();
  } catch (error) {
    if (!job.isLastAttempt) throw error;
    await fail(deps, importId, "failed", "interrupted");
    await deps.uploads.remove(importId);
    throw error;
  }
  await deps.uploads.remove(importId);
}

async function fail(
  { database, clock, onImport }: FitnessDeps,
  importId: string,
  status: "rejected" | "failed",
  reason: RejectReason,
): Promise<void> {
  await endImport(database, importId, { status, reason, at: clock.now() });
  onImport?.("file", "rejected");
}

/** Readers of the import page look about once a second. */
const PROGRESS_MS = 500;

class ExportRun {
  readonly #outcomes = new ExportOutcomes();
  readonly #contents: string[] = [];
  readonly #user: UserActor;
  #progress: ExportProgress | undefined;
  #notedAt = 0;
  #fault: ReadFault | undefined;

  constructor(readonly deps: FitnessDeps, readonly open: OpenImport, order: ExportJob) {
    const { requestId, address } = order;
    const { userId, role } = open;
    // The session may be over; what the job does was asked for in it.
    const session = { sessionId: open.id, via: "api", expiresAt: Infinity } as const;
    this.#user = { kind: "user", userId, role, ...session, requestId, address };
  }

  /** Reads the file to its end, or to where it cannot be read. */
  async read(path: string, signal: AbortSignal): Promise<void> {
    const order = { path, zone: this.open.timeZone, now: this.deps.clock.now() };
    const isArchive = this.open.provider === PROVIDERS.archive;
    const reading = isArchive
      ? readArchive(this.deps.files, order, signal)
      : readExport(order, signal);
    for await (const news of reading) {
      if (news.kind === "end") this.#fault = news.fault;
      else if (news.kind === "batch") await this.#storeRows(news.rows);
      else await this.#storeWorkouts(news);
      await this.#note(news);
    }
  }

  async #note({ kind, progress }: ExportNews): Promise<void> {
    this.#progress = progress;
    const now = performance.now();
    if (kind !== "end" && now - this.#notedAt < PROGRESS_MS) return;
    this.#notedAt = now;
    await noteProgress(this.deps.database, this.open.id, progress);
  }

  async #storeRows(rows: Uint8Array<ArrayBuffer>): Promise<void> {
    const owner = this.#owner();
    await this.deps.database.transaction((tx) => storeBatch(tx, owner, rows), {
      name: "fitness.export_batch",
    });
    // Given back at once: the collector counts what lies outside of its heap too late.
    rows.buffer.transfer(0);
  }

  async #storeWorkouts(
    { incoming, contents = [] }: { incoming: readonly IncomingRecord[]; contents?: string[] },
  ): Promise<void> {
    this.#contents.push(...contents);
    const stored = await this.deps.database.transaction(async (tx) => {
      await lockAthlete(tx, this.open.userId);
      return await storeRecords(this.deps, tx, { ...this.#owner(), incoming });
    }, { name: "fitness.export_workouts" });
    this.#outcomes.add(incoming, stored);
  }

  #owner() {
    const { id, userId, provider, createdAt } = this.open;
    return { userId, importId: id, provider, at: createdAt };
  }

  /** Scores what was stored and tells how it ended, in one transaction. */
  async finish(): Promise<void> {
    const { deps, open } = this;
    const { committed, isUsable, counts } = await deps.database.transaction(
      (tx) => this.#finishIn(tx),
      { name: "fitness.export_end" },
    );
    await Promise.all(committed.map((change) => deps.boards.committed(change.locked.id, change)));
    deps.onImport?.("file", isUsable ? "done" : "rejected");
    deps.onScores?.(committed.reduce((sum, change) => sum + change.scores.length, 0));
    getLog("fitness").info("Read export {id}", { id: open.id, ...counts });
  }

  async #finishIn(tx: Tx) {
    const { deps, open } = this;
    const sharers = await readSharers(tx, open.userId, this.#contents);
    for (const userId of [open.userId, ...sharers].sort()) await lockAthlete(tx, userId);
    const stored = await readStored(tx, open.id);
    const sharing = { contents: this.#contents, sharers, userId: open.userId };
    const shared = await holdSharers(deps, tx, sharing);
    const mine = { importId: open.id, userId: open.userId };
    const own = await readOwnActivities(tx, mine, stored.span);
    const scores = await scoreImport(deps, tx, this.#user, {
      importId: open.id,
      indexByRecordId: this.#outcomes.indexByRecordId,
      replacedIndexes: [],
      span: stored.span,
    });
    const sharedIds = shared.ownIds;
    const judged = this.#outcomes.judge({ ...own, sharedIds, effects: scores.effects });
    const counts = this.#counts(stored.count, judged);
    const results = this.#allResults(judged.results);
    await setOutcome(tx, open.id, { results, effects: scores.effects, counts });
    const isUsable = stored.count + counts.duplicate > 0;
    const reason = this.#fault?.reason ?? judged.results[0]?.reason ?? "not_activity";
    await endImport(tx, open.id, {
      status: isUsable ? "done" : "rejected",
      reason: isUsable ? null : reason,
      at: deps.clock.now(),
    });
    const committed = [...scores.committed, ...await rescoreSharers(deps, tx, shared.others)];
    return { committed, isUsable, counts };
  }

  /** What the file held, by what became of it; `stored` are the rows that this import brought. */
  #counts(stored: number, { merged, flagged }: StoredOutcomes): ImportSummary["counts"] {
    const { records = 0, workouts = 0, skipped = [], rejected = 0 } = this.#progress ?? {};
    const left = skipped.reduce((sum, [, count]) => sum + count, rejected);
    return {
      imported: stored - merged - flagged,
      duplicate: Math.max(0, records + workouts - left - stored),
      merged,
      flagged,
      rejected: rejected + (this.#fault ? 1 : 0),
    };
  }

  /** Where reading broke off stands at the end. */
  #allResults(results: readonly RecordResult[]): RecordResult[] {
    const fault = this.#fault;
    if (!fault) return [...results];
    const index = (results.at(-1)?.index ?? -1) + 1;
    const record = { kind: "rejected", ...fault } as const;
    return [...results, { ...resultOf({ index, identity: "", record }), outcome: "rejected" }];
  }
}

interface ReadFault {
  reason: RejectReason;
  message: string;
}

/** Rows of all tries, and the time they span. */
async function readStored(
  tx: Tx,
  importId: string,
): Promise<{ count: number; span: Interval | null }> {
  const [row] = await tx.sql<{ count: number; from: EpochMs | null; to: EpochMs | null }[]>`
    select count(*), min(started_at) as "from", max(ended_at) as "to" from (
      select started_at, ended_at from samples where import_id = ${importId}
      union all
      select started_at, ended_at from activities where import_id = ${importId}
    ) as stored`;
  if (!row || row.from === null || row.to === null) return { count: 0, span: null };
  return { count: row.count, span: { startsAt: row.from, endsAt: row.to } };
}
