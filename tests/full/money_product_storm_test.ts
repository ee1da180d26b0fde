/**
 * The product itself, as it is started, under a storm of money: its process is killed with -9 and
 * started again, its database's connections break, and its test gateway fails before and after the
 * effect, reports late and twice. Payers act on the gateway's own pages; jobs are the product's own.
 * In the end every cent is where it belongs, and both sides have equal books.
 * `FAULT_ROUNDS` asks for more rounds, `FAULT_SEED` repeats a run.
 */

import { assert, assertEquals } from "@std/assert";
import { openTestDatabase } from "../support/database.ts";
import type { BankEntry } from "../support/money_bank.ts";
import { brokenMoneyLaws, brokenPromises, countMoves } from "../support/money_laws.ts";
import { addPeople, MoneyMembers } from "../support/money_members.ts";
import {
  advance,
  type Cup,
  decideWithdrawals,
  forgetHolders,
  giveBack,
  inventFor,
  makeCup,
  pause,
  runFaults,
  say,
  STORM_MOVES,
  type StormField,
} from "../support/money_storm.ts";
import { makeDataDir, type Product, startProduct } from "../support/product.ts";
import { createRandom, startTcpProxy } from "../support/tcp_proxy.ts";
import { createTestPayers, type TestPayers } from "../support/test_payers.ts";

const ROUNDS_DEFAULT = 2;
const MEMBERS = 200;
const CLIENTS = 10;
const PAYERS = 3;
/** Of a hundred calls of the gateway. */
const FAULTS_PERCENT = 15;
/** Acknowledged before a kill: at most these, at least half. */
const OPERATIONS_MAX = 320;
/** Of each competition that is to end, before the storm. */
const ENTRANTS = 8;
const TURNS_TO_PAY = 3;
/** Of a payer's turns, to connect an account instead. */
const CONNECT_ODDS = 0.15;
/** Of those whose withdrawals finance sends, come back. */
const RETURN_ODDS = 0.2;
/** Far more than what is left undone ever takes. */
const PASSES_MAX = 120;
/** Acts of finance between two runs of the jobs. */
const JOBS_EVERY = 3;

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
  const seed = Number(Deno.env.get("FAULT_SEED") ?? Math.floor(Math.random() * 2 ** 31));
  const rounds = Number(Deno.env.get("FAULT_ROUNDS") ?? ROUNDS_DEFAULT);
  const name = `FAULT_SEED=${seed} FAULT_ROUNDS=${rounds}`;
  say(name);
  await using stack = new AsyncDisposableStack();
  const storm = await openStorm(stack, seed, rounds);

  await enterSome(storm);
  for (let round = 0; round < rounds; round++) await playRound(storm, round);
  await finish(storm, rounds);

  await checkAll(storm, name);
  say(`${storm.members.acknowledged} acknowledged: ${JSON.stringify(storm.members.outcomes)}`);
  say(`moved: ${JSON.stringify(await countMoves(storm.database))}`);
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
  for (let round = 0; round < rounds; round++) {
    for (const fate of ["settled", "cancelled", "open"] as const) {
      storm.cups.push(await makeCup({ url: product.url, organiser }, { fate, round }));
    }
  }
  return storm;
}

async function killProduct({ product }: Storm): Promise<void> {
  product.kill("SIGKILL");
  await product.ended;
}

/** Some are in before it begins, so that each storm has something to pay and to give back. */
async function enterSome(storm: Storm): Promise<void> {
  const { cups, people, members, payers } = storm;
  const entrants = cups.filter(({ fate }) => fate !== "open").flatMap((cup, index) =>
    people.slice(index * ENTRANTS, (index + 1) * ENTRANTS).map((person) => ({ cup, person }))
  );
  const all = (path: (cup: Cup) => string, body: (cup: Cup) => unknown) =>
    Promise.all(
      entrants.map(({ cup, person }) =>
        members.act(person, () => ({ method: "POST", path: path(cup), body: body(cup) }))
      ),
    );
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

/** Everything at once until enough is acknowledged; then the process dies in the middle of it. */
async function playRound(storm: Storm, round: number): Promise<void> {
  const { members, random } = storm;
  const length = OPERATIONS_MAX * (1 / 2 + random() / 2);
  const until = members.acknowledged + length;
  storm.round = round;
  const isOver = () => members.acknowledged >= until;
  const busy = [
    ...Array.from({ length: CLIENTS }, (_, index) => runClient(storm, index, isOver)),
    ...Array.from({ length: PAYERS }, () => runPayers(storm, isOver)),
    runOffice(storm, isOver),
    runFaults(storm, isOver),
    runFates(storm, { round, fateAt: until - length / 3, isOver }),
  ];
  while (!isOver()) await pause();
  await killProduct(storm);
  await Promise.all(busy);
  storm.proxy.heal();
  storm.product = await startProduct(storm.env, { dataDir: storm.dataDir });
  await forgetHolders(storm.database);
}

/** Each member belongs to one client, so that a member does one thing after the other. */
async function runClient(storm: Storm, index: number, isOver: () => boolean): Promise<void> {
  const { people, random, members } = storm;
  const own = people.filter((_, number) => number % CLIENTS === index);
  while (!isOver()) {
    const person = own[Math.floor(random() * own.length)]!;
    await members.act(person, () => inventFor(storm, person));
  }
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

/** Finance decides, sends by hand, gives back; now and then the minute of the jobs passes. */
async function runOffice(storm: Storm, isOver: () => boolean): Promise<void> {
  for (let turn = 0; !isOver(); turn++) {
    await decideWithdrawals(storm);
    await sendByHand(storm);
    await giveBack(storm);
    if (turn % JOBS_EVERY === 0) await addJobs(storm);
    await pause();
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

/** Competitions meet their fate while everything else goes on. */
async function runFates(
  storm: Storm,
  { round, fateAt, isOver }: { round: number; fateAt: number; isOver: () => boolean },
): Promise<void> {
  while (!isOver()) {
    await pause();
    if (storm.members.acknowledged < fateAt) continue;
    for (const cup of storm.cups) {
      if (cup.round <= round && !isOver()) await advance(storm, cup);
    }
  }
}

/** Nothing new: what was begun comes to its end, through a gateway that still fails at times. */
async function finish(storm: Storm, rounds: number): Promise<void> {
  const { members, database, cups, payers } = storm;
  for (let pass = 0; pass < PASSES_MAX; pass++) {
    await forgetHolders(database);
    const open = [...storm.people, storm.organiser, storm.finance].filter((person) => person.open);
    for (const person of open) await members.act(person, () => ({ method: "POST", path: "/none" }));
    await decideWithdrawals(storm);
    await sendByHand(storm);
    while (await payers.act());
    await runJobs(storm);
    const fates = [];
    for (const cup of cups) fates.push(cup.round >= rounds || await advance(storm, cup));
    if (open.length === 0 && fates.every(Boolean) && !await hasMore(storm)) return;
  }
  throw new Error(`The storm does not end: ${(await brokenMoneyLaws(database)).join("\n")}`);
}

async function hasMore({ database: { sql } }: Storm): Promise<boolean> {
  const [row] = await sql<{ orders: number; transfers: number }[]>`
    select (select count(*) from orders where status = 'paid' or refund_hold_id is not null
        or (status = 'pending' and (kind = 'withdrawal' or gateway_reference is null))) as orders,
      (select count(*) from test_transfers
        where state = 'open' or reported_at is null) as transfers`;
  return row!.orders + row!.transfers > 0;
}

async function checkAll(storm: Storm, name: string): Promise<void> {
  const { database, members, finance } = storm;
  const entries = await readGateway(storm);
  assertEquals(members.surprises, [], name);
  assertEquals(await brokenMoneyLaws(database), [], name);
  const promised = { gateway: "test", entries, told: members.told };
  assertEquals(await brokenPromises(database, promised), [], name);

  const books = await members.read(finance, "/admin/ledger/reconciliation");
  assertEquals(books.balanced, true, `${name} ${JSON.stringify(books)}`);
  const compared = books.gateways.filter(({ gateway }: { gateway: string }) => gateway === "test");
  assert(compared.length > 0 && compared.every(({ agrees }: { agrees: boolean }) => agrees), name);
  const moves = await countMoves(database);
  for (const kind of MOVES) assert(moves[kind], `${name}: nothing moved as ${kind}`);
}

const MOVES = [...STORM_MOVES, "withdrawal", "payout"];

/** The gateway's own record, read past the product. */
async function readGateway({ database }: Storm): Promise<BankEntry[]> {
  const rows = await database.sql<(Omit<BankEntry, "amountMinor"> & { amountMinor: string })[]>`
    select case kind when 'payment' then 'captured' when 'refund' then 'refunded'
        else 'payout_paid' end as kind, reference, order_id as "orderId", currency,
      (case kind when 'payment' then amount_minor else -amount_minor end)::text as "amountMinor"
    from test_transfers where state = 'done'`;
  return rows.map((row) => ({ ...row, amountMinor: BigInt(row.amountMinor) }));
}
