import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  chain,
  field,
  fileId,
  fitSeconds,
  lap,
  record,
  resealed,
  session,
  timerEvent,
  writeFit,
} from "@/tests/support/fit_writer.ts";
import { FIT_BYTES_MAX, XML_BYTES_MAX } from "./limits.ts";
import { type DeviceFile, FormatError, readDeviceFile } from "./mod.ts";

const START = fitSeconds("2024-05-01T06:00:00Z");

const ACTIVITY = writeFit([
  fileId(),
  timerEvent(START, "start"),
  record({ at: START, latitude: 45, longitude: 14, distanceM: 0, elevationM: 300 }),
  record({ at: START + 60, latitude: 45.001, longitude: 14, distanceM: 111, elevationM: 310 }),
  timerEvent(START + 60, "stop"),
  lap({ startS: START, endS: START + 60, elapsedMs: 60_000, timerMs: 60_000 }),
  session({ startS: START, endS: START + 60, sport: 1, elapsedMs: 60_000, timerMs: 60_000 }),
]);

const MONITORING = writeFit([
  fileId(32),
  { global: 103, fields: [field(253, "uint32", START), field(0, "uint32", START + 7200)] },
  ...[100, 250, 251].map((steps, n) => ({
    global: 55,
    local: 1,
    fields: [
      field(26, "uint16", (START + n) & 0xffff),
      field(24, "byte", 6),
      field(3, "uint32", steps),
    ],
  })),
]);

const GPX = `<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1"><trk><type>run</type>
<trkseg><trkpt lat="45.1" lon="14.1"><ele>200</ele><time>2024-05-01T06:00:00Z</time></trkpt>
<trkpt lat="45.2" lon="14.2"><ele>210</ele><time>2024-05-01T06:30:00Z</time></trkpt></trkseg>
</trk></gpx>`;

const TCX = `<?xml version="1.0"?><TrainingCenterDatabase><Activities><Activity Sport="Running">
<Id>2024-05-01T06:00:00Z</Id><Lap StartTime="2024-05-01T06:00:00Z"><TotalTimeSeconds>60</TotalTimeSeconds>
<DistanceMeters>200</DistanceMeters><Calories>9</Calories><Track><Trackpoint>
<Time>2024-05-01T06:00:00Z</Time><Position><LatitudeDegrees>45</LatitudeDegrees>
<LongitudeDegrees>14</LongitudeDegrees></Position><AltitudeMeters>2</AltitudeMeters></Trackpoint>
</Track></Lap></Activity></Activities></TrainingCenterDatabase>`;

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Reads any bytes; anything but a well-formed answer or a `FormatError` fails the test. */
function readSafely(bytes: Uint8Array): DeviceFile | FormatError {
  try {
    const file = readDeviceFile(bytes);
    for (const each of file.records) checkRecord(each);
    return file;
  } catch (error) {
    assert(error instanceof FormatError, `Expected FormatError, got ${error}`);
    return error;
  }
}

function checkRecord(each: DeviceFile["records"][number]): void {
  if (each.kind === "rejected") return;
  assert(Number.isSafeInteger(each.startedAt) && Number.isSafeInteger(each.endedAt));
  assert(each.endedAt > each.startedAt);
  assert(!Number.isNaN(new Date(each.endedAt).getTime()));
  const values = each.kind === "sample" ? [each.value] : Object.values(each.quantities);
  assert(values.every((value) => Number.isSafeInteger(value) && value >= 0));
}

Deno.test("readDeviceFile() picks the reader by content", () => {
  assertEquals(readDeviceFile(ACTIVITY).format, "fit");
  assertEquals(readDeviceFile(MONITORING).format, "fit");
  assertEquals(readDeviceFile(utf8(GPX)).format, "gpx");
  assertEquals(readDeviceFile(utf8(TCX)).format, "tcx");
});

Deno.test.each<[string, Uint8Array, string]>([
  ["no bytes", new Uint8Array(), "empty"],
  ["blanks", utf8(" \n"), "unknown_format"],
  [
    "an Apple Health export",
    utf8(`<?xml version="1.0"?><HealthData locale="en_US"/>`),
    "unknown_format",
  ],
  ["a zip archive", utf8("PK\u0003\u0004whatever"), "unknown_format"],
  ["a web page", utf8("<!DOCTYPE html><html><body/></html>"), "unknown_format"],
  ["JSON", utf8(`{"gpx": 1}`), "unknown_format"],
  ["a picture", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), "unknown_format"],
])("readDeviceFile() refuses %s", (_name, bytes, reason) => {
  const read: string = assertThrows(() => readDeviceFile(bytes), FormatError).reason;

  assertEquals(read, reason);
});

Deno.test("readDeviceFile() refuses files over the limits before it reads them", () => {
  const fit = new Uint8Array(FIT_BYTES_MAX + 1);
  fit.set(ACTIVITY);
  const gpx = new Uint8Array(XML_BYTES_MAX + 1).fill(0x20);
  gpx.set(utf8(GPX));

  for (const bytes of [fit, gpx]) {
    assertEquals(assertThrows(() => readDeviceFile(bytes), FormatError).reason, "too_large");
  }
});

Deno.test("readDeviceFile() throws nothing but FormatError for random bytes", () => {
  const heads = fc.constantFrom(
    new Uint8Array(),
    ACTIVITY.subarray(0, 14),
    utf8("<gpx>"),
    utf8("<TrainingCenterDatabase>"),
    utf8("<gpx><trk><trkseg><trkpt "),
  );

  fc.assert(
    fc.property(heads, fc.uint8Array({ maxLength: 300 }), (head, tail) => {
      readSafely(chain(head, tail));
    }),
    { numRuns: 500 },
  );
});

interface Change {
  at: number;
  byte: number;
}

const changes = fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255) }), {
  minLength: 1,
  maxLength: 6,
});

function changed(bytes: Uint8Array, list: readonly Change[]): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(bytes);
  for (const { at, byte } of list) copy[at % copy.length] = byte;
  return copy;
}

const fitFiles = fc.constantFrom(ACTIVITY, MONITORING, chain(ACTIVITY, MONITORING));

Deno.test("readDeviceFile() notices any change in one byte of a FIT file", () => {
  const at = fc.integer({ min: 14, max: ACTIVITY.length - 1 });

  fc.assert(fc.property(at, fc.integer({ min: 1, max: 255 }), (index, mask) => {
    const bytes = Uint8Array.from(ACTIVITY);
    bytes[index]! ^= mask;

    const error = assertThrows(() => readDeviceFile(bytes), FormatError);

    assertEquals(error.reason, "bad_crc");
  }));
});

Deno.test("readDeviceFile() survives changes in FIT files whose checksum is right", () => {
  fc.assert(
    fc.property(fitFiles, changes, (bytes, list) => {
      readSafely(resealed(changed(bytes, list)));
      // The header stays whole, so that the change lies in the messages.
      readSafely(resealed(chain(bytes.subarray(0, 14), changed(bytes.subarray(14), list))));
    }),
    { numRuns: 1000 },
  );
});

const xmlEdit = fc.record({
  at: fc.nat(),
  remove: fc.nat(40),
  insert: fc.oneof(
    fc.constantFrom(
      "<",
      ">",
      "&",
      '"',
      "/>",
      "]]>",
      "<![CDATA[",
      "<!--",
      "&#0;",
      "&x;",
      "-",
      "1e999",
    ),
    fc.constantFrom("<trk>", "</trk>", "<trkseg>", "<Lap>", "</Lap>", "<Activity>", "\0", "\ufffe"),
    fc.string({ maxLength: 6 }),
  ),
});

Deno.test("readDeviceFile() survives edits in GPX and TCX files", () => {
  const edits = fc.array(xmlEdit, { minLength: 1, maxLength: 4 });

  fc.assert(
    fc.property(fc.constantFrom(GPX, TCX), edits, (text, list) => {
      const edited = list.reduce<string>((whole, { at, remove, insert }) => {
        const from = at % (whole.length + 1);
        return whole.slice(0, from) + insert + whole.slice(from + remove);
      }, text);
      readSafely(utf8(edited));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("readDeviceFile() answers every cut of a GPX or TCX file with a reason", () => {
  for (const text of [GPX, TCX]) {
    for (let length = 1; length < text.length; length++) {
      assert(readSafely(utf8(text.slice(0, length))) instanceof FormatError);
    }
  }
});

Deno.test("readDeviceFile() bounds the records of hostile files", () => {
  const track = `<trk><trkseg><trkpt lat="0" lon="0"/></trkseg></trk>`;
  const gpx = utf8(`<gpx>${track.repeat(100_001)}</gpx>`);

  const error = assertThrows(() => readDeviceFile(gpx), FormatError);

  assertEquals(error.reason, "too_large");
});
