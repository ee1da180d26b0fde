/**
 * Samples as lines of text, one value of the database for all of them: a driver takes 6 µs for a row
 * of twelve columns, and a month of hourly readings is 700 rows.
 *
 * @module
 */

import type { Database, Tx } from "@/db/client.ts";
import type { Quantity, RecordingMethod } from "@/domain/activity.ts";
import type { SampleFact } from "@/domain/scoring.ts";
import type { EpochMs } from "@/domain/time.ts";

/** A stored sample; the newest version was not replaced. */
export type StoredSample = SampleFact & { replacedAt: EpochMs | null };

/** In place of what is not there; names hold no control characters, nor what parts the columns. */
const NONE = "\x01";

/** The line of a row of `samples`, to be selected. */
export function sampleLine(sql: Tx["sql"] | Database["sql"]) {
  const ms = (column: string) => sql`(date_part('epoch', ${sql(column)}) * 1000)::bigint`;
  return sql`
    id || E'\t' || quantity || E'\t' || value || E'\t' || ${ms("started_at")} || E'\t' ||
    ${ms("ended_at")} || E'\t' || ${ms("arrived_at")} || E'\t' ||
    coalesce(${ms("replaced_at")}::text, ${NONE}) || E'\t' ||
    coalesce(zone_offset_minutes::text, ${NONE}) || E'\t' || recording_method || E'\t' ||
    coalesce(source_app, ${NONE}) || E'\t' || coalesce(source_device, ${NONE})`;
}

/** Reads lines; none for null or no text.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { samplesOf } from "@/services/activity/sample_lines.ts";
 *
 * const line = ["a", "steps", 12, 1000, 2000, 3000, "\x01", "180", "automatic", "\x01", "watch"];
 * const [sample] = samplesOf(line.join("\t"));
 * assertEquals([sample?.value, sample?.zoneOffsetMinutes, sample?.replacedAt], [12, 180, null]);
 * assertEquals(sample?.source, { recordingMethod: "automatic", device: "watch" });
 * ```
 */
export function samplesOf(lines: string | null): StoredSample[] {
  return lines === null || lines === "" ? [] : lines.split("\n").map(sampleOf);
}

function sampleOf(line: string): StoredSample {
  const part = line.split("\t");
  const [app, device] = [part[9]!, part[10]!];
  return {
    kind: "sample",
    id: part[0]!,
    quantity: part[1] as Quantity,
    value: Number(part[2]),
    startedAt: Number(part[3]),
    endedAt: Number(part[4]),
    arrivedAt: Number(part[5]),
    replacedAt: numberOrNull(part[6]!),
    zoneOffsetMinutes: numberOrNull(part[7]!),
    source: {
      recordingMethod: part[8] as RecordingMethod,
      ...(app === NONE ? {} : { app }),
      ...(device === NONE ? {} : { device }),
    },
  };
}

function numberOrNull(text: string): number | null {
  return text === NONE ? null : Number(text);
}
