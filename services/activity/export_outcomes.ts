/**
 * What became of the workouts of an export, told as for a sync: sessions that another source brought
 * as well are merged, doubtful ones flagged with what is doubtful. All of them are counted; only the
 * first thousand are told one by one.
 *
 * @module
 */

import type { RecordResult } from "@/contracts/fitness.ts";
import type { Tx } from "@/db/client.ts";
import { findImplausible, type Finding } from "@/domain/plausibility.ts";
import type { Interval } from "@/domain/days.ts";
import { type Doubles, markMerged, readDoubles } from "./fitness_doubles.ts";
import type { Effect } from "./fitness_effects.ts";
import { heldIndexes, SHARED } from "./fitness_flags.ts";
import type { IncomingRecord } from "./fitness_record.ts";

/** Told one by one with an import: its workouts and what was rejected, up to here. */
const RESULTS_MAX = 1_000;

/** Rows that an import brought, by what became of them. */
export interface StoredOutcomes {
  merged: number;
  flagged: number;
}

/** Gathers what the batches of an export gave, and judges it once all is stored. */
export class ExportOutcomes {
  readonly indexByRecordId = new Map<string, number>();
  readonly #results: RecordResult[] = [];
  readonly #findings = new Map<string, Finding[]>();

  /** Takes what became of a batch of workouts. */
  add(
    incoming: readonly IncomingRecord[],
    { results, indexByRecordId }: {
      results: readonly RecordResult[];
      indexByRecordId: ReadonlyMap<string, number>;
    },
  ): void {
    this.#results.push(...results.slice(0, RESULTS_MAX - this.#results.length));
    for (const [id, index] of indexByRecordId) {
      if (this.indexByRecordId.size < RESULTS_MAX) this.indexByRecordId.set(id, index);
    }
    const records = new Map(incoming.map(({ index, record }) => [index, record]));
    for (const { index, activityId } of results) {
      const record = records.get(index);
      if (activityId === undefined || record?.kind !== "activity") continue;
      const findings = findImplausible(record);
      if (findings.length > 0) this.#findings.set(activityId, findings);
    }
  }

  /** Results in the order of the file, and the counts of all that the import brought. */
  judge(
    { own, doubles, effects, sharedIds }: OwnActivities & {
      effects: readonly Effect[];
      /** Those whose file another account brought too. */
      sharedIds: ReadonlySet<string>;
    },
  ): StoredOutcomes & { results: RecordResult[] } {
    const held = heldIndexes(effects);
    const isFlagged = (id: string) =>
      this.#findings.has(id) || sharedIds.has(id) || held.has(this.indexByRecordId.get(id) ?? -1);
    const counts = { merged: 0, flagged: 0 };
    for (const id of own) {
      if (isFlagged(id)) counts.flagged++;
      else if (doubles.has(id)) counts.merged++;
    }
    // A try that broke off has stored some already: they are this import's all the same.
    // Only once each: the same session again in the same file is a duplicate of the first.
    const told = new Set<string>();
    const brought = this.#results.map((result): RecordResult => {
      const id = result.activityId ?? "";
      const isFirst = !told.has(id);
      told.add(id);
      const isOwn = isFirst && result.outcome === "duplicate" && own.has(id);
      return isOwn ? { ...result, outcome: "imported" } : result;
    });
    const results = markMerged(brought, doubles).map((result): RecordResult => {
      const id = result.activityId;
      if (id === undefined || !own.has(id) || !isFlagged(id)) return result;
      const shared = sharedIds.has(id) ? [SHARED] : [];
      const findings = [...this.#findings.get(id) ?? [], ...shared];
      return { ...result, outcome: "flagged", findings };
    });
    return { ...counts, results: results.sort((a, b) => a.index - b.index) };
  }
}

/** The sessions that an import brought, and which of them are there more than once. */
export interface OwnActivities {
  own: ReadonlySet<string>;
  doubles: Doubles;
}

/** Reads them, after all is stored. */
export async function readOwnActivities(
  tx: Tx,
  { importId, userId }: { importId: string; userId: string },
  span: Interval | null,
): Promise<OwnActivities> {
  const rows = await tx.sql<{ id: string }[]>`
    select id from activities where import_id = ${importId} and deleted_at is null`;
  const own = new Set(rows.map(({ id }) => id));
  if (own.size === 0 || span === null) return { own, doubles: new Map() };
  return { own, doubles: await readDoubles(tx, userId, span) };
}
