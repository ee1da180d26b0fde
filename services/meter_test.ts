import { assertEquals } from "@std/assert";
import { createManualTime } from "@/tests/support/manual_time.ts";
import { createMeter, READINGS_MAX } from "./meter.ts";

const START = 1_000_000_000_000;

Deno.test("createMeter() counts into whole seconds and leaves the running one out", () => {
  const time = createManualTime(START);
  const meter = createMeter({ clock: time });
  meter.request(200);
  meter.request(503);
  meter.request(404);
  meter.updates(5);
  time.advance(1000);
  meter.request(200);

  const readings = meter.readings();

  assertEquals(readings.length, READINGS_MAX);
  assertEquals(readings.at(-1), { at: START, requests: 3, errors: 1, updates: 5, viewers: 0 });
});

Deno.test("createMeter() carries viewers over seconds without news", () => {
  const time = createManualTime(START);
  const meter = createMeter({ clock: time });
  meter.viewers(4);
  time.advance(3000);
  meter.viewers(2);
  time.advance(2000);

  const viewers = meter.readings().slice(-6).map((reading) => reading.viewers);

  assertEquals(viewers, [0, 4, 4, 4, 2, 2]);
});

Deno.test("createMeter() forgets what lies further back than the chart", () => {
  const time = createManualTime(START);
  const meter = createMeter({ clock: time });
  meter.updates(9);
  meter.viewers(3);
  time.advance((READINGS_MAX + 1) * 1000);

  const readings = meter.readings();

  assertEquals(readings.reduce((sum, reading) => sum + reading.updates, 0), 0);
  assertEquals(readings.every((reading) => reading.viewers === 3), true);
});
