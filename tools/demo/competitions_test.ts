import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { CompetitionInput } from "@/contracts/competitions.ts";
import { checkSchedule, completeSchedule, phaseOf } from "@/domain/competition.ts";
import { DAY_MS } from "@/domain/time.ts";
import { demoAthletes } from "./athletes.ts";
import { demoCompetitions } from "./competitions.ts";
import { pastSyncs } from "./history.ts";

const instants = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2040, 0, 1) });

Deno.test("demoCompetitions() are valid, over, under way and to come, at any instant", () => {
  const athletes = demoAthletes();

  fc.assert(fc.property(instants, (now) => {
    const plans = demoCompetitions(athletes, now);

    const phases = plans.map(({ input, createdAt, publishedAt, entries }) => {
      const { startsAt, endsAt, registrationClosesAt, graceMs } = CompetitionInput.parse(input);
      const times = completeSchedule({
        startsAt: Date.parse(startsAt),
        endsAt: Date.parse(endsAt),
        registrationClosesAt: registrationClosesAt ? Date.parse(registrationClosesAt) : null,
        graceMs,
      });
      checkSchedule(times);
      assert(createdAt < publishedAt);
      for (const { joinedAt } of entries) assert(publishedAt <= joinedAt && joinedAt <= now);
      return phaseOf({ status: "published", ...times }, now);
    });
    assertEquals(phases, ["provisional", "provisional", "active", "registration", "registration"]);
  }));
});

Deno.test("pastSyncs() tell of the past only, in order, and the same twice", () => {
  const athletes = demoAthletes();

  fc.assert(
    fc.property(instants, fc.nat(59), (now, index) => {
      const span = { from: now - 7 * DAY_MS, until: now };
      const syncs = pastSyncs(athletes[index]!, span);

      assertEquals(syncs, pastSyncs(athletes[index]!, span));
      let last = -Infinity;
      for (const { at, request } of syncs) {
        assert(last <= at && at < now);
        last = at;
        for (const { start, end } of [...request.records, ...request.workouts] as Interval[]) {
          assert(Date.parse(start) < Date.parse(end) && Date.parse(end) <= at);
        }
      }
    }),
    { numRuns: 50 },
  );
});

interface Interval {
  start: string;
  end: string;
}
