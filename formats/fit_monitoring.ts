/**
 * All-day monitoring: steps and distance as counters that only grow, one for each kind of movement,
 * and begin again at local midnight. A sample is the growth between two readings of a counter.
 *
 * @module
 */

import type { Quantity, RecordSource, SampleRecord } from "@/domain/activity.ts";
import { DAY_MS, type EpochMs, MINUTE_MS, SECOND_MS } from "@/domain/time.ts";
import {
  decodeMessages,
  fitInstant,
  type FitMessage,
  isRelativeTime,
  type MessageRange,
} from "./fit_decode.ts";
import { FIELD, MESSAGE } from "./fit_profile.ts";
import { zoneOffset } from "./fit_zone.ts";
import type { RecordList } from "./record_list.ts";

const MONITORING: ReadonlySet<number> = new Set([MESSAGE.monitoring, MESSAGE.monitoringInfo]);

/** Adds the samples of one part to the list; `device` is maker and product. */
export function readFitMonitoring(
  part: MessageRange,
  device: string | undefined,
  list: RecordList,
): void {
  const source: RecordSource = { ...(device && { device }), recordingMethod: "automatic" };
  const reader = new MonitoringReader(source, list);
  decodeMessages({ ...part, wanted: MONITORING }, (message) => reader.take(message));
}

/** One reading of one counter. */
interface Reading {
  at: EpochMs;
  value: number;
}

interface Counter extends Reading {
  /** The sample that ends with this reading, if it grew. */
  sample?: SampleRecord;
}

const RUNNING = 1;
const WALKING = 6;
const MM_PER_CM = 10;

class MonitoringReader {
  readonly #counters = new Map<string, Counter>();
  #zoneOffsetMinutes: number | null = null;
  /** Start of the file as its info message says; readings of that instant are where counting began. */
  #startAt: EpochMs | undefined;
  #firstAt: EpochMs | undefined;
  #lastS: number | undefined;
  #isRelativeTold = false;

  constructor(readonly source: RecordSource, readonly list: RecordList) {}

  take(message: FitMessage): void {
    const seconds = this.#timeOf(message);
    if (seconds === undefined) return;
    if (isRelativeTime(seconds)) return this.#rejectRelative();
    const at = Math.round(fitInstant(seconds));
    this.#firstAt ??= at;
    if (message.globalNumber === MESSAGE.monitoring) this.#takeReadings(message, at);
    else this.#takeInfo(message, at);
  }

  /** Full time, or 16 bits of it counted on from the last one. */
  #timeOf(message: FitMessage): number | undefined {
    const low = message.number(FIELD.monitoring.timestamp16);
    const last = this.#lastS;
    const isShort = message.timestamp === undefined && low !== undefined && last !== undefined &&
      message.globalNumber === MESSAGE.monitoring;
    this.#lastS = isShort ? last + ((low - (last & 0xffff)) & 0xffff) : message.timestamp ?? last;
    return isShort ? this.#lastS : message.timestamp;
  }

  #rejectRelative(): void {
    if (this.#isRelativeTold) return;
    this.#isRelativeTold = true;
    this.list.reject("relative_time", "Cannot read monitoring: its time counts from device start");
  }

  #takeInfo(message: FitMessage, at: EpochMs): void {
    this.#startAt ??= at;
    this.#zoneOffsetMinutes = zoneOffset(message, FIELD.monitoringInfo.localTimestamp);
  }

  #takeReadings(message: FitMessage, at: EpochMs): void {
    const type = movementOf(message);
    if (type === undefined) return;
    const { cycles, cycles16, distance, distance16 } = FIELD.monitoring;
    // Only on foot are cycles steps, and there the profile counts them singly, without a scale.
    if (type === RUNNING || type === WALKING) {
      this.#takeCount({ quantity: "steps", type, at }, {
        full: message.number(cycles),
        low: message.number(cycles16),
        scale: 1,
      });
    }
    this.#takeCount({ quantity: "distance", type, at }, {
      full: message.number(distance),
      low: message.number(distance16),
      scale: MM_PER_CM,
    });
  }

  #takeCount(which: { quantity: Quantity; type: number; at: EpochMs }, raw: RawCount): void {
    const key = `${which.quantity} ${which.type}`;
    const previous = this.#counters.get(key);
    const value = valueOf(raw, previous?.value);
    if (value === undefined || !Number.isSafeInteger(value * raw.scale)) return;
    const reading = { at: which.at, value };
    if (previous && previous.at > reading.at) return;
    const sample = this.#sampleOf(
      { quantity: which.quantity, scale: raw.scale },
      reading,
      previous,
    );
    this.#counters.set(key, { ...reading, ...(sample && { sample }) });
  }

  /** The growth since the previous reading as a sample; a counter that went down began again. */
  #sampleOf(
    kind: { quantity: Quantity; scale: number },
    { at, value }: Reading,
    previous: Counter | undefined,
  ): SampleRecord | undefined {
    if (!previous && this.#startAt !== undefined && at <= this.#startAt) return undefined;
    const hasReset = previous !== undefined && value < previous.value;
    const growth = (value - (hasReset ? 0 : previous?.value ?? 0)) * kind.scale;
    if (previous?.at === at && previous.sample && !hasReset) {
      previous.sample.value += growth;
      return previous.sample;
    }
    if (growth <= 0) return undefined;
    const sample = this.#newSample(kind.quantity, growth, {
      startedAt: this.#countedFrom(at, previous?.at, hasReset),
      endedAt: at,
    });
    this.list.add(sample);
    return sample;
  }

  #newSample(
    quantity: Quantity,
    value: number,
    interval: { startedAt: EpochMs; endedAt: EpochMs },
  ): SampleRecord {
    const zoneOffsetMinutes = this.#zoneOffsetMinutes;
    return { kind: "sample", quantity, value, ...interval, zoneOffsetMinutes, source: this.source };
  }

  /** Where the growth began: the previous reading, or the midnight of a reset, or the file's start. */
  #countedFrom(at: EpochMs, previousAt: EpochMs | undefined, hasReset: boolean): EpochMs {
    let from = previousAt ?? this.#startAt ?? this.#firstAt ?? at;
    if (hasReset && this.#zoneOffsetMinutes !== null) {
      const offsetMs = this.#zoneOffsetMinutes * MINUTE_MS;
      from = Math.max(from, Math.floor((at + offsetMs - 1) / DAY_MS) * DAY_MS - offsetMs);
    }
    return from < at ? from : at - SECOND_MS;
  }
}

interface RawCount {
  full: number | undefined;
  /** Only the low 16 bits of the counter. */
  low: number | undefined;
  scale: number;
}

function valueOf({ full, low }: RawCount, previous: number | undefined): number | undefined {
  if (full !== undefined || low === undefined) {
    return full === undefined ? undefined : checked(full);
  }
  const growth = (low - ((previous ?? 0) & 0xffff)) & 0xffff;
  // More than half the range forward is a step back: the counter began again.
  return growth < 0x8000 ? (previous ?? 0) + growth : low;
}

function checked(value: number): number | undefined {
  return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** The kind of movement, from its own field or the low five bits beside the intensity. */
function movementOf(message: FitMessage): number | undefined {
  const packed = message.number(FIELD.monitoring.typeAndIntensity);
  return message.number(FIELD.monitoring.activityType) ??
    (packed === undefined ? undefined : packed & 0x1f);
}
