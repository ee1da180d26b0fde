import { assert, assertEquals, assertThrows } from "@std/assert";
import type { ActivityRecord } from "@/domain/activity.ts";
import { gpxReader } from "./gpx.ts";
import { FormatError } from "./reader.ts";

const START = Date.parse("2024-05-01T06:00:00Z");
/** Millimetres of 0.001° on the equator. */
const WAY_MM = 111_195;

interface PointSpec {
  lon: number;
  at?: number;
  ele?: number;
  inside?: string;
}

/** A point on the equator; `lon` in thousandths of a degree, `at` in seconds after the start. */
function point({ lon, at, ele, inside = "" }: PointSpec): string {
  const time = at === undefined ? "" : `<time>${new Date(START + at * 1000).toISOString()}</time>`;
  const elevation = ele === undefined ? "" : `<ele>${ele}</ele>`;
  return `<trkpt lat="0" lon="${lon / 1000}">${elevation}${time}${inside}</trkpt>`;
}

function segment(...points: PointSpec[]): string {
  return `<trkseg>${points.map(point).join("")}</trkseg>`;
}

function gpx(content: string): Uint8Array {
  return new TextEncoder().encode(
    `<?xml version="1.0"?><gpx version="1.1" creator="eTrex 20x">${content}</gpx>`,
  );
}

function readActivities(bytes: Uint8Array): ActivityRecord[] {
  return gpxReader.read(bytes).records.filter((each) => each.kind === "activity");
}

function readOne(content: string): ActivityRecord {
  const [activity, ...others] = readActivities(gpx(content));
  assert(activity && others.length === 0);
  return activity;
}

function reasonOf(content: string): string {
  return assertThrows(() => gpxReader.read(gpx(content)), FormatError).reason;
}

const WALK: PointSpec[] = [{ lon: 0, at: 0 }, { lon: 1, at: 60 }, { lon: 2, at: 120 }];

Deno.test("gpxReader gives a track as one activity", () => {
  const track = `<trk><name>Lunch</name><type>Running</type>${segment(...WALK)}</trk>`;

  assertEquals(gpxReader.read(gpx(track)), {
    format: "gpx",
    records: [{
      kind: "activity",
      type: "running",
      startedAt: START,
      endedAt: START + 120_000,
      zoneOffsetMinutes: null,
      quantities: { distance: 2 * WAY_MM, moving_time: 120_000 },
      source: { app: "eTrex 20x", recordingMethod: "active" },
      // 111 m a minute on the equator.
      trace: { bucketMs: 5000, speeds: Array(24).fill(185), peak60: 185 },
    }],
  });
});

Deno.test("gpxReader counts neither way nor time between the segments of a track", () => {
  const activity = readOne(
    `<trk>${segment(...WALK)}<trkseg/>${segment({ lon: 50, at: 900 }, { lon: 51, at: 960 })}</trk>`,
  );

  assertEquals(activity.endedAt, START + 960_000);
  assertEquals(activity.quantities, { distance: 333_585, moving_time: 180_000 });
});

Deno.test("gpxReader gives each track its own activity and passes over empty ones", () => {
  const later = segment({ lon: 0, at: 5000 }, { lon: 1, at: 5060 });

  const activities = readActivities(
    gpx(`<trk><name>ACTIVE LOG</name></trk><trk>${segment(...WALK)}</trk><trk>${later}</trk>`),
  );

  assertEquals(activities.map((each) => each.startedAt), [START, START + 5_000_000]);
});

Deno.test.each<[string, string]>([
  ["a route", `<rte><rtept lat="1" lon="1"/></rte>`],
  ["a waypoint", `<wpt lat="1" lon="1"><time>2024-05-01T06:00:00Z</time></wpt>`],
  ["an empty track", `<trk><trkseg></trkseg></trk>`],
  ["a track without valid places", `<trk><trkseg><trkpt lat="91" lon="x"/></trkseg></trk>`],
  ["nothing", ""],
])("gpxReader answers %s with no_track", (_name, content) => {
  assertEquals(reasonOf(content), "no_track");
});

Deno.test("gpxReader answers a track without times, or with a few only, with no_times", () => {
  const untimed = Array.from({ length: 6 }, (_, lon) => ({ lon }));

  assertEquals(reasonOf(`<trk>${segment(...untimed)}</trk>`), "no_times");
  assertEquals(
    reasonOf(`<trk>${segment(...untimed, { lon: 7, at: 0 }, { lon: 8, at: 9 })}</trk>`),
    "no_times",
  );
});

Deno.test("gpxReader rejects the track without times beside a good one", () => {
  const { records } = gpxReader.read(
    gpx(`<trk>${segment({ lon: 0 }, { lon: 1 })}</trk><trk>${segment(...WALK)}</trk>`),
  );

  assertEquals(records.map((each) => each.kind), ["rejected", "activity"]);
});

Deno.test("gpxReader measures the way over a point that has no time", () => {
  const activity = readOne(
    `<trk>${segment({ lon: 0, at: 0 }, { lon: 1 }, { lon: 2, at: 120 })}</trk>`,
  );

  assertEquals(activity.quantities, { distance: 2 * WAY_MM, moving_time: 120_000 });
});

Deno.test("gpxReader answers a track in one instant with invalid_interval", () => {
  assertEquals(
    reasonOf(`<trk>${segment({ lon: 0, at: 5 }, { lon: 1, at: 5 })}</trk>`),
    "invalid_interval",
  );
});

Deno.test("gpxReader reads the zone from times that carry one", () => {
  const times = ["2024-05-01T08:00:00+02:00", "2024-05-01T08:01:00+02:00"];
  const points = times.map((time, n) =>
    `<trkpt lat="0" lon="0.00${n}"><time>${time}</time></trkpt>`
  );

  const activity = readOne(`<trk><trkseg>${points.join("")}</trkseg></trk>`);

  assertEquals([activity.startedAt, activity.zoneOffsetMinutes], [START, 120]);
});

Deno.test("gpxReader sums climbs and starts afresh in each segment", () => {
  const up = segment({ lon: 0, at: 0, ele: 100 }, { lon: 1, at: 60, ele: 110 });
  const higher = segment({ lon: 1, at: 90, ele: 500 }, { lon: 2, at: 150, ele: 505.25 });

  assertEquals(readOne(`<trk>${up}${higher}</trk>`).quantities.elevation_gain, 15_250);
});

Deno.test("gpxReader ignores times and elevations of extensions", () => {
  const inside = `<extensions><x:time>1999-01-01T00:00:00Z</x:time><x:ele>9</x:ele></extensions>`;

  const activity = readOne(
    `<trk>${segment({ lon: 0, at: 0, inside }, { lon: 1, at: 60, inside })}</trk>`,
  );

  assertEquals(activity.startedAt, START);
  assertEquals(activity.quantities.elevation_gain, undefined);
});

Deno.test("gpxReader reads any namespace prefix", () => {
  const text = `<g:gpx xmlns:g="http://www.topografix.com/GPX/1/1" creator="x"><g:trk>${
    segment(...WALK)
  }</g:trk></g:gpx>`.replace(/<(\/?)trk(seg|pt)/g, "<$1g:trk$2").replace(
    /<(\/?)time/g,
    "<$1g:time",
  );
  const bytes = new TextEncoder().encode(text);

  assert(gpxReader.matches(bytes));
  assertEquals(readActivities(bytes).length, 1);
});
