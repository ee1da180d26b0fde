/**
 * kill −9 of the app, of PostgreSQL and of both under load, at random moments and at each failpoint.
 * `FAULT_ROUNDS` asks for more rounds, `FAULT_SEED` repeats a run.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Database, openDatabase } from "@/db/client.ts";
import { DATABASE_NAME, readAccess, SERVER_USER } from "@/db/embedded_cluster.ts";
import { findServerPlace } from "@/db/embedded_place.ts";
import { canonicalStandings } from "@/domain/standings.ts";
import { FAILPOINTS } from "@/platform/failpoint.ts";
import { makeDataDir, type Product, refusedStart, startProduct } from "@/tests/support/product.ts";
import { waitUntil } from "@/tests/support/product.ts";
import { ask, dataOf, logIn } from "@/tests/support/product_api.ts";
import { createRandom } from "@/tests/support/tcp_proxy.ts";
import { type Field, makeField, ScoreLoad, type Target } from "./score_load.ts";

const ADMIN = { email: "boss@example.org", password: "quiet-lantern-42-harbour" };
const ENV = {
  DEMO: "off",
  ADMIN_EMAIL: ADMIN.email,
  ADMIN_PASSWORD: ADMIN.password,
  RATE_LIMIT_DEFAULT: "off",
  RATE_LIMIT_SCORE: "off",
  RATE_LIMIT_AUTH: "off",
  RATE_LIMIT_AUTH_ADDRESS: "off",
};
const ROUNDS_DEFAULT = 10;

/** What is killed, in turn; a failpoint ends the app by itself. */
const KINDS = ["app", "database", ...FAILPOINTS, "both", "app", "database"] as const;
type Kind = typeof KINDS[number];

/** Acknowledged in a round before the kill: at most these, at least a tenth. */
const UPDATES_MAX = 1_500;

/** Batches of a round before a failpoint ends it. */
const PASSINGS_MAX = 40;

/** Repeated after each round, to hear the same answer. */
const REPEATS = 10;

/** What the rounds share. */
interface Rounds {
  dataDir: string;
  random: () => number;
  load: ScoreLoad;
  readyMs: Record<"app" | "database", number[]>;
  rates: number[];
}

Deno.test("kill -9 anywhere loses nothing acknowledged, and counts nothing twice", async () => {
  const seed = Number(Deno.env.get("FAULT_SEED") ?? Math.floor(Math.random() * 2 ** 31));
  const count = Number(Deno.env.get("FAULT_ROUNDS") ?? ROUNDS_DEFAULT);
  say(`FAULT_SEED=${seed} FAULT_ROUNDS=${count}`);
  await using folder = await makeDataDir();
  const random = createRandom(seed);
  const field = await prepare(folder.path);
  const load = new ScoreLoad({ field, random });
  const readyMs = { app: [], database: [] };
  const rounds: Rounds = { dataDir: folder.path, random, load, readyMs, rates: [] };

  for (let round = 0; round < count; round++) {
    const kind = KINDS[round % KINDS.length]!;
    await runRound(rounds, kind);
    await check(rounds, field, `round ${round} (${kind}), FAULT_SEED=${seed}`);
    if ((round + 1) % ROUNDS_DEFAULT === 0) say(`${round + 1} rounds held`);
  }

  report(rounds);
});

async function prepare(dataDir: string): Promise<Field> {
  await using product = await startProduct(ENV, { dataDir });
  const token = await logIn(product.url, ADMIN);
  return await makeField({ url: product.url, token }, { competitions: 2, people: 10 });
}

/** Loads a product until it is killed; what it did not acknowledge stays with the clients. */
async function runRound(rounds: Rounds, kind: Kind): Promise<void> {
  const { load, random, dataDir } = rounds;
  const failpoint = FAILPOINTS.find((known) => known === kind);
  const passing = 1 + Math.floor(random() * PASSINGS_MAX);
  const env = failpoint ? { ...ENV, PACEBOARD_FAILPOINT: `${failpoint}:${passing}` } : ENV;
  const product = await startProduct(env, { dataDir });
  try {
    await loadAndKill(rounds, { product, kind });
  } finally {
    product.kill("SIGKILL");
    await product.ended;
  }
  if (failpoint) assertEquals((await product.ended).code, 137);
  assert(load.acknowledged > 0);
}

async function loadAndKill(
  rounds: Rounds,
  { product, kind }: { product: Product; kind: Kind },
): Promise<void> {
  const { load, random, readyMs, rates, dataDir } = rounds;
  const target = { url: product.url, token: await logIn(product.url, ADMIN) };
  let isOver = false;
  product.ended.then(() => isOver = true);
  const startedAt = performance.now();
  const before = load.acknowledged;
  const running = load.run([target], () => isOver);
  const isFailpoint = FAILPOINTS.some((known) => known === kind);
  const wanted = isFailpoint ? Infinity : UPDATES_MAX * (0.1 + 0.9 * random());
  await waitUntil(() => isOver || load.acknowledged - before >= wanted, product.output, 60_000);
  rates.push((load.acknowledged - before) / (performance.now() - startedAt) * 1000);
  if (kind === "database" || kind === "both") await killDatabase(dataDir);
  if (kind === "app" || kind === "both") product.kill("SIGKILL");
  if (kind === "database") {
    const killedAt = performance.now();
    await untilAcknowledged(load, product, killedAt);
    readyMs.database.push(performance.now() - killedAt);
    isOver = true;
  }
  await running;
}

/** The same product finds its database again: updates sent after the kill are acknowledged. */
async function untilAcknowledged(load: ScoreLoad, { output }: Product, killedAt: number) {
  await waitUntil(() => /PostgreSQL ended unexpectedly/.test(output()), output, 60_000);
  const atRestart = load.acknowledged;
  await waitUntil(() => load.acknowledged > atRestart, output, 60_000);
  assert(performance.now() > killedAt);
}

/** The process that all of PostgreSQL's others end with. */
async function killDatabase(dataDir: string): Promise<void> {
  const text = await Deno.readTextFile(`${dataDir}/postgres/postmaster.pid`);
  const { success } = await new Deno.Command("/bin/sh", {
    args: ["-c", 'kill -9 "$1"', "sh", text.split("\n")[0]!],
  }).output();
  assert(success);
}

/** Starts anew, sends again what was not acknowledged, and compares everything. */
async function check(rounds: Rounds, field: Field, about: string): Promise<void> {
  const { load, dataDir, readyMs } = rounds;
  await using product = await startProduct(ENV, { dataDir });
  readyMs.app.push(product.startMs);
  const target = { url: product.url, token: await logIn(product.url, ADMIN) };
  await load.settle(target);
  await load.repeat(target, REPEATS);
  await using database = await openEmbedded(dataDir);

  assertEquals(await load.differences(database), [], `${about}\n${product.output()}`);
  for (const id of field.competitionIds) {
    assertEquals(await shownBoard(target, id), await storedBoard(database, id), about);
  }
}

/** The product's own database, beside the product. */
async function openEmbedded(dataDir: string): Promise<Database> {
  const access = await readAccess(await findServerPlace(dataDir));
  const { password, port } = access!;
  const url = `postgres://${SERVER_USER}:${password}@127.0.0.1:${port}/${DATABASE_NAME}`;
  return await openDatabase({ url, poolMax: 2 });
}

async function shownBoard({ url }: Target, id: string): Promise<string> {
  const { rows } = dataOf(await ask(url, `/leaderboard/${id}?limit=100`));
  // deno-lint-ignore no-explicit-any -- rows of an answer
  return canonicalStandings(rows.map((row: any) => ({
    ...row,
    division: null,
    reachedAt: row.reachedAt && Date.parse(row.reachedAt),
  })));
}

/** The sums of the log, which `leaderboard:verify` has just found to be those of the standings. */
async function storedBoard({ sql }: Database, id: string): Promise<string> {
  const rows = await sql`
    select p.id as "participantId", p.division, p.status, s.score, s.reached_at as "reachedAt",
      rank() over (order by s.score desc nulls last, s.reached_at)::int as rank
    from participants p left join standings s
      on s.competition_id = p.competition_id and s.participant_id = p.id
    where p.competition_id = ${id} order by rank, p.id`;
  const shown = rows.map((row) => ({ ...row, rank: row.score === null ? null : row.rank }));
  return canonicalStandings(shown as never);
}

function report({ load, readyMs, rates }: Rounds): void {
  const p95 = (values: number[]) =>
    Math.round(values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1] ?? 0);
  const median = rates.toSorted((a, b) => a - b)[Math.floor(rates.length / 2)] ?? 0;
  say(`${load.size} updates sent, ${Math.round(median)} acknowledged a second in the median round`);
  say(`ready again, p95: app ${p95(readyMs.app)} ms, database ${p95(readyMs.database)} ms`);
}

function say(line: string): void {
  // deno-lint-ignore no-console -- without the seed a failure could not be repeated
  console.log(line);
}

Deno.test("production refuses to start with a failpoint", async () => {
  const { code, output } = await refusedStart({
    APP_ENV: "production",
    PACEBOARD_FAILPOINT: "score.flush",
    JWT_SECRETS: "R7fdM2kqZ0sXy8PbL4wNvT1cJ6hGaE9uQ3iO5rYt",
  });

  assertEquals(code, 2);
  assertMatch(output, /PACEBOARD_FAILPOINT/);
});
