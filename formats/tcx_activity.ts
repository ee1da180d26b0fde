import type { ActivityRecord, RecordSource, RejectedRecord } from "@/domain/activity.ts";
import { isPosition, type Position } from "@/domain/geo.ts";
import { type EpochMs, SECOND_MS } from "@/domain/time.ts";
import { finishActivity } from "./activity_draft.ts";
import { activityTypeNamed } from "./activity_name.ts";
import { parseDecimal } from "./decimal.ts";
import { parseIsoTime } from "./iso_time.ts";
import { nameFrom } from "./name.ts";
import { TrackSummary } from "./track_summary.ts";
import type { XmlAttributes } from "./xml.ts";

/** A lap as its elements say; amounts that are absent stay undefined. */
interface Lap {
  startedAt: EpochMs | undefined;
  seconds: number | undefined;
  distanceM: number | undefined;
  kcal: number | undefined;
  /** Way of the whole activity when the lap began, by positions and by the device's own count. */
  wayBeforeM: number;
  countBeforeM: number;
}

interface Point {
  time: string | undefined;
  elevation: string | undefined;
  distance: string | undefined;
  latitude: string | undefined;
  longitude: string | undefined;
}

/** Where an element of a trackpoint goes, by its name. */
const POINT_FIELDS: Readonly<Record<string, keyof Point>> = {
  "Trackpoint Time": "time",
  "Trackpoint AltitudeMeters": "elevation",
  "Trackpoint DistanceMeters": "distance",
  "Position LatitudeDegrees": "latitude",
  "Position LongitudeDegrees": "longitude",
};

const MM_PER_M = 1000;
const CAL_PER_KCAL = 1000;

/** One `<Activity>` while it is read. */
export class TcxActivity {
  device: string | undefined;
  readonly #track = new TrackSummary();
  #id: EpochMs | undefined;
  #zoneOffsetMinutes: number | null = null;
  #lap: Lap | undefined;
  #point: Point | undefined;
  /** The last cumulative distance of a trackpoint. */
  #countM: number | undefined;
  #startedAt: EpochMs | undefined;
  #endedAt: EpochMs | undefined;
  #seconds: number | undefined;
  #distanceM: number | undefined;
  #kcal: number | undefined;

  constructor(readonly sport: string | undefined) {}

  open(name: string, parent: string, attributes: XmlAttributes): void {
    if (name === "Trackpoint" && parent === "Track") this.#point = newPoint();
    else if (name === "Track" && parent === "Lap") this.#track.startSegment();
    else if (name === "Lap" && parent === "Activity") this.#beginLap(attributes["StartTime"]);
  }

  close(name: string, parent: string, text: string): void {
    if (this.#point) this.#closeInPoint(name, parent, text);
    else if (parent === "Lap" && this.#lap) takeLapField(this.#lap, name, text);
    else if (name === "Lap" && parent === "Activity") this.#endLap();
    else if (name === "Id" && parent === "Activity") this.#id = this.#instant(text);
    else if (name === "Name" && parent === "Creator") this.device ??= nameFrom(text);
  }

  /** The activity, or why it cannot be used. */
  finish(): ActivityRecord | RejectedRecord {
    const { gainM, timedCount } = this.#track;
    const recordingMethod = timedCount > 0 ? "active" : "unknown";
    const { device } = this;
    const source: RecordSource = { ...(device && { device }), recordingMethod };
    const startedAt = this.#startedAt ?? this.#id ?? this.#track.startedAt;
    const endedAt = later(this.#endedAt, this.#track.endedAt);
    return finishActivity({
      type: activityTypeNamed(this.sport),
      startedAt,
      endedAt,
      zoneOffsetMinutes: this.#zoneOffsetMinutes,
      quantities: {
        distance: scaled(this.#distanceM, MM_PER_M),
        moving_time: scaled(this.#seconds, SECOND_MS) ?? this.#track.movingMs ??
          between(startedAt, endedAt),
        active_energy: scaled(this.#kcal, CAL_PER_KCAL),
        elevation_gain: scaled(gainM, MM_PER_M),
      },
      source,
      trace: this.#track.trace,
    });
  }

  #instant(text: string | undefined): EpochMs | undefined {
    const time = text === undefined ? undefined : parseIsoTime(text);
    this.#zoneOffsetMinutes ??= time?.zoneOffsetMinutes ?? null;
    return time?.at;
  }

  #beginLap(startTime: string | undefined): void {
    this.#lap = {
      startedAt: this.#instant(startTime),
      seconds: undefined,
      distanceM: undefined,
      kcal: undefined,
      wayBeforeM: this.#track.distanceM,
      countBeforeM: this.#countM ?? 0,
    };
  }

  #endLap(): void {
    const lap = this.#lap;
    if (!lap) return;
    this.#lap = undefined;
    // Apps that do not count leave zeros; then the points tell.
    this.#seconds = sum(this.#seconds, lap.seconds === 0 ? undefined : lap.seconds);
    this.#kcal = sum(this.#kcal, lap.kcal);
    const isUncounted = lap.distanceM === 0 && this.#countM !== undefined;
    const told = isUncounted ? undefined : lap.distanceM;
    this.#distanceM = sum(this.#distanceM, told ?? this.#trackedDistance(lap));
    this.#startedAt ??= lap.startedAt;
    const startedAt = lap.startedAt ?? this.#endedAt ?? this.#id;
    if (startedAt === undefined || lap.seconds === undefined) return;
    this.#endedAt = later(this.#endedAt, startedAt + Math.round(lap.seconds * SECOND_MS));
  }

  /** The way of a lap that names none: by the device's count, else by positions. */
  #trackedDistance(lap: Lap): number | undefined {
    const count = this.#countM;
    if (count !== undefined) {
      // A count that went back began again with the lap.
      return count < lap.countBeforeM ? count : count - lap.countBeforeM;
    }
    return this.#track.hasPosition ? this.#track.distanceM - lap.wayBeforeM : undefined;
  }

  #closeInPoint(name: string, parent: string, text: string): void {
    const field = POINT_FIELDS[`${parent} ${name}`];
    if (field) this.#point![field] = text;
    else if (name === "Trackpoint") this.#endPoint(this.#point!);
  }

  #endPoint(point: Point): void {
    this.#point = undefined;
    this.#countM = parseDecimal(point.distance) ?? this.#countM;
    this.#track.add({
      at: this.#instant(point.time),
      position: positionOf(point),
      elevationM: parseDecimal(point.elevation),
    });
  }
}

function newPoint(): Point {
  return {
    time: undefined,
    elevation: undefined,
    distance: undefined,
    latitude: undefined,
    longitude: undefined,
  };
}

function takeLapField(lap: Lap, name: string, text: string): void {
  if (name === "TotalTimeSeconds") lap.seconds = amount(text);
  else if (name === "DistanceMeters") lap.distanceM = amount(text);
  else if (name === "Calories") lap.kcal = amount(text);
}

/** A negative amount becomes NaN, which spoils the sum and so rejects the activity. */
function amount(text: string): number | undefined {
  const value = parseDecimal(text);
  return value !== undefined && value < 0 ? NaN : value;
}

function positionOf(point: Point): Position | undefined {
  const latitude = parseDecimal(point.latitude);
  const longitude = parseDecimal(point.longitude);
  if (latitude === undefined || longitude === undefined) return undefined;
  return isPosition({ latitude, longitude }) ? { latitude, longitude } : undefined;
}

function sum(total: number | undefined, part: number | undefined): number | undefined {
  return part === undefined ? total : (total ?? 0) + part;
}

function later(a: EpochMs | undefined, b: EpochMs | undefined): EpochMs | undefined {
  return a === undefined || b === undefined ? a ?? b : Math.max(a, b);
}

/** Without a moving time it moved all along, as far as anybody knows. */
function between(from: EpochMs | undefined, to: EpochMs | undefined): number | undefined {
  return from === undefined || to === undefined ? undefined : to - from;
}

function scaled(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}
