import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { phaseOf, type Schedule } from "./competition.ts";
import {
  CLOCK_PHASES,
  isClockPhase,
  nextTurnAt,
  notedAfterEdit,
  phasesEntered,
} from "./timetable.ts";

const schedules: fc.Arbitrary<Schedule> = fc.record({
  status: fc.constant("published" as const),
  registrationOpensAt: fc.option(fc.integer({ min: 0, max: 40 })),
  registrationClosesAt: fc.integer({ min: 41, max: 90 }),
  startsAt: fc.integer({ min: 20, max: 60 }),
  endsAt: fc.integer({ min: 61, max: 90 }),
  graceMs: fc.integer({ min: 0, max: 20 }),
});
const instants = fc.integer({ min: 0, max: 120 });
const noFreeze = { freezeAt: null, frozenAt: null };

function walk(schedule: Schedule): string[] {
  const entered: string[] = [];
  let at: number | null = 0;
  let noted = notedAfterEdit(null, schedule, 0)!;
  while (at !== null) {
    for (const phase of phasesEntered(noted, schedule, at)) entered.push(noted = phase);
    at = nextTurnAt({ ...schedule, ...noFreeze }, at);
  }
  return entered;
}

Deno.test("phasesEntered() ends in the phase of now, whatever was noted before it", () => {
  fc.assert(fc.property(schedules, instants, instants, (schedule, before, later) => {
    const [from, to] = [Math.min(before, later), Math.max(before, later)];
    const noted = phaseOf(schedule, from);
    const phase = phaseOf(schedule, to);
    if (!isClockPhase(noted)) return;

    assertEquals(phasesEntered(noted, schedule, to).at(-1) ?? noted, phase);
  }));
});

Deno.test("phasesEntered() tells the same after the start, turn by turn or at once", () => {
  fc.assert(fc.property(schedules, (schedule) => {
    const atOnce = phasesEntered("upcoming", schedule, 1000);
    const started = walk(schedule).filter((phase) =>
      phase !== "registration" && phase !== "upcoming"
    );

    assertEquals(started, atOnce);
    assertEquals(atOnce.includes("grace"), schedule.graceMs > 0);
  }));
});

Deno.test("notedAfterEdit() goes back with the times, and never ahead of the clock", () => {
  fc.assert(fc.property(
    schedules,
    instants,
    fc.constantFrom(...CLOCK_PHASES),
    (schedule, at, noted) => {
      const place = (phase: string) => (CLOCK_PHASES as readonly string[]).indexOf(phase);
      const after = notedAfterEdit(noted, schedule, at)!;

      assert(place(after) <= place(noted));
      assert(place(after) <= place(phaseOf(schedule, at)));
    },
  ));
});

Deno.test("nextTurnAt() is the freeze where that comes first, and nothing in a draft", () => {
  const schedule: Schedule = {
    status: "published",
    registrationOpensAt: null,
    registrationClosesAt: 90,
    startsAt: 20,
    endsAt: 90,
    graceMs: 10,
  };

  assertEquals(nextTurnAt({ ...schedule, freezeAt: 80, frozenAt: null }, 30), 80);
  assertEquals(nextTurnAt({ ...schedule, freezeAt: 80, frozenAt: null }, 80), 90);
  assertEquals(nextTurnAt({ ...schedule, ...noFreeze }, 100), null);
  assertEquals(nextTurnAt({ ...schedule, status: "draft", freezeAt: 80, frozenAt: null }, 0), null);
});
