/**
 * What durable updates cost behind HTTP: the leaderboard service of this process on a PostgreSQL of
 * its own that keeps every commit. Single updates go together by so many, batches bring so many; all
 * is processor time, of which the least of the rounds tells most on a machine with other work.
 *
 *     deno task load:engine --sizes=128,1000 --rounds=5 --seconds=3
 *
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { openDatabase } from "@/db/client.ts";
import { startEmbeddedPostgres } from "@/db/embedded.ts";
import { migrateUp } from "@/db/migrate.ts";
import { systemClock } from "@/platform/clock.ts";
import { createIdGenerator } from "@/platform/id.ts";
import { createMetrics } from "@/platform/metrics.ts";
import { systemTimers } from "@/platform/timers.ts";
import { createBoardsService } from "@/services/boards/boards.ts";
import { createCompetitionLog } from "@/services/leaderboard/competition_log.ts";
import {
  createLeaderboardService,
  type LeaderboardService,
} from "@/services/leaderboard/leaderboard.ts";
import { createMeter } from "@/services/meter.ts";
import { keyActor } from "../support/board_fixture.ts";
import { makeDataDir } from "../support/product.ts";
import { testNativeDir } from "../support/test_server.ts";
import { cpuSecondsOf } from "./cpu_time.ts";
import { addOpenCompetition, addPeople } from "./people.ts";
import { nextUpdate, type SentUpdate } from "./updates.ts";

const MEMBERS = 1_000;
/** The compiler of hot functions needs some thousand updates. */
const WARM_UPDATES = 60_000;
const WRITER = keyActor("scores:write");

/** Microseconds of processor time an update, of this process and of PostgreSQL. */
interface Cost {
  app: number;
  database: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      sizes: { type: "string", default: "128,1000" },
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "3" },
      members: { type: "string", default: String(MEMBERS) },
    },
  });
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await makeDataDir());
  const nativeDir = await testNativeDir();
  const server = stack.use(await startEmbeddedPostgres({ dataDir: folder.path, nativeDir }));
  const { leaderboard, next } = await openEngine(stack, server.url, Number(values.members));
  await print("| updates at once | engine µs | PostgreSQL µs | together | updates a second |\n");
  await print("|---|---|---|---|---|\n");
  for (const size of values.sizes.split(",").map(Number)) {
    for (const isBatch of size < 1000 ? [false] : [false, true]) {
      const send = isBatch
        ? sendBatch(leaderboard, next, size)
        : sendSingles(leaderboard, next, size);
      for (let done = 0; done < WARM_UPDATES; done += size) await send();
      const rounds: (Cost & { perSecond: number })[] = [];
      for (let round = 0; round < Number(values.rounds); round++) {
        rounds.push(await measure(send, size, server.pid, Number(values.seconds)));
      }
      const least = rounds.toSorted((a, b) => a.app + a.database - b.app - b.database)[0]!;
      const cells = [
        `${size}${isBatch ? " in one request" : ""}`,
        least.app.toFixed(1),
        least.database.toFixed(1),
        (least.app + least.database).toFixed(1),
        Math.round(Math.max(...rounds.map(({ perSecond }) => perSecond))),
      ];
      await print(`| ${cells.join(" | ")} |\n`);
    }
  }
}

async function openEngine(stack: AsyncDisposableStack, url: string, members: number) {
  const database = stack.use(await openDatabase({ url, poolMax: 5 }));
  await migrateUp(database);
  const newId = createIdGenerator(systemClock);
  const log = createCompetitionLog({ database, clock: systemClock });
  const competitionId = await addOpenCompetition(database, newId);
  const userIds = await addPeople(database, { log, newId, competitionId, members });
  const time = { clock: systemClock, timers: systemTimers };
  const boards = createBoardsService({ database, ...time });
  stack.defer(() => boards.clear());
  const meter = createMeter({ clock: systemClock });
  const leaderboard = stack.use(
    createLeaderboardService({
      ...{ database, log, boards, meter, metrics: createMetrics(), newId },
      ...time,
    }),
  );
  return { leaderboard, next: nextUpdate({ competitionId, userIds }) };
}

function sendSingles({ update }: LeaderboardService, next: () => SentUpdate, size: number) {
  return () => Promise.all(Array.from({ length: size }, () => update(WRITER, next())));
}

function sendBatch({ updateBatch }: LeaderboardService, next: () => SentUpdate, size: number) {
  return () => updateBatch(WRITER, { updates: Array.from({ length: size }, next), atomic: false });
}

async function measure(
  send: () => Promise<unknown>,
  size: number,
  pid: number,
  seconds: number,
): Promise<Cost & { perSecond: number }> {
  const database = await cpuSecondsOf(pid);
  const before = process.cpuUsage();
  const startedAt = performance.now();
  let updates = 0;
  for (; performance.now() - startedAt < seconds * 1000; updates += size) await send();
  const { user, system } = process.cpuUsage(before);
  const tookMs = performance.now() - startedAt;
  return {
    app: (user + system) / updates,
    database: (await cpuSecondsOf(pid) - database) * 1e6 / updates,
    perSecond: updates / (tookMs / 1000),
  };
}

async function print(text: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(text));
}

if (import.meta.main) await main();
