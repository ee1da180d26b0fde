import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  canCancel,
  canJoin,
  canLeave,
  canPublish,
  canScore,
  checkAllowed,
  checkSchedule,
  COMPETITION_STATUSES,
  type CompetitionStatus,
  completeSchedule,
  type Decision,
  type EntryFacts,
  GRACE_DEFAULT_MS,
  GRACE_MAX_MS,
  LENGTH_MAX_MS,
  nextPhaseChangeAt,
  phaseOf,
  type Schedule,
  type ScheduleTimes,
} from "./competition.ts";
import { DomainError } from "./error.ts";
import { DAY_MS, EARLIEST_AT } from "./time.ts";

const START = Date.UTC(2026, 4, 1);
const END = START + 7 * DAY_MS;

function cup(change: Partial<EntryFacts> = {}): EntryFacts {
  return {
    name: "Cup",
    status: "published",
    capacity: null,
    participantCount: 0,
    ...completeSchedule({ startsAt: START, endsAt: END }),
    ...change,
  };
}

function codeOf(decision: Decision): string {
  return decision.ok ? "ok" : decision.code;
}

Deno.test("phaseOf() changes at the millisecond of each boundary", async (t) => {
  const schedule = cup({ registrationOpensAt: START - 100, registrationClosesAt: START - 50 });
  const phases = [
    [START - 101, "upcoming"],
    [START - 100, "registration"],
    [START - 51, "registration"],
    [START - 50, "upcoming"],
    [START - 1, "upcoming"],
    [START, "active"],
    [END - 1, "active"],
    [END, "grace"],
    [END + GRACE_DEFAULT_MS - 1, "grace"],
    [END + GRACE_DEFAULT_MS, "provisional"],
  ] as const;
  for (const [at, phase] of phases) {
    await t.step(`${at - START}: ${phase}`, () => assertEquals(phaseOf(schedule, at), phase));
  }
});

Deno.test("phaseOf() is the status itself once it is not published", () => {
  for (const status of ["draft", "final", "settled", "cancelled"] as const) {
    assertEquals(phaseOf(cup({ status }), START), status);
    assertEquals(nextPhaseChangeAt(cup({ status }), START - 1), null);
  }
});

Deno.test("phaseOf() shows registration from publishing on when no opening is given", () => {
  assertEquals(phaseOf(cup(), EARLIEST_AT), "registration");
});

Deno.test("phaseOf() has no grace when the grace is zero", () => {
  assertEquals(phaseOf(cup({ graceMs: 0 }), END), "provisional");
  assertEquals(nextPhaseChangeAt(cup({ graceMs: 0 }), START), END);
});

const schedules: fc.Arbitrary<Schedule> = fc.record({
  status: fc.constantFrom<CompetitionStatus>(...COMPETITION_STATUSES),
  registrationOpensAt: fc.option(fc.integer({ min: 0, max: 20 })),
  registrationClosesAt: fc.integer({ min: 0, max: 20 }),
  startsAt: fc.integer({ min: 0, max: 10 }),
  endsAt: fc.integer({ min: 11, max: 20 }),
  graceMs: fc.integer({ min: 0, max: 10 }),
});

Deno.test("nextPhaseChangeAt() is the first later millisecond with another phase", () => {
  fc.assert(fc.property(schedules, fc.integer({ min: -1, max: 40 }), (schedule, at) => {
    const phase = phaseOf(schedule, at);
    const later = Array.from({ length: 60 }, (_, step) => at + 1 + step);
    const expected = later.find((instant) => phaseOf(schedule, instant) !== phase) ?? null;

    assertEquals(nextPhaseChangeAt(schedule, at), expected);
  }));
});

Deno.test("canJoin() holds the registration window to the millisecond", () => {
  const facts = cup({ registrationOpensAt: START - 100, registrationClosesAt: START + 100 });

  assertEquals(codeOf(canJoin(facts, START - 101)), "REGISTRATION_CLOSED");
  assertEquals(codeOf(canJoin(facts, START - 100)), "ok");
  assertEquals(codeOf(canJoin(facts, START + 99)), "ok");
  assertEquals(codeOf(canJoin(facts, START + 100)), "REGISTRATION_CLOSED");
});

Deno.test("canJoin() admits up to the capacity and refuses by status", () => {
  assertEquals(codeOf(canJoin(cup({ capacity: 2, participantCount: 1 }), START)), "ok");
  assertEquals(
    codeOf(canJoin(cup({ capacity: 2, participantCount: 2 }), START)),
    "COMPETITION_FULL",
  );
  assertEquals(codeOf(canJoin(cup({ status: "draft" }), START)), "NOT_PUBLISHED");
  assertEquals(codeOf(canJoin(cup({ status: "cancelled" }), START)), "COMPETITION_CANCELLED");
  assertEquals(codeOf(canJoin(cup({ status: "settled" }), START)), "ALREADY_FINAL");
});

Deno.test("canScore() admits events of [startsAt, endsAt) that are not in the future", () => {
  const at = (occurredAt: number, now: number) => codeOf(canScore(cup(), { occurredAt, now }));

  assertEquals(at(START - 1, START - 1), "NOT_STARTED");
  assertEquals(at(START - 1, START), "NOT_STARTED");
  assertEquals(at(START, START), "ok");
  assertEquals(at(START + 1, START), "VALIDATION_ERROR");
  assertEquals(at(END - 1, END), "ok");
  assertEquals(at(END, END), "ALREADY_ENDED");
});

Deno.test("canScore() admits late events until the grace ends, from staff until the result is final", () => {
  const graceEnd = END + GRACE_DEFAULT_MS;
  const late = { occurredAt: START, now: graceEnd };

  assertEquals(codeOf(canScore(cup(), { occurredAt: START, now: graceEnd - 1 })), "ok");
  assertEquals(codeOf(canScore(cup(), late)), "ALREADY_ENDED");
  assertEquals(codeOf(canScore(cup(), { ...late, isStaff: true })), "ok");
  assertEquals(
    codeOf(canScore(cup({ status: "final" }), { ...late, isStaff: true })),
    "ALREADY_FINAL",
  );
});

const ALL_FINAL = Array<string>(4).fill("ALREADY_FINAL");
const ALL_CANCELLED = Array<string>(4).fill("COMPETITION_CANCELLED");

Deno.test.each<[CompetitionStatus, string[]]>([
  ["draft", ["NOT_PUBLISHED", "NOT_PUBLISHED", "ok", "ok"]],
  ["published", ["ok", "ok", "ALREADY_PUBLISHED", "ok"]],
  ["final", ALL_FINAL],
  ["settled", ALL_FINAL],
  ["cancelled", ALL_CANCELLED],
])("status %s decides who may score, leave, publish, cancel", (status, codes) => {
  const facts = cup({ status });
  const decisions = [
    canScore(facts, { occurredAt: START, now: START }),
    canLeave(facts),
    canPublish(facts, START),
    canCancel(facts),
  ];

  assertEquals(decisions.map(codeOf), codes);
});

Deno.test("canPublish() allows a past start and refuses a past end", () => {
  assertEquals(codeOf(canPublish(cup({ status: "draft" }), END - 1)), "ok");
  assertEquals(codeOf(canPublish(cup({ status: "draft" }), END)), "ALREADY_ENDED");
});

Deno.test("checkAllowed() throws the refusal with its code and message", () => {
  const refusal = assertThrows(
    () => checkAllowed(canCancel(cup({ status: "final" }))),
    DomainError,
  );

  assertEquals(refusal.code, "ALREADY_FINAL");
  assertEquals(refusal.message, 'Cannot cancel competition "Cup": its result is final');
  checkAllowed(canCancel(cup()));
});

function faultsOf(change: Partial<ScheduleTimes>): string[] {
  const times = { ...completeSchedule({ startsAt: START, endsAt: END }), ...change };
  try {
    checkSchedule(times);
    return [];
  } catch (error) {
    assert(error instanceof DomainError && error.code === "VALIDATION_ERROR");
    return error.details!.map((detail) => `${detail.field} ${detail.code}`);
  }
}

Deno.test("checkSchedule() names every fault beside its field", () => {
  assertEquals(faultsOf({}), []);
  assertEquals(faultsOf({ startsAt: END }), ["endsAt too_early"]);
  assertEquals(faultsOf({ startsAt: END - 1 }), []);
  assertEquals(faultsOf({ startsAt: EARLIEST_AT - 1, endsAt: EARLIEST_AT + 1 }), [
    "startsAt ancient",
    "registrationClosesAt too_late",
  ]);
  assertEquals(faultsOf({ startsAt: NaN }), ["startsAt ancient"]);
  assertEquals(faultsOf({ endsAt: START + LENGTH_MAX_MS }), []);
  assertEquals(faultsOf({ endsAt: START + LENGTH_MAX_MS + 1 }), ["endsAt too_late"]);
  assertEquals(faultsOf({ graceMs: GRACE_MAX_MS }), []);
  assertEquals(faultsOf({ graceMs: GRACE_MAX_MS + 1 }), ["graceMs out_of_range"]);
  assertEquals(faultsOf({ graceMs: -1 }), ["graceMs out_of_range"]);
  assertEquals(faultsOf({ graceMs: 0.5 }), ["graceMs out_of_range"]);
});

Deno.test("checkSchedule() wants a registration window that ends by the end", () => {
  assertEquals(faultsOf({ registrationClosesAt: END + 1 }), ["registrationClosesAt too_late"]);
  assertEquals(faultsOf({ registrationOpensAt: END }), ["registrationClosesAt too_early"]);
  assertEquals(faultsOf({ registrationOpensAt: END - 1 }), []);
  assertEquals(faultsOf({ registrationOpensAt: EARLIEST_AT - 1 }), ["registrationOpensAt ancient"]);
  assertEquals(faultsOf({ registrationClosesAt: EARLIEST_AT - 1 }), [
    "registrationClosesAt ancient",
  ]);
});

Deno.test("completeSchedule() opens registration with publishing and closes it at the end", () => {
  assertEquals(completeSchedule({ startsAt: START, endsAt: END, registrationClosesAt: null }), {
    registrationOpensAt: null,
    registrationClosesAt: END,
    startsAt: START,
    endsAt: END,
    graceMs: GRACE_DEFAULT_MS,
  });
});
