import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { competitions, participants } from "@/db/schema.ts";
import { eq } from "drizzle-orm";
import { DomainError } from "@/domain/error.ts";
import type { LogEntry } from "@/domain/log.ts";
import {
  RANK_METHODS,
  type Rules,
  SCORE_MAX,
  SCORE_OPERATORS,
  type Scoring,
  TIE_BREAKS,
} from "@/domain/rules.ts";
import type { Contender, ParticipantStatus, Standing } from "@/domain/standing.ts";
import { canonicalStandings, standings } from "@/domain/standings.ts";
import { rankContenders } from "@/domain/ranking.ts";
import type { ScoreDraft, ScoreWrite } from "@/services/leaderboard/scores.ts";
import {
  type BoardFixture,
  createBoardFixture,
  DIRECT_RULES,
  type SeededParticipant,
} from "@/tests/support/board_fixture.ts";

const SYSTEM = { kind: "system", name: "test", requestId: null, address: null } as const;

interface EventSeed {
  participant: number;
  operator: (typeof SCORE_OPERATORS)[number];
  value: number;
  /** Seconds before now, so that late events are common. */
  ageSeconds: number;
}

type Operation =
  | { kind: "events"; events: EventSeed[] }
  | { kind: "void_event" | "reinstate_event"; event: number }
  | { kind: "leave" | "disqualify" | "reinstate"; participant: number };

const people = fc.nat(3);
const operations: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("events" as const),
      events: fc.array(
        fc.record({
          participant: people,
          operator: fc.constantFrom(...SCORE_OPERATORS),
          value: fc.integer({ min: -2, max: 5 }),
          ageSeconds: fc.nat(5),
        }),
        { minLength: 1, maxLength: 4 },
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom("void_event" as const, "reinstate_event" as const),
      event: fc.nat(20),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom("leave" as const, "disqualify" as const, "reinstate" as const),
      participant: people,
    }),
  },
);

const scorings: fc.Arbitrary<Scoring> = fc.constantFrom("higher" as const, "lower" as const)
  .chain((direction) =>
    fc.constantFrom<Scoring[]>(
      { kind: "direct", operator: "set", direction, decimals: 0, selfReport: false },
      { kind: "activity", metric: "steps", aggregate: "total", direction, manualPolicy: "exclude" },
    )
  );

const rulesets: fc.Arbitrary<Rules> = fc.record({
  version: fc.constant(1),
  scoring: scorings,
  rankMethod: fc.constantFrom(...RANK_METHODS),
  tieBreaks: fc.uniqueArray(fc.constantFrom(...TIE_BREAKS)),
});

/** A competition in the making: the fixture's database on one side, its log for the oracle on the other. */
async function setUp(fixture: BoardFixture, rules: Rules) {
  const competitionId = await fixture.addCompetition({ rules });
  const joined: SeededParticipant[] = [];
  for (const name of ["Ann", "Bea", "Cem", "Dag"]) {
    fixture.time.advance(1);
    joined.push(await fixture.addParticipant(competitionId, name));
  }
  await fixture.boards.view(competitionId);
  return { competitionId, joined, rules, eventIds: [] as { eventId: string; by: string }[] };
}

type Scene = Awaited<ReturnType<typeof setUp>>;

async function run(fixture: BoardFixture, scene: Scene, operation: Operation): Promise<void> {
  fixture.time.advance(100);
  if (operation.kind === "events") return await runEvents(fixture, scene, operation.events);
  if ("event" in operation) return await runVoid(fixture, scene, operation);
  const { participantId } = scene.joined[operation.participant]!;
  await fixture.append(
    scene.competitionId,
    { kind: operation.kind, participantId },
    async (tx) => {
      const [row] = await tx.db.select().from(participants).where(
        eq(participants.id, participantId),
      );
      const status = statusAfter(row!.status, operation.kind);
      await tx.db.update(participants).set({ status }).where(eq(participants.id, participantId));
    },
  );
}

function statusAfter(before: ParticipantStatus, kind: string): ParticipantStatus {
  if (kind === "disqualify") return "disqualified";
  if (kind === "leave") return before === "disqualified" ? before : "withdrawn";
  return before === "disqualified" ? "active" : before;
}

async function runEvents(fixture: BoardFixture, scene: Scene, events: readonly EventSeed[]) {
  const { competitionId, rules } = scene;
  const drafts = events.map((event): ScoreDraft => {
    const isComputed = rules.scoring.kind === "activity" && event.operator === "set";
    const eventId = fixture.newId();
    scene.eventIds.push({ eventId, by: scene.joined[event.participant]!.participantId });
    return {
      actor: SYSTEM,
      entry: {
        kind: "score",
        eventId,
        participantId: scene.joined[event.participant]!.participantId,
        operator: event.operator,
        value: event.value,
        occurredAt: fixture.time.now() - event.ageSeconds * 1000,
        source: isComputed ? "activity" : "staff",
        rulesVersion: rules.version,
      },
    };
  });
  await writeDrafts(fixture, competitionId, drafts);
}

async function writeDrafts(
  fixture: BoardFixture,
  competitionId: string,
  drafts: readonly ScoreDraft[],
): Promise<ScoreWrite[]> {
  const { locked, from, writes } = await fixture.database.transaction(async (tx) => {
    const locked = (await fixture.log.lock(tx, [competitionId])).get(competitionId)!;
    const from = locked.lastSeq;
    return { locked, from, writes: await fixture.scores.write(tx, locked, drafts) };
  });
  await fixture.boards.committed(competitionId, { locked, from, scores: writes });
  return writes;
}

async function runVoid(
  fixture: BoardFixture,
  scene: Scene,
  operation: { kind: "void_event" | "reinstate_event"; event: number },
): Promise<void> {
  const event = scene.eventIds[operation.event % Math.max(1, scene.eventIds.length)];
  if (!event) return;
  const entry = { kind: operation.kind, eventId: event.eventId, participantId: event.by };
  await fixture.database.transaction(async (tx) => {
    const locked = (await fixture.log.lock(tx, [scene.competitionId])).get(scene.competitionId)!;
    await fixture.log.append(tx, locked, [{ entry, actor: SYSTEM }]);
    await fixture.scores.refold(tx, locked, [event.by]);
  });
  await fixture.boards.committed(scene.competitionId);
}

async function readLog(fixture: BoardFixture, competitionId: string): Promise<LogEntry[]> {
  const rows = await fixture.log.read(competitionId, { after: 0, limit: 10_000 });
  return rows.map((row) => row.entry);
}

/** The standings as the tables have them. */
async function storedStandings(fixture: BoardFixture, scene: Scene): Promise<Standing[]> {
  const rows = await fixture.database.sql<Contender[]>`
    select p.id as "participantId", p.division, p.status, p.joined_at as "joinedAt", s.score,
      s.reached_at as "reachedAt", coalesce(s.event_count, 0) as "eventCount",
      s.best_event as "bestEvent"
    from participants p left join standings s on s.participant_id = p.id
    where p.competition_id = ${scene.competitionId}`;
  return rankContenders([...rows], scene.rules, { provisional: true });
}

async function shownBoard(fixture: BoardFixture, competitionId: string) {
  const view = await fixture.boards.view(competitionId);
  return view.rows(0, view.total).map((row) => ({
    participantId: row.participantId,
    division: null,
    status: row.status,
    score: row.score,
    reachedAt: row.reachedAt === null ? null : Date.parse(row.reachedAt),
    rank: row.rank,
  }));
}

Deno.test("createScoresWriter() and boards equal standings() of the log after any operations", async () => {
  await using fixture = await createBoardFixture();

  await fc.assert(
    fc.asyncProperty(
      rulesets,
      fc.array(operations, { minLength: 1, maxLength: 8 }),
      async (rules, operations) => {
        const scene = await setUp(fixture, rules);
        for (const operation of operations) {
          await run(fixture, scene, operation);

          const expected = canonicalStandings(
            standings(await readLog(fixture, scene.competitionId), rules),
          );
          assertEquals(canonicalStandings(await storedStandings(fixture, scene)), expected);
          assertEquals(
            canonicalStandings(await shownBoard(fixture, scene.competitionId)),
            expected,
          );
        }
        fixture.boards.clear();
        const loaded = canonicalStandings(await shownBoard(fixture, scene.competitionId));
        assertEquals(loaded, canonicalStandings(await storedStandings(fixture, scene)));
      },
    ),
    { numRuns: 25 },
  );
});

function eventOf(participantId: string, change: Partial<ScoreDraft["entry"]> = {}): ScoreDraft {
  return {
    actor: SYSTEM,
    entry: {
      kind: "score",
      eventId: crypto.randomUUID(),
      participantId,
      operator: "increment",
      value: 1,
      occurredAt: Date.UTC(2026, 4, 1),
      source: "direct",
      rulesVersion: 1,
      ...change,
    },
  };
}

Deno.test("ScoresWriter.write() tells the fold before and after each event, in order", async () => {
  await using fixture = await createBoardFixture();
  const competitionId = await fixture.addCompetition();
  const { participantId } = await fixture.addParticipant(competitionId, "Ann");

  const writes = await writeDrafts(fixture, competitionId, [
    eventOf(participantId, { operator: "set", value: 5 }),
    eventOf(participantId, { operator: "decrement", value: 7 }),
  ]);

  assertEquals(writes.map((write) => [write.seq, write.before.score, write.after.score]), [
    [2, null, 5],
    [3, 5, -2],
  ]);
  const [stored] = await fixture.database.sql`
    select score_after from competition_log where competition_id = ${competitionId} and seq = 3`;
  assertEquals(stored?.score_after, -2);
});

Deno.test("ScoresWriter.write() refuses the whole call when one score leaves the exact range", async () => {
  await using fixture = await createBoardFixture();
  const competitionId = await fixture.addCompetition();
  const { participantId } = await fixture.addParticipant(competitionId, "Ann");
  const drafts = [eventOf(participantId, { value: SCORE_MAX }), eventOf(participantId)];

  const error = await assertRejects(
    () => writeDrafts(fixture, competitionId, drafts),
    DomainError,
  );

  assertEquals(error.code, "VALIDATION_ERROR");
  assertEquals((await readLog(fixture, competitionId)).length, 1);
});

Deno.test("ScoresWriter.writeEach() keeps the good events beside the one out of range", async () => {
  await using fixture = await createBoardFixture();
  const competitionId = await fixture.addCompetition();
  const { participantId } = await fixture.addParticipant(competitionId, "Ann");
  const drafts = [
    eventOf(participantId, { value: SCORE_MAX }),
    eventOf(participantId),
    eventOf(participantId, { operator: "decrement", value: 1 }),
  ];

  const outcomes = await fixture.database.transaction(async (tx) => {
    const locked = (await fixture.log.lock(tx, [competitionId])).get(competitionId)!;
    return await fixture.scores.writeEach(tx, locked, drafts);
  });

  assert(outcomes[1] instanceof DomainError);
  assertEquals(outcomes.map((outcome) => "seq" in outcome ? outcome.seq : null), [2, null, 3]);
  const scores = await fixture.database.transaction((tx) =>
    fixture.scores.read(tx, competitionId, [participantId])
  );
  assertEquals(scores.get(participantId)?.score, SCORE_MAX - 1);
});

Deno.test("ScoresWriter.refold() rescores by the newest version of the rules", async () => {
  await using fixture = await createBoardFixture();
  const competitionId = await fixture.addCompetition();
  const { participantId } = await fixture.addParticipant(competitionId, "Ann");
  await writeDrafts(fixture, competitionId, [eventOf(participantId, { value: 7 })]);
  const rules: Rules = {
    ...DIRECT_RULES,
    version: 2,
    scoring: {
      ...DIRECT_RULES.scoring,
      kind: "direct",
      operator: "set",
      decimals: 2,
      selfReport: true,
    },
  };

  await fixture.database.transaction(async (tx) => {
    const locked = (await fixture.log.lock(tx, [competitionId])).get(competitionId)!;
    await fixture.log.append(tx, locked, [
      { entry: { kind: "rules", rules: DIRECT_RULES }, actor: SYSTEM },
      { entry: { kind: "rules", rules }, actor: SYSTEM },
    ]);
    locked.rules = rules;
    await tx.db.update(competitions).set({ rules, rulesVersion: 2 })
      .where(eq(competitions.id, competitionId));
    await fixture.scores.refold(tx, locked, [participantId]);
  });
  await fixture.boards.committed(competitionId);

  const [row] = (await fixture.boards.view(competitionId)).rows(0, 1);
  assertEquals(row?.score, 7);
  const expected = standings(await readLog(fixture, competitionId), DIRECT_RULES);
  assertEquals(expected[0]?.score, 700);
});
