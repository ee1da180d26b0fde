import { assert, assertEquals, assertThrows } from "@std/assert";
import type { ActivityRecord } from "@/domain/activity.ts";
import { FormatError } from "./reader.ts";
import { tcxReader } from "./tcx.ts";

const START = Date.parse("2024-05-01T06:00:00Z");

function iso(seconds: number): string {
  return new Date(START + seconds * 1000).toISOString();
}

interface PointSpec {
  at: number;
  distance?: number;
  altitude?: number;
  lon?: number;
}

function trackpoint({ at, distance, altitude, lon }: PointSpec): string {
  return `<Trackpoint><Time>${iso(at)}</Time>` +
    (lon === undefined ? "" : `<Position><LatitudeDegrees>0</LatitudeDegrees>` +
      `<LongitudeDegrees>${lon}</LongitudeDegrees></Position>`) +
    (altitude === undefined ? "" : `<AltitudeMeters>${altitude}</AltitudeMeters>`) +
    (distance === undefined ? "" : `<DistanceMeters>${distance}</DistanceMeters>`) +
    `<HeartRateBpm><Value>150</Value></HeartRateBpm></Trackpoint>`;
}

interface LapSpec {
  at: number;
  seconds?: number | string;
  distance?: number | string;
  kcal?: number;
  points?: PointSpec[];
}

function lap({ at, seconds, distance, kcal, points = [] }: LapSpec): string {
  const track = points.length > 0 ? `<Track>${points.map(trackpoint).join("")}</Track>` : "";
  return `<Lap StartTime="${iso(at)}">` +
    (seconds === undefined ? "" : `<TotalTimeSeconds>${seconds}</TotalTimeSeconds>`) +
    (distance === undefined ? "" : `<DistanceMeters>${distance}</DistanceMeters>`) +
    (kcal === undefined ? "" : `<Calories>${kcal}</Calories>`) +
    `${track}<Extensions><LX><Steps>65</Steps></LX></Extensions></Lap>`;
}

function activity(sport: string, ...laps: LapSpec[]): string {
  return `<Activity Sport="${sport}"><Id>${iso(0)}</Id>${laps.map(lap).join("")}` +
    `<Creator><Name>vívoactive HR</Name><UnitId>3937453043</UnitId></Creator></Activity>`;
}

function tcx(content: string): Uint8Array {
  return new TextEncoder().encode(
    `<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2">` +
      `${content}<Author><Name>Connect Api</Name></Author></TrainingCenterDatabase>`,
  );
}

function readActivities(content: string): ActivityRecord[] {
  return tcxReader.read(tcx(content)).records.filter((each) => each.kind === "activity");
}

function readOne(sport: string, ...laps: LapSpec[]): ActivityRecord {
  const [only, ...others] = readActivities(`<Activities>${activity(sport, ...laps)}</Activities>`);
  assert(only && others.length === 0);
  return only;
}

function reasonOf(content: string): string {
  return assertThrows(() => tcxReader.read(tcx(content)), FormatError).reason;
}

Deno.test("tcxReader sums the laps of an activity exactly", () => {
  const file = tcxReader.read(tcx(`<Activities>${
    activity(
      "Running",
      { at: 0, seconds: 608.47, distance: 1609.34399414, kcal: 94, points: [{ at: 0 }] },
      { at: 620, seconds: 100.1, distance: 400.0004, kcal: 20, points: [{ at: 700 }] },
    )
  }</Activities>`));

  const source = { device: "vívoactive HR", recordingMethod: "active" as const };
  assertEquals(file, {
    format: "tcx",
    device: "vívoactive HR",
    records: [{
      kind: "activity",
      type: "running",
      startedAt: START,
      endedAt: START + 720_100,
      zoneOffsetMinutes: null,
      quantities: { distance: 2_009_344, moving_time: 708_570, active_energy: 114_000 },
      source,
    }],
  });
});

Deno.test("tcxReader ends at the last trackpoint when it is later than the laps say", () => {
  const { endedAt } = readOne("Biking", { at: 0, seconds: 60, points: [{ at: 0 }, { at: 300 }] });

  assertEquals(endedAt, START + 300_000);
});

Deno.test("tcxReader takes the distance of a lap without one from its trackpoints", () => {
  const { quantities } = readOne(
    "Biking",
    { at: 0, seconds: 60, points: [{ at: 0, distance: 0 }, { at: 60, distance: 300.5 }] },
    { at: 60, seconds: 60, points: [{ at: 70, distance: 350 }, { at: 120, distance: 700 }] },
    { at: 120, seconds: 60, distance: 100 },
  );

  assertEquals(quantities.distance, 800_000);
});

Deno.test("tcxReader takes time and distance from the points where all laps say 0", () => {
  const points = [0, 60, 120].map((at) => ({ at, distance: at * 3, lon: at * 3 / 111_195 }));

  const { quantities } = readOne("Running", { at: 0, seconds: 0, distance: 0, points });

  assertEquals(quantities, { distance: 360_000, moving_time: 120_000 });
  const indoors = points.map(({ at }) => ({ at }));
  assertEquals(
    readOne("Other", { at: 0, seconds: 0, distance: 0, points: indoors }).quantities,
    { distance: 0, moving_time: 120_000 },
  );
});

Deno.test("tcxReader takes the distance from positions when nothing else says it", () => {
  const { quantities } = readOne("Biking", {
    at: 0,
    points: [{ at: 0, lon: 0 }, { at: 60, lon: 0.001 }],
  });

  assertEquals(quantities, { distance: 111_195, moving_time: 60_000 });
});

Deno.test("tcxReader sums the climbs of the trackpoints", () => {
  const points = [100, 104, 120, 90].map((altitude, at) => ({ at, altitude }));

  const { quantities } = readOne("Other", { at: 0, seconds: 60, points });

  assertEquals(quantities.elevation_gain, 20_000);
});

Deno.test("tcxReader does not call an activity without trackpoints recorded", () => {
  const { source } = readOne("Running", { at: 0, seconds: 600, distance: 2000 });

  assertEquals(source.recordingMethod, "unknown");
});

Deno.test("tcxReader never gives the unit number away", () => {
  const file = tcxReader.read(
    tcx(`<Activities>${activity("Running", { at: 0, seconds: 60 })}</Activities>`),
  );

  assertEquals(JSON.stringify(file).includes("3937453043"), false);
});

Deno.test.each([["Running", "running"], ["Biking", "cycling"], ["Other", "other"], ["", "other"]])(
  "tcxReader maps Sport %s to %s",
  (sport, type) => {
    const read: string = readOne(sport, { at: 0, seconds: 60 }).type;

    assertEquals(read, type);
  },
);

Deno.test("tcxReader gives one activity for each leg of a multisport session", () => {
  const legs = `<MultiSportSession><Id>${iso(0)}</Id>` +
    `<FirstSport>${activity("Other", { at: 0, seconds: 60 })}</FirstSport>` +
    `<NextSport><Transition StartTime="${iso(60)}"><TotalTimeSeconds>9</TotalTimeSeconds>` +
    `</Transition>${activity("Biking", { at: 70, seconds: 60 })}</NextSport></MultiSportSession>`;

  const types = readActivities(`<Activities>${legs}</Activities>`).map((each) => each.type);

  assertEquals(types, ["other", "cycling"]);
});

Deno.test.each<[string, string, string]>([
  ["courses", "<Courses><Course><Name>x</Name></Course></Courses>", "not_activity"],
  ["workouts", "<Workouts><Workout><Name>x</Name></Workout></Workouts>", "not_activity"],
  ["no activities", "<Activities/>", "empty"],
  [
    "an activity without end",
    `<Activities><Activity Sport="Running"><Id>${iso(0)}</Id></Activity></Activities>`,
    "no_times",
  ],
  [
    "a lap of no length",
    `<Activities>${activity("Running", { at: 0, seconds: 0 })}</Activities>`,
    "invalid_interval",
  ],
  [
    "a negative distance",
    `<Activities>${activity("Running", { at: 0, seconds: 60, distance: -5 })}</Activities>`,
    "invalid_value",
  ],
  [
    "a distance beyond any unit",
    `<Activities>${activity("Running", { at: 0, seconds: 60, distance: "1e300" })}</Activities>`,
    "invalid_value",
  ],
  [
    "a time beyond any calendar",
    `<Activities>${activity("Running", { at: 0, seconds: "1e15" })}</Activities>`,
    "invalid_value",
  ],
])("tcxReader refuses %s", (_name, content, reason) => {
  assertEquals(reasonOf(content), reason);
});
