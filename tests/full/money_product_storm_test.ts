/**
 * The product itself, as it is started, under a storm of money: its process is killed with -9 and
 * started again, its database's connections break, and its test gateway fails before and after the
 * effect, reports late and twice. Payers act on the gateway's own pages; jobs are the product's own.
 * In the end every cent is where it belongs, and both sides have equal books.
 * `FAULT_ROUNDS` asks for more rounds, `FAULT_SEED` repeats a run.
 */

import { assert } from "@std/assert";
import { openTestDatabase } from "../support/database.ts";
import type { BankEntry } from "../support/money_bank.ts";
import { addPeople, MoneyMembers } from "../support/money_members.ts";
import { pause, STORM_MOVES, type StormField } from "../support/money_storm.ts";
import { makeDataDir, type Product, startProduct } from "../support/product.ts";
import {
  actOfEntrants,
  checkStorm,
  makeCups,
  playStorm,
  readRun,
  type StormCourse,
} from "../support/storm_course.ts";
import { createRandom, startTcpProxy } from "../support/tcp_proxy.ts";
import { createTestPayers, type TestPayers } from "../support/test_payers.ts";

const ROUNDS_DEFAULT = 2;
const MEMBERS = 200;
const CLIENTS = 10;
const PAYERS = 3;
/** Of a hundred calls of the gateway. */
const FAULTS_PERCENT = 15;
const OPERATIONS_MAX = 320;
const TURNS_TO_PAY = 3;
/** Of a payer's turns, to connect an account instead. */
const CONNECT_ODDS = 0.15;
/** Of those whose withdrawals finance sends, come back. */
const RETURN_ODDS = 0.2;
/** Acts of finance between two runs of the jobs. */
const JOBS_EVERY = 3;
const MOVES = [...STORM_MOVES, "withdrawal", "payout"];

const ENV = {
  DEMO: "off",
  TEST_MONEY: "on",
  TEST_MONEY_FAULTS: `${FAULTS_PERCENT}`,
  // The tokens of `money_members.ts` are signed by it.
  JWT_SECRETS: "a test secret of at least thirty-two characters",
  RATE_LIMIT_DEFAULT: "off",
  RATE_LIMIT_SCORE: "off",
  RATE_LIMIT_AUTH: "off",
  RATE_LIMIT_AUTH_ADDRESS: "off",
  LOG_LEVEL: "error",
};

interface Storm extends StormField {
  env: Record<string, string>;
  dataDir: string;
  product: Product;
  payers: TestPayers;
  jobs: number;
}

Deno.test("a storm over the product and its test gateway, with kill -9, ends with equal books", async () => {
  const { seed, rounds, name } = readRun(ROUNDS_DEFAULT);
  await using stack = new AsyncDisposableStack();
  const storm = await openStorm(stack, seed, rounds);

  await enterSome(storm);
  await playStorm(courseOf(storm), rounds);

  const entries = await readGateway(storm);
  const { gateways } = await checkStorm(storm, { name, gateway: "test", entries, moves: MOVES });
  const compared = gateways.filter(({ gateway }: { gateway: string }) => gateway === "test");
  assert(compared.length > 0 && compared.every(({ agrees }: { agrees: boolean }) => agrees), name);
});

async function openStorm(
  stack: AsyncDisposableStack,
  seed: number,
  rounds: number,
): Promise<Storm> {
  const random = createRandom(seed);
  const { database, url } = stack.use(await openTestDatabase());
  const proxy = stack.use(startTcpProxy({ port: Number(new URL(url).port), seed }));
  const folder = stack.use(await makeDataDir());
  const proxied = new URL(url);
  proxied.port = String(proxy.port);
  const env = { ...ENV, DATABASE_URL: proxied.href };
  const product = await startProduct(env, { dataDir: folder.path });
  const organiser = (await addPeople(database, 1, "admin"))[0]!;
  const people = await addPeople(database, MEMBERS);
  const now = () => storm.product.url;
  const storm: Storm = {
    ...{ random, database, proxy, env, product, people, organiser, round: 0, jobs: 0, cups: [] },
    dataDir: folder.path,
    members: new MoneyMembers({ random, database, url: now }),
    payers: createTestPayers({ random, database, url: now }),
    finance: (await addPeople(database, 1, "finance"))[0]!,
  };
  stack.defer(() => killProduct(storm));
  storm.cups = await makeCups({ url: product.url, organiser }, rounds);
  return storm;
}

async function killProduct({ product }: Storm): Promise<void> {
  product.kill("SIGKILL");
  await product.ended;
}

async function enterSome(storm: Storm): Promise<void> {
  const { payers } = storm;
  const all = actOfEntrants(storm);
  const kind = "top_up";
  await all(() => "/orders", ({ currency }) => ({ kind, currency, amountMinor: "2000" }));
  // What the gateway refused is started by the jobs, which also hear what was reported late.
  for (let turn = 0; turn < TURNS_TO_PAY; turn++) {
    await runJobs(storm);
    while (await payers.act());
  }
  await runJobs(storm);
  await all(({ id }) => `/competitions/${id}/join`, () => ({}));
  const rest = { kind: "withdrawal", amountMinor: "700" };
  await all(() => "/orders", ({ currency }) => ({ ...rest, currency }));
}

function courseOf(storm: Storm): StormCourse<Storm> {
  const { payers, env, dataDir } = storm;
  return {
    storm,
    clients: CLIENTS,
    operationsMax: OPERATIONS_MAX,
    others: (isOver) => Array.from({ length: PAYERS }, () => runPayers(storm, isOver)),
    async office(turn) {
      await sendByHand(storm);
      // Now and then the minute of the jobs passes.
      if (turn % JOBS_EVERY === 0) await addJobs(storm);
    },
    kill: () => killProduct(storm),
    async revive() {
      storm.product = await startProduct(env, { dataDir });
    },
    async settle() {
      await sendByHand(storm);
      while (await payers.act());
      await runJobs(storm);
    },
    hasMore: () => hasMore(storm),
  };
}

async function runPayers(storm: Storm, isOver: () => boolean): Promise<void> {
  const { payers, random, people } = storm;
  while (!isOver()) {
    const person = people[Math.floor(random() * people.length)]!;
    const hasActed = random() < CONNECT_ODDS
      ? (await payers.connect(person.userId), true)
      : await payers.act();
    if (!hasActed) await pause();
  }
}

/** Withdrawals of people without an account; some of the transfers come back. */
async function sendByHand({ members, finance, random }: Storm): Promise<void> {
  const path = "/orders?status=paid&kind=withdrawal&page_size=10";
  const orders: { id: string; sentBy: string }[] = await members.read(finance, path) ?? [];
  for (const { id } of orders.filter(({ sentBy }) => sentBy === "person")) {
    const post = (what: string, body: unknown) =>
      members.act(finance, () => ({
        method: "POST",
        path: `/admin/withdrawals/${id}/${what}`,
        body,
      }));
    await post("sent", { reference: "SEPA" });
    if (random() < RETURN_ODDS) await post("returned", { reason: "Closed" });
  }
}

/** Makes due what the product does each minute; its own worker runs it. */
async function addJobs(storm: Storm): Promise<void> {
  for (const name of ["money.sweep", "money.gateway_reports"]) {
    await storm.database.sql`
      select graphile_worker.add_job(identifier => ${name}, payload => '{}'::json,
        max_attempts => 1, job_key => ${`storm:${++storm.jobs}`})`;
  }
}

/** Waits until the jobs that wait have run. */
async function runJobs(storm: Storm): Promise<void> {
  await addJobs(storm);
  for (;;) {
    const [row] = await storm.database.sql<{ count: number }[]>`
      select count(*) as count from graphile_worker._private_jobs
      where key like 'storm:%' and locked_at is null and attempts < max_attempts`;
    const [busy] = await storm.database.sql<{ count: number }[]>`
      select count(*) as count from graphile_worker._private_jobs
      where key like 'storm:%' and locked_at is not null and attempts <= max_attempts
        and locked_by in (select id from job_nodes where seen_at > now() - interval '5 seconds')`;
    if (row!.count + busy!.count === 0) return;
    await pause();
  }
}

async function hasMore({ database: { sql } }: Storm): Promise<boolean> {
  const [row] = await sql<{ orders: number; transfers: number }[]>`
    select (select count(*) from orders where status = 'paid' or refund_hold_id is not null
        or (status = 'pending' and (kind = 'withdrawal' or gateway_reference is null))) as orders,
      (select count(*) from test_transfers
        where state = 'open' or reported_at is null) as transfers`;
  return row!.orders + row!.transfers > 0;
}

/** The gateway's own record, read past the product. */
async function readGateway({ database }: Storm): Promise<BankEntry[]> {
  const rows = await database.sql<(Omit<BankEntry, "amountMinor"> & { amountMinor: string })[]>`
    select case kind when 'payment' then 'captured' when 'refund' then 'refunded'
        else 'payout_paid' end as kind, reference, order_id as "orderId", currency,
      (case kind when 'payment' then amount_minor else -amount_minor end)::text as "amountMinor"
    from test_transfers where state = 'done'`;
  return rows.map((row) => ({ ...row, amountMinor: BigInt(row.amountMinor) }));
}
