/** Recorded sessions that are there: doubles, the athlete's corrections, removal. */

import { assertEquals, assertRejects } from "@std/assert";
import { ActivityQuery } from "@/contracts/activities.ts";
import type { ImportResult } from "@/contracts/fitness.ts";
import type { UserActor } from "@/domain/actor.ts";
import { DomainError, type ErrorCode } from "@/domain/error.ts";
import { effectOf, excluded, openFitnessWorld, runFile, workout } from "../support/fitness.ts";

const MORNING = { start: "2026-05-01T06:00:00Z", end: "2026-05-01T06:30:00Z" };

function merged({ records }: ImportResult): (string | undefined)[][] {
  return records.map(({ outcome, mergedWith }) => [outcome, mergedWith]);
}

async function code(run: () => Promise<unknown>): Promise<ErrorCode> {
  return (await assertRejects(run, DomainError)).code;
}

Deno.test("a session from a watch and from an app counts once, and the athlete may choose", async () => {
  await using world = await openFitnessWorld();
  const { fitness } = world.services;
  const cup = await world.compete();
  const actor = await world.athlete(cup);
  const watch = await world.upload(actor, runFile({ start: MORNING.start, distanceM: 5000 }));
  const watchId = watch.records[0]!.activityId!;

  const app = await world.sync(actor, { provider: "strava", workouts: [workout("run", 5100)] });
  const appId = app.records[0]!.activityId!;

  assertEquals(merged(app), [["merged", watchId]]);
  assertEquals(app.import.counts.merged, 1);
  assertEquals(excluded(app, cup), ["0 duplicate 5100"]);
  assertEquals(effectOf(app, cup).scoreBefore, 5000);
  const { doubles, competitions } = await fitness.getActivity(actor, watchId);
  assertEquals(doubles.map(({ id, provider }) => [id, provider]), [[appId, "strava"]]);
  assertEquals(competitions.map(({ counted, excluded }) => [counted, excluded]), [[5000, []]]);

  const chosen = await fitness.changeActivity(actor, appId, { isChosen: true });
  assertEquals([chosen.isChosen, chosen.competitions[0]!.counted], [true, 5100]);
  assertEquals(await world.board(cup), new Map([[actor.userId, 5100]]));

  await fitness.changeActivity(actor, watchId, { isChosen: true });
  assertEquals((await fitness.getActivity(actor, appId)).isChosen, false);
  await fitness.changeActivity(actor, watchId, { isChosen: false });
  assertEquals(await world.board(cup), new Map([[actor.userId, 5000]]));
});

Deno.test("a copy whose clock is whole hours off is merged, the way back and the next one are not", async () => {
  await using world = await openFitnessWorld();
  const cup = await world.compete();
  const actor = await world.athlete(cup);
  const at = (start: string, end: string) => ({
    start: `2026-05-01T${start}Z`,
    end: `2026-05-01T${end}Z`,
  });
  await world.sync(actor, { workouts: [workout("there", 5000, at("06:00:00", "06:30:00"))] });

  const copy = workout("copy", 5001, at("08:00:00", "08:30:00"));
  const shifted = await world.sync(actor, { provider: "strava", workouts: [copy] });
  const others = await world.sync(actor, {
    workouts: [
      workout("back", 5000, at("09:10:00", "09:40:00")),
      workout("next", 700, at("06:29:52", "06:40:00")),
    ],
  });

  assertEquals(merged(shifted).map(([outcome]) => outcome), ["merged"]);
  assertEquals(merged(others).map(([outcome]) => outcome), ["imported", "imported"]);
  assertEquals(await world.board(cup), new Map([[actor.userId, 10_700]]));
});

Deno.test("whichever of two records comes first, the same one counts", async () => {
  await using world = await openFitnessWorld();
  const cup = await world.compete();
  const [first, second] = [await world.athlete(cup), await world.athlete(cup)];
  const file = (distanceM: number) => runFile({ start: MORNING.start, distanceM });
  const sync = { provider: "strava", workouts: [workout("run", 5100)] };

  await world.upload(first, file(5000));
  await world.sync(first, sync);
  await world.sync(second, sync);
  const answer = await world.upload(second, file(5001));

  assertEquals(merged(answer).map(([outcome]) => outcome), ["merged"]);
  assertEquals([...(await world.board(cup)).values()].sort(), [5000, 5001]);
});

Deno.test("a corrected type counts anew, and can be taken back", async () => {
  await using world = await openFitnessWorld();
  const { fitness } = world.services;
  const cup = await world.compete();
  const actor = await world.athlete(cup);
  const { records } = await world.sync(actor, {
    workouts: [workout("w", 5000, { type: "hiking" })],
  });
  const id = records[0]!.activityId!;

  assertEquals(await world.board(cup), new Map([[actor.userId, null]]));
  const corrected = await fitness.changeActivity(actor, id, { type: "running" });
  assertEquals([corrected.type, corrected.recordedType], ["running", "hiking"]);
  assertEquals(await world.board(cup), new Map([[actor.userId, 5000]]));
  await fitness.changeActivity(actor, id, { type: "hiking" });
  assertEquals(await world.board(cup), new Map([[actor.userId, null]]));
});

Deno.test("removing a session takes it from the score and frees its identity", async () => {
  await using world = await openFitnessWorld();
  const { fitness } = world.services;
  const cup = await world.compete();
  const actor = await world.athlete(cup);
  const send = () => world.sync(actor, { workouts: [workout("run", 5000)] });
  const id = (await send()).records[0]!.activityId!;

  await fitness.removeActivity(actor, id);

  assertEquals(await world.board(cup), new Map([[actor.userId, null]]));
  assertEquals(await code(() => fitness.getActivity(actor, id)), "NOT_FOUND");
  assertEquals(await code(() => fitness.removeActivity(actor, id)), "NOT_FOUND");
  assertEquals((await send()).records[0]!.outcome, "imported");
  assertEquals(await world.board(cup), new Map([[actor.userId, 5000]]));
});

Deno.test("a record that is removed takes back its earlier versions too", async () => {
  await using world = await openFitnessWorld();
  const cup = await world.compete({ endsAt: "2026-05-01T12:30:00Z", graceMs: 0 });
  const actor = await world.athlete(cup);
  await world.sync(actor, { workouts: [workout("run", 5000)] });
  world.time.advance(3_600_000);
  // Too late to replace what was admitted, which goes on counting.
  const late = await world.sync(actor, { workouts: [workout("run", 9000)] });
  assertEquals(await world.board(cup), new Map([[actor.userId, 5000]]));

  await world.services.fitness.removeActivity(actor, late.records[0]!.activityId!);
  assertEquals(await world.board(cup), new Map([[actor.userId, null]]));
});

Deno.test("sessions belong to their athlete, and final results keep theirs", async () => {
  await using world = await openFitnessWorld();
  const { fitness } = world.services;
  const cup = await world.compete();
  const [actor, other] = [await world.athlete(cup), await world.athlete()];
  const { records } = await world.sync(actor, { workouts: [workout("run", 5000)] });
  const id = records[0]!.activityId!;
  await world.database.sql`update competitions set status = 'final' where id = ${cup}`;

  const asOther = (run: (actor: UserActor) => Promise<unknown>) => code(() => run(other));
  assertEquals(await asOther((who) => fitness.getActivity(who, id)), "FORBIDDEN");
  assertEquals(await asOther((who) => fitness.removeActivity(who, id)), "FORBIDDEN");
  assertEquals(
    await asOther((who) => fitness.changeActivity(who, id, { type: "yoga" })),
    "FORBIDDEN",
  );
  await fitness.removeActivity(actor, id);
  assertEquals(await world.board(cup), new Map([[actor.userId, 5000]]));
});

Deno.test("activities() lists the latest first, by type, time and provider", async () => {
  await using world = await openFitnessWorld();
  const actor = await world.athlete();
  const on = (day: string) => ({
    start: `2026-04-${day}T06:00:00Z`,
    end: `2026-04-${day}T07:00:00Z`,
  });
  await world.sync(actor, {
    workouts: [workout("a", 1, on("01")), workout("b", 2, { ...on("02"), type: "yoga" })],
  });
  await world.upload(actor, runFile({ start: "2026-04-03T06:00:00Z" }));
  const list = async (query: Record<string, unknown>) => {
    const asked = ActivityQuery.parse(query);
    const page = await world.services.fitness.activities(actor, actor.userId, asked);
    return [page.total, ...page.items.map(({ startedAt }) => startedAt.slice(8, 10))];
  };

  assertEquals(await list({}), [3, "03", "02", "01"]);
  assertEquals(await list({ page: 2, page_size: 2 }), [3, "01"]);
  assertEquals(await list({ type: "running" }), [2, "03", "01"]);
  assertEquals(await list({ provider: "file" }), [1, "03"]);
  assertEquals(await list({ from: on("02").end, to: on("03").start }), [1, "02"]);
});
