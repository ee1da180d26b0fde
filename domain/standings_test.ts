import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  anyLog,
  anyRules,
  DIRECT,
  join,
  logOf,
  rulesOf,
  score,
  STEPS,
} from "@/tests/support/competition_log.ts";
import { oracleStandings } from "@/tests/support/standings_oracle.ts";
import type { LogEntry, NewLogEntry, ScoreEntry } from "./log.ts";
import type { ActivityScoring, Rules } from "./rules.ts";
import type { Standing } from "./standing.ts";
import { canonicalStandings, standings } from "./standings.ts";

function row(board: readonly Standing[], participantId = "mira"): Standing {
  const found = board.find((standing) => standing.participantId === participantId);
  if (!found) throw new Error(`No row of ${participantId}`);
  return found;
}

function scoreOf(log: readonly LogEntry[], rules: Rules): [number | null, number | null] {
  const { score, reachedAt } = row(standings(log, rules));
  return [score, reachedAt];
}

Deno.test("standings() agree with the slow reading of the rules for any log", () => {
  fc.assert(
    fc.property(anyLog, anyRules, (log, rules) => {
      assertEquals(
        JSON.parse(canonicalStandings(standings(log, rules))),
        oracleStandings(log, rules),
      );
    }),
    { numRuns: 1000 },
  );
});

Deno.test("standings() at a number ignore whatever came later", () => {
  fc.assert(fc.property(anyLog, anyRules, fc.nat(45), (log, rules, seq) => {
    const prefix = log.slice(0, seq);

    assertEquals(standings(log, rules, { seq }), standings(prefix, rules));
  }));
});

Deno.test("standings() at an instant count what had arrived by then", () => {
  fc.assert(fc.property(anyLog, anyRules, fc.integer({ min: 99, max: 125 }), (log, rules, at) => {
    const arrived = log.filter((entry) => entry.arrivedAt <= at);

    assertEquals(standings(log, rules, { at }), standings(arrived, rules));
  }));
});

Deno.test("standings() do not depend on the order in which the same events arrived", () => {
  const log = anyLog.map((log) => log.filter((entry) => entry.kind === "score"))
    .filter((events) => events.length > 1);
  fc.assert(fc.property(log.chain((events) => fc.tuple(fc.constant(events), permutation(events))), (
    [events, shuffled],
  ) => {
    const rules = rulesOf(DIRECT);
    // Events of one instant fold by arrival, so each gets an instant of its own.
    const board = (order: ScoreEntry[]) => {
      const own = order.map((event) => ({ ...event, occurredAt: event.seq }));
      return canonicalStandings(standings(logOf(join("a"), join("b"), ...own), rules));
    };

    assertEquals(board(shuffled), board(events));
  }));
});

function permutation<T>(values: readonly T[]): fc.Arbitrary<T[]> {
  return fc.shuffledSubarray([...values], { minLength: values.length });
}

Deno.test("voiding counts an event as never written, and reinstating restores the board exactly", () => {
  fc.assert(fc.property(anyLog, anyRules, fc.nat(), (log, rules, pick) => {
    const events = log.filter((entry) => entry.kind === "score");
    const open = events.filter((event) => !isVoidedIn(log, event));
    fc.pre(open.length > 0);
    const event = open[pick % open.length]!;
    const { eventId, participantId } = event;
    const undo = logOf(...log, { kind: "void_event", eventId, participantId });
    const never = logOf(...log.map((entry) => entry === event ? silent() : entry));
    const redo = logOf(...undo, { kind: "reinstate_event", eventId, participantId });

    assertEquals(byBytes(undo, rules), byBytes(keepArrivals(never, undo), rules));
    assertEquals(byBytes(redo, rules), byBytes(logOf(...log), rules));
  }));
});

function silent(): NewLogEntry {
  return { kind: "unfreeze" };
}

function isVoidedIn(log: readonly LogEntry[], event: ScoreEntry): boolean {
  return log.some((entry) => entry.kind === "void_event" && entry.eventId === event.eventId);
}

function keepArrivals(log: readonly LogEntry[], of: readonly LogEntry[]): LogEntry[] {
  return log.map((entry, index) => ({ ...entry, arrivedAt: of[index]!.arrivedAt }));
}

function byBytes(log: readonly LogEntry[], rules: Rules): string {
  return canonicalStandings(standings(log, rules));
}

Deno.test("a zero event moves nothing, but the first one makes a score of 0", () => {
  const log = logOf(
    join("mira"),
    score("a", { operator: "increment", value: 0, occurredAt: 10 }),
    score("b", { operator: "increment", value: 0, occurredAt: 20 }),
  );

  assertEquals(scoreOf(log, rulesOf(DIRECT)), [0, 10]);
  assertEquals(row(standings(log, rulesOf(DIRECT))).eventCount, 2);
});

Deno.test("best keeps the better score by the rule's direction", () => {
  const log = logOf(
    join("mira"),
    score("a", { operator: "best", value: 12, occurredAt: 10 }),
    score("b", { operator: "best", value: 9, occurredAt: 20 }),
  );

  assertEquals(scoreOf(log, rulesOf(DIRECT)), [12, 10]);
  assertEquals(scoreOf(log, rulesOf({ ...DIRECT, direction: "lower" })), [9, 20]);
});

Deno.test("a late event folds in at its event time", () => {
  const log = logOf(
    join("mira"),
    score("a", { operator: "increment", value: 5, occurredAt: 20 }),
    score("b", { operator: "set", value: 100, occurredAt: 10 }),
  );

  assertEquals(scoreOf(log, rulesOf(DIRECT)), [105, 20]);
});

Deno.test("the newest activity event stands for all, adjustments add on top whichever came first", () => {
  const log = logOf(
    join("mira"),
    score("fix", { source: "staff", operator: "increment", value: 5, occurredAt: 10 }),
    score("first", { source: "activity", value: 100, occurredAt: 20 }),
    score("second", { source: "activity", value: 80, occurredAt: 15 }),
  );

  assertEquals(scoreOf(log.slice(0, 2), rulesOf(STEPS)), [5, 10]);
  assertEquals(scoreOf(log.slice(0, 3), rulesOf(STEPS)), [105, 20]);
  assertEquals(scoreOf(log, rulesOf(STEPS)), [85, 15]);
});

Deno.test("an activity event of null means that no activity counts any more", () => {
  const log = logOf(
    join("mira"),
    score("first", { source: "activity", value: 100, occurredAt: 20 }),
    score("none", { source: "activity", value: null, occurredAt: 30 }),
    score("fix", { source: "staff", operator: "decrement", value: 5, occurredAt: 40 }),
  );

  assertEquals(scoreOf(log.slice(0, 3), rulesOf(STEPS)), [null, null]);
  assertEquals(scoreOf(log, rulesOf(STEPS)), [-5, 40]);
});

Deno.test("a computed score takes neither direct events nor a set by staff", () => {
  const log = logOf(
    join("mira"),
    score("api", { operator: "increment", value: 7 }),
    score("set", { source: "staff", operator: "set", value: 7 }),
  );

  assertEquals(scoreOf(log, rulesOf(STEPS)), [null, null]);
});

Deno.test("a rules entry with another scoring leaves the results of before behind", () => {
  const distance: ActivityScoring = { ...STEPS, metric: "distance" };
  const log = logOf(
    join("mira"),
    score("steps", { source: "activity", value: 9000 }),
    { kind: "rules", rules: { ...rulesOf(STEPS, 2), rankMethod: "dense" } },
    { kind: "rules", rules: rulesOf(distance, 3) },
    score("metres", { source: "activity", value: 6000, rulesVersion: 3 }),
  );

  assertEquals(scoreOf(log.slice(0, 3), rulesOf(STEPS)), [9000, 50]);
  assertEquals(scoreOf(log.slice(0, 4), rulesOf(STEPS)), [null, null]);
  assertEquals(scoreOf(log, rulesOf(STEPS)), [6000, 50]);
});

Deno.test("a rules entry with other decimals reads the events of before in the new ones", () => {
  const finer = { kind: "rules", rules: rulesOf({ ...DIRECT, decimals: 2 }, 2) } as const;
  const coarser = { kind: "rules", rules: rulesOf(DIRECT, 3) } as const;
  const log = logOf(join("mira"), score("a", { value: 7 }), finer, coarser);

  assertEquals(scoreOf(log.slice(0, 3), rulesOf(DIRECT)), [700, 50]);
  assertEquals(scoreOf(log, rulesOf(DIRECT)), [7, 50]);
  const lossy = logOf(...log.slice(0, 3), score("b", { value: 755, rulesVersion: 2 }), coarser);
  assertThrows(() => standings(lossy, rulesOf(DIRECT)), RangeError, "does not fit the decimals");
});

Deno.test("who leaves is off the board, and is back with the same score and first join", () => {
  const log = logOf(
    join("mira"),
    score("a"),
    { kind: "leave", participantId: "mira" },
    join("mira"),
  );

  assertEquals(standings(log.slice(0, 3), rulesOf(DIRECT)), []);
  const back = row(standings(log, rulesOf(DIRECT)));
  assertEquals([back.score, back.joinedAt, back.rank], [10, 100, 1]);
});

Deno.test("a disqualified participant is listed last without rank, and leaving does not hide it", () => {
  const log = logOf(
    join("mira"),
    join("odd"),
    join("zoe"),
    score("a"),
    score("b", { participantId: "odd", value: 3 }),
    { kind: "disqualify", participantId: "mira" },
    { kind: "leave", participantId: "mira" },
  );
  const board = standings(log, rulesOf(DIRECT));

  assertEquals(board.map(({ participantId, rank }) => [participantId, rank]), [
    ["odd", 1],
    ["zoe", null],
    ["mira", null],
  ]);
  assertEquals(row(board).status, "disqualified");
});

Deno.test("rows are provisional until the log has the competition final", () => {
  const log = logOf(join("mira"), { kind: "status", status: "published" }, {
    kind: "status",
    status: "final",
  });

  assertEquals(row(standings(log, rulesOf(DIRECT), { seq: 2 })).provisional, true);
  assertEquals(row(standings(log, rulesOf(DIRECT))).provisional, false);
});

Deno.test("profile entries move a participant to another division", () => {
  const log = logOf(
    { kind: "join", participantId: "mira", division: "juniors" },
    { kind: "profile", participantId: "mira", division: "seniors" },
  );

  assertEquals(row(standings(log, rulesOf(DIRECT), { seq: 1 })).division, "juniors");
  assertEquals(row(standings(log, rulesOf(DIRECT))).division, "seniors");
});

Deno.test("a score without a join is on no board until the join", () => {
  const log = logOf(score("a"), join("mira"));

  assertEquals(standings(log, rulesOf(DIRECT), { seq: 1 }), []);
  assertEquals(scoreOf(log, rulesOf(DIRECT)), [10, 50]);
});

Deno.test("an event that was voided before it came does not count", () => {
  const log = logOf(
    join("mira"),
    { kind: "void_event", eventId: "a", participantId: "mira" },
    score("a"),
  );

  assertEquals(scoreOf(log, rulesOf(DIRECT)), [null, null]);
});

Deno.test("canonicalStandings() differ when a score, rank, status, time or division differs", () => {
  const [base] = standings(logOf(join("mira"), score("a")), rulesOf(DIRECT));
  const changes: Partial<Standing>[] = [
    { score: 11 },
    { rank: 2 },
    { status: "disqualified" },
    { reachedAt: 51 },
    { division: "x" },
    { participantId: "odd" },
  ];

  assertEquals(
    canonicalStandings([base!]),
    '[{"division":null,"participantId":"mira","rank":1,"reachedAt":50,"score":10,"status":"active"}]',
  );
  for (const change of changes) {
    assertNotEquals(canonicalStandings([{ ...base!, ...change }]), canonicalStandings([base!]));
  }
});
