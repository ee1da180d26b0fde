/**
 * The course of a storm over all that moves money, whatever it goes over: rounds in which everything
 * happens at once until the process dies, an end in which what was begun is finished, and the laws
 * that must hold then.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { BankEntry } from "./money_bank.ts";
import { brokenMoneyLaws, brokenPromises, countMoves } from "./money_laws.ts";
import type { Person } from "./money_members.ts";
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
  type StormField,
} from "./money_storm.ts";

/** Of each competition that is to end, before the storm. */
const ENTRANTS = 8;
/** Far more than what is left undone ever takes. */
const PASSES_MAX = 120;

/** What differs between storms. */
export interface StormCourse<S extends StormField> {
  storm: S;
  clients: number;
  /** Acknowledged before a kill: at most these, at least half. */
  operationsMax: number;
  /** What else goes on in a round. */
  others(isOver: () => boolean): Promise<void>[];
  /** What finance does besides deciding and giving back. */
  office(turn: number): Promise<void>;
  /** After each act of a member. */
  onAct?(): void;
  /** Ends the process with -9. */
  kill(): Promise<void>;
  /** Starts it again. */
  revive(): Promise<void>;
  /** Lets gateway and jobs do what waits for them. */
  settle(): Promise<void>;
  /** Whether anything waits. */
  hasMore(): Promise<boolean>;
}

/** A run and what repeats it: `FAULT_ROUNDS` asks for more rounds, `FAULT_SEED` for the same. */
export function readRun(roundsDefault: number): { seed: number; rounds: number; name: string } {
  const seed = Number(Deno.env.get("FAULT_SEED") ?? Math.floor(Math.random() * 2 ** 31));
  const rounds = Number(Deno.env.get("FAULT_ROUNDS") ?? roundsDefault);
  const name = `FAULT_SEED=${seed} FAULT_ROUNDS=${rounds}`;
  say(name);
  return { seed, rounds, name };
}

/** Three competitions a round: one that will be settled, one cancelled, one left open. */
export async function makeCups(
  { url, organiser }: { url: string; organiser: Person },
  rounds: number,
): Promise<Cup[]> {
  const cups: Cup[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const fate of ["settled", "cancelled", "open"] as const) {
      cups.push(await makeCup({ url, organiser }, { fate, round }));
    }
  }
  return cups;
}

/** What those do who are in before it begins, so that each storm has something to pay and to give back. */
export function actOfEntrants({ cups, people, members }: StormField) {
  const entrants = cups.filter(({ fate }) => fate !== "open").flatMap((cup, index) =>
    people.slice(index * ENTRANTS, (index + 1) * ENTRANTS).map((person) => ({ cup, person }))
  );
  return (path: (cup: Cup) => string, body: (cup: Cup) => unknown) =>
    Promise.all(
      entrants.map(({ cup, person }) =>
        members.act(person, () => ({ method: "POST", path: path(cup), body: body(cup) }))
      ),
    );
}

/** Plays all rounds and the end. */
export async function playStorm<S extends StormField>(
  course: StormCourse<S>,
  rounds: number,
): Promise<void> {
  for (let round = 0; round < rounds; round++) await playRound(course, round);
  await finish(course, rounds);
}

/** Everything at once until enough is acknowledged; then the process dies in the middle of it. */
async function playRound<S extends StormField>(
  course: StormCourse<S>,
  round: number,
): Promise<void> {
  const { storm, clients, operationsMax } = course;
  const length = operationsMax * (1 / 2 + storm.random() / 2);
  const until = storm.members.acknowledged + length;
  storm.round = round;
  const isOver = () => storm.members.acknowledged >= until;
  const busy = [
    ...Array.from({ length: clients }, (_, index) => runClient(course, index, isOver)),
    ...course.others(isOver),
    runOffice(course, isOver),
    runFaults(storm, isOver),
    runFates(storm, { round, fateAt: until - length / 3, isOver }),
  ];
  while (!isOver()) await pause();
  await course.kill();
  await Promise.all(busy);
  storm.proxy.heal();
  await course.revive();
  await forgetHolders(storm.database);
}

/** Each member belongs to one client, so that a member does one thing after the other. */
async function runClient<S extends StormField>(
  { storm, clients, onAct }: StormCourse<S>,
  index: number,
  isOver: () => boolean,
): Promise<void> {
  const { people, random, members } = storm;
  const own = people.filter((_, number) => number % clients === index);
  while (!isOver()) {
    const person = own[Math.floor(random() * own.length)]!;
    await members.act(person, () => inventFor(storm, person));
    onAct?.();
  }
}

async function runOffice<S extends StormField>(
  { storm, office }: StormCourse<S>,
  isOver: () => boolean,
): Promise<void> {
  for (let turn = 0; !isOver(); turn++) {
    await decideWithdrawals(storm);
    await giveBack(storm);
    await office(turn);
    await pause();
  }
}

/** Competitions meet their fate while everything else goes on. */
async function runFates(
  storm: StormField,
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

/** Nothing new: what was begun comes to its end. */
async function finish<S extends StormField>(
  { storm, settle, hasMore }: StormCourse<S>,
  rounds: number,
): Promise<void> {
  const { members, database, cups, people, organiser, finance } = storm;
  for (let pass = 0; pass < PASSES_MAX; pass++) {
    await forgetHolders(database);
    const open = [...people, organiser, finance].filter((person) => person.open);
    for (const person of open) await members.act(person, () => ({ method: "POST", path: "/none" }));
    await decideWithdrawals(storm);
    await settle();
    const fates = [];
    for (const cup of cups) fates.push(cup.round >= rounds || await advance(storm, cup));
    if (open.length === 0 && fates.every(Boolean) && !await hasMore()) return;
  }
  throw new Error(`The storm does not end: ${(await brokenMoneyLaws(database)).join("\n")}`);
}

/** No surprise, no broken law, no broken promise, balanced books; gives these. */
export async function checkStorm(
  { members, database, finance }: StormField,
  run: { name: string; gateway: string; entries: readonly BankEntry[]; moves: readonly string[] },
) {
  const { name, gateway, entries, moves } = run;
  assertEquals(members.surprises, [], name);
  assertEquals(await brokenMoneyLaws(database), [], name);
  const promised = { gateway, entries, told: members.told };
  assertEquals(await brokenPromises(database, promised), [], name);
  const books = await members.read(finance, "/admin/ledger/reconciliation");
  assertEquals(books.balanced, true, `${name} ${JSON.stringify(books)}`);
  // A storm in which nothing happens proves nothing.
  const moved = await countMoves(database);
  for (const kind of moves) assert(moved[kind], `${name}: nothing moved as ${kind}`);
  say(`${members.acknowledged} acknowledged: ${JSON.stringify(members.outcomes)}`);
  say(`moved: ${JSON.stringify(moved)}`);
  return books;
}
