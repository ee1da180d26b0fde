import { assert, assertEquals, assertRejects } from "@std/assert";
import { DomainError } from "@/domain/error.ts";
import { FormatError, readDeviceFile } from "@/formats/mod.ts";
import { runFile } from "@/tests/support/fitness.ts";
import { createManualTime } from "@/tests/support/manual_time.ts";
import { createFileReader } from "@/services/activity/file_reader.ts";

const START_AT = Date.UTC(2026, 3, 20, 6);

/** A track of so many points, a second apart. */
function track(points: number): Uint8Array<ArrayBuffer> {
  const text = Array.from(
    { length: points },
    (_, n) =>
      `<trkpt lat="45" lon="${(14 + n / 1e5).toFixed(5)}"><time>` +
      `${new Date(START_AT + n * 1000).toISOString()}</time></trkpt>\n`,
  ).join("");
  return new TextEncoder().encode(
    `<gpx creator="test"><trk><type>run</type><trkseg>${text}</trkseg></trk></gpx>`,
  );
}

function createReader(limits: Parameters<typeof createFileReader>[0]["limits"] = {}) {
  const time = createManualTime();
  return { time, reader: createFileReader({ timers: time, limits }) };
}

Deno.test("read() reads small files at once, and larger ones alike in a worker", async () => {
  const { reader, time } = createReader();
  const [small, large] = [runFile().bytes, track(5000)];
  const expected = [readDeviceFile(small), readDeviceFile(large)];
  assert(large.length > 256 * 1024);

  assertEquals(await reader.read(small.slice()), expected[0]);
  assertEquals(await reader.read(large.slice()), expected[1]);
  assertEquals(time.pending, 0);
});

Deno.test("read() leaves the thread free while a worker reads", async () => {
  const { reader } = createReader();
  let turns = 0;
  let isDone = false;

  const reading = reader.read(track(40_000)).finally(() => isDone = true);
  while (!isDone) {
    await new Promise((resolve) => setTimeout(resolve));
    turns += 1;
  }
  await reading;

  assert(turns > 5, `${turns} turns`);
});

Deno.test("read() tells the reason a worker found", async () => {
  const { reader } = createReader({ inlineBytesMax: 0 });
  const broken = runFile().bytes;
  broken[40]! ^= 0xff;

  const error = await assertRejects(() => reader.read(broken), FormatError);
  assertEquals(error.reason, "bad_crc");
  const file = await reader.read(runFile().bytes);
  assertEquals(file.records.length, 1);
});

Deno.test("read() gives up a file that takes too long, and reads the next", async () => {
  const { reader, time } = createReader({ inlineBytesMax: 100 });

  const slow = assertRejects(() => reader.read(track(100_000)), FormatError);
  const next = reader.read(runFile().bytes);
  while (time.pending === 0) await new Promise((resolve) => setTimeout(resolve));
  time.advance(60_000);

  assertEquals((await slow).reason, "too_large");
  assertEquals((await next).format, "fit");
});

Deno.test("read() refuses more than may wait, and takes it again afterwards", async () => {
  const { length } = runFile().bytes;
  const { reader } = createReader({ inlineBytesMax: 0, waitingBytesMax: 2 * length });

  const taken = [reader.read(runFile().bytes), reader.read(runFile().bytes)];
  const error = await assertRejects(() => reader.read(runFile().bytes), DomainError);
  await Promise.all(taken);

  assertEquals([error.code, error.retryAfterSeconds], ["SERVICE_UNAVAILABLE", 10]);
  assertEquals((await reader.read(runFile().bytes)).format, "fit");
});
