/**
 * Competitions that come again: when each occurrence is, in the local calendar of the competition's
 * zone. Every occurrence is computed from the first one, never from the one before it, so that
 * 31 January leads to 28 February and then to 31 March, and a change of the clock never adds up.
 *
 * @module
 */

import { Temporal } from "temporal";
import type { ErrorDetail } from "./error.ts";
import { shiftLike } from "./shift.ts";
import type { EpochMs } from "./time.ts";

/** How often. */
export const RECURRENCE_UNITS = ["daily", "weekly", "monthly"] as const;
export type RecurrenceUnit = (typeof RECURRENCE_UNITS)[number];

/** The rule of a series. */
export interface Recurrence {
  every: RecurrenceUnit;
  /** Each so many days, weeks or months; 1 when absent. */
  interval?: number;
  /** Occurrences in all, the first included; absent: no end by number. */
  count?: number;
  /** The last local day (`YYYY-MM-DD`) on which an occurrence may start; absent: no end by date. */
  until?: string;
  /** Whether the participants of an occurrence are entered in the next one. */
  carryOver?: boolean;
}

/** The first occurrence, from which all others follow. */
export interface SeriesAnchor {
  startsAt: EpochMs;
  endsAt: EpochMs;
  timeZone: string;
}

/** When an occurrence is; half-open. */
export interface Occurrence {
  /** 0 for the first. */
  index: number;
  startsAt: EpochMs;
  endsAt: EpochMs;
}

/** A daily series of ten years has fewer. */
export const OCCURRENCES_MAX = 5000;
/** Longer steps are another competition. */
export const INTERVAL_MAX = 99;

const UNIT_OF = { daily: "days", weekly: "weeks", monthly: "months" } as const;

/** When an occurrence is, whether or not the series goes so far.
 * @example the last days of months, and a day of 23 hours
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { occurrenceAt } from "@/domain/recurrence.ts";
 *
 * const anchor = {
 *   startsAt: Date.UTC(2026, 0, 31),
 *   endsAt: Date.UTC(2026, 1, 1),
 *   timeZone: "UTC",
 * };
 * const day = (index: number) => {
 *   return new Date(occurrenceAt({ every: "monthly" }, anchor, index).startsAt).toISOString().slice(5, 10);
 * };
 * assertEquals([day(1), day(2), day(3)], ["02-28", "03-31", "04-30"]);
 *
 * const night = { startsAt: Date.UTC(2026, 2, 27, 22), endsAt: Date.UTC(2026, 2, 28, 22), timeZone: "Europe/Helsinki" };
 * const { startsAt, endsAt } = occurrenceAt({ every: "daily" }, night, 1);
 * assertEquals((endsAt - startsAt) / 3_600_000, 23);
 * ```
 */
export function occurrenceAt(
  recurrence: Recurrence,
  anchor: SeriesAnchor,
  index: number,
): Occurrence {
  const startsAt = startOf(recurrence, anchor, index);
  // One that lasts until the next begins does so in every month.
  const isUnbroken = startOf(recurrence, anchor, 1) === anchor.endsAt;
  if (isUnbroken) return { index, startsAt, endsAt: startOf(recurrence, anchor, index + 1) };
  const zone = anchor.timeZone;
  const endsAt = shiftLike(anchor.endsAt, { from: anchor.startsAt, to: startsAt, zone });
  // An hour that the clocks skip leaves nothing of an occurrence within it: then it lasts as the first.
  const isLost = endsAt <= startsAt;
  return { index, startsAt, endsAt: isLost ? startsAt + anchor.endsAt - anchor.startsAt : endsAt };
}

function startOf(
  { every, interval = 1 }: Recurrence,
  { startsAt, timeZone }: SeriesAnchor,
  index: number,
): EpochMs {
  const first = Temporal.Instant.fromEpochMilliseconds(startsAt).toZonedDateTimeISO(timeZone);
  return first.add({ [UNIT_OF[every]]: index * interval }).epochMilliseconds;
}

/** Whether the series goes as far as an occurrence. */
export function hasOccurrence(
  recurrence: Recurrence,
  anchor: SeriesAnchor,
  index: number,
): boolean {
  if (index < 0 || index >= Math.min(recurrence.count ?? Infinity, OCCURRENCES_MAX)) return false;
  if (recurrence.until === undefined || index === 0) return true;
  const { startsAt } = occurrenceAt(recurrence, anchor, index);
  const start = Temporal.Instant.fromEpochMilliseconds(startsAt);
  return start.toZonedDateTimeISO(anchor.timeZone).toPlainDate().toString() <= recurrence.until;
}

/** The next occurrence to be made after an index: neither skipped nor over by `now`; undefined at
 * the end of the series. What nobody made in time is passed over, its number stays unused. */
export function nextOccurrence(
  recurrence: Recurrence,
  anchor: SeriesAnchor,
  after: { index: number; skipped: readonly number[]; now: EpochMs },
): Occurrence | undefined {
  for (let index = after.index + 1; hasOccurrence(recurrence, anchor, index); index++) {
    if (after.skipped.includes(index)) continue;
    const occurrence = occurrenceAt(recurrence, anchor, index);
    if (occurrence.endsAt > after.now) return occurrence;
  }
  return undefined;
}

/** When an occurrence is made: a step ahead, as the one before it starts, so that people can join. */
export function madeAt(recurrence: Recurrence, anchor: SeriesAnchor, index: number): EpochMs {
  return startOf(recurrence, anchor, index - 1);
}

/** What is wrong with a rule for a first occurrence, beside its fields. */
export function recurrenceFaults(
  recurrence: Recurrence,
  anchor: SeriesAnchor,
  options: { hasFee: boolean },
): ErrorDetail[] {
  const faults: ErrorDetail[] = [];
  const add = (field: string, code: string, message: string) => {
    faults.push({ field: `recurrence.${field}`, code, message });
  };
  if (anchor.endsAt > startOf(recurrence, anchor, 1)) {
    add("every", "overlaps", "One occurrence must end before the next one starts");
  }
  if (recurrence.until !== undefined && !hasOccurrence(recurrence, anchor, 1)) {
    if (recurrence.count !== 1) {
      add("until", "too_early", "The last day must leave time for a second occurrence");
    }
  }
  if (recurrence.carryOver === true && options.hasFee) {
    add("carryOver", "has_fee", "Nobody is entered by itself where entering costs something");
  }
  return faults;
}
