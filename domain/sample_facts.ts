/** Facts of made-up athletes, written the way people tell of them: a day of the week, an hour, a length. */

import type { ActivityType, Quantities, RecordingMethod, RecordSource } from "./activity.ts";
import type { ActivityFact, SampleFact } from "./scoring_part.ts";
import { HOUR_MS, MINUTE_MS } from "./time.ts";

/** Hours from the Monday on which the week begins. */
export type WeekHour = number;

/** Hours from Monday 00:00 to an hour of a day; 0 is Monday. */
export function at(day: number, hour: number): WeekHour {
  return day * 24 + hour;
}

/** A session of the sample week. */
export interface SampleSession {
  type: ActivityType;
  at: WeekHour;
  minutes: number;
  km?: number;
  climbM?: number;
  kcal?: number;
  steps?: number;
  device: string;
  method?: RecordingMethod;
  /** Hours after its end at which it arrived; 0.1 unless told. */
  lateHours?: number;
}

/** Readings of one day: so many in some hours, evenly. */
export interface SampleReadings {
  quantity: SampleFact["quantity"];
  day: number;
  fromHour: number;
  /** One after the other, each of three hours. */
  values: readonly number[];
  device: string;
  method?: RecordingMethod;
}

const READING_HOURS = 3;
const ARRIVES_AFTER_HOURS = 0.1;

/** A session as a fact. */
export function sessionFact(id: string, monday: number, session: SampleSession): ActivityFact {
  const { type, minutes, lateHours = ARRIVES_AFTER_HOURS } = session;
  const startedAt = monday + session.at * HOUR_MS;
  const endedAt = startedAt + minutes * MINUTE_MS;
  return {
    kind: "activity",
    id,
    type,
    startedAt,
    endedAt,
    arrivedAt: endedAt + lateHours * HOUR_MS,
    zoneOffsetMinutes: null,
    quantities: quantitiesOf(session),
    source: sourceOf(session.device, session.method ?? "active"),
  };
}

function quantitiesOf({ minutes, km, climbM, kcal, steps }: SampleSession): Quantities {
  return {
    moving_time: minutes * MINUTE_MS,
    ...(km === undefined ? {} : { distance: Math.round(km * 1_000_000) }),
    ...(climbM === undefined ? {} : { elevation_gain: climbM * 1000 }),
    ...(kcal === undefined ? {} : { active_energy: kcal * 1000 }),
    ...(steps === undefined ? {} : { steps }),
  };
}

/** Readings as facts. */
export function readingFacts(id: string, monday: number, readings: SampleReadings): SampleFact[] {
  const { quantity, day, fromHour, values, device, method = "automatic" } = readings;
  return values.map((value, index) => {
    const startedAt = monday + at(day, fromHour + index * READING_HOURS) * HOUR_MS;
    const endedAt = startedAt + READING_HOURS * HOUR_MS;
    return {
      kind: "sample",
      id: `${id}.${index + 1}`,
      quantity,
      value,
      startedAt,
      endedAt,
      arrivedAt: endedAt + ARRIVES_AFTER_HOURS * HOUR_MS,
      zoneOffsetMinutes: null,
      source: sourceOf(device, method),
    };
  });
}

function sourceOf(device: string, recordingMethod: RecordingMethod): RecordSource {
  return { device, recordingMethod };
}
