/**
 * Rate of the readers. Generated files are 1 MB (10⁶ bytes), so that iterations a second are MB/s;
 * of real files, when `DEVICE_FILES` is set, the name gives the size.
 */
import { hasDeviceFiles, readDeviceFileBytes } from "@/tests/support/device_files.ts";
import {
  fileId,
  type FitMessageSpec,
  fitSeconds,
  record,
  session,
  writeFit,
} from "@/tests/support/fit_writer.ts";
import { readDeviceFile } from "./mod.ts";

const BYTES = 1_000_000;
const START_AT = Date.parse("2024-05-01T06:00:00Z");
const START_S = fitSeconds("2024-05-01T06:00:00Z");

function fitFile(...summaries: FitMessageSpec[]): Uint8Array<ArrayBuffer> {
  // A record is 19 bytes: header, time, place, distance, altitude.
  const points = Array.from({ length: Math.floor(BYTES / 19) }, (_, n) =>
    record({
      at: START_S + n,
      latitude: 45 + n / 1e6,
      longitude: 14,
      distanceM: n * 3,
      elevationM: 200 + Math.round(50 * Math.sin(n / 500)),
    }));
  return writeFit([fileId(), ...points, ...summaries]);
}

function pointText(
  n: number,
  write: (time: string, latitude: string, elevation: string) => string,
) {
  const elevation = (200 + 50 * Math.sin(n / 500)).toFixed(2);
  return write(new Date(START_AT + n * 1000).toISOString(), (45 + n / 1e6).toFixed(7), elevation);
}

/** Repeats the points to `BYTES` between head and tail. */
function xmlFile(
  head: string,
  point: (n: number) => string,
  tail: string,
): Uint8Array<ArrayBuffer> {
  const points: string[] = [];
  for (let length = head.length + tail.length; length < BYTES;) {
    length += points[points.push(point(points.length)) - 1]!.length;
  }
  return new TextEncoder().encode(head + points.join("") + tail);
}

function gpxFile(): Uint8Array<ArrayBuffer> {
  const point = (n: number) =>
    pointText(
      n,
      (time, latitude, elevation) =>
        `<trkpt lat="${latitude}" lon="14.5000000">\n  <ele>${elevation}</ele>\n  <time>${time}</time>\n` +
        `  <extensions><x:hr>150</x:hr></extensions>\n</trkpt>\n`,
    );
  return xmlFile(
    `<gpx creator="bench"><trk><type>run</type><trkseg>`,
    point,
    `</trkseg></trk></gpx>`,
  );
}

function tcxFile(): Uint8Array<ArrayBuffer> {
  const point = (n: number) =>
    pointText(
      n,
      (time, latitude, elevation) =>
        `<Trackpoint><Time>${time}</Time><Position><LatitudeDegrees>${latitude}</LatitudeDegrees>` +
        `<LongitudeDegrees>14.5</LongitudeDegrees></Position><AltitudeMeters>${elevation}` +
        `</AltitudeMeters><DistanceMeters>${n * 3}</DistanceMeters></Trackpoint>\n`,
    );
  const head = `<TrainingCenterDatabase><Activities><Activity Sport="Running">` +
    `<Lap StartTime="2024-05-01T06:00:00Z"><TotalTimeSeconds>4000</TotalTimeSeconds><Track>`;
  return xmlFile(head, point, `</Track></Lap></Activity></Activities></TrainingCenterDatabase>`);
}

const RIDE = session({
  startS: START_S,
  endS: START_S + 50_000,
  sport: 2,
  elapsedMs: 50_000_000,
  timerMs: 49_000_000,
  distanceCm: 15_000_000,
});

const GENERATED: Readonly<Record<string, Uint8Array>> = {
  "FIT with a session, 1 MB": fitFile(RIDE),
  "FIT from records, 1 MB": fitFile(),
  "TCX, 1 MB": tcxFile(),
  "GPX, 1 MB": gpxFile(),
};

for (const [name, bytes] of Object.entries(GENERATED)) {
  Deno.bench({ name, group: "generated" }, () => {
    readDeviceFile(bytes);
  });
}

const REAL = [
  "multisport_fenix2_7sessions.fit",
  "ride_wahoo_long_pauses.fit",
  "run_garmin.tcx",
  "track_korita.gpx",
];

for (const name of hasDeviceFiles ? REAL : []) {
  const bytes = readDeviceFileBytes(name);
  Deno.bench({ name: `${name}, ${(bytes.length / 1e6).toFixed(3)} MB`, group: "real" }, () => {
    readDeviceFile(bytes);
  });
}
