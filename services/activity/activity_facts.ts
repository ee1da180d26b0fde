/** Stored activities and samples as the pure rules take them. */

import type { Database, Tx } from "@/db/client.ts";
import type { activities } from "@/db/schema.ts";
import {
  type ActivityType,
  QUANTITIES,
  type Quantities,
  type Quantity,
  type RecordSource,
} from "@/domain/activity.ts";
import type { ActivityFact } from "@/domain/scoring.ts";
import type { EpochMs } from "@/domain/time.ts";
import { INTERVAL_MAX_MS } from "./fitness_record.ts";
import { sampleLine, samplesOf, type StoredSample } from "./sample_lines.ts";

type ActivityRow = typeof activities.$inferSelect;

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
  samples: StoredSample[];
}

type Reader = { sql: Tx["sql"] | Database["sql"] };

/** Reads the athlete's facts that are not deleted. */
export async function readFacts(
  reader: Reader,
  userId: string,
  range: FactRange,
): Promise<Facts> {
  const activities = await readActivities(reader, userId, range);
  return { activities, samples: await readSamples(reader, userId, range) };
}

/** No record is longer, so that the index need not go back to the athlete's first. */
function touching(sql: Reader["sql"], { from, to }: FactRange) {
  return sql`started_at >= ${from - INTERVAL_MAX_MS} and started_at < ${to}
    and ended_at > ${from}`;
}

/** The activities among them. */
export async function readActivities(
  { sql }: Reader,
  userId: string,
  range: FactRange,
): Promise<Facts["activities"]> {
  const ids = `{${range.recordIds.join(",")}}`;
  const touches = touching(sql, range);
  const rows = await sql<ActivityRow[]>`
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
        or (replaced_at >= ${range.replacedSince} and ${touches}))`;
  return rows.map(toActivityFact);
}

/** The samples among them; undefined, and not looked at, when there are more than a number. */
export async function readSamples(
  reader: Reader,
  userId: string,
  range: FactRange,
): Promise<Facts["samples"]>;
export async function readSamples(
  reader: Reader,
  userId: string,
  range: FactRange,
  rowsMax: number,
): Promise<Facts["samples"] | undefined>;
export async function readSamples(
  { sql }: Reader,
  userId: string,
  range: FactRange,
  rowsMax?: number,
): Promise<Facts["samples"] | undefined> {
  const limit = rowsMax === undefined ? null : rowsMax + 1;
  const [row] = await sql<{ lines: string | null; count: number }[]>`
    select string_agg(line, E'\n') as lines, count(*)::int as count
    from (${selectSamples(sql, userId, range)} limit ${limit}) as found`;
  const { lines, count } = row!;
  return rowsMax !== undefined && count > rowsMax ? undefined : samplesOf(lines);
}

/**
 * The samples among them as lines for `samplesOf`, a part after the other: so that years of them are
 * neither held at once nor read here.
 */
export async function* streamSampleLines(
  { sql }: Pick<Tx, "sql">,
  userId: string,
  range: FactRange,
  rowsAtOnce: number,
): AsyncGenerator<string> {
  const query = sql<{ line: string }[]>`${selectSamples(sql, userId, range)}`;
  for await (const rows of query.cursor(rowsAtOnce)) {
    yield rows.map(({ line }) => line).join("\n");
  }
}

function selectSamples(sql: Reader["sql"], userId: string, range: FactRange) {
  const ids = `{${range.recordIds.join(",")}}`;
  const quantities = [...range.quantities];
  const touches = touching(sql, range);
  return sql`
    select ${sampleLine(sql)} as line
    from samples where user_id = ${userId}
      and ((deleted_at is null and quantity = any(${quantities}::text[]) and ${touches})
        or (deleted_at is null and id = any(${ids}::uuid[]))
        or (replaced_at >= ${range.replacedSince} and quantity = any(${quantities}::text[])
          and ${touches}))`;
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

function quantitiesOf(row: ActivityRow): Quantities {
  const quantities: Quantities = {};
  for (const quantity of ALL_QUANTITIES) {
    const value = row[QUANTITY_COLUMNS[quantity]];
    if (value !== null) quantities[quantity] = value;
  }
  return quantities;
}

function sourceOf(row: ActivityRow): RecordSource {
  return {
    recordingMethod: row.recordingMethod,
    ...(row.sourceApp === null ? {} : { app: row.sourceApp }),
    ...(row.sourceDevice === null ? {} : { device: row.sourceDevice }),
  };
}
