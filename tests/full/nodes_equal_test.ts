/**
 * A storm of updates, corrections and freezes over two nodes: whatever anybody was shown, at every
 * offset, is what the pure function makes of the log up to there.
 */

import { assert, assertEquals } from "@std/assert";
import type { BoardRow } from "@/contracts/leaderboard.ts";
import type { LogEntry } from "@/domain/log.ts";
import { canonicalStandings, standings } from "@/domain/standings.ts";
import { systemClock } from "@/platform/clock.ts";
import { DomainError } from "@/domain/error.ts";
import { createCompetitionLog } from "@/services/leaderboard/competition_log.ts";
import type { BoardView } from "@/services/boards/boards.ts";
import { DIRECT_RULES, keyActor, userActor } from "../support/board_fixture.ts";
import { needs } from "../support/needs.ts";
import { seedBoard, type SeededBoard } from "../support/node_boards.ts";
import { openNodes, type TestNode, type TestNodes } from "../support/nodes.ts";
import { reportLine } from "../support/report_line.ts";
import { hasRedisServer, startRedis } from "../support/redis_server.ts";
import { StormClient } from "../support/storm_client.ts";
import { until } from "../support/waiting.ts";

const KEY = keyActor("scores:write");
const ADMIN = userActor(crypto.randomUUID(), { role: "admin" });
const MEMBERS = 25;
const WRITERS = 4;
const STEPS = 120;
const LOG_MAX = 10_000;

/** What somebody was shown. */
interface Sample {
  whose: string;
  offset: number;
  frozen: boolean;
  board: string;
}

Deno.test({
  ...needs(
    "redis-server",
    hasRedisServer,
    "boards of two nodes under a storm equal the pure function",
  ),
  async fn() {
    await using redis = await startRedis();
    await using cluster = await openNodes({ count: 2, redisUrl: redis.url });
    await addAdmin(cluster);
    const board = await seedBoard(cluster.database, MEMBERS);
    const samples: Sample[] = [];
    const stop = await watch(cluster, board, samples);
    const viewers = await openViewers(cluster, board, samples);

    const writers = Array.from({ length: WRITERS }, () => storm(cluster, board));
    await Promise.all([...writers, redis.command("FLUSHALL")]);
    await lifecycle(cluster.nodes[0]!).unfreeze(ADMIN, board.id, { reason: "The end" });

    const log = await readLog(cluster, board);
    const lastOffset = log.at(-1)!.seq;
    await until(
      () => viewers.every((each) => each.board.offset === lastOffset),
      "all are at the end",
    );
    stop();
    checkSamples(samples, log);
    assertEquals(viewers.flatMap(({ faults }) => faults), []);
    for (const viewer of viewers) {
      assertEquals(canonicalRows(viewer.board.rows), at(log, lastOffset));
    }
    tell(samples, log);
    await Promise.all(viewers.map((viewer) => viewer.disconnect()));
  },
});

function pick<T>(values: readonly T[]): T {
  return values[Math.floor(Math.random() * values.length)]!;
}

function lifecycle({ services }: TestNode) {
  return services.lifecycle;
}

/** Corrections are audited under the name of somebody who exists. */
async function addAdmin({ database }: TestNodes): Promise<void> {
  await database.sql`
    insert into users (id, email, name, role, access_changed_at, created_at, updated_at)
    values (${ADMIN.userId}, 'admin@example.org', 'Ada Admin', 'admin', now(), now(), now())`;
}

/** Notes what each node shows to the public and to staff after each change. */
async function watch({ nodes }: TestNodes, { id }: SeededBoard, samples: Sample[]) {
  const stops: (() => void)[] = [];
  for (const [index, { services: { boards } }] of nodes.entries()) {
    for (const audience of ["public", "staff"] as const) {
      await boards.view(id, audience);
      const whose = `node ${index}, ${audience}`;
      const note = (view: BoardView | undefined) => {
        if (!view) return;
        const { offset, frozen, total } = view;
        samples.push({ whose, offset, frozen, board: canonicalRows(view.rows(0, total)) });
      };
      stops.push(boards.listen(id, note, audience));
    }
  }
  return () => stops.forEach((stop) => stop());
}

async function openViewers({ nodes }: TestNodes, { id }: SeededBoard, samples: Sample[]) {
  const viewers = nodes.map((_, index) =>
    new StormClient(({ offset, frozen, rows }) => {
      const whose = `viewer of node ${index}`;
      samples.push({ whose, offset, frozen, board: canonicalRows(rows) });
    })
  );
  await Promise.all(
    viewers.map((viewer, index) => viewer.connect(`${nodes[index]!.url}/ws/leaderboard/${id}`)),
  );
  return viewers;
}

/** One writer: mostly scores, now and then a correction, a freeze or the end of one. */
async function storm({ nodes, database }: TestNodes, board: SeededBoard): Promise<void> {
  for (let step = 0; step < STEPS; step++) {
    const node = pick(nodes);
    try {
      await pick(STEPS_OF)(node, board, database);
    } catch (error) {
      // Refusals, such as of a score for somebody disqualified, are part of the storm.
      if (!(error instanceof DomainError) || error.status >= 500) throw error;
    }
  }
}

type Step = (
  node: TestNode,
  board: SeededBoard,
  database: TestNodes["database"],
) => Promise<unknown>;

const score: Step = ({ services }, { id, members }) => {
  const { userId } = pick(members);
  const value = Math.floor(Math.random() * 50);
  return services.leaderboard.update(KEY, { competitionId: id, userId, score: value });
};

const batch: Step = ({ services }, { id, members }) => {
  const updates = members.slice(0, 10).map(({ userId }) => ({
    ...{ competitionId: id, userId, score: Math.floor(Math.random() * 50) },
  }));
  return services.leaderboard.updateBatch(KEY, { updates, atomic: false });
};

const correct: Step = async ({ services }, { id }, database) => {
  const [event] = await database.sql<{ id: string }[]>`
    select event_id as id from competition_log
    where competition_id = ${id} and kind = 'score' order by random() limit 1`;
  if (!event) return;
  const { corrections } = services;
  const run = pick([corrections.voidEvent, corrections.reinstateEvent]);
  await run(ADMIN, event.id, { reason: "A storm" });
};

const judge: Step = async ({ services: { corrections } }, { id, members }) => {
  const { participantId } = pick(members);
  await corrections.disqualify(ADMIN, id, participantId, { reason: "A storm" });
  await corrections.reinstate(ADMIN, id, participantId, { reason: "A calm" });
};

const freeze: Step = (node, { id }) => lifecycle(node).freeze(ADMIN, id, { reason: "A storm" });
const unfreeze: Step = (node, { id }) => lifecycle(node).unfreeze(ADMIN, id, { reason: "A calm" });

const STEPS_OF: readonly Step[] = [
  ...[score, score, score, score, score, score, score, score],
  ...[batch, correct, correct, judge, freeze, unfreeze, unfreeze],
];

async function readLog({ database }: TestNodes, { id }: SeededBoard): Promise<LogEntry[]> {
  const log = createCompetitionLog({ database, clock: systemClock });
  return (await log.read(id, { after: 0, limit: LOG_MAX })).map(({ entry }) => entry);
}

function canonicalRows(rows: readonly BoardRow[]): string {
  return canonicalStandings(rows.map(({ participantId, status, score, reachedAt, rank }) => ({
    ...{ participantId, status, score, rank, division: null },
    reachedAt: reachedAt === null ? null : Date.parse(reachedAt),
  })));
}

function at(log: readonly LogEntry[], offset: number): string {
  return canonicalStandings(standings(log, DIRECT_RULES, { seq: offset }));
}

function checkSamples(samples: readonly Sample[], log: readonly LogEntry[]): void {
  const expected = new Map<number, string>();
  for (const { whose, offset, frozen, board } of samples) {
    const should = expected.get(offset) ?? at(log, offset);
    expected.set(offset, should);
    assert(board === should, `${whose} was shown another board at ${offset}`);
    // A number's index in the log is one less, so this is the entry behind the offset.
    const isPublic = !whose.endsWith("staff");
    if (frozen && isPublic) assertEquals(log[offset]?.kind, "freeze", `${whose} at ${offset}`);
  }
}

function tell(samples: readonly Sample[], log: readonly LogEntry[]): void {
  const kinds = Object.entries(Object.groupBy(log, ({ kind }) => kind));
  const counts = kinds.map(([kind, entries]) => `${entries.length} ${kind}`);
  const offsets = new Set(samples.map(({ offset }) => offset));
  reportLine(`${counts.join(", ")}; ${samples.length} boards at ${offsets.size} offsets`);
}
