/**
 * Readers of device files: bytes in, records out, no I/O. The reader is chosen by content; a file
 * name proves nothing.
 *
 * @module
 */

import { fitReader } from "./fit.ts";
import { gpxReader } from "./gpx.ts";
import { type DeviceFile, FormatError, type FormatReader } from "./reader.ts";
import { tcxReader } from "./tcx.ts";

export { type DeviceFile, FormatError, type FormatReader } from "./reader.ts";

const READERS: readonly FormatReader[] = [fitReader, gpxReader, tcxReader];

/**
 * Reads a FIT, TCX or GPX file. Throws `FormatError` when nothing in it can be used: `empty`,
 * `unknown_format`, or what its reader found. Synchronous: a large file holds the thread for about
 * its size over the rates in `readers_bench.ts`.
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { FormatError, readDeviceFile } from "@/formats/mod.ts";
 *
 * const gpx = `<gpx creator="demo"><trk><type>running</type><trkseg>
 *   <trkpt lat="0" lon="0"><time>2024-05-01T06:00:00Z</time></trkpt>
 *   <trkpt lat="0" lon="0.001"><time>2024-05-01T06:00:30Z</time></trkpt>
 * </trkseg></trk></gpx>`;
 * const [record] = readDeviceFile(new TextEncoder().encode(gpx)).records;
 * assertEquals(record?.kind === "activity" && record.quantities.distance, 111195);
 *
 * const error = assertThrows(() => readDeviceFile(new Uint8Array(9)), FormatError);
 * assertEquals(error.reason, "unknown_format");
 * ```
 */
export function readDeviceFile(bytes: Uint8Array): DeviceFile {
  if (bytes.length === 0) throw new FormatError("empty", "Cannot read file: it has no bytes");
  const reader = READERS.find((each) => each.matches(bytes));
  if (!reader) {
    throw new FormatError("unknown_format", "Cannot read file: it is neither FIT, TCX nor GPX");
  }
  return reader.read(bytes);
}
