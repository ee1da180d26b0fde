/** However activity arrives, the score is that of the facts, and the board that of the log. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { z } from "zod";
import { SyncRequest } from "@/contracts/fitness.ts";
import { ActivityScoring } from "@/contracts/scoring.ts";
import type { Rules } from "@/domain/rules.ts";
import type { UserActor } from "@/domain/actor.ts";
import { findImplausible, holdOf } from "@/domain/plausibility.ts";
import { type ActivityFact, type SampleFact, scoreActivity } from "@/domain/scoring.ts";
import { canonicalStandings, standings } from "@/domain/standings.ts";
import { readSync } from "@/services/activity/fitness_sync.ts";
import { type FitnessWorld, openFitnessWorld } from "./fitness.ts";

const HOUR_MS = 3_600_000;
const STARTS_AT = Date.parse("2026-04-28T00:00:00Z");
const ENDS_AT = Date.parse("2026-05-01T06:00:00Z");
/** Within the first day; the records come when all is over. */
const JOINED_AT = Date.parse("2026-04-28T13:00:00Z");
const NOW = Date.parse("2026-05-02T00:00:00Z");
const ZONE = "Europe/Helsinki";

/** Every aggregate, and between them metrics, limits and policies. */
const CHOICES: Partial<z.input<typeof ActivityScoring>>[] = [
  { metric: "steps", dailyCap: 900 },
  { metric: "distance", aggregate: "best_activity", manualPolicy: "include" },
  { metric: "steps", aggregate: "best_day", direction: "lower", overlap: "interval_union" },
  { metric: "active_energy", aggregate: "average_per_day", manualPolicy: "include" },
  { metric: "moving_time", aggregate: "streak_days", dailyGoal: 600 },
  { metric: "steps", aggregate: "days_at_goal", dailyGoal: 500, manualPolicy: "include" },
  { metric: "distance", aggregate: "target", target: 4000, overlap: "sum" },
  { metric: "points", points: [{ type: "running", points: 3, per: "km" }], activityMinimum: 2 },
  { metric: "distance", manualPolicy: "cap", manualDailyCap: 300, dailyMinimum: 100 },
];
const RULES = CHOICES.map((choice) => ({
  ...{ kind: "activity" as const, metric: "steps" as const },
  ...choice,
}));

const iso = (at: number) => new Date(at).toISOString();

/** Records around the window, with few hours so that they meet each other. */
const spans = fc.record({
  hour: fc.integer({ min: -6, max: 84 }),
  minutes: fc.integer({ min: 1, max: 600 }),
})
  .map(({ hour, minutes }) => {
    const startedAt = STARTS_AT + hour * HOUR_MS;
    return { start: iso(startedAt), end: iso(startedAt + minutes * 60_000) };
  });
const sources = fc.record({
  app: fc.constantFrom("phone", "watch"),
  recordingMethod: fc.constantFrom("automatic", "manual"),
});
const records = fc.record({
  span: spans,
  source: sources,
  type: fc.constantFrom("steps", "distance", "active_energy", "moving_time"),
  value: fc.integer({ min: 0, max: 2000 }),
});
const workouts = fc.record({
  span: spans,
  source: sources,
  type: fc.constantFrom("running", "walking"),
  distance: fc.integer({ min: 0, max: 9000 }).map((value) => value / 7),
  steps: fc.integer({ min: 0, max: 2000 }),
});

type Part = { list: "records" | "workouts"; record: Record<string, unknown> };

const parts = fc.tuple(
  fc.array(records, { maxLength: 8 }),
  fc.array(workouts, { maxLength: 4 }),
).map(([samples, sessions]): Part[] => [
  ...samples.map(({ span, ...rest }, n) => ({
    list: "records" as const,
    record: { id: `r${n}`, ...span, ...rest },
  })),
  ...sessions.map(({ span, ...rest }, n) => ({
    list: "workouts" as const,
    record: { id: `w${n}`, ...span, ...rest },
  })),
]).filter((all) => all.length > 0);

/** Every part at least once, in any order, cut into any batches. */
const deliveries = (all: readonly Part[]) =>
  fc.tuple(
    fc.shuffledSubarray([...all, ...all.slice(0, 2)], {
      minLength: all.length + Math.min(2, all.length),
    }),
    fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 14, maxLength: 14 }),
  ).map(([order, sizes]) => {
    const batches: Part[][] = [];
    for (let at = 0; at < order.length;) {
      const size = sizes[batches.length] ?? 1;
      batches.push(order.slice(at, at + size));
      at += size;
    }
    return batches;
  });

const cases = parts.chain((all) =>
  fc.record({ all: fc.constant(all), first: deliveries(all), second: deliveries(all) })
);

function requestOf(batch: readonly Part[]): SyncRequest {
  const of = (list: Part["list"]) =>
    batch.filter((part) => part.list === list).map(({ record }) => record);
  return SyncRequest.parse({
    provider: "other",
    records: of("records"),
    workouts: of("workouts"),
  });
}

async function deliver(world: FitnessWorld, actor: UserActor, batches: readonly Part[][]) {
  for (const batch of batches) await world.services.fitness.sync(actor, requestOf(batch));
}

/** What the pure rules give for the same records, without any storage. */
function expected(all: readonly Part[], rule: z.input<typeof ActivityScoring>) {
  const scoring = ActivityScoring.parse(rule) as Extract<Rules["scoring"], { kind: "activity" }>;
  const facts = readSync(requestOf(all)).map(({ record, identity }) => {
    if (record.kind === "rejected") throw new Error(record.message);
    const hold = record.kind === "activity"
      ? holdOf(findImplausible(record), undefined)
      : undefined;
    return { ...record, id: identity, arrivedAt: ENDS_AT, ...(hold && { hold }) };
  });
  const { score, reachedAt } = scoreActivity({
    scoring,
    competition: { startsAt: STARTS_AT, endsAt: ENDS_AT, graceMs: 86_400_000, timeZone: ZONE },
    athlete: { joinedAt: JOINED_AT, timeZone: "UTC" },
    now: NOW,
    activities: facts.filter((fact): fact is ActivityFact => fact.kind === "activity"),
    samples: facts.filter((fact): fact is SampleFact => fact.kind === "sample"),
  });
  return { score, reachedAt: reachedAt === null ? null : iso(reachedAt) };
}

async function standingOf(world: FitnessWorld, competitionId: string, userId: string) {
  const view = await world.services.boards.view(competitionId);
  const { score, reachedAt } = view.find({ userId })!.row;
  return { score, reachedAt };
}

/** Sends drawn records in two orders and batchings: both athletes score what the pure rules say. */
export async function checkSyncLaw(numRuns: number): Promise<void> {
  await using world = await openFitnessWorld({ now: iso(JOINED_AT) });
  const [startsAt, endsAt] = [iso(STARTS_AT), iso(ENDS_AT)];
  const cups = await Promise.all(RULES.map(async (scoring, n) => ({
    scoring,
    id: await world.compete({ slug: `cup-${n}`, startsAt, endsAt, timeZone: ZONE, scoring }),
  })));
  const ids = cups.map(({ id }) => id);
  // Joining is over when the records, some after the end, are there.
  const athletes: UserActor[] = [];
  for (let n = 0; n < 2 * numRuns; n++) athletes.push(await world.athlete(...ids));
  world.time.advance(NOW - JOINED_AT);
  let next = 0;

  await fc.assert(
    fc.asyncProperty(cases, async ({ all, first, second }) => {
      const pair = [athletes[next++]!, athletes[next++]!];
      await deliver(world, pair[0]!, first);
      await deliver(world, pair[1]!, second);

      for (const { id, scoring } of cups) {
        for (const { userId } of pair) {
          assertEquals(await standingOf(world, id, userId), expected(all, scoring));
        }
      }
    }),
    { numRuns, endOnFailure: true },
  );

  for (const id of ids) {
    const view = await world.services.boards.view(id);
    const shown = view.rows(0, view.total).map((row) => ({
      ...row,
      division: null,
      reachedAt: row.reachedAt === null ? null : Date.parse(row.reachedAt),
    }));
    const replayed = standings(await world.entries(id), view.rules);
    assertEquals(canonicalStandings(shown), canonicalStandings(replayed));
  }
}
