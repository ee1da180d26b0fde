import { isPosition, type Position } from "@/domain/geo.ts";
import { SECOND_MS } from "@/domain/time.ts";
import {
  decodeMessages,
  fitInstant,
  type FitMessage,
  isRelativeTime,
  type MessageRange,
} from "./fit_decode.ts";
import { FitDistance } from "./fit_distance.ts";
import { FIELD, MESSAGE, TIMER_EVENT, TIMER_START, TIMER_STOPS } from "./fit_profile.ts";
import { TrackSummary } from "./track_summary.ts";

/** What the records of a file say where no session or lap does. */
export interface FitTrack {
  startS: number | undefined;
  endS: number | undefined;
  timerMs: number | undefined;
  distanceCm: number | undefined;
  ascentM: number | undefined;
}

const TRACK: ReadonlySet<number> = new Set([MESSAGE.record, MESSAGE.event]);

/** A stretch of a file in FIT seconds, its ends included. */
export interface FitStretch {
  fromS: number;
  toS: number;
}

const WHOLE: FitStretch = { fromS: -Infinity, toS: Infinity };

/** Reads the records: the device's own distance (last − first), else the way between positions. */
export function readFitTrack(part: MessageRange, stretch: FitStretch = WHOLE): FitTrack {
  const track = new TrackReader(stretch);
  decodeMessages({ ...part, wanted: TRACK }, (message) => track.take(message));
  return track.result();
}

class TrackReader {
  readonly #summary = new TrackSummary();
  readonly #count = new FitDistance();
  #startS: number | undefined;
  #endS: number | undefined;
  #firstCm: number | undefined;
  #lastCm: number | undefined;
  #timerStartS: number | undefined;
  #timerS: number | undefined;

  constructor(readonly stretch: FitStretch) {}

  take(message: FitMessage): void {
    if (message.globalNumber === MESSAGE.event) this.#takeEvent(message);
    else this.#takeRecord(message);
  }

  result(): FitTrack {
    const { gainM } = this.#summary;
    const between = this.#summary.hasPosition ? this.#summary.distanceM * 100 : undefined;
    const recorded = this.#firstCm === undefined ? undefined : this.#lastCm! - this.#firstCm;
    return {
      startS: this.#startS,
      endS: this.#endS,
      timerMs: this.#timerMs(),
      distanceCm: recorded ?? between,
      ascentM: gainM,
    };
  }

  #takeEvent(message: FitMessage): void {
    if (message.number(FIELD.event.event) !== TIMER_EVENT) return;
    const type = message.number(FIELD.event.eventType);
    const at = this.#within(message.timestamp);
    if (type === TIMER_START) this.#timerStartS ??= at;
    else if (type !== undefined && TIMER_STOPS.has(type)) this.#stopTimer(at);
  }

  /** A timer that runs when the stretch begins has run since then, as far as that is concerned. */
  #within(at: number | undefined): number | undefined {
    const { fromS, toS } = this.stretch;
    return at === undefined ? undefined : Math.min(Math.max(at, fromS), toS);
  }

  #stopTimer(at: number | undefined): void {
    if (at === undefined || this.#timerStartS === undefined) return;
    this.#timerS = (this.#timerS ?? 0) + Math.max(0, at - this.#timerStartS);
    this.#timerStartS = undefined;
    // Way and climb across a pause are not part of the activity.
    this.#summary.startSegment();
  }

  /** Without timer events the whole recording is taken as timed. */
  #timerMs(): number | undefined {
    if (this.#startS === undefined || this.#endS === undefined) return undefined;
    const open = this.#timerStartS === undefined ? 0 : Math.max(0, this.#endS - this.#timerStartS);
    const timed = this.#timerS === undefined && this.#timerStartS === undefined
      ? this.#endS - this.#startS
      : (this.#timerS ?? 0) + open;
    return timed * SECOND_MS;
  }

  #takeRecord(message: FitMessage): void {
    const { timestamp } = message;
    const distanceCm = this.#count.at(message);
    if (timestamp === undefined || this.#within(timestamp) !== timestamp) return;
    this.#startS = startOf(this.#startS, timestamp);
    this.#endS = Math.max(timestamp, this.#endS ?? timestamp);
    this.#takeDistance(distanceCm);
    const position = positionOf(message);
    this.#summary.add({ at: fitInstant(timestamp), position, elevationM: elevationOf(message) });
  }

  #takeDistance(distanceCm: number | undefined): void {
    this.#firstCm ??= distanceCm;
    this.#lastCm = distanceCm ?? this.#lastCm;
  }
}

/** The earlier time, but never one from before the device knew the date when another is known. */
function startOf(known: number | undefined, timestamp: number): number {
  if (known === undefined) return timestamp;
  if (isRelativeTime(known) !== isRelativeTime(timestamp)) return Math.max(known, timestamp);
  return Math.min(known, timestamp);
}

const SEMICIRCLES = 2 ** 31;

function positionOf(message: FitMessage): Position | undefined {
  const latitude = message.number(FIELD.record.latitude);
  const longitude = message.number(FIELD.record.longitude);
  if (latitude === undefined || longitude === undefined) return undefined;
  const position = {
    latitude: latitude * 180 / SEMICIRCLES,
    longitude: longitude * 180 / SEMICIRCLES,
  };
  return isPosition(position) ? position : undefined;
}

const ALTITUDE_SCALE = 5;
const ALTITUDE_OFFSET_M = 500;

function elevationOf(message: FitMessage): number | undefined {
  const raw = message.number(FIELD.record.enhancedAltitude) ??
    message.number(FIELD.record.altitude);
  return raw === undefined ? undefined : raw / ALTITUDE_SCALE - ALTITUDE_OFFSET_M;
}
