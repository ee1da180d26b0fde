/**
 * Two hundred members move money through a node that is killed at random moments, over a database
 * whose connections break and a bank with moods; in the end every cent must be where it belongs.
 * `FAULT_ROUNDS` asks for more rounds, `FAULT_SEED` repeats a run.
 */

import { assertEquals } from "@std/assert";
import { openTestDatabase } from "../support/database.ts";
import { connectPayouts } from "../support/money.ts";
import { BANK, type MoneyBank, openMoneyBank, totalsOf } from "../support/money_bank.ts";
import { addPeople, MoneyMembers } from "../support/money_members.ts";
import { type MoneyProcess, startMoneyNode } from "../support/money_process.ts";
import { pause, STORM_MOVES, type StormField } from "../support/money_storm.ts";
import {
  actOfEntrants,
  checkStorm,
  makeCups,
  playStorm,
  readRun,
  type StormCourse,
} from "../support/storm_course.ts";
import { createRandom, startTcpProxy } from "../support/tcp_proxy.ts";

const ROUNDS_DEFAULT = 3;
const MEMBERS = 200;
const CLIENTS = 12;
const REPORTERS = 2;
const OPERATIONS_MAX = 280;
/** Of a member's acts also make the bank take something back. */
const STRIKE_ODDS = 0.05;

interface Storm extends StormField {
  databaseUrl: string;
  bank: MoneyBank;
  node: MoneyProcess;
}

Deno.test("a storm over all that moves money, with kill -9, ends with every cent in its place", async () => {
  const { seed, rounds, name } = readRun(ROUNDS_DEFAULT);
  await using stack = new AsyncDisposableStack();
  const storm = await openStorm(stack, seed, rounds);
  const { entries } = storm.bank;

  await enterSome(storm);
  await playStorm(courseOf(storm), rounds);

  const books = await checkStorm(storm, { name, gateway: BANK, entries, moves: STORM_MOVES });
  const totals = [...totalsOf(entries)].map(([currency, sum]) => `${currency} ${sum}`).sort();
  // deno-lint-ignore no-explicit-any -- rows of an answer
  const shown = books.gateways.map((row: any) => `${row.currency} ${row.ledgerMinor}`).sort();
  assertEquals(shown, totals, name);
});

async function openStorm(
  stack: AsyncDisposableStack,
  seed: number,
  rounds: number,
): Promise<Storm> {
  const random = createRandom(seed);
  const { database, url } = stack.use(await openTestDatabase());
  const proxy = stack.use(startTcpProxy({ port: Number(new URL(url).port), seed }));
  const bank = stack.use(openMoneyBank(createRandom(seed + 1)));
  const proxied = new URL(url);
  proxied.port = String(proxy.port);
  const databaseUrl = proxied.href;
  const node = await startMoneyNode({ databaseUrl, bankUrl: bank.url });
  const storm: Storm = {
    ...{ random, database, databaseUrl, proxy, bank, node, cups: [], round: 0 },
    members: new MoneyMembers({ random, database, url: () => storm.node.url }),
    people: await addPeople(database, MEMBERS),
    organiser: (await addPeople(database, 1, "admin"))[0]!,
    finance: (await addPeople(database, 1, "finance"))[0]!,
  };
  stack.defer(() => storm.node.kill());
  await connectPayouts(database, storm.people.map(({ userId }) => userId), BANK);
  storm.cups = await makeCups({ url: node.url, organiser: storm.organiser }, rounds);
  return storm;
}

async function enterSome(storm: Storm): Promise<void> {
  const { bank, node } = storm;
  const all = actOfEntrants(storm);
  bank.isMoody = false;
  const kind = "top_up";
  await all(() => "/orders", ({ currency }) => ({ kind, currency, amountMinor: "2000" }));
  while (bank.waiting > 0) await bank.report(node.reportUrl);
  await all(({ id }) => `/competitions/${id}/join`, () => ({}));
  bank.isMoody = true;
}

function courseOf(storm: Storm): StormCourse<Storm> {
  const { bank, random, databaseUrl } = storm;
  return {
    storm,
    clients: CLIENTS,
    operationsMax: OPERATIONS_MAX,
    others: (isOver) => Array.from({ length: REPORTERS }, () => runBank(storm, isOver)),
    async office() {
      await storm.node.sweep();
    },
    onAct() {
      if (random() < STRIKE_ODDS) bank.strike();
    },
    kill: () => storm.node.kill(),
    async revive() {
      storm.node = await startMoneyNode({ databaseUrl, bankUrl: bank.url });
    },
    async settle() {
      bank.isMoody = false;
      while (bank.waiting > 0) await bank.report(storm.node.reportUrl);
      await storm.node.sweep();
    },
    hasMore: () => hasMore(storm),
  };
}

async function runBank(storm: Storm, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const isTaken = await storm.bank.report(storm.node.reportUrl);
    if (!isTaken || storm.bank.waiting === 0) await pause();
  }
}

async function hasMore({ database: { sql }, bank }: Storm): Promise<boolean> {
  const [row] = await sql<{ count: number }[]>`
    select count(*) as count from orders where status = 'paid'
      or (status = 'pending' and (kind = 'withdrawal' or gateway_reference is null))`;
  return bank.waiting > 0 || row!.count > 0;
}
