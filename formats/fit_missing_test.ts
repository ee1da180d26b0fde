import { assert, assertEquals } from "@std/assert";
import type { ActivityRecord } from "@/domain/activity.ts";
import {
  field,
  fileId,
  type FitMessageSpec,
  fitSeconds,
  record,
  session,
  timerEvent,
  writeFit,
} from "@/tests/support/fit_writer.ts";
import { fitReader } from "./fit.ts";

const START = fitSeconds("2024-05-01T06:00:00Z");

function readActivities(messages: readonly FitMessageSpec[]): ActivityRecord[] {
  const { records } = fitReader.read(writeFit([fileId(), ...messages]));
  return records.filter((each) => each.kind === "activity");
}

function readOne(...messages: FitMessageSpec[]): ActivityRecord {
  const [activity, ...others] = readActivities(messages);
  assert(activity && others.length === 0);
  return activity;
}

Deno.test("fitReader takes what sessions do not tell from the records within them", () => {
  const track = Array.from({ length: 31 }, (_, step) => {
    return record({ at: START + step * 60, distanceM: step * 180 });
  });
  const legs = [
    session({ startS: START, endS: START + 600, sport: 1 }),
    session({ startS: START + 600, endS: START + 660, sport: 3 }),
    session({ startS: START + 660, endS: START + 1800, elapsedMs: 1_140_000, sport: 2 }),
  ];

  const activities = readActivities([...track, ...legs]);

  assertEquals(activities.map(({ quantities }) => quantities), [
    { distance: 1_800_000, moving_time: 600_000 },
    { distance: 3_420_000, moving_time: 1_140_000 },
  ]);
});

Deno.test("fitReader counts the timer within each session", () => {
  const messages = [
    timerEvent(START, "start"),
    timerEvent(START + 300, "stop"),
    timerEvent(START + 400, "start"),
    ...[0, 300, 400, 600, 660, 1200].map((at) => record({ at: START + at })),
    timerEvent(START + 1200, "stop"),
    session({ startS: START, endS: START + 600, distanceCm: 1, sport: 1 }),
    session({ startS: START + 660, endS: START + 1200, distanceCm: 1, sport: 2 }),
  ];

  const activities = readActivities(messages);

  assertEquals(activities.map(({ quantities }) => quantities.moving_time), [500_000, 540_000]);
});

Deno.test("fitReader takes a session without any timer for moving all along", () => {
  const { quantities } = readOne(session({ startS: START, endS: START + 90, sport: 11 }));

  assertEquals(quantities, { moving_time: 90_000 });
});

Deno.test("fitReader counts on the 12 bits of distance that small devices write", () => {
  const sixteenths = Array.from({ length: 200 }, (_, step) => step * 800 & 0xfff);
  const messages = sixteenths.map((low, step): FitMessageSpec => ({
    global: 20,
    local: 3,
    fields: [
      field(253, "uint32", START + step * 10),
      { number: 8, type: "byte", values: [0x2c, (low & 0xf) << 4 | 1, low >> 4] },
    ],
  }));
  const invalid: FitMessageSpec = {
    global: 20,
    local: 3,
    fields: [
      field(253, "uint32", START + 2000),
      { number: 8, type: "byte", values: [0xff, 0xff, 0xff] },
    ],
  };

  assertEquals(readOne(...messages, invalid).quantities, {
    distance: 199 * 50_000,
    moving_time: 2_000_000,
  });
});
