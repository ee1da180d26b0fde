/** Files as services and apps deliver them, with the oddities that each is known for. */

import { assertEquals, assertRejects } from "@std/assert";
import {
  field,
  fileId,
  fitSeconds,
  record,
  session,
  writeFit,
} from "@/tests/support/fit_writer.ts";
import { gzip, zip } from "@/tests/support/zip_writer.ts";
import { FormatError, readDeviceFile } from "./mod.ts";
import { openUpload } from "./packed.ts";
import { sourceOf } from "./zip.ts";

const POINT = (minute: number) =>
  `<trkpt lat="46.${100 + minute}" lon="7.4"><ele>500</ele>` +
  `<time>2024-05-01T06:${String(minute).padStart(2, "0")}:00Z</time></trkpt>`;
const POINTS = [0, 1, 2, 3].map(POINT).join("");
const WAY = "https://www.topografix.com/GPX/1/1";

const TCX = `<?xml version="1.0" encoding="UTF-8"?>
<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2">
<Activities><Activity Sport="Biking"><Id>2024-05-01T06:00:00Z</Id>
<Lap StartTime="2024-05-01T06:00:00Z"><TotalTimeSeconds>1800</TotalTimeSeconds>
<DistanceMeters>12000</DistanceMeters><Track>
<Trackpoint><Time>2024-05-01T06:00:00Z</Time><DistanceMeters>0</DistanceMeters></Trackpoint>
<Trackpoint><Time>2024-05-01T06:30:00Z</Time><DistanceMeters>12000</DistanceMeters></Trackpoint>
</Track></Lap></Activity></Activities></TrainingCenterDatabase>`;

/** Sport, metres and device of the one activity in a file. */
type Fact = readonly [string, number, string | undefined];

const KILOMETRE_RUN: Fact = ["running", 334, "StravaGPX Android"];

const gpx = (creator: string, inside: string) =>
  `<?xml version="1.0" encoding="UTF-8"?><gpx version="1.1" creator="${creator}" xmlns="${WAY}">` +
  `${inside}</gpx>`;
const track = (creator: string, type: string, points = POINTS) =>
  gpx(creator, `<trk><name>Morning</name><type>${type}</type><trkseg>${points}</trkseg></trk>`);

const startS = fitSeconds("2024-05-01T06:00:00Z");
const endS = startS + 1800;

/** A FIT file of a maker and a product that no table knows. */
const UNKNOWN_MAKER = writeFit([
  {
    global: 0,
    fields: [field(0, "enum", 4), field(1, "uint16", 9876), field(2, "uint16", 4321)],
  },
  record({ at: startS, latitude: 46, longitude: 7, distanceM: 0 }),
  record({ at: endS, latitude: 46.05, longitude: 7, distanceM: 6000 }),
  session({
    startS,
    endS,
    sport: 1,
    elapsedMs: 1_800_000,
    timerMs: 1_800_000,
    distanceCm: 600_000,
  }),
]);

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function utf16(text: string): Uint8Array<ArrayBuffer> {
  const units = Uint16Array.from(text, (_, at) => text.charCodeAt(at));
  return new Uint8Array([0xff, 0xfe, ...new Uint8Array(units.buffer)]);
}

async function read(bytes: Uint8Array<ArrayBuffer>) {
  const upload = await openUpload(sourceOf(bytes));
  if (upload.kind !== "file") throw new TypeError("an export");
  return readDeviceFile(upload.bytes);
}

async function factOf(bytes: Uint8Array<ArrayBuffer>): Promise<Fact[]> {
  const { records, device } = await read(bytes);
  return records.map((one) => {
    if (one.kind !== "activity") return [one.kind, 0, undefined];
    const metres = Math.round((one.quantities.distance ?? 0) / 1000);
    return [one.type, metres, one.source.device ?? one.source.app ?? device];
  });
}

const strava = bytesOf(track("StravaGPX Android", "running"));
const RIDE = ["cycling", 12_000, undefined] as const;

const DELIVERED: Readonly<Record<string, [() => Promise<Uint8Array<ArrayBuffer>>, Fact]>> = {
  "Strava's bulk export, .gpx.gz": [() => gzip(strava), KILOMETRE_RUN],
  "… .tcx.gz, which begins with blanks": [() => gzip(bytesOf(`          ${TCX}`)), RIDE],
  "… .fit.gz": [() => gzip(UNKNOWN_MAKER), ["running", 6000, "maker 9876 4321"]],
  "one of its files in a zip of its own": [
    async () => await zip([{ name: "activities/123.gpx.gz", bytes: await gzip(strava) }]),
    KILOMETRE_RUN,
  ],
  "Garmin's original in a zip": [
    () => zip([{ name: "123_ACTIVITY.fit", bytes: UNKNOWN_MAKER }]),
    ["running", 6000, "maker 9876 4321"],
  ],
  "TCX in UTF-16": [
    () => Promise.resolve(utf16(TCX.replace("UTF-8", "UTF-16"))),
    RIDE,
  ],
  "a byte order mark, then blank lines": [
    () => Promise.resolve(bytesOf(`\ufeff\r\n\r\n${TCX}`)),
    RIDE,
  ],
  "Suunto's GPX with heart rates": [
    () =>
      Promise.resolve(bytesOf(
        track(
          "Suunto app",
          "trail_running",
          POINTS.replaceAll(
            "</time>",
            "</time><extensions><gpxtpx:TrackPointExtension><gpxtpx:hr>150</gpxtpx:hr>" +
              "</gpxtpx:TrackPointExtension></extensions>",
          ),
        ).replace(
          "<gpx ",
          '<gpx xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v1" ',
        ),
      )),
    ["running", 334, "Suunto app"],
  ],
  "OpenTracks with times in a zone": [
    () =>
      Promise.resolve(
        bytesOf(track("OpenTracks", "hiking", POINTS.replaceAll(/:00Z/g, ":00.123+02:00"))),
      ),
    ["hiking", 334, "OpenTracks"],
  ],
};

for (const [name, [make, fact]] of Object.entries(DELIVERED)) {
  Deno.test(`readDeviceFile() reads what is delivered: ${name}`, async () => {
    assertEquals(await factOf(await make()), [fact]);
  });
}

const UNUSABLE: Readonly<Record<string, [string | Uint8Array<ArrayBuffer>, string]>> = {
  "GPX with waypoints only": [
    gpx("Maps", `<wpt lat="46" lon="7"><time>2024-05-01T06:00:00Z</time></wpt>`),
    "no_track",
  ],
  "a tour that Komoot planned": [
    track("https://www.komoot.de", "touringbicycle", POINTS.replaceAll(/<time>[^<]*<\/time>/g, "")),
    "no_times",
  ],
  "KML": [`<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"/>`, "unknown_format"],
  "the sign-in page of a service": [
    "<!DOCTYPE html><html><body>Log in</body></html>",
    "unknown_format",
  ],
  "JSON": [`{"activities": []}`, "unknown_format"],
  "a course of a bike computer": [
    writeFit([fileId(6), record({ at: startS, latitude: 46, longitude: 7, distanceM: 0 })]),
    "not_activity",
  ],
};

for (const [name, [content, reason]] of Object.entries(UNUSABLE)) {
  Deno.test(`readDeviceFile() says why it cannot use ${name}`, async () => {
    const bytes = typeof content === "string" ? bytesOf(content) : content;
    const error = await assertRejects(() => read(bytes), FormatError);

    assertEquals(error.reason, reason);
  });
}

Deno.test("openUpload() unpacks once, whatever is packed inside, and bounded", async () => {
  const twice = await gzip(await gzip(strava));
  const bomb = await zip([{ name: "a.fit.gz", bytes: await gzip(new Uint8Array(70_000_000)) }]);

  assertEquals((await assertRejects(() => read(twice), FormatError)).reason, "unknown_format");
  assertEquals((await assertRejects(() => read(bomb), FormatError)).reason, "too_large");
});
