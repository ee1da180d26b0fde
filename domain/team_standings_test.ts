import { assert, assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { DIRECT, join, logOf, rulesOf, score, STEPS } from "@/tests/support/competition_log.ts";
import { anyTeamLog, anyTeamRules } from "@/tests/support/team_log.ts";
import { oracleTeams } from "@/tests/support/team_oracle.ts";
import type { LogEntry, NewLogEntry } from "./log.ts";
import { chainHash, genesisHash } from "./log_hash.ts";
import type { Rules } from "./rules.ts";
import { standings } from "./standings.ts";
import { courseOf } from "./score_course.ts";
import {
  canonicalTeamStandings,
  contributionsTo,
  projectTeams,
  teamStandings,
} from "./team_standings.ts";
import type { TeamRule } from "./team_rule.ts";

const SUM: TeamRule = { score: "sum", creators: "staff", moves: "any_time", timeZone: "UTC" };

function withTeams(rules: Rules, teams: TeamRule = SUM): Rules {
  return { ...rules, teams };
}

function team(participantId: string, teamId: string | null): NewLogEntry {
  return { kind: "team", participantId, teamId };
}

function give(eventId: string, participantId: string, value: number, at: number): NewLogEntry {
  return score(eventId, { participantId, operator: "increment", value, occurredAt: at });
}

function rows(log: readonly LogEntry[], rules: Rules): [string, number | null, number | null][] {
  return teamStandings(log, rules).map(({ teamId, score, rank }) => [teamId, score, rank]);
}

Deno.test("teamStandings() agree with the slow reading of the rules for any log", () => {
  fc.assert(
    fc.property(anyTeamLog, anyTeamRules, (log, rules) => {
      assertEquals(
        JSON.parse(canonicalTeamStandings(teamStandings(log, rules))),
        oracleTeams(log, rules),
      );
    }),
    { numRuns: 1000 },
  );
});

Deno.test("courseOf() adds up to the score that the standings show, for any log", () => {
  fc.assert(fc.property(anyTeamLog, anyTeamRules, (log, rules) => {
    const { scores, courses } = projectTeams(log, rules);

    for (const row of standings(log, rules)) {
      const participant = scores.participants.get(row.participantId)!;
      const course = courseOf(participant, scores.rules, courses);
      assertEquals(course.reduce((sum, { change }) => sum + change, 0), row.score ?? 0);
    }
  }));
});

Deno.test("teamStandings() do not depend on the order in which events arrived", () => {
  const events = fc.array(
    fc.record({
      participantId: fc.constantFrom("a", "b"),
      operator: fc.constantFrom(...["set", "increment", "best"] as const),
      value: fc.integer({ min: -5, max: 9 }),
    }),
    { minLength: 2, maxLength: 8 },
  );
  const shuffled = events.chain((events) => {
    // An instant each, since those of one instant fold by arrival; they lie before and after moves.
    const drafts = events.map((event, n) => score(`e${n}`, { ...event, occurredAt: 99 + n }));
    return fc.tuple(fc.constant(drafts), fc.shuffledSubarray(drafts, { minLength: drafts.length }));
  });
  const people = [join("a"), join("b"), team("a", "otters"), team("b", "herons")];
  const rules = withTeams(rulesOf(DIRECT));
  const board = (events: NewLogEntry[]) => {
    const log = logOf(...people, team("a", "herons"), ...events);
    return canonicalTeamStandings(teamStandings(log, rules));
  };
  fc.assert(fc.property(shuffled, ([given, other]) => assertEquals(board(other), board(given))));
});

Deno.test("voiding takes back what an event gave to a team, and reinstating restores it exactly", () => {
  fc.assert(fc.property(anyTeamLog, anyTeamRules, fc.nat(), (log, rules, pick) => {
    const events = log.filter((entry) => entry.kind === "score");
    const event = events[pick % Math.max(1, events.length)];
    if (!event) return;
    const { eventId, participantId } = event;
    const next = (kind: "void_event" | "reinstate_event", ahead: number): LogEntry => {
      const last = log.at(-1)!;
      return { seq: last.seq + ahead, arrivedAt: last.arrivedAt, kind, eventId, participantId };
    };
    const isVoided = projectTeams(log, rules).scores.participants.get(participantId)!.voided
      .has(eventId);
    if (isVoided) return;
    const without = teamStandings([...log, next("void_event", 1)], rules);
    const restored = [...log, next("void_event", 1), next("reinstate_event", 2)];

    assertEquals(teamStandings(restored, rules), teamStandings(log, rules));
    assertEquals(
      JSON.parse(canonicalTeamStandings(without)),
      oracleTeams([...log, next("void_event", 1)], rules),
    );
  }));
});

Deno.test("teamStandings() keep for a team what somebody gave before going to another", () => {
  const log = logOf(
    join("a"),
    give("before", "a", 1, 100),
    team("a", "otters"), // at 102
    give("otters'", "a", 10, 103),
    team("a", "herons"), // at 104
    give("herons'", "a", 100, 105),
    { kind: "leave", participantId: "a" },
  );

  assertEquals(rows(log, withTeams(rulesOf(DIRECT))), [["herons", 100, 1], ["otters", 10, 2]]);
});

Deno.test("teamStandings() count a late report by its own time, for the team of then", () => {
  const log = logOf(
    join("a"),
    team("a", "otters"), // at 101
    team("a", "herons"), // at 102
    give("late", "a", 7, 101),
  );

  assertEquals(rows(log, withTeams(rulesOf(DIRECT))), [["otters", 7, 1], ["herons", null, null]]);
});

Deno.test("teamStandings() divide each day by those who were active on it, and round once", () => {
  const day = 86_400_000;
  const log: LogEntry[] = logOf(
    ...[join("a"), join("b"), join("c")],
    ...["a", "b", "c"].map((id) => team(id, "otters")),
    give("1", "a", 10, 200),
    give("2", "b", 5, 300), // day 1: 15 by two
    give("3", "a", 1, day),
    give("4", "b", 1, day),
    give("5", "c", 2, day + 9), // day 2: 4 by three
    give("6", "c", 1, 2 * day), // day 3: 1 by one
  );
  const rules = withTeams(rulesOf(DIRECT), { ...SUM, score: "average" });

  assertEquals(rows(log, rules), [["otters", Math.floor(7.5 + 4 / 3 + 1), 1]]);
});

Deno.test("teamStandings() of the best leave out the rest, and tell who counts", () => {
  const ids = ["a", "b", "c"];
  const log = logOf(
    ...ids.map(join),
    ...ids.map((id) => team(id, "otters")),
    ...ids.map((id, n) => give(id, id, (n + 1) * 10, 200 + n)),
  );
  const rules = withTeams(rulesOf(DIRECT), { ...SUM, score: "best", count: 2 });

  assertEquals(rows(log, rules), [["otters", 50, 1]]);
  assertEquals(
    contributionsTo(projectTeams(log, rules), "otters").map(({ participantId, gave, counts }) => [
      ...[participantId, gave, counts],
    ]),
    [["c", 30, true], ["b", 20, true], ["a", 10, false]],
  );
});

Deno.test("teamStandings() of times rank no team that lacks runners, and take the time reached in it", () => {
  const lower = { ...DIRECT, direction: "lower" as const };
  const best = (eventId: string, participantId: string, value: number, occurredAt: number) =>
    score(eventId, { participantId, operator: "best", value, occurredAt });
  const log = logOf(
    ...["a", "b", "c"].map(join),
    best("a0", "a", 900, 100),
    ...[team("a", "otters"), team("b", "otters"), team("c", "herons")],
    best("a1", "a", 800, 200),
    best("b1", "b", 700, 201),
    best("c1", "c", 1, 202),
  );
  const rules = withTeams(rulesOf(lower), { ...SUM, score: "best", count: 2 });

  assertEquals(rows(log, rules), [["otters", 1500, 1], ["herons", null, null]]);
});

Deno.test("teamStandings() count nothing of the disqualified until they are taken back", () => {
  const log = logOf(
    ...[join("a"), join("b"), team("a", "otters"), team("b", "otters")],
    give("1", "a", 5, 200),
    give("2", "b", 9, 300),
    { kind: "disqualify", participantId: "b" },
  );
  const rules = withTeams(rulesOf(DIRECT));
  const board = teamStandings(log, rules);

  assertEquals(
    board.map(({ score, reachedAt, members }) => [score, reachedAt, members]),
    [[5, 200, 1]],
  );
  const back = { kind: "reinstate", participantId: "b", seq: 8, arrivedAt: 400 } as const;
  assertEquals(rows([...log, back], rules), [["otters", 14, 1]]);
});

Deno.test("teamStandings() drop a removed team, and nobody is in it any more", () => {
  const log = logOf(
    join("a"),
    team("a", "otters"),
    give("1", "a", 5, 102),
    { kind: "team_removal", teamId: "otters" },
    team("a", "herons"),
    give("2", "a", 3, 106),
  );

  assertEquals(rows(log, withTeams(rulesOf(DIRECT))), [["herons", 3, 1]]);
});

Deno.test("teamStandings() read a computed result by its course, and by its own time without one", () => {
  const result = score("r", {
    participantId: "a",
    value: 900,
    source: "activity",
    occurredAt: 300,
  });
  const log = logOf(join("a"), team("a", "otters"), result);
  const course: LogEntry = {
    kind: "course",
    participantId: "a",
    eventId: "r",
    steps: [[50, 600], [300, 300]],
    seq: 4,
    arrivedAt: 301,
  };
  const rules = withTeams(rulesOf(STEPS));

  assertEquals(rows(log, rules), [["otters", 900, 1]]);
  assertEquals(rows([...log, course], rules), [["otters", 300, 1]]);
});

Deno.test("teamStandings() are none under rules without teams", () => {
  const log = logOf(join("a"), team("a", "otters"), give("1", "a", 5, 200));

  assertEquals(teamStandings(log, rulesOf(DIRECT)), []);
});

Deno.test("chainHash() covers teams, removals and courses", () => {
  const sha = (bytes: Uint8Array) => bytes.slice(-HASH_TAIL);
  const base = { seq: 1, arrivedAt: 5 };
  const hash = (entry: NewLogEntry) =>
    new TextDecoder().decode(chainHash(genesisHash(), { ...base, ...entry }, sha));

  assertNotEquals(hash(team("a", "otters")), hash(team("a", null)));
  assert(hash({ kind: "team_removal", teamId: "x" }).includes('"teamId":"x"'));
  const steps = [[1, 2]] as const;
  const course = hash({ kind: "course", participantId: "a", eventId: "e", steps });
  assert(course.includes('"steps":[[1,2]]'));
});

/** More than any of these rows is long. */
const HASH_TAIL = 120;
