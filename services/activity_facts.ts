/** Stored activities and samples as the pure rules take them. */

import type { Database, Tx } from "@/db/client.ts";
import type { activities, samples } from "@/db/schema.ts";
import {
  type ActivityType,
  QUANTITIES,
  type Quantities,
  type Quantity,
  type RecordSource,
} from "@/domain/activity.ts";
import type { ActivityFact, SampleFact } from "@/domain/scoring.ts";
import type { EpochMs } from "@/domain/time.ts";
import { INTERVAL_MAX_MS } from "./fitness_record.ts";

type ActivityRow = typeof activities.$inferSelect;
type SampleRow = typeof samples.$inferSelect;

/** The column of each quantity of an activity. */
export const QUANTITY_COLUMNS = {
  distance: "distanceMm",
  moving_time: "movingTimeMs",
  active_energy: "activeEnergyCal",
  elevation_gain: "elevationGainMm",
  steps: "steps",
  floors: "floors",
} as const satisfies Record<Quantity, keyof ActivityRow>;

/** All of them, for whoever wants samples of everything. */
export const ALL_QUANTITIES = Object.keys(QUANTITIES) as readonly Quantity[];

/** Which facts to read: those that touch [from, to), and the named ones wherever they lie. */
export interface FactRange {
  from: EpochMs;
  to: EpochMs;
  /** Samples of other quantities are left out, unless named. */
  quantities: readonly Quantity[];
  recordIds: readonly string[];
  /** Also versions whose place another took from then on: where that one is late, they count. */
  replacedSince: EpochMs | null;
}

/** A version of a record; the newest one was not replaced. */
interface Version {
  replacedAt: EpochMs | null;
}

/** What an athlete did. */
export interface Facts {
  activities: (ActivityFact & Version)[];
  samples: (SampleFact & Version)[];
}

/** Reads the athlete's facts that are not deleted. */
export async function readFacts(
  tx: { sql: Tx["sql"] | Database["sql"] },
  userId: string,
  range: FactRange,
): Promise<Facts> {
  const { from, to, replacedSince } = range;
  const { sql } = tx;
  const ids = `{${range.recordIds.join(",")}}`;
  const quantities = [...range.quantities];
  // No record is longer, so that the index need not go back to the athlete's first.
  const touches = sql`started_at >= ${from - INTERVAL_MAX_MS} and started_at < ${to}
    and ended_at > ${from}`;
  const activities = await sql<ActivityRow[]>`
    select id, provider, type, started_at as "startedAt", ended_at as "endedAt",
      zone_offset_minutes as "zoneOffsetMinutes", distance_mm as "distanceMm",
      moving_time_ms as "movingTimeMs", active_energy_cal as "activeEnergyCal",
      elevation_gain_mm as "elevationGainMm", steps, floors,
      recording_method as "recordingMethod", source_app as "sourceApp",
      source_device as "sourceDevice", arrived_at as "arrivedAt", replaced_at as "replacedAt",
      chosen_at as "chosenAt", corrected_type as "correctedType",
      peak_minute_cms as "peakMinuteCms", peak_ten_minutes_cms as "peakTenMinutesCms"
    from activities where user_id = ${userId}
      and ((deleted_at is null and ${touches})
        or (deleted_at is null and id = any(${ids}::uuid[]))
        or (replaced_at >= ${replacedSince} and ${touches}))`;
  const samples = await sql<SampleRow[]>`
    select id, provider, quantity, value, started_at as "startedAt", ended_at as "endedAt",
      zone_offset_minutes as "zoneOffsetMinutes", recording_method as "recordingMethod",
      source_app as "sourceApp", source_device as "sourceDevice", arrived_at as "arrivedAt",
      replaced_at as "replacedAt"
    from samples where user_id = ${userId}
      and ((deleted_at is null and quantity = any(${quantities}::text[]) and ${touches})
        or (deleted_at is null and id = any(${ids}::uuid[]))
        or (replaced_at >= ${replacedSince} and quantity = any(${quantities}::text[])
          and ${touches}))`;
  return { activities: activities.map(toActivityFact), samples: samples.map(toSampleFact) };
}

function toActivityFact(row: ActivityRow): Facts["activities"][number] {
  return {
    kind: "activity",
    id: row.id,
    arrivedAt: row.arrivedAt,
    replacedAt: row.replacedAt,
    type: (row.correctedType ?? row.type) as ActivityType,
    origin: originOf(row),
    isChosen: row.chosenAt !== null,
    startedAt: row.startedAt,
    endedAt: row.endedAt,
    zoneOffsetMinutes: row.zoneOffsetMinutes,
    quantities: quantitiesOf(row),
    source: sourceOf(row),
    ...traceOf(row),
  };
}

/** The peaks alone: only who reviews it looks at the rest of a trace. */
function traceOf({ peakMinuteCms, peakTenMinutesCms }: ActivityRow): Pick<ActivityFact, "trace"> {
  if (peakMinuteCms === null) return {};
  const peak600 = peakTenMinutesCms === null ? {} : { peak600: peakTenMinutesCms };
  return { trace: { bucketMs: 0, speeds: [], peak60: peakMinuteCms, ...peak600 } };
}

/** Apps of one provider and devices of one app are told apart; files by what they say of themselves. */
function originOf({ provider, sourceApp, sourceDevice }: ActivityRow): string {
  return [provider, sourceApp, sourceDevice].join("\n");
}

function toSampleFact(row: SampleRow): Facts["samples"][number] {
  return {
    kind: "sample",
    id: row.id,
    arrivedAt: row.arrivedAt,
    replacedAt: row.replacedAt,
    quantity: row.quantity as Quantity,
    value: row.value,
    startedAt: row.startedAt,
    endedAt: row.endedAt,
    zoneOffsetMinutes: row.zoneOffsetMinutes,
    source: sourceOf(row),
  };
}

function quantitiesOf(row: ActivityRow): Quantities {
  const quantities: Quantities = {};
  for (const quantity of ALL_QUANTITIES) {
    const value = row[QUANTITY_COLUMNS[quantity]];
    if (value !== null) quantities[quantity] = value;
  }
  return quantities;
}

function sourceOf(row: ActivityRow | SampleRow): RecordSource {
  return {
    recordingMethod: row.recordingMethod,
    ...(row.sourceApp === null ? {} : { app: row.sourceApp }),
    ...(row.sourceDevice === null ? {} : { device: row.sourceDevice }),
  };
}
