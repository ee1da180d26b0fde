/**
 * Rate of the reader of Apple's export beside `saxes` used as one would: every tag, the attributes
 * of records, nothing made of them. The export is 10 MB (10⁶ bytes), so that ten iterations a
 * second are 100 MB/s. Memory: neither holds more than a piece of the file.
 */

import { SaxesParser } from "saxes";
import { appleExport } from "@/tests/support/apple_export.ts";
import { AppleHealthReader } from "./apple_health.ts";

const BYTES = 10_000_000;
const PIECE_BYTES = 256 * 1024;

const bytes = new Uint8Array(await new Blob([...appleExport(BYTES).chunks]).arrayBuffer());

function* pieces(): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    yield bytes.subarray(at, at + PIECE_BYTES);
  }
}

Deno.bench({ name: "our reader, records and workouts, 10 MB", group: "apple" }, () => {
  let count = 0;
  const take = () => void count++;
  const reader = new AppleHealthReader(
    { sample: take, activity: take, reject: take },
    "Europe/Helsinki",
  );
  for (const piece of pieces()) reader.push(piece);
  reader.end();
  if (count === 0) throw new Error("Cannot measure: nothing was read");
});

Deno.bench({ name: "saxes alone, tags, 10 MB", group: "apple", baseline: true }, () => {
  let steps = 0;
  const parser = new SaxesParser();
  parser.on("opentag", ({ name, attributes }) => {
    if (name === "Record" && attributes.type === "HKQuantityTypeIdentifierStepCount") {
      steps += Number(attributes.value);
    }
  });
  const decoder = new TextDecoder();
  for (const piece of pieces()) parser.write(decoder.decode(piece, { stream: true }));
  parser.close();
  if (steps === 0) throw new Error("Cannot measure: nothing was read");
});
