/** Competitions that move on by themselves: once each, on whichever of two nodes, by a moved clock. */

import { assert, assertEquals } from "@std/assert";
import { NoticeQuery } from "@/contracts/notices.ts";
import { ReviewQuery } from "@/contracts/reviews.ts";
import type { UserActor } from "@/domain/actor.ts";
import { TOLD_AT_ONCE } from "@/services/notice_rounds.ts";
import { type FitnessWorld, openFitnessWorld, workout } from "../support/fitness.ts";
import { createTestServices } from "../support/services.ts";
import { createUser, userActor } from "../support/users.ts";

const HOUR_MS = 3_600_000;
const MAY = { startsAt: "2026-05-02T00:00:00Z", endsAt: "2026-05-03T00:00:00Z" };

/** Two nodes that both run jobs, and a clock that both follow. */
async function openCluster() {
  const world = await openFitnessWorld();
  const other = createTestServices(world.database, world.time);
  return {
    ...world,
    other,
    /** Moves the clock to an instant and lets both nodes run what is due, at the same time. */
    async goTo(instant: string) {
      world.time.advance(Date.parse(instant) - world.time.now());
      const reports = await Promise.all([world.services, other].map(({ jobs }) => jobs.runDue()));
      assertEquals(reports.flatMap(({ failed }) => failed), []);
    },
    async [Symbol.asyncDispose]() {
      await other[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}

async function toldTo({ services }: FitnessWorld, actor: UserActor): Promise<string[]> {
  const { items } = await services.notices.list(actor, actor.userId, NoticeQuery.parse({}));
  return items.map(({ kind }) => kind).toReversed();
}

async function phasesIn({ database }: FitnessWorld, id: string): Promise<string[]> {
  const rows = await database.sql<{ phase: string }[]>`
    select metadata->>'phase' as phase from competition_log
    where competition_id = ${id} and metadata ? 'phase' order by seq`;
  return rows.map(({ phase }) => phase);
}

async function planned({ database }: FitnessWorld, id: string): Promise<string[]> {
  const rows = await database.sql<{ name: string; at: number }[]>`
    select task_identifier as name, run_at as at from graphile_worker.jobs
    where key like ${`competition:${id}:%`} order by run_at`;
  return rows.map(({ name, at }) => `${name} ${new Date(at).toISOString().slice(5, 16)}`);
}

async function phaseOf({ services, organiser }: FitnessWorld, id: string) {
  return (await services.competitions.get(organiser, id)).phase;
}

Deno.test("a competition starts, freezes, ends and becomes final by itself, once on two nodes", async () => {
  await using world = await openCluster();
  const cup = await world.compete({
    ...{ ...MAY, graceMs: 2 * HOUR_MS, freezeAt: "2026-05-02T23:00:00Z" },
    finalization: "automatic",
  });
  const athlete = await world.athlete(cup);
  assertEquals(await planned(world, cup), ["competition.turn 05-02T00:00"]);

  await world.goTo("2026-05-02T00:00:00Z");
  assertEquals([await phaseOf(world, cup), await planned(world, cup)], [
    "active",
    ["competition.turn 05-02T23:00"],
  ]);
  await world.goTo("2026-05-02T23:00:01Z");
  assertEquals((await world.entries(cup)).filter(({ kind }) => kind === "freeze").length, 1);
  await world.goTo("2026-05-03T00:00:00Z");
  await world.goTo("2026-05-03T02:00:00Z");
  await world.goTo("2026-05-03T02:01:00Z");

  assertEquals(await phaseOf(world, cup), "final");
  assertEquals(await phasesIn(world, cup), ["active", "grace", "provisional"]);
  assertEquals(await toldTo(world, athlete), [
    "competition.started",
    "competition.ended",
    "competition.final",
  ]);
  assertEquals(await toldTo(world, world.organiser), ["competition.provisional"]);
  assertEquals(await planned(world, cup), []);
  const result = await world.services.results.get(world.organiser, cup);
  assertEquals(result.revisions.length, 1);
  const [approval] = await world.database.sql`
    select approved_kind as kind, reason from results where competition_id = ${cup}`;
  assertEquals(approval?.kind, "system");
});

Deno.test("an automatic result waits for reviews, tells staff once, and follows the last decision", async () => {
  await using world = await openCluster();
  const { services, database } = world;
  const cup = await world.compete({
    ...{ startsAt: "2026-04-01T00:00:00Z", endsAt: MAY.endsAt, graceMs: 0 },
    finalization: "automatic",
  });
  const athlete = await world.athlete(cup);
  const referee = userActor(await createUser(database, { role: "referee" }), { role: "referee" });
  await world.sync(athlete, { workouts: [workout("w", 12_500)] });

  await world.goTo("2026-05-03T00:00:01Z");
  await world.goTo("2026-05-03T00:16:00Z");

  assertEquals(await phaseOf(world, cup), "provisional");
  assertEquals(await toldTo(world, referee), ["competition.finalise_blocked"]);
  assertEquals(await toldTo(world, world.organiser), [
    "competition.provisional",
    "competition.finalise_blocked",
  ]);
  const [review] = (await services.reviews.list(referee, ReviewQuery.parse({}))).items;
  await services.reviews.accept(referee, review!.id, "A known track runner");
  await world.goTo("2026-05-03T00:16:01Z");
  assertEquals(await phaseOf(world, cup), "final");
});

Deno.test("edited dates move the turns, an end put off ends again, and cancelling takes them back", async () => {
  await using world = await openCluster();
  const { services, organiser } = world;
  const cup = await world.compete({ ...MAY, graceMs: 2 * HOUR_MS });
  const athlete = await world.athlete(cup);
  await world.goTo(MAY.startsAt);
  assertEquals(await planned(world, cup), ["competition.turn 05-03T00:00"]);

  await services.competitions.change(organiser, cup, { endsAt: "2026-05-04T00:00:00Z" });
  assertEquals(await planned(world, cup), ["competition.turn 05-04T00:00"]);
  await world.goTo("2026-05-04T01:00:00Z");
  await services.competitions.change(organiser, cup, { endsAt: "2026-05-05T00:00:00Z" });
  assertEquals(await planned(world, cup), ["competition.turn 05-05T00:00"]);
  await world.goTo("2026-05-05T00:00:00Z");

  assertEquals(await phasesIn(world, cup), ["active", "grace", "grace"]);
  assertEquals(await toldTo(world, athlete), [
    "competition.started",
    "competition.ended",
    "competition.ended",
  ]);
  await services.competitions.cancel(organiser, cup, { reason: "Storm" });
  assertEquals(await planned(world, cup), []);
  assertEquals((await toldTo(world, athlete)).at(-1), "competition.cancelled");
});

Deno.test("who was away all the time is told the end alone; too few at the start cancel at once", async () => {
  await using world = await openCluster();
  const [long, small] = [
    await world.compete({ ...MAY, graceMs: 2 * HOUR_MS }),
    await world.compete({ ...MAY, minimumParticipants: 2 }),
  ];
  const athlete = await world.athlete(long, small);
  // What was planned is lost, as after a restore: the look of every minute finds it.
  await world.database.sql`delete from graphile_worker._private_jobs`;

  await world.goTo("2026-05-04T00:00:00Z");

  assertEquals(await phasesIn(world, long), ["active", "grace", "provisional"]);
  assertEquals([await phaseOf(world, long), await phaseOf(world, small)], [
    "provisional",
    "cancelled",
  ]);
  const told = await toldTo(world, athlete);
  assertEquals(told.toSorted(), ["competition.cancelled", "competition.ended"]);
});

Deno.test("many are told in rounds, each once, also when a round is run again", async () => {
  await using world = await openCluster();
  const { database } = world;
  const cup = await world.compete({ ...MAY, graceMs: 0 });
  const count = 2 * TOLD_AT_ONCE + 1;
  await database.sql`
    with people as (
      insert into users (id, email, name, access_changed_at, created_at, updated_at)
      select gen_random_uuid(), n || '@crowd.example', 'Runner', now(), now(), now()
      from generate_series(1, ${count}) n returning id)
    insert into participants (id, competition_id, user_id, joined_at, time_zone)
    select gen_random_uuid(), ${cup}, id, now(), 'UTC' from people`;
  const told = async () => {
    const [row] = await database.sql`
      select count(*)::int as notices, count(distinct user_id)::int as people
      from notices where kind = 'competition.started'`;
    return [row?.notices, row?.people];
  };

  await world.goTo(MAY.startsAt);
  await world.goTo("2026-05-02T00:00:01Z");
  assertEquals(await told(), [count, count]);
  // As if the process had died before it noted that the job was done.
  const [last] = await database.sql<{ at: string }[]>`
    select (extract(epoch from created_at) * 1000)::bigint::text as at from notices
    where kind = 'competition.started' limit 1`;
  const [one] = await database.sql<{ payload: Record<string, unknown>; after: string }[]>`
    select n.payload, p.id as after from notices n join participants p on p.user_id = n.user_id
    where n.kind = 'competition.started' order by p.id limit 1`;
  const again = { competitionId: cup, kind: "competition.started", ...one!, at: Number(last!.at) };
  await database.sql`
    select graphile_worker.add_job('notices.tell', ${JSON.stringify(again)}::text::json)`;
  await world.goTo("2026-05-02T00:00:02Z");
  assertEquals(await told(), [count, count]);
});

Deno.test("a change of phase reaches viewers as one state frame on each node", async () => {
  await using world = await openCluster();
  const cup = await world.compete(MAY);
  const seen: string[][] = [[], []];
  const stops = [world.services, world.other].map(({ boards }, node) =>
    boards.listen(cup, (view) => {
      const phase = view?.phase ?? "gone";
      if (seen[node]!.at(-1) !== phase) seen[node]!.push(phase);
    })
  );
  for (const { boards } of [world.services, world.other]) await boards.view(cup);

  await world.goTo(MAY.startsAt);
  for (const { boards } of [world.services, world.other]) await boards.refresh(cup);

  assert(seen.every((phases) => phases.at(-1) === "active"), JSON.stringify(seen));
  for (const stop of stops) stop();
});
