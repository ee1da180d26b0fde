/** Doubtful sessions and days: held back, looked at, decided, appealed; nothing final meanwhile. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { ReviewQuery } from "@/contracts/reviews.ts";
import type { UserActor } from "@/domain/actor.ts";
import { DomainError, type ErrorCode } from "@/domain/error.ts";
import {
  effectOf,
  excluded,
  openFitnessWorld,
  runFile,
  STEPS,
  steps,
  workout,
} from "../support/fitness.ts";
import { createUser, userActor } from "../support/users.ts";

type World = Awaited<ReturnType<typeof openFitnessWorld>>;

const HOUR_MS = 3_600_000;

async function code(run: () => Promise<unknown>): Promise<ErrorCode> {
  return (await assertRejects(run, DomainError)).code;
}

async function referee({ database }: World): Promise<UserActor> {
  return userActor(await createUser(database, { role: "referee" }), { role: "referee" });
}

function waiting({ services }: World, actor: UserActor) {
  return services.reviews.list(actor, ReviewQuery.parse({}));
}

Deno.test("a doubtful run waits, counts when accepted, and not when that is undone or rejected", async () => {
  await using world = await openFitnessWorld();
  const { reviews } = world.services;
  const cup = await world.compete();
  const athlete = await world.athlete(cup);
  const judge = await referee(world);
  const score = async () => (await world.board(cup)).get(athlete.userId);

  const answer = await world.sync(athlete, { workouts: [workout("w", 12_500)] });

  assertEquals(answer.records.map(({ outcome }) => outcome), ["flagged"]);
  assertEquals(answer.records[0]!.findings?.map(({ rule }) => rule), ["mean_speed"]);
  assertEquals(answer.import.counts.flagged, 1);
  assertEquals(excluded(answer, cup), ["0 in_review 12500"]);
  const [review] = (await waiting(world, judge)).items;
  assertEquals([review?.status, review?.userId], ["open", athlete.userId]);
  const id = review!.id;
  assertEquals((await reviews.accept(judge, id, "A known track runner")).status, "accepted");
  assertEquals(await score(), 12_500);
  assertEquals(await code(() => reviews.reject(judge, id, "No")), "CONFLICT");
  await reviews.undo(judge, id, "Wrong person");
  assertEquals(await score(), null);
  await reviews.reject(judge, id, "On a bicycle");
  assertEquals((await waiting(world, judge)).total, 0);
  const later = await world.sync(athlete, { workouts: [workout("w", 12_500)] });
  assertEquals(excluded(later, cup), ["0 implausible 12500"]);
});

Deno.test("what cannot be is rejected by its figures, and the athlete may appeal once", async () => {
  await using world = await openFitnessWorld();
  const { reviews } = world.services;
  const cup = await world.compete();
  const athlete = await world.athlete(cup);
  const judge = await referee(world);
  const answer = await world.sync(athlete, { workouts: [workout("w", 40_000)] });

  assertEquals(excluded(answer, cup), ["0 implausible 40000"]);
  assertEquals((await waiting(world, judge)).total, 0);
  const mine = await reviews.list(athlete, ReviewQuery.parse({ status: "rejected" }));
  const { id, decidedBy } = mine.items[0]!;
  assertEquals(decidedBy, null);
  assertEquals(await code(() => reviews.appeal(judge, id, "Let it")), "FORBIDDEN");
  assertEquals(
    (await reviews.appeal(athlete, id, "The watch counted laps twice")).status,
    "appealed",
  );
  assertEquals((await waiting(world, judge)).total, 1);
  await reviews.reject(judge, id, "Still a car");
  assertEquals(await code(() => reviews.appeal(athlete, id, "Please")), "CONFLICT");
});

Deno.test("athlete and staff see the same evidence, others none", async () => {
  await using world = await openFitnessWorld();
  const { reviews } = world.services;
  const cup = await world.compete();
  const athlete = await world.athlete(cup);
  const judge = await referee(world);
  const other = await world.athlete(cup);
  await world.upload(athlete, runFile({ distanceM: 12_500 }));
  const { id } = (await waiting(world, judge)).items[0]!;

  const evidence = await reviews.get(judge, id);

  assertEquals(evidence.findings, [
    { rule: "mean_speed", verdict: "flag", observed: 694, limit: 662 },
  ]);
  assertEquals(evidence.activity?.values.distance, 12_500);
  assert(evidence.trace !== null && evidence.trace.speeds.length > 10);
  assertEquals(await reviews.get(athlete, id), evidence);
  assertEquals(await reviews.get(world.organiser, id), evidence);
  assertEquals(await code(() => reviews.get(other, id)), "FORBIDDEN");
  assertEquals((await waiting(world, other)).total, 0);
  assertEquals(await code(() => reviews.accept(other, id, "A friend")), "FORBIDDEN");
});

Deno.test("a day of too many steps waits as a whole", async () => {
  await using world = await openFitnessWorld();
  const { reviews } = world.services;
  const cup = await world.compete({ scoring: STEPS });
  const athlete = await world.athlete(cup);
  const judge = await referee(world);
  const hour = (n: number) => ({
    start: `2026-05-01T0${n}:00:00Z`,
    end: `2026-05-01T0${n + 1}:00:00Z`,
  });
  await world.sync(athlete, {
    records: [1, 2, 3, 4, 5, 6, 7].map((n) => steps(`s${n}`, 9000, hour(n))),
  });

  const [review] = (await waiting(world, judge)).items;
  assertEquals([review?.day, review?.activityId], ["2026-05-01", null]);
  assertEquals((await world.board(cup)).get(athlete.userId), null);
  assertEquals((await reviews.get(judge, review!.id)).daySteps, 63_000);
  await reviews.accept(judge, review!.id, "A walk of 50 km, photographed");
  assertEquals((await world.board(cup)).get(athlete.userId), 63_000);
});

Deno.test("one device file in two accounts waits on both", async () => {
  await using world = await openFitnessWorld();
  const { reviews } = world.services;
  const cup = await world.compete();
  const [first, second] = [await world.athlete(cup), await world.athlete(cup)];
  const judge = await referee(world);
  await world.upload(first, runFile());
  assertEquals((await world.board(cup)).get(first.userId), 5000);

  const answer = await world.upload(second, runFile());

  assertEquals(answer.records.map(({ outcome }) => outcome), ["flagged"]);
  assertEquals(effectOf(answer, cup).score, null);
  assertEquals([...(await world.board(cup)).values()], [null, null]);
  const queue = (await waiting(world, judge)).items;
  assertEquals(queue.map(({ cause }) => cause), ["shared_file", "shared_file"]);
  const own = queue.find(({ userId }) => userId === first.userId)!;
  await reviews.accept(judge, own.id, "Serial number of the watch shown");
  assertEquals((await world.board(cup)).get(first.userId), 5000);
  // The same file again asks nothing anew.
  await world.upload(second, runFile());
  assertEquals((await world.board(cup)).get(first.userId), 5000);
  assertEquals((await waiting(world, judge)).total, 1);
});

Deno.test("a result is not final while anything waits; who is out or what is removed does not wait", async () => {
  await using world = await openFitnessWorld();
  const { lifecycle, fitness, corrections } = world.services;
  const cup = await world.compete({ endsAt: "2026-05-01T13:00:00Z", graceMs: HOUR_MS });
  const athlete = await world.athlete(cup);
  const { records } = await world.sync(athlete, { workouts: [workout("w", 12_500)] });
  world.time.advance(3 * HOUR_MS);
  const blockers = async () =>
    (await lifecycle.finaliseState(world.organiser, cup)).blockers.map(({ code }) => code);

  assertEquals(await blockers(), ["reviews_waiting"]);
  const view = await world.services.boards.view(cup);
  const { participantId } = view.find({ userId: athlete.userId })!.row;
  const reason = { reason: "Rode a bus" };
  await corrections.disqualify(world.organiser, cup, participantId, reason);
  assertEquals(await blockers(), []);
  await corrections.reinstate(world.organiser, cup, participantId, reason);
  assertEquals(await blockers(), ["reviews_waiting"]);
  await fitness.removeActivity(athlete, records[0]!.activityId!);
  assertEquals(await blockers(), []);
});

Deno.test("a competition's own limits decide there alone", async () => {
  await using world = await openFitnessWorld();
  const plausibility = { meanSpeed: { running: { flag: 200, reject: 700 } } };
  const strict = await world.compete({
    slug: "strict",
    scoring: { kind: "activity", metric: "distance", plausibility },
  });
  const usual = await world.compete({ slug: "usual" });
  const athlete = await world.athlete(strict, usual);

  const answer = await world.sync(athlete, { workouts: [workout("w", 5000)] });

  assertEquals(excluded(answer, strict), ["0 in_review 5000"]);
  assertEquals(excluded(answer, usual), []);
  assertEquals(answer.records[0]!.outcome, "flagged");
});
