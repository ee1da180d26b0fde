/**
 * Activities of a FIT file: one a session, transitions between legs left out. A file without
 * sessions (a recording cut short) gives one activity from its laps, else from its records.
 *
 * @module
 */

import type { ActivityType, RecordSource } from "@/domain/activity.ts";
import { type EpochMs, MINUTE_MS, SECOND_MS } from "@/domain/time.ts";
import { finishActivity } from "./activity_draft.ts";
import {
  decodeMessages,
  fitInstant,
  type FitMessage,
  isRelativeTime,
  type MessageRange,
} from "./fit_decode.ts";
import {
  FIELD,
  fitActivityType,
  MESSAGE,
  type SummaryFields,
  TRANSITION_SPORT,
} from "./fit_profile.ts";
import { type FitStretch, type FitTrack, readFitTrack } from "./fit_track.ts";
import { FitWay } from "./fit_way.ts";
import { zoneOffset } from "./fit_zone.ts";
import { RECORDS_MAX } from "./limits.ts";
import { FormatError } from "./reader.ts";
import type { RecordList } from "./record_list.ts";

/** A session or lap, or several laps taken together; times in FIT seconds, amounts as stored. */
interface Summary {
  startS: number | undefined;
  endS: number | undefined;
  sport: number | undefined;
  subSport: number | undefined;
  elapsedMs: number | undefined;
  timerMs: number | undefined;
  distanceCm: number | undefined;
  cycles: number | undefined;
  caloriesKcal: number | undefined;
  ascentM: number | undefined;
}

interface Contents {
  sessions: Summary[];
  laps: Summary[];
  sport: { sport: number | undefined; subSport: number | undefined };
  zoneOffsetMinutes: number | null;
  hasRecords: boolean;
  way: FitWay;
}

/** Adds the activities of one part to the list; `device` is maker and product. */
export function readFitActivities(
  part: MessageRange,
  device: string | undefined,
  list: RecordList,
) {
  const contents = readContents(part);
  // A summary without any record under it may have been typed in: nobody can tell.
  const recordingMethod = contents.hasRecords ? "active" : "unknown";
  const source: RecordSource = { ...(device && { device }), recordingMethod };
  for (const summary of summariesOf(contents, part)) {
    if (summary.sport === TRANSITION_SPORT) continue;
    addActivity(summary, { contents, source, list });
  }
}

const CONTENTS: ReadonlySet<number> = new Set([
  MESSAGE.sport,
  MESSAGE.session,
  MESSAGE.lap,
  MESSAGE.record,
  MESSAGE.activity,
]);

function readContents(part: MessageRange): Contents {
  const contents: Contents = {
    sessions: [],
    laps: [],
    sport: { sport: undefined, subSport: undefined },
    zoneOffsetMinutes: null,
    hasRecords: false,
    way: new FitWay(),
  };
  decodeMessages({ ...part, wanted: CONTENTS }, (message) => takeMessage(contents, message));
  return contents;
}

function takeMessage(contents: Contents, message: FitMessage): void {
  switch (message.globalNumber) {
    case MESSAGE.record:
      contents.hasRecords = true;
      contents.way.take(message);
      break;
    case MESSAGE.session:
      addSummary(contents.sessions, readSummary(message, FIELD.session));
      break;
    case MESSAGE.lap:
      addSummary(contents.laps, readSummary(message, FIELD.lap));
      break;
    case MESSAGE.sport:
      contents.sport.sport ??= message.number(FIELD.sport.sport);
      contents.sport.subSport ??= message.number(FIELD.sport.subSport);
      break;
    case MESSAGE.activity:
      contents.zoneOffsetMinutes ??= zoneOffset(message, FIELD.activity.localTimestamp);
  }
}

function addSummary(summaries: Summary[], summary: Summary): void {
  if (summaries.length >= RECORDS_MAX) {
    throw new FormatError(
      "too_large",
      `Cannot read FIT: more than ${RECORDS_MAX} sessions or laps`,
    );
  }
  summaries.push(summary);
}

function readSummary(message: FitMessage, fields: SummaryFields): Summary {
  return {
    startS: message.number(fields.startTime),
    endS: message.timestamp,
    sport: message.number(fields.sport),
    subSport: message.number(fields.subSport),
    elapsedMs: message.number(fields.elapsed),
    // Some makers leave the timer out and tell the moving time.
    timerMs: message.number(fields.timer) ?? message.number(fields.moving),
    distanceCm: message.number(fields.distance),
    cycles: message.number(fields.cycles),
    caloriesKcal: message.number(fields.calories),
    ascentM: message.number(fields.ascent),
  };
}

/** Sessions, else the laps taken together, else what the records say; empty when there is nothing. */
function summariesOf(contents: Contents, part: MessageRange): Summary[] {
  const told = contents.sessions.length > 0 ? contents.sessions : combineLaps(contents.laps);
  if (!contents.hasRecords) return told;
  return told.length > 0 ? completed(told, part) : [summaryOfTrack(readFitTrack(part))];
}

/** Each costs a walk over the file; a day of legs has a dozen. */
const COMPLETED_MAX = 32;

/** Adds what summaries do not tell of distance and time, by the records within them. */
function completed(summaries: readonly Summary[], part: MessageRange): Summary[] {
  let left = COMPLETED_MAX;
  return summaries.map((summary) => {
    const isComplete = summary.distanceCm !== undefined && summary.timerMs !== undefined;
    if (isComplete || left-- <= 0) return summary;
    const stretch = summaries.length > 1 ? stretchOf(summary) : undefined;
    const { distanceCm, timerMs } = readFitTrack(part, stretch);
    return {
      ...summary,
      distanceCm: summary.distanceCm ?? distanceCm,
      timerMs: summary.timerMs ?? timerMs,
    };
  });
}

/** From start to end; of a summary that tells neither, nothing. */
function stretchOf(summary: Summary): FitStretch {
  const fromS = summary.startS ?? startFromEnd(summary) ?? Infinity;
  const elapsedS = summary.elapsedMs === undefined ? undefined : summary.elapsedMs / SECOND_MS;
  return { fromS, toS: elapsedS === undefined ? summary.endS ?? -Infinity : fromS + elapsedS };
}

function combineLaps(laps: readonly Summary[]): Summary[] {
  const [first, ...rest] = laps;
  if (!first) return [];
  return [rest.reduce((whole, lap) => ({
    ...whole,
    startS: least(whole.startS, lap.startS),
    endS: greatest(whole.endS, lap.endS),
    // The end of the last lap tells the elapsed time, pauses between laps included.
    elapsedMs: undefined,
    timerMs: sum(whole.timerMs, lap.timerMs),
    distanceCm: sum(whole.distanceCm, lap.distanceCm),
    cycles: sum(whole.cycles, lap.cycles),
    caloriesKcal: sum(whole.caloriesKcal, lap.caloriesKcal),
    ascentM: sum(whole.ascentM, lap.ascentM),
  }), first)];
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : a + (b ?? 0);
}

function least(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? a ?? b : Math.min(a, b);
}

function greatest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? a ?? b : Math.max(a, b);
}

function summaryOfTrack(track: FitTrack): Summary {
  return {
    startS: track.startS,
    endS: track.endS,
    sport: undefined,
    subSport: undefined,
    elapsedMs: undefined,
    timerMs: track.timerMs,
    distanceCm: track.distanceCm,
    cycles: undefined,
    caloriesKcal: undefined,
    ascentM: track.ascentM,
  };
}

interface AddContext {
  contents: Contents;
  source: RecordSource;
  list: RecordList;
}

function addActivity(summary: Summary, { contents, source, list }: AddContext): void {
  const startS = summary.startS ?? startFromEnd(summary);
  if (startS !== undefined && isRelativeTime(startS)) {
    return list.reject("relative_time", "Cannot read session: its time counts from device start");
  }
  const sport = summary.sport ?? contents.sport.sport;
  const type = fitActivityType(sport, summary.subSport ?? contents.sport.subSport);
  const startedAt = startS === undefined ? undefined : Math.round(fitInstant(startS));
  const endedAt = endOf(summary, startedAt);
  list.add(finishActivity({
    ...{ type, startedAt, endedAt, source },
    zoneOffsetMinutes: contents.zoneOffsetMinutes,
    quantities: quantitiesOf(withTimer(summary, startedAt, endedAt), type),
    trace: contents.way.traceBetween(startedAt, endedAt),
  }));
}

/** Without a moving time it moved all along, as far as anybody knows. */
function withTimer(summary: Summary, startedAt?: EpochMs, endedAt?: EpochMs): Summary {
  if (summary.timerMs !== undefined || startedAt === undefined || endedAt === undefined) {
    return summary;
  }
  return { ...summary, timerMs: Math.max(0, endedAt - startedAt) };
}

function startFromEnd({ endS, elapsedMs }: Summary): number | undefined {
  return endS === undefined || elapsedMs === undefined ? undefined : endS - elapsedMs / SECOND_MS;
}

function endOf({ elapsedMs, endS }: Summary, startedAt: number | undefined): number | undefined {
  if (startedAt !== undefined && elapsedMs) return startedAt + Math.round(elapsedMs);
  return endS === undefined ? undefined : Math.round(fitInstant(endS));
}

const CAL_PER_KCAL = 1000;
const MM_PER_M = 1000;
const MM_PER_CM = 10;

function quantitiesOf(summary: Summary, type: ActivityType) {
  return {
    distance: scaled(summary.distanceCm, MM_PER_CM),
    moving_time: summary.timerMs,
    active_energy: scaled(summary.caloriesKcal, CAL_PER_KCAL),
    elevation_gain: scaled(summary.ascentM, MM_PER_M),
    steps: stepsOf(summary, type),
  };
}

function scaled(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}

const ON_FOOT: ReadonlySet<ActivityType> = new Set(["running", "walking", "hiking"]);
const STEPS_PER_STRIDE = 2;
/** Sprinters reach 260 a minute for seconds; a whole activity above it counted something else. */
const STEPS_PER_MINUTE_MAX = 260;

/** On foot the profile calls `total_cycles` strides, which are two steps; elsewhere strokes or turns. */
function stepsOf({ cycles, timerMs }: Summary, type: ActivityType): number | undefined {
  if (!cycles || !timerMs || !ON_FOOT.has(type)) return undefined;
  const steps = cycles * STEPS_PER_STRIDE;
  return steps / (timerMs / MINUTE_MS) <= STEPS_PER_MINUTE_MAX ? steps : undefined;
}
