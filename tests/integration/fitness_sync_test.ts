/** Syncs on a real database: what is stored under which identity, and who may read it again. */

import { assertEquals, assertRejects } from "@std/assert";
import type { ImportResult } from "@/contracts/fitness.ts";
import type { UserActor } from "@/domain/actor.ts";
import { DomainError, type ErrorCode } from "@/domain/error.ts";
import { effectOf, excluded, openFitnessWorld, STEPS, steps, workout } from "../support/fitness.ts";

function outcomes({ records }: ImportResult): string[] {
  return records.map(({ outcome, reason }) => reason ? `${outcome} ${reason}` : outcome);
}

async function assertCode(run: () => Promise<unknown>, code: ErrorCode): Promise<DomainError> {
  const error = await assertRejects(run, DomainError);
  assertEquals(error.code, code);
  return error;
}

Deno.test("sync() answers each record by itself, and stores the good ones", async () => {
  await using world = await openFitnessWorld();
  const cup = await world.compete({ scoring: STEPS });
  const actor = await world.athlete(cup);

  const answer = await world.sync(actor, {
    records: [
      steps("a", 812),
      steps("b", -5),
      { id: "c" },
      steps("d", 9, { end: "2026-05-01T13:00:00Z", start: "2026-05-01T12:30:00Z" }),
      steps("e", 9, { start: "1999-01-01T00:00:00Z", end: "1999-01-01T01:00:00Z" }),
      steps("f", 9, { start: "2026-05-01T08:00:00Z" }),
      steps("g", 9, { start: "2026-03-01T00:00:00Z" }),
      steps("h", 9, { type: "HeartRateRecord" }),
      steps("i", 88, { start: "2026-05-01T08:00:00Z", end: "2026-05-01T09:00:00Z" }),
    ],
    workouts: [workout("run", 5000)],
  });

  assertEquals(outcomes(answer), [
    "imported",
    "rejected invalid_value",
    "rejected malformed",
    "rejected future",
    "rejected ancient",
    "rejected invalid_interval",
    "rejected invalid_interval",
    "imported",
    "imported",
    "imported",
  ]);
  assertEquals(answer.import.counts, {
    imported: 4,
    duplicate: 0,
    merged: 0,
    flagged: 0,
    rejected: 6,
  });
  assertEquals(await world.board(cup), new Map([[actor.userId, 900]]));
  assertEquals(excluded(answer, cup), ["9 not_in_metric"]);
  const { samples, activities, "other_records": others } = await world.countRows();
  assertEquals([samples, activities, others], [2, 1, 1]);
});

Deno.test("sync() of nothing usable stores its answer only", async () => {
  await using world = await openFitnessWorld();
  const cup = await world.compete({ scoring: STEPS });
  const actor = await world.athlete(cup);
  const log = await world.entries(cup);

  const answer = await world.sync(actor, { records: [steps("a", -1)] });

  assertEquals([outcomes(answer), answer.competitions], [["rejected invalid_value"], []]);
  assertEquals(await world.entries(cup), log);
  const { samples, imports } = await world.countRows();
  assertEquals([samples, imports], [0, 1]);
});

Deno.test("sync() without any record is a fault of the request", async () => {
  await using world = await openFitnessWorld();
  const actor = await world.athlete();
  const before = await world.countRows();

  const error = await assertCode(() => world.sync(actor, {}), "VALIDATION_ERROR");

  assertEquals(error.details?.[0]?.field, "records");
  assertEquals(await world.countRows(), before);
});

Deno.test("sync() knows a record by provider and id: the same is a duplicate, another replaces", async () => {
  await using world = await openFitnessWorld();
  const cup = await world.compete({ scoring: STEPS });
  const actor = await world.athlete(cup);

  const first = await world.sync(actor, { records: [steps("a", 800)] });
  const same = await world.sync(actor, { records: [steps("a", 800)] });
  const other = await world.sync(actor, { records: [steps("a", 700)] });
  const elsewhere = await world.sync(actor, {
    provider: "google_fit",
    records: [steps("a", 50, { start: "2026-05-01T09:00:00Z", end: "2026-05-01T10:00:00Z" })],
  });

  const [stored] = first.records;
  assertEquals([outcomes(same), same.records[0]?.activityId], [["duplicate"], stored?.activityId]);
  assertEquals([outcomes(other), other.records[0]?.replaces], [["imported"], stored?.activityId]);
  assertEquals([outcomes(elsewhere), elsewhere.records[0]?.replaces], [["imported"], undefined]);
  assertEquals(await world.scoreEvents(cup), [
    [800, "2026-05-01T08:00:00.000Z"],
    [700, "2026-05-01T08:00:00.000Z"],
    [750, "2026-05-01T10:00:00.000Z"],
  ]);
});

Deno.test("sync() moves a record out of a competition when its times change", async () => {
  await using world = await openFitnessWorld();
  const cup = await world.compete({ scoring: STEPS, startsAt: "2026-05-01T00:00:00Z" });
  const actor = await world.athlete(cup);
  const april = { start: "2026-04-30T07:00:00Z", end: "2026-04-30T08:00:00Z" };

  await world.sync(actor, { records: [steps("a", 800)] });
  const moved = await world.sync(actor, { records: [steps("a", 800, april)] });

  assertEquals(await world.board(cup), new Map([[actor.userId, null]]));
  assertEquals([effectOf(moved, cup).scoreBefore, effectOf(moved, cup).score], [800, null]);
  assertEquals(excluded(moved, cup), ["0 before_start 800"]);
  assertEquals((await world.scoreEvents(cup)).at(-1), [null, "2026-05-01T12:00:00.000Z"]);
});

Deno.test("sync() takes the last of several with one id in one request", async () => {
  await using world = await openFitnessWorld();
  const cup = await world.compete({ scoring: STEPS });
  const actor = await world.athlete(cup);

  const answer = await world.sync(actor, {
    records: [steps("a", 100), steps("a", 200), steps("a", 200), steps("a", 300)],
    workouts: [workout("a", 5000)],
  });
  const again = await world.sync(actor, { records: [steps("a", 300)] });

  const ids = answer.records.map(({ activityId }) => activityId);
  assertEquals(outcomes(answer), ["imported", "imported", "duplicate", "imported", "imported"]);
  assertEquals(answer.records.map(({ replaces }) => replaces), [
    undefined,
    ids[0],
    undefined,
    ids[1],
    undefined,
  ]);
  assertEquals(effectOf(answer, cup).counted, [{ recordIndex: 3, amount: 300 }]);
  assertEquals(excluded(answer, cup), ["0 replaced", "1 replaced", "4 not_in_metric"]);
  assertEquals([outcomes(again), again.records[0]?.activityId], [["duplicate"], ids[3]]);
  assertEquals((await world.scoreEvents(cup)).length, 1);
});

Deno.test("sync() takes ids of any text", async () => {
  await using world = await openFitnessWorld();
  const actor = await world.athlete();
  const ids = ['"', "\\", "{}", "a,b", "NULL", "null", " ", "'; drop table samples; --", "走る🏃"];
  const records = ids.map((id) => steps(id, 1));

  const first = await world.sync(actor, { records });
  const again = await world.sync(actor, { records });

  assertEquals(first.import.counts.imported, ids.length);
  assertEquals(again.import.counts.duplicate, ids.length);
});

Deno.test("competitionId adds the standing; one that is unknown or hidden is told before anything is stored", async () => {
  await using world = await openFitnessWorld();
  const cup = await world.compete({ scoring: STEPS });
  const secret = await world.compete({ visibility: "invite", inviteCode: "open-sesame" });
  const draft = await world.draft();
  const [mira, odd] = [await world.athlete(cup), await world.athlete(cup)];
  await world.sync(odd, { records: [steps("a", 900)] });

  const answer = await world.sync(mira, { records: [steps("a", 800)], competitionId: cup });
  const before = await world.countRows();
  const send = (competitionId: string) =>
    world.sync(mira, { records: [steps("b", 1)], competitionId });

  const { participantId, ...standing } = answer.standing!;
  const view = await world.services.boards.view(cup);
  assertEquals(view.find({ userId: mira.userId })?.row.participantId, participantId);
  assertEquals(standing, { competitionId: cup, score: 800, rank: 2, offset: view.offset });
  await assertCode(() => send(crypto.randomUUID()), "NOT_FOUND");
  await assertCode(() => send(draft), "NOT_FOUND");
  await assertCode(() => send(secret), "FORBIDDEN");
  assertEquals(await world.countRows(), before);
});

Deno.test("imports() lists one's own, newest first; others' are for admins", async () => {
  await using world = await openFitnessWorld();
  const [mira, odd] = [await world.athlete(), await world.athlete()];
  const admin: UserActor = { ...world.organiser, role: "admin" };
  const { fitness } = world.services;
  const ids: string[] = [];
  for (const id of ["a", "b", "c"]) {
    world.time.advance(1000);
    ids.unshift((await world.sync(mira, { records: [steps(id, 1)] })).import.id);
  }

  const first = await fitness.imports(mira, { page: 1, page_size: 2 });
  const second = await fitness.imports(mira, { page: 2, page_size: 2 });

  assertEquals([...first.items, ...second.items].map(({ id }) => id), ids);
  assertEquals([first.total, second.total], [3, 3]);
  const page = { page: 1, "page_size": 20, userId: mira.userId };
  assertEquals((await fitness.imports(admin, page)).total, 3);
  await assertCode(() => fitness.imports(odd, page), "FORBIDDEN");
  await assertCode(() => fitness.getImport(odd, ids[0]!), "FORBIDDEN");
  await assertCode(() => fitness.getImport(mira, crypto.randomUUID()), "NOT_FOUND");
  assertEquals((await fitness.getImport(admin, ids[0]!)).import.id, ids[0]);
});

Deno.test("sync() keeps records of types that no rule knows, once, as they came", async () => {
  await using world = await openFitnessWorld();
  const actor = await world.athlete();
  const heart = {
    id: "h1",
    type: "HeartRateRecord",
    start: "2026-05-01T07:00:00Z",
    end: "2026-05-01T07:05:00Z",
    samples: [{ time: "2026-05-01T07:00:30Z", beatsPerMinute: 71 }],
  };
  const sent = [heart, {
    ...heart,
    id: "h2",
    type: "SleepSessionRecord",
    stages: "x".repeat(40_000),
  }];

  const first = await world.sync(actor, { records: sent });
  const second = await world.sync(actor, { records: sent });
  const changed = await world.sync(actor, { records: [{ ...heart, samples: [] }] });

  assertEquals(outcomes(first), ["imported", "imported"]);
  assertEquals(first.records[0]!.type, "HeartRateRecord");
  assertEquals(outcomes(second), ["duplicate", "duplicate"]);
  assertEquals(outcomes(changed), ["imported"]);
  const rows = await world.database.sql<{ content: unknown }[]>`
    select content from other_records where user_id = ${actor.userId} order by identity`;
  const { id, type, start, end } = sent[1]!;
  assertEquals(rows.map(({ content }) => content), [{ ...heart, samples: [] }, {
    id,
    type,
    start,
    end,
  }]);
});
