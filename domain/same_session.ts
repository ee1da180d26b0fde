/**
 * The same session recorded twice: by two devices, saved again by another app, or exported with a
 * clock that is whole hours off. All are kept; one of them counts.
 *
 * Two records are the same session when their times cover each other and neither their types nor
 * their distances contradict that. Sessions that merely touch or overlap a little, such as the legs
 * of a triathlon, stay apart. A shift by whole hours is believed only of another source, and only
 * where everything else agrees closely: a commuter rides the same way twice a day.
 *
 * @module
 */

import type { ActivityRecord, ActivityType, Quantities, RecordingMethod } from "./activity.ts";
import { compareText } from "./scoring_part.ts";
import { HOUR_MS, MINUTE_MS } from "./time.ts";

/** A stored session as far as doubles are concerned. */
export interface SessionFact extends ActivityRecord {
  id: string;
  /** Where it came from: provider, app and device, apart from the file. */
  origin?: string;
  /** The athlete wants this one to count of its doubles. */
  isChosen?: boolean;
}

/** Least share of the time that both cover of the time that either covers. */
const COVER_MIN = 0.7;
/** The same without a distance to compare. */
const COVER_MIN_BLIND = 0.85;
/** Distances of two devices on one arm differ by a few percent, of short ones by some metres. */
const DISTANCE_SHARE_MAX = 0.1;
const DISTANCE_SLACK_MM = 150_000;
/** A shifted copy is a copy: its ends agree to the minute and its distance to half a percent. */
const SHIFT_SLACK_MS = MINUTE_MS;
const SHIFT_DISTANCE_SHARE_MAX = 0.005;
/** The zones of the world lie up to 26 hours apart. */
const SHIFT_MAX_MS = 26 * HOUR_MS;

/** Types that devices take for one another; `other` may be anything. */
const ON_FOOT: readonly ActivityType[] = ["running", "walking", "hiking"];

/** Whether two records are of one session.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isSameSession } from "@/domain/same_session.ts";
 *
 * const run = (id: string, startedAt: number, endedAt: number) => ({
 *   kind: "activity" as const,
 *   id,
 *   type: "running" as const,
 *   startedAt,
 *   endedAt,
 *   zoneOffsetMinutes: null,
 *   quantities: { distance: 5_000_000 },
 *   source: { recordingMethod: "active" as const },
 * });
 * assertEquals(isSameSession(run("watch", 0, 1_800_000), run("phone", 20_000, 1_830_000)), true);
 * assertEquals(isSameSession(run("first", 0, 1_800_000), run("next", 1_792_000, 3_600_000)), false);
 * ```
 */
export function isSameSession(a: SessionFact, b: SessionFact): boolean {
  if (!isSameKind(a.type, b.type)) return false;
  if (coverOf(a, b) > 0) return isCovered(a, b);
  return isShiftedCopy(a, b);
}

function isSameKind(a: ActivityType, b: ActivityType): boolean {
  if (a === b || a === "other" || b === "other") return true;
  return ON_FOOT.includes(a) && ON_FOOT.includes(b);
}

/** Time that both cover, as a share of the time that either covers. */
function coverOf(a: SessionFact, b: SessionFact): number {
  const both = Math.min(a.endedAt, b.endedAt) - Math.max(a.startedAt, b.startedAt);
  const either = Math.max(a.endedAt, b.endedAt) - Math.min(a.startedAt, b.startedAt);
  return both > 0 ? both / either : 0;
}

function isCovered(a: SessionFact, b: SessionFact): boolean {
  const cover = coverOf(a, b);
  const [least, most] = distancesOf(a, b);
  if (least === undefined) return cover >= COVER_MIN_BLIND;
  const slack = Math.max(DISTANCE_SLACK_MM, most * DISTANCE_SHARE_MAX);
  return cover >= COVER_MIN && most - least <= slack;
}

/** The smaller and the larger distance, where both have one. */
function distancesOf(a: SessionFact, b: SessionFact): [number, number] | [undefined, undefined] {
  const [x, y] = [a.quantities.distance, b.quantities.distance];
  if (x === undefined || y === undefined) return [undefined, undefined];
  return [Math.min(x, y), Math.max(x, y)];
}

function isShiftedCopy(a: SessionFact, b: SessionFact): boolean {
  if (originOf(a) === originOf(b)) return false;
  const [start, end] = [a.startedAt - b.startedAt, a.endedAt - b.endedAt];
  const shift = Math.round(start / HOUR_MS) * HOUR_MS;
  if (shift === 0 || Math.abs(shift) > SHIFT_MAX_MS) return false;
  if (Math.abs(start - shift) > SHIFT_SLACK_MS || Math.abs(end - shift) > SHIFT_SLACK_MS) {
    return false;
  }
  const [least, most] = distancesOf(a, b);
  return least !== undefined && least > 0 && most - least <= most * SHIFT_DISTANCE_SHARE_MAX;
}

function originOf({ origin, source }: SessionFact): string {
  return origin ?? `${source.app ?? ""}\n${source.device ?? ""}`;
}

/**
 * Sorts sessions into those that count and doubles, each of these with the id of the one that
 * counts instead. Neither depends on the order of the sessions.
 */
export function findDoubles(sessions: readonly SessionFact[]): Map<string, string> {
  const groups = new Map(sessions.map((session) => [session, [session]]));
  for (const pair of pairsOf(sessions)) {
    const [a, b] = [groups.get(pair.a)!, groups.get(pair.b)!];
    if (a === b || (pair.apartMs > 0 && sharesOrigin(a, b))) continue;
    for (const session of b) {
      a.push(session);
      groups.set(session, a);
    }
  }
  return doublesOf(new Set(groups.values()));
}

/** Two records of one session; `apartMs` is 0 where their times cover each other. */
interface Pair {
  a: SessionFact;
  b: SessionFact;
  apartMs: number;
}

/** What covers first, then what is shifted least, so that the nearest copy finds its original. */
function pairsOf(sessions: readonly SessionFact[]): Pair[] {
  const ordered = [...sessions].sort((a, b) =>
    a.startedAt - b.startedAt || compareText(a.id, b.id)
  );
  const pairs: Pair[] = [];
  let from = 0;
  for (const [index, b] of ordered.entries()) {
    while (ordered[from]!.endedAt < b.startedAt - SHIFT_MAX_MS - SHIFT_SLACK_MS) from += 1;
    for (let at = from; at < index; at++) {
      const a = ordered[at]!;
      if (!isSameSession(a, b)) continue;
      pairs.push({ a, b, apartMs: coverOf(a, b) > 0 ? 0 : b.startedAt - a.startedAt });
    }
  }
  return pairs.sort((a, b) => a.apartMs - b.apartMs);
}

/** One clock shows no two times for a session: records of one device are sessions of their own. */
function sharesOrigin(a: readonly SessionFact[], b: readonly SessionFact[]): boolean {
  const origins = new Set(a.map(originOf));
  return b.some((session) => origins.has(originOf(session)));
}

function doublesOf(groups: Iterable<SessionFact[]>): Map<string, string> {
  const doubles = new Map<string, string>();
  for (const group of groups) {
    const [counting, ...rest] = group.sort(compareWorth);
    for (const { id } of rest) doubles.set(id, counting!.id);
  }
  return doubles;
}

const METHOD_WORTH: Record<RecordingMethod, number> = {
  active: 3,
  automatic: 2,
  unknown: 1,
  manual: 0,
};

/** The athlete's choice first, then what was recorded on purpose, what says more, what is earlier. */
function compareWorth(a: SessionFact, b: SessionFact): number {
  return Number(b.isChosen ?? false) - Number(a.isChosen ?? false) ||
    METHOD_WORTH[b.source.recordingMethod] - METHOD_WORTH[a.source.recordingMethod] ||
    countOf(b.quantities) - countOf(a.quantities) ||
    a.startedAt - b.startedAt || a.endedAt - b.endedAt ||
    (b.quantities.distance ?? 0) - (a.quantities.distance ?? 0) ||
    compareText(originOf(a), originOf(b)) || compareText(a.id, b.id);
}

function countOf(quantities: Quantities): number {
  return Object.keys(quantities).length;
}
