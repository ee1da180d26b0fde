/** What activity does to competitions: where it counts, and why it does not elsewhere. */

import { assertEquals } from "@std/assert";
import type { ImportResult } from "@/contracts/fitness.ts";
import {
  effectOf,
  excluded,
  type FitnessWorld,
  openFitnessWorld,
  RUNNING,
  STEPS,
  steps,
  workout,
} from "../support/fitness.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const NEXT_HOUR = { start: "2026-05-01T08:00:00Z", end: "2026-05-01T09:00:00Z" };

function outcomes({ records }: ImportResult): string[] {
  return records.map(({ outcome }) => outcome);
}

async function finish(world: FitnessWorld, competitionId: string, status: string): Promise<void> {
  await world.database.sql`
    update competitions set status = ${status} where id = ${competitionId}`;
}

Deno.test("sync() scores every competition it counts for, each by its rules, and direct ones never", async () => {
  await using world = await openFitnessWorld();
  const walked = await world.compete({ scoring: STEPS });
  const ran = await world.compete({ scoring: RUNNING });
  const best = await world.compete({
    scoring: { kind: "activity", metric: "distance", aggregate: "best_activity" },
  });
  const direct = await world.compete({ scoring: { kind: "direct" } });
  const actor = await world.athlete(walked, ran, best, direct);
  const directLog = await world.entries(direct);

  const answer = await world.sync(actor, {
    records: [steps("s", 812)],
    workouts: [
      workout("run", 5000.9),
      workout("walk", 7000, { type: "walking", start: "2026-05-01T04:00:00Z" }),
    ],
    competitionId: direct,
  });

  const scores = (id: string) => world.board(id).then((board) => board.get(actor.userId));
  assertEquals([await scores(walked), await scores(ran), await scores(best)], [812, 5000, 7000]);
  assertEquals(await world.entries(direct), directLog);
  assertEquals(answer.standing?.score, null);
  assertEquals(
    new Set(answer.competitions.map(({ competitionId }) => competitionId)),
    new Set([walked, ran, best]),
  );
  assertEquals(excluded(answer, walked), ["1 not_in_metric", "2 not_in_metric"]);
  assertEquals(excluded(answer, ran), ["0 not_in_metric", "2 type_not_counted 7000"]);
  assertEquals(excluded(answer, best), ["0 not_in_metric", "1 not_best 5000.9"]);
});

Deno.test("sync() tells why a record does not count: time, type, hand, cap, larger source", async () => {
  await using world = await openFitnessWorld({ now: "2026-04-29T12:00:00Z" });
  const window = { startsAt: "2026-04-01T00:00:00Z", endsAt: "2026-05-01T00:00:00Z" };
  const ran = await world.compete({
    ...window,
    scoring: { ...RUNNING, dailyCap: 8000 },
  });
  const walked = await world.compete({ ...window, scoring: STEPS });
  const actor = await world.athlete(ran, walked);
  world.time.advance(2 * DAY_MS);
  const on = (day: string, change: object = {}) => ({
    start: `${day}T06:00:00Z`,
    end: `${day}T07:00:00Z`,
    ...change,
  });
  const phone = { source: { app: "phone" } };

  const answer = await world.sync(actor, {
    records: [
      steps("small", 10, on("2026-04-12", phone)),
      steps("large", 500, on("2026-04-12")),
      steps("across", 2400, { start: "2026-04-30T22:00:00Z", end: "2026-05-01T02:00:00Z" }),
    ],
    workouts: [
      workout("early", 1000, { start: "2026-03-31T23:59:59Z", end: "2026-04-01T00:30:00Z" }),
      workout("late", 1000, { start: "2026-04-30T23:50:00Z", end: "2026-05-01T00:00:01Z" }),
      workout("walk", 1000, on("2026-04-10", { type: "walking" })),
      workout("typed", 1000, on("2026-04-11", { source: { recordingMethod: "manual" } })),
      workout("long", 9500.5, on("2026-04-12")),
    ],
  });

  assertEquals(excluded(answer, ran), [
    ...["0 not_in_metric", "1 not_in_metric", "2 not_in_metric", "3 before_start 1000"],
    ...["4 after_end 1000", "5 type_not_counted 1000", "6 manual 1000", "7 capped 1500.5"],
  ]);
  assertEquals(effectOf(answer, ran).counted, [{ recordIndex: 7, amount: 8000 }]);
  assertEquals(excluded(answer, walked).slice(0, 2), ["0 superseded 10", "2 after_end 1200"]);
  assertEquals([effectOf(answer, ran).score, effectOf(answer, walked).score], [8000, 1700]);
});

Deno.test("sync() far outside of a competition says so and leaves its score alone", async () => {
  await using world = await openFitnessWorld({ now: "2026-05-01T08:00:00Z" });
  const april = await world.compete({ scoring: STEPS, endsAt: "2026-05-01T10:00:00Z" });
  const may = await world.compete({ scoring: STEPS, startsAt: "2026-05-02T00:00:00Z" });
  const actor = await world.athlete(april, may);
  world.time.advance(4 * HOUR_MS);
  await world.sync(actor, { records: [steps("a", 100)] });

  const answer = await world.sync(actor, {
    records: [steps("b", 7, { start: "2026-05-01T10:00:00Z", end: "2026-05-01T11:00:00Z" })],
  });

  assertEquals([excluded(answer, april), excluded(answer, may)], [
    ["0 after_end 7"],
    ["0 before_start 7"],
  ]);
  const { scoreBefore, score } = effectOf(answer, april);
  assertEquals([scoreBefore, score], [100, 100]);
  assertEquals(await world.board(april), new Map([[actor.userId, 100]]));
});

Deno.test("a frozen board tells the athlete the score and no rank", async () => {
  await using world = await openFitnessWorld();
  const cup = await world.compete({ scoring: STEPS });
  const actor = await world.athlete(cup);
  await world.database.sql`
    update competitions set frozen_at = ${world.time.now()}, frozen_seq = last_seq,
      frozen_count = participant_count where id = ${cup}`;
  world.services.boards.clear();

  const answer = await world.sync(actor, { records: [steps("a", 800)], competitionId: cup });

  const { score, rank, offset } = answer.standing!;
  assertEquals([score, rank, offset], [800, null, null]);
  assertEquals(effectOf(answer, cup).rank, null);
});

Deno.test("join() counts what was uploaded before, and joining again what was uploaded meanwhile", async () => {
  await using world = await openFitnessWorld();
  const cup = await world.compete({ scoring: STEPS });
  const actor = await world.athlete();
  const { competitions } = world.services;
  const hour = (id: string, value: number, at: string) =>
    steps(id, value, { start: `2026-05-01T0${at}:00:00Z`, end: `2026-05-01T0${at}:30:00Z` });

  const unjoined = await world.sync(actor, { records: [hour("a", 100, "1")] });
  await competitions.join(actor, cup, {});
  const joined = await world.board(cup);
  await competitions.leave(actor, cup);
  const left = await world.sync(actor, { records: [hour("b", 20, "2")] });
  const gone = await world.board(cup);
  await competitions.join(actor, cup, {});

  assertEquals(unjoined.competitions, []);
  assertEquals(joined, new Map([[actor.userId, 100]]));
  assertEquals(excluded(left, cup), ["0 not_participating"]);
  assertEquals(gone, new Map());
  assertEquals(await world.board(cup), new Map([[actor.userId, 120]]));
  assertEquals(await world.scoreEvents(cup), [
    [100, "2026-05-01T01:30:00.000Z"],
    [120, "2026-05-01T02:30:00.000Z"],
  ]);
});

Deno.test("a final or cancelled competition is locked: stored, not scored, and said so", async (t) => {
  for (const status of ["final", "settled", "cancelled"]) {
    await t.step(status, async () => {
      await using world = await openFitnessWorld();
      const cup = await world.compete({ scoring: STEPS });
      const actor = await world.athlete(cup);
      await world.sync(actor, { records: [steps("a", 100)] });
      await finish(world, cup, status);
      const log = await world.entries(cup);

      const answer = await world.sync(actor, {
        records: [steps("b", 50, { start: "2026-05-01T06:00:00Z" })],
      });

      assertEquals(outcomes(answer), ["imported"]);
      assertEquals(excluded(answer, cup), ["0 locked"]);
      assertEquals([effectOf(answer, cup).scoreBefore, effectOf(answer, cup).score], [100, 100]);
      assertEquals(await world.entries(cup), log);
    });
  }
});

Deno.test("what arrives after the grace is stored and late", async () => {
  await using world = await openFitnessWorld();
  const cup = await world.compete({
    scoring: STEPS,
    endsAt: "2026-05-01T12:00:01Z",
    graceMs: HOUR_MS,
  });
  const actor = await world.athlete(cup);
  const quarter = (id: string, minute: string) =>
    steps(id, 10, { start: `2026-05-01T10:${minute}:00Z`, end: `2026-05-01T10:${minute}:30Z` });

  world.time.advance(HOUR_MS + 999);
  const inTime = await world.sync(actor, { records: [quarter("a", "00")] });
  world.time.advance(2);
  const late = await world.sync(actor, { records: [quarter("b", "15")] });

  assertEquals([effectOf(inTime, cup).score, excluded(inTime, cup)], [10, []]);
  assertEquals([effectOf(late, cup).score, excluded(late, cup)], [10, ["0 late 10"]]);
  assertEquals(outcomes(late), ["imported"]);
});

Deno.test("a record that changes after the grace keeps what had been admitted, there only", async () => {
  await using world = await openFitnessWorld();
  const over = await world.compete({
    scoring: STEPS,
    endsAt: "2026-05-01T12:00:01Z",
    graceMs: HOUR_MS,
  });
  const open = await world.compete({ scoring: STEPS });
  const actor = await world.athlete(over, open);
  const scores = async () => [
    (await world.board(over)).get(actor.userId),
    (await world.board(open)).get(actor.userId),
  ];
  await world.sync(actor, { records: [steps("a", 700), steps("b", 5, NEXT_HOUR)] });
  await world.sync(actor, { records: [steps("a", 800)] });
  const log = await world.entries(over);
  world.time.advance(2 * HOUR_MS);

  const changed = await world.sync(actor, { records: [steps("a", 900)] });
  const inBoth = await scores();
  await world.sync(actor, { records: [steps("a", 950)] });

  assertEquals([inBoth, await scores()], [[805, 905], [805, 955]]);
  assertEquals(excluded(changed, over), ["0 late 900"]);
  assertEquals(effectOf(changed, open).counted, [{ recordIndex: 0, amount: 900 }]);
  assertEquals(await world.entries(over), log);
  await world.services.competitions.change(world.organiser, over, { graceMs: 3 * HOUR_MS });
  assertEquals(await scores(), [955, 955]);
});

Deno.test("a later end and a longer grace let in what was left out, at once", async () => {
  await using world = await openFitnessWorld();
  const cup = await world.compete({
    scoring: STEPS,
    endsAt: "2026-05-01T12:30:00Z",
    graceMs: HOUR_MS,
  });
  const [mira, odd, idle] = [
    await world.athlete(cup),
    await world.athlete(cup),
    await world.athlete(cup),
  ];
  await world.sync(idle, { records: [steps("a", 3)] });
  world.time.advance(3 * HOUR_MS);
  const afternoon = { start: "2026-05-01T14:00:00Z", end: "2026-05-01T14:30:00Z" };
  await world.sync(mira, { records: [steps("after", 50, afternoon)] });
  await world.sync(odd, { records: [steps("late", 70)] });
  const before = [...(await world.board(cup)).values()];

  await world.services.competitions.change(world.organiser, cup, {
    endsAt: "2026-05-01T14:30:00Z",
  });

  const board = await world.board(cup);
  assertEquals(before, [3, null, null]);
  assertEquals([mira, odd, idle].map(({ userId }) => board.get(userId)), [50, 70, 3]);
  assertEquals((await world.scoreEvents(cup)).length, 3);
  await world.services.competitions.change(world.organiser, cup, { graceMs: 2 * HOUR_MS });
  assertEquals((await world.scoreEvents(cup)).length, 3);
});

Deno.test("an event says when the score was reached, who sent what, and under which rules", async () => {
  await using world = await openFitnessWorld();
  const cup = await world.compete({ scoring: STEPS });
  const actor = await world.athlete(cup);

  const answer = await world.sync(actor, { records: [steps("a", 800)] });

  const [row] = await world.database.sql`
    select operator, value, source, rules_version, actor_kind, actor_id, request_id, metadata,
      score_after from competition_log where competition_id = ${cup} and kind = 'score'`;
  assertEquals({ ...row }, {
    operator: "set",
    value: 800,
    source: "activity",
    rules_version: 1,
    actor_kind: "user",
    actor_id: actor.userId,
    request_id: actor.requestId,
    metadata: { cause: "import", importId: answer.import.id },
    score_after: 800,
  });
});

Deno.test("an event of older rules is none: the score is written anew under those in force", async () => {
  await using world = await openFitnessWorld();
  const cup = await world.compete({ scoring: STEPS });
  const actor = await world.athlete(cup);
  await world.sync(actor, { records: [steps("a", 800)] });
  await changeRules(world, cup);

  await world.sync(actor, { records: [steps("a", 800)] });
  await world.sync(actor, { records: [steps("a", 800)] });

  const events = (await world.entries(cup)).filter((entry) => entry.kind === "score");
  assertEquals(events.map(({ value, rulesVersion }) => [value, rulesVersion]), [[800, 1], [
    800,
    2,
  ]]);
});

/** A second version of the rules, with a daily cap that nobody reaches. */
async function changeRules(world: FitnessWorld, competitionId: string): Promise<void> {
  const rules = {
    version: 2,
    scoring: {
      ...{ kind: "activity" as const, metric: "steps" as const, aggregate: "total" as const },
      ...{ direction: "higher" as const, manualPolicy: "exclude" as const, dailyCap: 1_000_000 },
    },
    rankMethod: "standard" as const,
    tieBreaks: [],
  };
  await world.database.transaction(async (tx) => {
    const locked = (await world.log.lock(tx, [competitionId])).get(competitionId)!;
    await tx.sql`
      update competitions set rules = ${JSON.stringify(rules)}::text::jsonb, rules_version = 2
      where id = ${competitionId}`;
    await world.log.append(tx, locked, [{
      entry: { kind: "rules", rules },
      actor: world.organiser,
    }]);
  });
  await world.services.boards.committed(competitionId);
}
