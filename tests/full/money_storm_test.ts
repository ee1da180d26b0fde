/**
 * Two hundred members move money through a node that is killed at random moments, over a database
 * whose connections break and a bank with moods; in the end every cent must be where it belongs.
 * `FAULT_ROUNDS` asks for more rounds, `FAULT_SEED` repeats a run.
 */

import { assert, assertEquals } from "@std/assert";
import { openTestDatabase } from "../support/database.ts";
import { BANK, type MoneyBank, openMoneyBank, totalsOf } from "../support/money_bank.ts";
import { brokenMoneyLaws, brokenPromises, countMoves } from "../support/money_laws.ts";
import { addPeople, MoneyMembers } from "../support/money_members.ts";
import { type MoneyProcess, startMoneyNode } from "../support/money_process.ts";
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
import { connectPayouts } from "../support/money.ts";
import { createRandom, startTcpProxy } from "../support/tcp_proxy.ts";

const ROUNDS_DEFAULT = 3;
const MEMBERS = 200;
const CLIENTS = 12;
const REPORTERS = 2;
/** Acknowledged before a kill: at most these, at least half. */
const OPERATIONS_MAX = 280;
/** Of a member's acts also make the bank take something back. */
const STRIKE_ODDS = 0.05;
/** Of each competition that is to end, before the storm. */
const ENTRANTS = 8;
/** Far more than what is left undone ever takes. */
const PASSES_MAX = 60;

interface Storm extends StormField {
  databaseUrl: string;
  bank: MoneyBank;
  node: MoneyProcess;
}

Deno.test("a storm over all that moves money, with kill -9, ends with every cent in its place", async () => {
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
  const bank = stack.use(openMoneyBank(createRandom(seed + 1)));
  const proxied = new URL(url);
  proxied.port = String(proxy.port);
  const databaseUrl = proxied.href;
  const node = await startMoneyNode({ databaseUrl, bankUrl: bank.url });
  const storm: Storm = {
    ...{ random, database, databaseUrl, proxy, bank, node },
    members: new MoneyMembers({ random, database, url: () => storm.node.url }),
    people: await addPeople(database, MEMBERS),
    organiser: (await addPeople(database, 1, "admin"))[0]!,
    finance: (await addPeople(database, 1, "finance"))[0]!,
    cups: [],
    round: 0,
  };
  stack.defer(() => storm.node.kill());
  await connectPayouts(database, storm.people.map(({ userId }) => userId), BANK);
  for (let round = 0; round < rounds; round++) {
    for (const fate of ["settled", "cancelled", "open"] as const) {
      storm.cups.push(
        await makeCup({ url: node.url, organiser: storm.organiser }, { fate, round }),
      );
    }
  }
  return storm;
}

/** Some are in before it begins, so that each storm has something to pay and to give back. */
async function enterSome(storm: Storm): Promise<void> {
  const { cups, people, members, bank, node } = storm;
  const entrants = cups.filter(({ fate }) => fate !== "open").flatMap((cup, index) =>
    people.slice(index * ENTRANTS, (index + 1) * ENTRANTS).map((person) => ({ cup, person }))
  );
  const all = (path: (cup: Cup) => string, body: (cup: Cup) => unknown) =>
    Promise.all(
      entrants.map(({ cup, person }) =>
        members.act(person, () => ({ method: "POST", path: path(cup), body: body(cup) }))
      ),
    );
  bank.isMoody = false;
  const kind = "top_up";
  await all(() => "/orders", ({ currency }) => ({ kind, currency, amountMinor: "2000" }));
  while (bank.waiting > 0) await bank.report(node.reportUrl);
  await all(({ id }) => `/competitions/${id}/join`, () => ({}));
  bank.isMoody = true;
}

/** Everything at once until enough is acknowledged; then the node dies in the middle of it. */
async function playRound(storm: Storm, round: number): Promise<void> {
  const { members, random, node } = storm;
  const length = OPERATIONS_MAX * (1 / 2 + random() / 2);
  const until = members.acknowledged + length;
  const fateAt = until - length / 3;
  storm.round = round;
  const isOver = () => members.acknowledged >= until;
  const busy = [
    ...Array.from({ length: CLIENTS }, (_, index) => runClient(storm, index, isOver)),
    ...Array.from({ length: REPORTERS }, () => runBank(storm, isOver)),
    runOffice(storm, isOver),
    runFaults(storm, isOver),
    runFates(storm, { round, fateAt, isOver }),
  ];
  while (!isOver()) await pause();
  await node.kill();
  await Promise.all(busy);
  await revive(storm);
}

async function revive(storm: Storm): Promise<void> {
  const { proxy, bank, databaseUrl, database } = storm;
  proxy.heal();
  storm.node = await startMoneyNode({ databaseUrl, bankUrl: bank.url });
  await forgetHolders(database);
}

/** Each member belongs to one client, so that a member does one thing after the other. */
async function runClient(storm: Storm, index: number, isOver: () => boolean): Promise<void> {
  const { people, random, members, bank } = storm;
  const own = people.filter((_, number) => number % CLIENTS === index);
  while (!isOver()) {
    const person = own[Math.floor(random() * own.length)]!;
    await members.act(person, () => inventFor(storm, person));
    if (random() < STRIKE_ODDS) bank.strike();
  }
}

async function runBank(storm: Storm, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const isTaken = await storm.bank.report(storm.node.reportUrl);
    if (!isTaken || storm.bank.waiting === 0) await pause();
  }
}

/** Finance decides withdrawals, gives entries and payments back; a job runs. */
async function runOffice(storm: Storm, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await decideWithdrawals(storm);
    await giveBack(storm);
    await storm.node.sweep();
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

/** No more faults, and nothing new: what was begun comes to its end. */
async function finish(storm: Storm, rounds: number): Promise<void> {
  const { bank, members, database, cups } = storm;
  bank.isMoody = false;
  for (let pass = 0; pass < PASSES_MAX; pass++) {
    await forgetHolders(database);
    const open = [...storm.people, storm.organiser, storm.finance].filter((person) => person.open);
    for (const person of open) await members.act(person, () => ({ method: "POST", path: "/none" }));
    await decideWithdrawals(storm);
    while (bank.waiting > 0) await bank.report(storm.node.reportUrl);
    await storm.node.sweep();
    const fates = [];
    for (const cup of cups) fates.push(cup.round >= rounds || await advance(storm, cup));
    if (open.length === 0 && fates.every(Boolean) && !await hasMore(storm)) return;
  }
  throw new Error(`The storm does not end: ${(await brokenMoneyLaws(database)).join("\n")}`);
}

async function hasMore({ database: { sql }, bank }: Storm): Promise<boolean> {
  const [row] = await sql<{ count: number }[]>`
    select count(*) as count from orders where status = 'paid'
      or (status = 'pending' and (kind = 'withdrawal' or gateway_reference is null))`;
  return bank.waiting > 0 || row!.count > 0;
}

async function checkAll(storm: Storm, name: string): Promise<void> {
  const { database, members, bank, finance } = storm;
  const { entries } = bank;
  assertEquals(members.surprises, [], name);
  assertEquals(await brokenMoneyLaws(database), [], name);
  assertEquals(
    await brokenPromises(database, { gateway: BANK, entries, told: members.told }),
    [],
    name,
  );

  const books = await members.read(finance, "/admin/ledger/reconciliation");
  assertEquals(books.balanced, true, `${name} ${JSON.stringify(books)}`);
  const totals = [...totalsOf(entries)].map(([currency, sum]) => `${currency} ${sum}`).sort();
  // deno-lint-ignore no-explicit-any -- rows of an answer
  const shown = books.gateways.map((row: any) => `${row.currency} ${row.ledgerMinor}`).sort();
  assertEquals(shown, totals, name);
  // A storm in which nothing happens proves nothing.
  const moves = await countMoves(database);
  for (const kind of STORM_MOVES) assert(moves[kind], `${name}: nothing moved as ${kind}`);
}
