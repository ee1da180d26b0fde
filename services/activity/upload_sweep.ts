/**
 * Removes uploads that nothing will read any more. A node that dies while it takes a file in, or
 * between an import's end and the removal of its file, leaves the file behind; the folder is bounded,
 * so that such files would in the end keep everybody else's out.
 *
 * @module
 */

import { z } from "zod";
import type { Database } from "@/db/client.ts";
import { HOUR_MS } from "@/domain/time.ts";
import { getLog } from "@/platform/log.ts";
import { jobKind } from "../jobs/job_kinds.ts";
import type { JobsService } from "../jobs/jobs.ts";
import type { UploadsService } from "./uploads.ts";

/**
 * A file is written to until it is whole, and its import follows within moments: what nobody has
 * written to for so long is nobody's, however slow a phone sends.
 */
export const ABANDONED_MS = 6 * HOUR_MS;

export interface UploadSweepDeps {
  database: Database;
  uploads: Pick<UploadsService, "storeId" | "list" | "remove">;
  jobs: Pick<JobsService, "handle" | "schedule">;
}

/** Sweeps once an hour; only nodes that can reach the folder take the job. */
export function scheduleUploadSweep(deps: UploadSweepDeps): void {
  const name = `fitness.sweep_uploads@${deps.uploads.storeId}`;
  const kind = jobKind({ name, payload: z.object({}) });
  deps.jobs.handle(kind, async () => {
    const swept = await sweepUploads(deps);
    if (swept > 0) getLog("fitness").warning("Removed {count} abandoned uploads", { count: swept });
  });
  deps.jobs.schedule({ name, kind, payload: {}, everyMs: HOUR_MS });
}

/** Removes abandoned files that no unfinished import waits for; gives how many. */
export async function sweepUploads(
  { database, uploads }: Pick<UploadSweepDeps, "database" | "uploads">,
): Promise<number> {
  const old = (await uploads.list()).filter(({ untouchedMs }) => untouchedMs > ABANDONED_MS);
  if (old.length === 0) return 0;
  const ids = old.map(({ id }) => id);
  const open = await database.sql<{ id: string }[]>`
    select id from imports where id = any(${ids}::uuid[]) and status in ('queued', 'running')`;
  const waited = new Set(open.map(({ id }) => id));
  const abandoned = ids.filter((id) => !waited.has(id));
  for (const id of abandoned) await uploads.remove(id);
  return abandoned.length;
}
