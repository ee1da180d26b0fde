/** Competitions that come again: made ahead, once on two nodes, with rules and people; stopped, skipped. */

import { assertEquals, assertRejects } from "@std/assert";
import { CompetitionQuery } from "@/contracts/competitions.ts";
import { NoticeQuery } from "@/contracts/notices.ts";
import type { Recurrence } from "@/contracts/recurrence.ts";
import { DomainError } from "@/domain/error.ts";
import { type CompetitionPart, openFitnessWorld, STEPS, steps } from "../support/fitness.ts";
import { createTestServices } from "../support/services.ts";
import { createUser, userActor } from "../support/users.ts";

const DAY: CompetitionPart = {
  name: "Park Day",
  startsAt: "2026-05-02T00:00:00Z",
  endsAt: "2026-05-03T00:00:00Z",
  graceMs: 0,
  scoring: { ...STEPS, aggregate: "best_day" },
};

const MORNING = { start: "2026-05-02T07:00:00Z", end: "2026-05-02T08:00:00Z" };

/** Two nodes that both run jobs, and a clock that both follow. */
async function openCluster() {
  const world = await openFitnessWorld();
  const other = createTestServices(world.database, world.time);
  return {
    ...world,
    async goTo(instant: string) {
      world.time.advance(Date.parse(instant) - world.time.now());
      const reports = await Promise.all([world.services, other].map(({ jobs }) => jobs.runDue()));
      assertEquals(reports.flatMap(({ failed }) => failed), []);
    },
    async occurrences(id: string) {
      const { series } = await world.services.competitions.get(world.organiser, id);
      const query = CompetitionQuery.parse({ series: series!.id, sort: "startsAt", order: "asc" });
      return (await world.services.competitions.list(world.organiser, query)).items;
    },
    async [Symbol.asyncDispose]() {
      await other[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}

function daily(part: Partial<Recurrence> = {}): CompetitionPart {
  return { ...DAY, recurrence: { every: "daily", ...part } };
}

async function fault(run: () => Promise<unknown>) {
  const { code, details } = await assertRejects(run, DomainError);
  return [code, details?.[0]?.field, details?.[0]?.code];
}

Deno.test("each occurrence is made as the one before it starts, once, with its people and rules", async () => {
  await using world = await openCluster();
  const first = await world.compete({
    ...daily({ count: 3, carryOver: true }),
    ...{ capacity: 2, finalization: "automatic", entryConditions: { acceptRules: true } },
    divisions: ["A", "B"],
  });
  const accept = { rules: true };
  const [mira, noa] = [await world.athlete(), await world.athlete()];
  await world.services.competitions.join(mira, first, { accept, division: "B" });
  await world.services.competitions.join(noa, first, { accept, division: "A" });
  assertEquals((await world.occurrences(first)).length, 1);

  await world.goTo("2026-05-02T00:00:00Z");
  const [, second] = await world.occurrences(first);
  await world.services.competitions.leave(noa, second!.id);
  await world.goTo("2026-05-02T12:00:00Z");
  await world.sync(mira, { records: [steps("a", 4000, MORNING)] });
  for (const at of ["2026-05-03T00:00:00Z", "2026-05-04T00:00:00Z", "2026-05-09T00:00:00Z"]) {
    await world.goTo(at);
  }

  const all = await world.occurrences(first);
  assertEquals(
    all.map(({ slug, series, startsAt }) => [slug, series?.index, startsAt.slice(0, 10)]),
    [
      ["park-day", 0, "2026-05-02"],
      ["park-day-2", 1, "2026-05-03"],
      ["park-day-3", 2, "2026-05-04"],
    ],
  );
  assertEquals(all.map(({ participantCount }) => participantCount), [2, 1, 1]);
  assertEquals(all.map(({ phase }) => phase), ["final", "final", "final"]);
  assertEquals(second!.divisions, ["A", "B"]);
  assertEquals(second!.entryConditions, { acceptRules: true });
  // Each keeps its own board.
  assertEquals((await world.board(first)).get(mira.userId), 4000);
  assertEquals((await world.board(second!.id)).get(mira.userId), null);
  const rows = await world.database.sql`
    select p.division, p.consents is not null as "hasAgreed" from participants p
    where competition_id = ${second!.id} and user_id = ${mira.userId}`;
  assertEquals(rows.map((row) => ({ ...row })), [{ division: "B", hasAgreed: true }]);
  const told = await world.services.notices.list(mira, mira.userId, NoticeQuery.parse({}));
  const carried = told.items.filter(({ kind }) => kind === "competition.carried_over");
  assertEquals(carried.length, 2);
  const series = await world.services.series.get(mira, second!.id);
  assertEquals([series?.previous?.slug, series?.next?.slug, series?.planned], [
    "park-day",
    "park-day-3",
    [],
  ]);
});

Deno.test("what was missed is passed over, and what runs is made at once", async () => {
  await using world = await openCluster();
  const first = await world.compete(daily());
  await world.database.sql`delete from graphile_worker._private_jobs`;

  await world.goTo("2026-05-06T12:00:00Z");
  await world.goTo("2026-05-06T12:00:01Z");

  assertEquals((await world.occurrences(first)).map(({ series }) => series?.index), [0, 4, 5]);
});

Deno.test("an organiser skips, stops and resumes; others may not", async () => {
  await using world = await openCluster();
  const { services, organiser } = world;
  const first = await world.compete(daily());
  const { series } = services;

  await series.skip(organiser, first, 1);
  await world.goTo("2026-05-03T00:00:00Z");
  const second = (await world.occurrences(first)).at(-1)!;
  assertEquals(second.series?.index, 2);
  const stopped = await series.stop(organiser, second.id);
  assertEquals([stopped.made, stopped.planned], [2, []]);
  await world.goTo("2026-05-07T12:00:00Z");
  assertEquals((await world.occurrences(first)).length, 2);
  const resumed = await series.resume(organiser, first);
  assertEquals(resumed.planned.slice(0, 2).map(({ index }) => index), [3, 4]);
  await world.goTo("2026-05-07T12:00:01Z");
  assertEquals((await world.occurrences(first)).map((one) => one.series?.index), [0, 2, 5, 6]);

  assertEquals(await fault(() => series.skip(organiser, first, 1)), [
    ...["VALIDATION_ERROR", "index", "made"],
  ]);
  const stranger = userActor(await createUser(world.database, { role: "organiser" }), {
    role: "organiser",
  });
  assertEquals((await fault(() => series.stop(stranger, first)))[0], "FORBIDDEN");
  const athlete = await world.athlete();
  assertEquals((await fault(() => series.stop(athlete, first)))[0], "FORBIDDEN");
  const alone = await world.compete({ ...DAY, endsAt: "2026-06-01T00:00:00Z" });
  assertEquals((await fault(() => series.stop(organiser, alone)))[0], "NOT_FOUND");
  const [audit] = await world.database.sql`
    select array_agg(action order by id) as actions from audit_log where action like 'series.%'`;
  assertEquals(audit?.actions, ["series.skip", "series.stop", "series.resume"]);
});

Deno.test("the rule is checked beside its fields, follows a draft, and is fixed by publishing", async () => {
  await using world = await openCluster();
  const { services, organiser } = world;
  const { competitions } = services;
  const overlapping = daily();
  overlapping.endsAt = "2026-05-04T00:00:00Z";
  assertEquals(await fault(() => world.draft(overlapping)), [
    ...["VALIDATION_ERROR", "recurrence.every", "overlaps"],
  ]);
  const fee = { currency: "EUR", amountMinor: "500" };
  const paid = () => world.draft({ ...daily({ carryOver: true }), entryFee: fee });
  assertEquals((await fault(paid)).slice(1), ["recurrence.carryOver", "has_fee"]);

  const id = await world.draft(daily());
  const moved = { startsAt: "2026-05-04T00:00:00Z", endsAt: "2026-05-05T00:00:00Z" };
  await competitions.change(organiser, id, moved);
  await competitions.publish(organiser, id);
  await world.goTo("2026-05-04T00:00:00Z");
  const [, second] = await world.occurrences(id);
  assertEquals(second?.startsAt, "2026-05-05T00:00:00.000Z");

  const weekly = { recurrence: { every: "weekly" as const } };
  assertEquals((await fault(() => competitions.change(organiser, id, weekly))).slice(0, 2), [
    ...["RULES_LOCKED", "recurrence.every"],
  ]);
  await competitions.change(organiser, second!.id, { recurrence: { every: "daily", count: 2 } });
  assertEquals((await services.series.get(organiser, id))?.planned, []);
  await competitions.change(organiser, id, { recurrence: null });
  assertEquals((await competitions.get(organiser, id)).recurrence, null);

  const gone = await world.draft(daily());
  await competitions.change(organiser, gone, { recurrence: null });
  assertEquals((await competitions.get(organiser, gone)).series, null);
  await competitions.remove(organiser, await world.draft(daily()));
  const [left] = await world.database.sql`select count(*)::int as count from competition_series`;
  assertEquals(left?.count, 1);
});
