/**
 * What reading a board costs: the real product with all its middleware (token, limits, metrics,
 * access log, validation) and a bare server in the same run, round by round.
 *
 *     deno task load:reads --members=100000 --connections=32 --seconds=4 --rounds=3
 *
 * @module
 */

import { parseArgs } from "node:util";
import { openDatabase } from "@/db/client.ts";
import { startEmbeddedPostgres } from "@/db/embedded.ts";
import { addMembers } from "../support/large_board.ts";
import { makeDataDir, startProduct } from "../support/product.ts";
import { logIn, makeCompetition } from "../support/product_api.ts";
import { testNativeDir } from "../support/test_server.ts";
import { cpuSecondsOf } from "./cpu_time.ts";
import { runClosedLoop } from "./closed_loop.ts";
import { startHello, type Subject } from "./subjects.ts";

const WARM_UP_MS = 2_000;
const ADMIN = { email: "boss@example.org", password: "quiet-lantern-42-harbour" };
const UNLIMITED = "1000000/s:1000000";
/** In the middle of the scores that `addMembers` gives. */
const OWN_SCORE = 500_000;

const encoder = new TextEncoder();

/** A kind of request and who answers it. */
interface Load {
  name: string;
  subject: Subject;
  request: Uint8Array;
}

/** What one request costs the server, in microseconds of processor time. */
interface Cost {
  micros: number;
  perSecond: number;
  p99Ms: number;
  faults: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      members: { type: "string", default: "100000" },
      connections: { type: "string", default: "32" },
      seconds: { type: "string", default: "4" },
      rounds: { type: "string", default: "3" },
    },
  });
  await using stack = new AsyncDisposableStack();
  const hello = stack.use(await startHello());
  const board = stack.use(await startReadBoard(Number(values.members)));
  const loads = [{ name: "hello", subject: hello, request: toRequest("/", {}) }, ...board.loads];
  const plan = {
    connections: Number(values.connections),
    measureMs: Number(values.seconds) * 1000,
  };
  const costs = new Map<string, Cost[]>(loads.map(({ name }) => [name, []]));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const load of loads) costs.get(load.name)!.push(await measure(load, plan));
  }
  await print("| what | requests/s | p99 ms | CPU µs a request | × hello | faults |\n");
  await print("|---|---|---|---|---|---|\n");
  const base = costs.get("hello")!.map(({ micros }) => micros);
  for (const [name, rounds] of costs) await print(toLine(name, rounds, base));
}

/** Medians over the rounds; the ratio is that of the same round. */
function toLine(name: string, rounds: readonly Cost[], base: readonly number[]): string {
  const cells = [
    name,
    Math.round(median(rounds.map(({ perSecond }) => perSecond))),
    median(rounds.map(({ p99Ms }) => p99Ms)).toFixed(1),
    median(rounds.map(({ micros }) => micros)).toFixed(1),
    median(rounds.map(({ micros }, round) => micros / base[round]!)).toFixed(2),
    rounds.reduce((sum, { faults }) => sum + faults, 0),
  ];
  return `| ${cells.join(" | ")} |\n`;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

async function measure(
  { subject: { port, pids }, request }: Load,
  plan: { connections: number; measureMs: number },
): Promise<Cost> {
  const marks: number[] = [];
  const onMark = async () => {
    const seconds = await Promise.all(pids.map(cpuSecondsOf));
    marks.push(seconds.reduce((sum, each) => sum + each, 0));
  };
  const figures = await runClosedLoop({
    ...{ port, onMark, warmUpMs: WARM_UP_MS, alsoGood: 304, next: () => request },
    ...plan,
  });
  return {
    micros: (marks[1]! - marks[0]!) * 1e6 / figures.answers,
    perSecond: figures.answers / figures.seconds,
    p99Ms: figures.p99Ms,
    faults: figures.faults,
  };
}

/** The product with one board of many members, and what is asked of it. */
async function startReadBoard(members: number) {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await makeDataDir());
  const nativeDir = await testNativeDir();
  const server = stack.use(await startEmbeddedPostgres({ dataDir: folder.path, nativeDir }));
  const product = stack.use(
    await startProduct({
      ...{ DEMO: "off", ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password },
      ...{ RATE_LIMIT_DEFAULT: UNLIMITED, DATABASE_URL: server.url },
    }),
  );
  const token = await logIn(product.url, ADMIN);
  const scoring = { kind: "direct", operator: "set", direction: "higher" };
  const { id } = await makeCompetition(product.url, token, { scoring });
  await fill(server.url, id, { members, token, url: product.url });
  const authorization = `Bearer ${token}`;
  const path = `/api/v1/leaderboard/${id}`;
  const first = await fetch(`${product.url}${path}`, { headers: { authorization } });
  await first.body?.cancel();
  const etag = first.headers.get("etag")!;
  // The server alone: the database is asked once a second, whatever is asked of the server.
  const subject: Subject = {
    port: product.port,
    pids: [product.pid],
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const gzip = { authorization, "accept-encoding": "gzip" };
  const load = (name: string, query: string, headers: Record<string, string>): Load => ({
    ...{ name, subject, request: toRequest(`${path}${query}`, headers) },
  });
  return {
    loads: [
      load("top 100", "", { authorization }),
      load("top 100, gzip", "", gzip),
      load("304", "", { authorization, "if-none-match": etag }),
      load(`around me, ${members} members`, "?around=me", { authorization }),
    ],
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function fill(
  databaseUrl: string,
  competitionId: string,
  { members, token, url }: { members: number; token: string; url: string },
): Promise<void> {
  await using database = await openDatabase({ url: databaseUrl, poolMax: 1 });
  await addMembers(database, competitionId, { from: 0, to: members });
  const joined = await fetch(`${url}/api/v1/competitions/${competitionId}/join`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: "{}",
  });
  const { participantId } = (await joined.json()).data;
  await database.sql`
    insert into standings (competition_id, participant_id, score, reached_at, event_count)
    values (${competitionId}, ${participantId}, ${OWN_SCORE}, now(), 1)`;
}

function toRequest(path: string, headers: Record<string, string>): Uint8Array {
  const lines = Object.entries({ host: "localhost", ...headers }).map(([name, value]) =>
    `${name}: ${value}`
  );
  return encoder.encode(`GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
}

async function print(text: string): Promise<void> {
  await Deno.stdout.write(encoder.encode(text));
}

if (import.meta.main) await main();
