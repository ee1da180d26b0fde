import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { ActivityType } from "./activity.ts";
import { findDoubles, isSameSession, type SessionFact } from "./same_session.ts";
import { HOUR_MS, MINUTE_MS } from "./time.ts";

const NOON = Date.UTC(2026, 4, 1, 12);

function ride(id: string, change: Partial<SessionFact> = {}): SessionFact {
  return {
    kind: "activity",
    id,
    type: "cycling",
    startedAt: NOON,
    endedAt: NOON + HOUR_MS,
    zoneOffsetMinutes: null,
    quantities: { distance: 30_000_000 },
    source: { app: id, recordingMethod: "active" },
    ...change,
  };
}

function shifted(id: string, byMs: number, change: Partial<SessionFact> = {}): SessionFact {
  return ride(id, { startedAt: NOON + byMs, endedAt: NOON + HOUR_MS + byMs, ...change });
}

Deno.test("isSameSession() joins two devices' readings and keeps neighbours apart", () => {
  const same = (b: SessionFact) => isSameSession(ride("a"), b);
  const metres = (value: number) => ({ quantities: { distance: value * 1000 } });

  assert(same(ride("b")));
  assert(same(shifted("b", 4 * MINUTE_MS, metres(28_000))));
  assert(!same(shifted("b", HOUR_MS - 8000)), "the next one overlaps by 8 s");
  assert(!same(shifted("b", 20 * MINUTE_MS)), "half of it is something else");
  assert(!same(ride("b", metres(15_000))), "half the distance in the same time");
  assert(!same(ride("b", { type: "swimming" })));
  assert(same(ride("b", { type: "other" })), "an app that knows no better");
  assert(!same(ride("b", { endedAt: NOON + 10 * MINUTE_MS })), "a short one within a long one");
});

Deno.test("isSameSession() believes whole hours of shift only of an exact copy elsewhere", () => {
  const a = ride("a", { origin: "garmin" });
  const same = (byMs: number, change: Partial<SessionFact> = {}) =>
    isSameSession(a, shifted("b", byMs, { origin: "strava", ...change }));

  assert(same(2 * HOUR_MS) && same(-9 * HOUR_MS) && same(26 * HOUR_MS));
  assert(same(2 * HOUR_MS + MINUTE_MS));
  assert(!same(2 * HOUR_MS + MINUTE_MS + 1));
  assert(!same(2.5 * HOUR_MS));
  assert(!same(27 * HOUR_MS));
  assert(!same(2 * HOUR_MS, { origin: "garmin" }), "the same device's way back");
  assert(!same(2 * HOUR_MS, { quantities: { distance: 29_800_000 } }));
  assert(!same(2 * HOUR_MS, { quantities: {} }));
});

Deno.test("findDoubles() keeps the one that was recorded on purpose and says more", () => {
  const phone = ride("phone", { source: { app: "phone", recordingMethod: "automatic" } });
  const poor = ride("poor", { source: { app: "poor", recordingMethod: "active" } });
  const rich = ride("rich", { quantities: { distance: 30_000_000, moving_time: 3_500_000 } });

  const doubles = findDoubles([phone, poor, rich]);
  assertEquals([...doubles].sort(), [["phone", "rich"], ["poor", "rich"]]);
});

Deno.test("findDoubles() follows the athlete's choice", () => {
  const chosen = ride("phone", {
    isChosen: true,
    source: { app: "phone", recordingMethod: "automatic" },
  });

  assertEquals([...findDoubles([ride("watch"), chosen])], [["watch", "phone"]]);
});

Deno.test("findDoubles() gives a shifted copy to the nearest original, and never joins two of one device", () => {
  const there = ride("there", { origin: "watch" });
  const back = shifted("back", 3 * HOUR_MS, { origin: "watch" });
  const copy = shifted("copy", 2 * HOUR_MS, { origin: "app" });

  assertEquals(findDoubles([there, back]).size, 0);
  assertEquals([...findDoubles([there, copy])], [["copy", "there"]]);
  assertEquals([...findDoubles([back, there, copy])], [["back", "copy"]]);
});

const sessions = fc.array(
  fc.record({
    start: fc.integer({ min: 0, max: 200 }),
    minutes: fc.integer({ min: 1, max: 90 }),
    type: fc.constantFrom<ActivityType>("running", "walking", "other"),
    km: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
    origin: fc.constantFrom("watch", "phone"),
    isChosen: fc.boolean(),
  }),
  { maxLength: 9 },
).map((list) =>
  list.map(({ start, minutes, type, km, origin, isChosen }, index): SessionFact => ({
    ...ride(`s${index}`),
    ...{ type, origin, isChosen },
    startedAt: NOON + start * 10 * MINUTE_MS,
    endedAt: NOON + (start * 10 + minutes) * MINUTE_MS,
    quantities: km === undefined ? {} : { distance: km * 1_000_000 },
  }))
);

Deno.test("isSameSession() is symmetric", () => {
  fc.assert(fc.property(sessions, (list) => {
    for (const a of list) {
      for (const b of list) assertEquals(isSameSession(a, b), isSameSession(b, a));
    }
  }));
});

Deno.test("findDoubles() gives each group of equals one that counts, in any order", () => {
  const shuffled = sessions.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))
  );
  fc.assert(
    fc.property(shuffled, ([list, order]) => {
      const doubles = findDoubles(list);
      const countingOf = (id: string) => doubles.get(id) ?? id;

      assertEquals([...findDoubles(order)].sort(), [...doubles].sort());
      for (const counting of doubles.values()) assert(!doubles.has(counting));
      for (const a of list) {
        for (const b of list) {
          const isCover = a.startedAt < b.endedAt && b.startedAt < a.endedAt;
          if (isCover && isSameSession(a, b)) assertEquals(countingOf(a.id), countingOf(b.id));
        }
      }
    }),
    { numRuns: 1000 },
  );
});
