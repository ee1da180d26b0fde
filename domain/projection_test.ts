import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  anyLog,
  anyRules,
  DIRECT,
  join,
  logOf,
  rulesOf,
  score,
} from "@/tests/support/competition_log.ts";
import type { LogEntry, NewLogEntry, ScoreEntry, VoidEntry } from "./log.ts";
import { applyEntry, emptyProjection, findContender, standingsOf } from "./projection.ts";
import { foldParticipant } from "./participant_fold.ts";
import { project, standings } from "./standings.ts";

Deno.test("applyEntry() gives after each entry what the replay gives", () => {
  fc.assert(
    fc.property(anyLog, anyRules, (log, rules) => {
      const projection = emptyProjection(rules);
      for (const entry of log) {
        applyEntry(projection, entry);
        assertEquals(standingsOf(projection), standings(log, rules, { seq: entry.seq }));
      }
    }),
    { numRuns: 200 },
  );
});

Deno.test("foldParticipant() of one participant's entries gives what the replay gives", () => {
  fc.assert(fc.property(anyLog, anyRules, (log, rules) => {
    const versions = log.flatMap((entry) => entry.kind === "rules" ? [entry.rules] : []);
    for (
      const { participantId, score, reachedAt, eventCount, bestEvent } of standings(log, rules)
    ) {
      const entries = log.filter(isScoreOrVoid).filter((entry) =>
        entry.participantId === participantId
      );

      assertEquals(foldParticipant(entries, [rules, ...versions]), {
        score,
        reachedAt,
        eventCount,
        bestEvent,
      });
    }
  }));
});

Deno.test("foldParticipant() is undefined where the score would leave the exact integers", () => {
  const log = logOf(
    score("a", { value: Number.MAX_SAFE_INTEGER }),
    score("b", { operator: "increment", value: 1 }),
  );

  assertEquals(foldParticipant(log.filter(isScoreOrVoid), [rulesOf(DIRECT)]), undefined);
});

function isScoreOrVoid(entry: LogEntry): entry is ScoreEntry | VoidEntry {
  return entry.kind === "score" || entry.kind === "void_event" ||
    entry.kind === "reinstate_event";
}

Deno.test("applyEntry() refuses a number that is not the next", () => {
  const projection = emptyProjection(rulesOf(DIRECT));
  const [first, second] = logOf(join("mira"), join("odd"));

  assertThrows(() => applyEntry(projection, second!), RangeError, "Cannot apply entry 2");
  applyEntry(projection, first!);
  assertThrows(() => applyEntry(projection, first!), RangeError, "Cannot apply entry 1");
});

Deno.test("applyEntry() changes nothing when a score would leave the exact integers", () => {
  const log = logOf(
    join("mira"),
    score("a", { value: Number.MAX_SAFE_INTEGER, occurredAt: 10 }),
    score("b", { operator: "decrement", value: 5, occurredAt: 20 }),
    score("c", { operator: "increment", value: 5, occurredAt: 30 }),
  );
  const projection = project(log, rulesOf(DIRECT));
  const before = structuredClone(projection);
  const overflowing: NewLogEntry[] = [
    score("d", { operator: "increment", value: 1, occurredAt: 40 }),
    score("late", { operator: "increment", value: 6, occurredAt: 15 }),
    { kind: "void_event", eventId: "b", participantId: "mira" },
    { kind: "rules", rules: rulesOf({ ...DIRECT, decimals: 1 }, 2) },
  ];

  for (const entry of overflowing) {
    const next = { ...entry, seq: 5, arrivedAt: 200 };
    assertThrows(() => applyEntry(projection, next), RangeError);
    assertEquals(projection, before);
  }
});

Deno.test("findContender() gives one participant's score without a board", () => {
  const projection = project(logOf(join("mira"), score("a")), rulesOf(DIRECT));

  assertEquals(findContender(projection, "mira")?.score, 10);
  assertEquals(findContender(projection, "nobody"), undefined);
});
