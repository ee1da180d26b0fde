/** Turns and repetitions on two nodes that are killed as they fall due: each is taken once all the same. */

import { assert, assertEquals } from "@std/assert";
import type { Database } from "@/db/client.ts";
import { openTestDatabase } from "../support/database.ts";
import { type Product, startProduct } from "../support/product.ts";
import { logIn, makeCompetition, makeParticipant } from "../support/product_api.ts";

const ADMIN = { email: "boss@example.org", password: "quiet-lantern-42-harbour" };
const COMPETITIONS = 12;
/** Planned far ahead, and moved near once everything is there, however long that took. */
const PLANNED_MS = 3_600_000;
const LEAD_MS = 3_000;
const LENGTH_MS = 4_000;
/** A dead node's jobs are taken up by others after 50 s; the look of every minute finds the rest. */
const DEADLINE_MS = 150_000;

Deno.test("nodes killed at the start and at the end take every turn once", async () => {
  await using test = await openTestDatabase();
  const env = {
    "DATABASE_URL": test.url,
    "DEMO": "off",
    "ADMIN_EMAIL": ADMIN.email,
    "ADMIN_PASSWORD": ADMIN.password,
    "RATE_LIMIT_DEFAULT": "off",
    "RATE_LIMIT_AUTH": "off",
    "RATE_LIMIT_AUTH_ADDRESS": "off",
    "JWT_SECRETS": "a secret of this test that all nodes share",
  };
  const [first, second] = [await startProduct(env), await startProduct(env)];
  const planned = Date.now() + PLANNED_MS;
  const ids = await makeAll(first, planned);
  const startsAt = Date.now() + LEAD_MS;
  await moveAll(test.database, startsAt - planned);

  await until(startsAt);
  await killed(first);
  await until(startsAt + LENGTH_MS);
  await killed(second);
  await using _third = await startProduct(env);
  await finalised(test.database, ids);

  await checkTurns(test.database, ids);
  await checkNotices(test.database, ids);
  await checkRepetitions(test.database);
});

async function makeAll({ url }: Product, startsAt: number): Promise<string[]> {
  const token = await logIn(url, ADMIN);
  const ids: string[] = [];
  for (let n = 0; n < COMPETITIONS; n++) {
    const { id } = await makeCompetition(url, token, {
      name: `Sprint ${n}`,
      startsAt: new Date(startsAt).toISOString(),
      endsAt: new Date(startsAt + LENGTH_MS).toISOString(),
      graceMs: 0,
      finalization: "automatic",
      recurrence: { every: "daily", count: 5, carryOver: true },
    });
    await makeParticipant(url, id, `Runner ${n}`);
    ids.push(id);
  }
  return ids;
}

/** Moves the times and the jobs planned for them. */
async function moveAll({ sql }: Database, byMs: number): Promise<void> {
  const by = `${byMs} milliseconds`;
  await sql`
    update competitions set starts_at = starts_at + ${by}::interval,
      ends_at = ends_at + ${by}::interval,
      registration_closes_at = registration_closes_at + ${by}::interval`;
  await sql`
    update competition_series set starts_at = starts_at + ${by}::interval,
      ends_at = ends_at + ${by}::interval`;
  await sql`
    update graphile_worker._private_jobs set run_at = run_at + ${by}::interval
    where key like 'competition:%' or key like 'series:%'`;
}

/** The test is about moments of the real clock, which processes cannot be told otherwise. */
async function until(at: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, Math.max(0, at - Date.now()));
  await promise;
}

async function killed(product: Product): Promise<void> {
  product.kill("SIGKILL");
  await product.ended;
  await product[Symbol.asyncDispose]();
}

async function finalised({ sql }: Database, ids: readonly string[]): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const [row] = await sql<{ open: number }[]>`
      select count(*)::int as open from competitions
      where id = any(${[...ids]}::uuid[]) and (status <> 'final' or not exists (
        select from competitions c where c.series_id = competitions.series_id
          and c.series_index = 1))`;
    if (row!.open === 0) return;
    assert(Date.now() < deadline, `${row!.open} competitions stand still`);
    await until(Date.now() + 500);
  }
}

async function checkTurns({ sql }: Database, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const phases = await sql<{ phase: string }[]>`
      select metadata->>'phase' as phase from competition_log
      where competition_id = ${id} and metadata ? 'phase' order by seq`;
    assertEquals(phases.map(({ phase }) => phase), ["active", "provisional"], id);
    const results = await sql`
      select revision, approved_kind as kind from results where competition_id = ${id}`;
    assertEquals(results.map((row) => ({ ...row })), [{ revision: 1, kind: "system" }]);
  }
}

/** Nobody is told anything twice; the start only where it was still news. */
async function checkNotices({ sql }: Database, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const rows = await sql<{ kind: string; count: number }[]>`
      select n.kind, count(*)::int as count from notices n
      join participants p on p.user_id = n.user_id and p.competition_id = ${id}
      where n.payload->>'competitionId' = ${id} group by n.kind order by n.kind`;
    const told = Object.fromEntries(rows.map(({ kind, count }) => [kind, count]));
    assertEquals(told["competition.ended"], 1, JSON.stringify(told));
    assertEquals(told["competition.final"], 1, JSON.stringify(told));
    assert((told["competition.started"] ?? 1) === 1, JSON.stringify(told));
  }
}

async function checkRepetitions({ sql }: Database): Promise<void> {
  const rows = await sql<{ indexes: number[]; counts: number[] }[]>`
    select array_agg(series_index order by series_index) as indexes,
      array_agg(participant_count order by series_index) as counts
    from competitions group by series_id`;
  assertEquals(rows.length, COMPETITIONS);
  for (const { indexes, counts } of rows) assertEquals([indexes, counts], [[0, 1], [1, 1]]);
}
