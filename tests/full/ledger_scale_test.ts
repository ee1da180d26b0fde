/** The ledger with a million postings, and ten thousand winners: figures go to the output. */

import { assert, assertEquals } from "@std/assert";
import type { Database } from "@/db/client.ts";
import { DAY_MS } from "@/domain/time.ts";
import { createPrizesService } from "@/services/money/prizes.ts";
import { createMoneyCore } from "@/services/money/money.ts";
import { createIdGenerator } from "@/platform/id.ts";
import { createAuditService } from "@/services/audit.ts";
import { createCompetitionLog } from "@/services/leaderboard/competition_log.ts";
import { addPayers, assertBooksBalance } from "../support/money.ts";
import { createPaidWorld } from "../support/paid_competition.ts";
import { openTestServices } from "../support/services.ts";

const report = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(`  ${text}\n`));

/** Fills a wallet's statement as the triggers would, but in one go. */
async function addPostings({ sql }: Database, userId: string, count: number): Promise<number> {
  const [account] = await sql<{ id: number }[]>`
    insert into ledger_accounts (kind, currency, user_id, created_at)
    values ('wallet', 'EUR', ${userId}, now()) returning id`;
  const prefix = `scale:${userId}:`;
  await sql.begin(async (sql) => {
    await sql`set local session_replication_role = replica`;
    await sql`set local statement_timeout = 0`;
    await sql`
      insert into ledger_transactions (id, at, kind, phase, reference, line_count, actor_kind)
      select gen_random_uuid(), now(), 'adjustment', 'posted', ${prefix} || n, 2, 'system'
      from generate_series(1, ${count}::int) n`;
    await sql`
      insert into ledger_postings (transaction_id, line, account_id, amount_minor, id,
        balance_after_minor)
      select id, 1, ${account!.id}, 1, nextval('ledger_postings_id_seq'),
        row_number() over ()
      from ledger_transactions where reference like ${`${prefix}%`}`;
    await sql`
      update ledger_balances set balance_minor = ${count}, posting_count = ${count}
      where account_id = ${account!.id}`;
  });
  await sql`analyze ledger_postings, ledger_transactions`;
  return account!.id;
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

Deno.test("a page of a statement costs the same at a million postings as at ten thousand", async () => {
  await using test = await openTestServices();
  const { database, services } = test;
  const world = await createPaidWorld(test);
  const finance = await world.staff("finance");
  const [small, large] = await addPayers(database, 2, { ...world, amountMinor: 0n });
  const accounts = [
    await addPostings(database, small!, 10_000),
    await addPostings(database, large!, 1_000_000),
  ];
  const times: [number[], number[]] = [[], []];

  for (let round = 0; round < 60; round++) {
    for (const which of [0, 1] as const) {
      const account = accounts[which]!;
      const began = performance.now();
      const first = await services.books.statement(finance, account, { limit: 50 });
      // Deep inside, not at the end that is in memory anyhow.
      const deep = first.lines[0]!.id - 5_000 - round * 50;
      const page = await services.books.statement(finance, account, { limit: 50, cursor: deep });
      times[which].push(performance.now() - began);
      assertEquals(page.lines.length, 50);
    }
  }

  const [at10k, at1M] = [median(times[0]), median(times[1])];
  report(`two pages: ${at10k.toFixed(2)} ms at 10 k, ${at1M.toFixed(2)} ms at 1 M postings`);
  assert(at1M <= 2 * at10k, `${at1M} against ${at10k} ms`);
});

const WINNERS = 10_000;

Deno.test("10 000 winners are paid in batches, and after a crash only what was left", async () => {
  await using test = await openTestServices();
  const { database, time } = test;
  const world = await createPaidWorld(test);
  const finance = await world.staff("finance");
  const id = await world.competition({
    prizes: { tiers: [{ places: WINNERS, amountMinor: "7" }], sponsored: "1000.00" },
  });
  await addWinners(database, id);
  time.advance(5 * DAY_MS);
  await test.services.lifecycle.finalise(world.organiser, id, {});

  const dying = dyingAfter(database, 12);
  const clock = time;
  const newId = createIdGenerator(time);
  const prizes = createPrizesService({
    ...createMoneyCore({ database: dying, clock, newId }),
    ...{ database: dying, clock, newId },
    audit: createAuditService({ database, clock }),
    log: createCompetitionLog({ database, clock }),
    boards: { committed: () => Promise.resolve() },
  });
  const heap = Deno.memoryUsage().rss;
  const began = performance.now();
  const crashed = await prizes.distribute(finance, id, {}).then(() => false, () => true);
  const between = performance.now();
  const done = await test.services.prizes.distribute(finance, id, {});
  const ended = performance.now();

  assert(crashed);
  assertEquals([done.status, done.payoutCount, done.paidCount], ["settled", WINNERS, WINNERS]);
  assertEquals(done.paidMinor, `${7 * WINNERS}`);
  await assertBooksBalance(database);
  const grown = (Deno.memoryUsage().rss - heap) / 2 ** 20;
  report(
    `10 000 winners: ${(between - began).toFixed(0)} ms to the crash half-way, ` +
      `${(ended - between).toFixed(0)} ms for the rest, ${grown.toFixed(0)} MiB more memory`,
  );
  assert(grown < 200);
});

async function addWinners({ sql }: Database, competitionId: string): Promise<void> {
  const ids = Array.from({ length: WINNERS }, () => crypto.randomUUID());
  await sql`
    insert into users (id, email, name, access_changed_at, created_at, updated_at)
    select id::uuid, id || '@example.org', 'Winner', now(), now(), now()
    from unnest(${ids}::text[]) as id`;
  await sql`
    insert into profiles (user_id, updated_at) select id::uuid, now() from unnest(${ids}::text[]) id`;
  await sql`
    insert into participants (id, competition_id, user_id, joined_at, time_zone)
    select gen_random_uuid(), ${competitionId}, id::uuid, now(), 'UTC'
    from unnest(${ids}::text[]) as id`;
  await sql`
    insert into standings (competition_id, participant_id, score, reached_at, event_count)
    select competition_id, id, row_number() over (order by id), now(), 1
    from participants where competition_id = ${competitionId}`;
}

function dyingAfter(database: Database, transactions: number): Database {
  let count = 0;
  return {
    ...database,
    sql: database.sql,
    db: database.db,
    transaction(run, options) {
      count += 1;
      if (count > transactions) return Promise.reject(new Error("The process died"));
      return database.transaction(run, options);
    },
  };
}
