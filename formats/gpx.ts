/**
 * GPX 1.0 and 1.1: every track is one activity, its segments together; routes and waypoints are
 * plans and places, not activity. How distance, moving time and climb come from points is told at
 * `TrackSummary` and `climbTo`.
 *
 * @module
 */

import type { RecordSource } from "@/domain/activity.ts";
import { isPosition, type Position } from "@/domain/geo.ts";
import { finishActivity } from "./activity_draft.ts";
import { activityTypeNamed } from "./activity_name.ts";
import { parseDecimal } from "./decimal.ts";
import { parseIsoTime } from "./iso_time.ts";
import { nameFrom } from "./name.ts";
import { type DeviceFile, FormatError, type FormatReader } from "./reader.ts";
import { RecordList } from "./record_list.ts";
import { TrackSummary } from "./track_summary.ts";
import { readXml, type XmlAttributes, type XmlHandler, xmlRootName } from "./xml.ts";

/** The reader of GPX files. */
export const gpxReader: FormatReader = {
  format: "gpx",
  matches: (head) => xmlRootName(head) === "gpx",
  read: readGpx,
};

function readGpx(bytes: Uint8Array): DeviceFile {
  const handler = new GpxHandler();
  readXml(bytes, handler);
  if (!handler.hasTrack) {
    throw new FormatError("no_track", "Cannot read GPX: it holds no recorded track");
  }
  return { format: "gpx", records: handler.list.usable() };
}

/** Fewer timed points than this part of all and the rest cannot be placed in time. */
const TIMED_SHARE_MIN = 0.5;
const MM_PER_M = 1000;

interface Track {
  typeName: string | undefined;
  zoneOffsetMinutes: number | null;
  summary: TrackSummary;
}

interface Point {
  position: Position | undefined;
  time: string | undefined;
  elevation: string | undefined;
}

class GpxHandler implements XmlHandler {
  readonly list = new RecordList();
  hasTrack = false;
  #app: string | undefined;
  #track: Track | undefined;
  #point: Point | undefined;

  open(name: string, parent: string, attributes: XmlAttributes): void {
    if (name === "trkpt" && parent === "trkseg") this.#point = pointOf(attributes);
    else if (name === "trkseg" && parent === "trk") this.#track?.summary.startSegment();
    else if (name === "trk" && parent === "gpx") this.#track = newTrack();
    else if (name === "gpx" && parent === "") this.#app = nameFrom(attributes["creator"]);
  }

  close(name: string, parent: string, text: string): void {
    if (parent === "trkpt") this.#takeField(name, text);
    else if (name === "trkpt") this.#endPoint();
    else if (name === "type" && parent === "trk" && this.#track) this.#track.typeName = text;
    else if (name === "trk" && parent === "gpx") this.#endTrack();
  }

  #takeField(name: string, text: string): void {
    if (!this.#point) return;
    if (name === "time") this.#point.time = text;
    else if (name === "ele") this.#point.elevation = text;
  }

  /** A point without a place is no point; one without a time still belongs to the way. */
  #endPoint(): void {
    const point = this.#point;
    const track = this.#track;
    this.#point = undefined;
    if (!point?.position || !track) return;
    const time = point.time === undefined ? undefined : parseIsoTime(point.time);
    track.zoneOffsetMinutes ??= time?.zoneOffsetMinutes ?? null;
    track.summary.add({
      at: time?.at,
      position: point.position,
      elevationM: parseDecimal(point.elevation),
    });
  }

  /** Empty tracks are passed over: devices leave one behind each time a log is cleared. */
  #endTrack(): void {
    const track = this.#track;
    this.#track = undefined;
    if (!track || track.summary.pointCount === 0) return;
    this.hasTrack = true;
    const { timedCount, pointCount } = track.summary;
    if (timedCount < pointCount * TIMED_SHARE_MIN) {
      this.list.reject("no_times", "Cannot read track: most of its points have no time");
    } else {
      this.list.add(finishActivity(draftOf(track, this.#app)));
    }
  }
}

function newTrack(): Track {
  return { typeName: undefined, zoneOffsetMinutes: null, summary: new TrackSummary() };
}

function pointOf(attributes: XmlAttributes): Point {
  const latitude = parseDecimal(attributes["lat"]);
  const longitude = parseDecimal(attributes["lon"]);
  const position = latitude === undefined || longitude === undefined
    ? undefined
    : { latitude, longitude };
  return {
    position: position && isPosition(position) ? position : undefined,
    time: undefined,
    elevation: undefined,
  };
}

function draftOf({ summary, typeName, zoneOffsetMinutes }: Track, app: string | undefined) {
  const source: RecordSource = { ...(app && { app }), recordingMethod: "active" };
  const { gainM } = summary;
  return {
    type: activityTypeNamed(typeName),
    startedAt: summary.startedAt,
    endedAt: summary.endedAt,
    zoneOffsetMinutes,
    quantities: {
      distance: summary.distanceM * MM_PER_M,
      moving_time: summary.movingMs,
      elevation_gain: gainM === undefined ? undefined : gainM * MM_PER_M,
    },
    source,
    trace: summary.trace,
  };
}
