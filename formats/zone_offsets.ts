import { Temporal } from "temporal";
import { DAY_MS, type EpochMs } from "@/domain/time.ts";

const NANOSECONDS_PER_MINUTE = 60e9;

/** Offsets of time zones, remembered by day: asking the calendar costs more than reading a record. */
export class ZoneOffsets {
  readonly #days = new Map<string, Map<number, number>>();
  #lastDay = NaN;
  #lastZone = "";
  #lastOffset: number | null = null;
  #isChanging = false;

  /** Minutes east of UTC in an IANA zone; null for a zone that nobody knows. */
  at(zone: string, at: EpochMs): number | null {
    const day = Math.floor(at / DAY_MS);
    if (day === this.#lastDay && zone === this.#lastZone) return this.#lastOffset;
    const offset = this.#find(zone, at, day);
    // A day on which clocks change is asked for each instant.
    if (!this.#isChanging) {
      this.#lastDay = day;
      this.#lastZone = zone;
      this.#lastOffset = offset;
    }
    return offset;
  }

  #find(zone: string, at: EpochMs, day: number): number | null {
    let days = this.#days.get(zone);
    if (!days) {
      if (this.#days.size >= ZONES_MAX) this.#days.clear();
      this.#days.set(zone, days = new Map());
    }
    let offset = days.get(day);
    if (offset === undefined) {
      if (days.size >= DAYS_MAX) days.clear();
      days.set(day, offset = ofDay(zone, day));
    }
    this.#isChanging = offset === CHANGES;
    if (offset === UNKNOWN) return null;
    return offset === CHANGES ? offsetAt(zone, at) : offset;
  }
}

/** A traveller's; a file with more is no export. */
const ZONES_MAX = 100;
/** Twenty-seven years. */
const DAYS_MAX = 10_000;
/** No zone is so far from UTC. */
const UNKNOWN = 10_000;
const CHANGES = 10_001;

function ofDay(zone: string, day: number): number {
  try {
    const first = offsetAt(zone, day * DAY_MS);
    return first === offsetAt(zone, (day + 1) * DAY_MS) ? first : CHANGES;
  } catch {
    return UNKNOWN;
  }
}

function offsetAt(zone: string, at: EpochMs): number {
  const zoned = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  return Math.round(zoned.offsetNanoseconds / NANOSECONDS_PER_MINUTE);
}
