/**
 * How the cost of a board grows with its members: loading it from PostgreSQL, keeping it, changing a
 * score, telling a rank, and serialising the top. The tables are filled by hand before.
 *
 *     deno task load:boards --members=1000,10000,100000,1000000
 *
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { openDatabase } from "@/db/client.ts";
import { startEmbeddedPostgres } from "@/db/embedded.ts";
import { migrateUp } from "@/db/migrate.ts";
import { competitions, users } from "@/db/schema.ts";
import { DAY_MS } from "@/domain/time.ts";
import { systemClock } from "@/platform/clock.ts";
import { createIdGenerator } from "@/platform/id.ts";
import { systemTimers } from "@/platform/timers.ts";
import { createBoardAnswers } from "@/services/boards/board_answers.ts";
import { createBoardsService } from "@/services/boards/boards.ts";
import type { ScoresCommitted } from "@/services/boards/board_state.ts";
import { readHead } from "@/services/boards/board_store.ts";
import { ANONYMOUS, DIRECT_RULES } from "../support/board_fixture.ts";
import { addMembers } from "../support/large_board.ts";
import { makeDataDir } from "../support/product.ts";
import { testNativeDir } from "../support/test_server.ts";
import { cpuSecondsOf } from "./cpu_time.ts";

/** One transaction of filling; larger ones outlast the time of a statement. */
const FILL_MEMBERS = 100_000;
const STEPS = 20_000;
const STATEMENT_TIMEOUT_MS = 120_000;

const newId = createIdGenerator(systemClock);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { members: { type: "string", default: "1000,10000,100000,1000000" } },
  });
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await makeDataDir());
  const nativeDir = await testNativeDir();
  const server = stack.use(await startEmbeddedPostgres({ dataDir: folder.path, nativeDir }));
  await print(
    "| members | first board ms | of it CPU ms (app + PostgreSQL) | bytes a member | score µs | rank µs | top 100 as text µs |\n",
  );
  await print("|---|---|---|---|---|---|---|\n");
  for (const members of values.members.split(",").map(Number)) {
    await print(`| ${(await measure(server, members)).join(" | ")} |\n`);
  }
}

async function measure(
  server: { url: string; pid: number },
  members: number,
): Promise<(number | string)[]> {
  await using database = await openDatabase({
    ...{ url: server.url, poolMax: 2, statementTimeoutMs: STATEMENT_TIMEOUT_MS },
  });
  await migrateUp(database);
  const id = await addCompetition(database);
  for (let from = 0; from < members; from += FILL_MEMBERS) {
    await addMembers(database, id, { from, to: Math.min(members, from + FILL_MEMBERS) });
  }
  await database.sql`analyze users, participants, standings`;
  const before = memoryBytes();
  const marks = await cpuOf(server.pid);
  const startedAt = performance.now();
  const boards = createBoardsService({ database, clock: systemClock, timers: systemTimers });
  const view = await boards.view(id);
  const first = view.rows(0, 100).length;
  const ms = performance.now() - startedAt;
  const spent = (await cpuOf(server.pid)).map((seconds, n) => (seconds - marks[n]!) * 1000);
  const bytes = (memoryBytes() - before) / members;
  if (first !== Math.min(100, members)) throw new Error("Cannot measure: the board is not whole");
  const change = await changesOf(database, id, view.rows(0, 1000).map((row) => row.participantId));
  const score = microsOf((step) => void boards.committed(id, change(step)));
  const ids = view.rows(0, 1000).map((row) => row.participantId);
  const rank = microsOf((step) => void view.rankOf(ids[step % ids.length]!));
  const answers = createBoardAnswers();
  const top = microsOf((step) => {
    void boards.committed(id, change(STEPS + step));
    answers.of(ANONYMOUS, view, {}).text();
  }, 2000);
  boards.clear();
  const cpu = spent.map((each) => each.toFixed(0)).join(" + ");
  return [
    members,
    ms.toFixed(0),
    cpu,
    bytes.toFixed(0),
    ...[score, rank, top].map((micros) => micros.toFixed(1)),
  ];
}

/** Scores of one commit after the other, for members in turn. */
async function changesOf(
  database: Awaited<ReturnType<typeof openDatabase>>,
  id: string,
  participantIds: readonly string[],
): Promise<(step: number) => ScoresCommitted> {
  const head = (await readHead(database.sql, { id }))!;
  const start = head.lastSeq;
  let made = 0;
  return (step) => {
    const from = start + made++;
    const after = {
      score: step * 7919 % 1_000_003,
      reachedAt: step,
      eventCount: 1,
      bestEvent: null,
    };
    const participantId = participantIds[step % participantIds.length]!;
    return { from, locked: { ...head, lastSeq: from + 1 }, scores: [{ participantId, after }] };
  };
}

function microsOf(work: (step: number) => void, steps: number = STEPS): number {
  for (let step = 0; step < steps; step++) work(step);
  const before = process.cpuUsage();
  for (let step = 0; step < steps; step++) work(step);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / steps;
}

async function cpuOf(pid: number): Promise<number[]> {
  const { user, system } = process.cpuUsage();
  return [(user + system) / 1e6, await cpuSecondsOf(pid)];
}

/** What lives, where the garbage collector can be asked (`--expose-gc`); else about that. */
function memoryBytes(): number {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

async function addCompetition(
  database: Awaited<ReturnType<typeof openDatabase>>,
): Promise<string> {
  const now = systemClock.now();
  const [id, ownerId] = [newId(), newId()];
  const times = { createdAt: now, updatedAt: now };
  await database.db.insert(users).values({
    ...{ id: ownerId, email: `${ownerId}@example.org`, name: "Olga", accessChangedAt: now },
    ...times,
  });
  await database.db.insert(competitions).values({
    ...{ id, slug: `cup-${id}`, name: "Cup", visibility: "public", ownerId },
    ...{ status: "published", timeZone: "UTC", startsAt: now - DAY_MS, endsAt: now + DAY_MS },
    ...{ registrationClosesAt: now + DAY_MS, graceMs: DAY_MS, rules: DIRECT_RULES },
    ...{ epoch: crypto.randomUUID(), ...times },
  });
  return id;
}

async function print(text: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(text));
}

if (import.meta.main) await main();
