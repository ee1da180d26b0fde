import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { SCORE_MAX, SCORE_OPERATORS, type Scoring } from "./rules.ts";
import {
  appendEvent,
  canFold,
  compareEvents,
  type FoldedEvent,
  foldEvents,
  isCountable,
  nextFold,
  NO_SCORE,
} from "./score_fold.ts";

const DIRECT: Scoring = {
  kind: "direct",
  operator: "set",
  direction: "higher",
  decimals: 0,
  selfReport: false,
};

const STEPS: Scoring = {
  kind: "activity",
  metric: "steps",
  aggregate: "total",
  direction: "higher",
  manualPolicy: "exclude",
};

function event(seq: number, change: Partial<FoldedEvent> = {}): FoldedEvent {
  return {
    seq,
    eventId: `event-${seq}`,
    operator: "increment",
    value: 1,
    occurredAt: seq,
    source: "direct",
    ...change,
  };
}

const someEvents = fc.array(fc.record({
  operator: fc.constantFrom(...SCORE_OPERATORS),
  value: fc.integer({ min: -5, max: 5 }),
  occurredAt: fc.integer({ min: 0, max: 5 }),
})).map((drafts) => drafts.map((draft, index) => event(index + 1, draft)));

Deno.test("foldEvents() does not depend on the order of its input", () => {
  fc.assert(fc.property(someEvents, (events) => {
    const folded = foldEvents(events, new Set(), DIRECT);

    assertEquals(foldEvents([...events].reverse(), new Set(), DIRECT), folded);
  }));
});

Deno.test("appendEvent() over events in fold order gives what foldEvents() gives", () => {
  fc.assert(fc.property(someEvents, (events) => {
    const inOrder = [...events].sort(compareEvents);
    const appended = inOrder.reduce((folded, next) => appendEvent(folded, next, DIRECT), NO_SCORE);

    assertEquals(appended, foldEvents(events, new Set(), DIRECT));
  }));
});

Deno.test("foldEvents() of no events, or of voided ones only, has no score", () => {
  assertEquals(foldEvents([], new Set(), DIRECT), NO_SCORE);
  assertEquals(foldEvents([event(1)], new Set(["event-1"]), DIRECT), NO_SCORE);
});

Deno.test("reachedAt is the last event that changed the score, back and forth included", () => {
  const events = [
    event(1, { operator: "set", value: 5 }),
    event(2, { operator: "set", value: 5 }),
    event(3, { value: 2 }),
    event(4, { operator: "decrement", value: 2 }),
    event(5, { value: 0 }),
    event(6, { operator: "best", value: 4 }),
  ];
  const folded = foldEvents(events, new Set(), DIRECT);

  assertEquals(folded, { score: 5, reachedAt: 4, eventCount: 6, bestEvent: 5 });
});

Deno.test("of several activity events the newest by number counts, whatever their event times", () => {
  const computed = (seq: number, value: number, occurredAt: number) =>
    event(seq, { source: "activity", operator: "set", value, occurredAt });
  const events = [computed(2, 80, 15), computed(1, 100, 20)];

  assertEquals(foldEvents(events, new Set(), STEPS).score, 80);
  assertEquals(foldEvents([...events].reverse(), new Set(), STEPS).score, 80);
  assertEquals(foldEvents(events, new Set(["event-2"]), STEPS).score, 100);
});

Deno.test("nextFold() is undefined beyond ±(2^53 − 1), where appendEvent() throws", () => {
  for (const [operator, limit] of [["increment", SCORE_MAX], ["decrement", -SCORE_MAX]] as const) {
    const folded = { ...NO_SCORE, score: limit, reachedAt: 0 };

    assertEquals(nextFold(folded, event(1, { operator }), DIRECT), undefined);
    assertThrows(() => appendEvent(folded, event(1, { operator }), DIRECT), RangeError, "event-1");
    assertEquals(nextFold(folded, event(1, { operator, value: 0 }), DIRECT)?.score, limit);
  }
});

Deno.test("canFold() tells beforehand whether foldEvents() throws", () => {
  const large = fc.constantFrom(SCORE_MAX, -SCORE_MAX, 5, -5, 0);
  const drafts = fc.record({ operator: fc.constantFrom(...SCORE_OPERATORS), value: large });
  fc.assert(fc.property(fc.array(drafts, { maxLength: 6 }), (list) => {
    const events = list.map((draft, index) => event(index + 1, draft));

    if (canFold(events, new Set(), DIRECT)) foldEvents(events, new Set(), DIRECT);
    else assertThrows(() => foldEvents(events, new Set(), DIRECT), RangeError);
  }));
});

Deno.test("isCountable() takes each source where it belongs", () => {
  const counts = (source: FoldedEvent["source"], operator: FoldedEvent["operator"]) =>
    [DIRECT, STEPS].map((scoring) => isCountable({ source, operator }, scoring));

  assertEquals(counts("direct", "set"), [true, false]);
  assertEquals(counts("activity", "set"), [false, true]);
  assertEquals(counts("staff", "set"), [true, false]);
  assertEquals(counts("staff", "increment"), [true, true]);
  assertEquals(counts("staff", "decrement"), [true, true]);
});

Deno.test("a decrement by zero brings no minus zero", () => {
  const folded = foldEvents([event(1, { operator: "decrement", value: 0 })], new Set(), DIRECT);

  assertEquals(Object.is(folded.score, 0) && Object.is(folded.bestEvent, 0), true);
});
