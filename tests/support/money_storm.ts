/**
 * What happens in a storm over everything that moves money: what members come up with, what finance
 * decides, what becomes of competitions, and what breaks meanwhile.
 *
 * @module
 */

import type { Database } from "@/db/client.ts";
import { DAY_MS } from "@/domain/time.ts";
import type { MoneyMembers, Operation, Person } from "./money_members.ts";
import { makeCompetition } from "./product_api.ts";
import type { TcpProxy } from "./tcp_proxy.ts";

/** Requests that meet a fault, and acknowledged ones between two faults. */
const SENT_WITHIN_FAULT = 30;
const ACKNOWLEDGED_BETWEEN_FAULTS = 80;
/** Of acts about the competitions of the round, whose fate is at hand. */
const NOW_ODDS = 0.8;
const POLL_MS = 10;

/** What is to become of a competition. */
export interface Cup {
  id: string;
  currency: string;
  fate: "settled" | "cancelled" | "open";
  /** The round in which its fate begins. */
  round: number;
  disqualified?: boolean;
}

/** Where it happens. */
export interface StormField {
  random: () => number;
  database: Database;
  proxy: TcpProxy;
  members: MoneyMembers;
  people: Person[];
  organiser: Person;
  finance: Person;
  cups: Cup[];
  round: number;
}

/** Makes a competition with fees and prizes; before or after the start of the storm. */
export async function makeCup(
  { url, organiser }: { url: string; organiser: Person },
  { fate, round }: Pick<Cup, "fate" | "round">,
): Promise<Cup> {
  const currency = round % 2 === 0 ? "EUR" : "JPY";
  const { id } = await makeCompetition(url, organiser.token, {
    name: `Storm Cup ${round} ${fate}`,
    startsAt: new Date(Date.now() + DAY_MS).toISOString(),
    endsAt: new Date(Date.now() + 3 * DAY_MS).toISOString(),
    graceMs: 0,
    capacity: fate === "open" ? 20 : 60,
    entryFee: { currency, amountMinor: "499", platformBps: 700, organiserBps: 300 },
    prizes: {
      sponsoredMinor: "1001",
      tiers: [{ shareBps: 3333 }, { places: 2, shareBps: 2000 }],
      rest: round % 2 === 0 ? "sponsor" : "organiser",
    },
  });
  return { id, currency, fate, round };
}

/** The two minutes pass after which what a dead node was at may be tried again. */
export async function forgetHolders({ sql }: Database): Promise<void> {
  await sql`update idempotency_keys set held_until = created_at where status is null`;
}

/** What a member comes up with. */
export function inventFor(storm: StormField, person: Person): Omit<Operation, "key"> {
  const { random, members } = storm;
  const now = storm.cups.filter(({ round }) => round === storm.round);
  const cups = random() < NOW_ODDS ? now : storm.cups;
  const cup = cups[Math.floor(random() * cups.length)]!;
  const post = (path: string, body?: unknown) => ({ method: "POST" as const, path, body });
  const amountMinor = `${500 + Math.floor(random() * 2500)}`;
  const { currency, id: competitionId } = cup;
  const own = members.told.filter(({ userId }) => userId === person.userId).at(-1);
  // Who has nothing can do nothing.
  const draw = own ? random() : 0;
  if (draw < 0.25) return post("/orders", { kind: "top_up", currency, amountMinor });
  if (draw < 0.5) return post(`/competitions/${competitionId}/join`, {});
  if (draw < 0.56) return post("/orders", { kind: "entry", competitionId });
  if (draw < 0.7) return post("/orders", { kind: "entry", competitionId, method: "gateway" });
  if (draw < 0.82) return post(`/competitions/${competitionId}/leave`);
  if (draw < 0.87 && own) return { method: "DELETE", path: `/orders/${own.orderId}` };
  return post("/orders", { kind: "withdrawal", currency, amountMinor });
}

/** Finance decides the withdrawals that wait. */
export async function decideWithdrawals(storm: StormField): Promise<void> {
  const { members, finance, random } = storm;
  const path = "/orders?status=pending&kind=withdrawal&page_size=10";
  for (const { id } of await members.read(finance, path) ?? []) {
    const status = random() < 0.75 ? "paid" : "failed";
    const body = { status, reason: "Looked at" };
    await members.act(finance, () => ({ method: "PUT", path: `/orders/${id}`, body }));
  }
}

/** Finance gives an entry or a payment back. */
export async function giveBack({ members, finance, random }: StormField): Promise<void> {
  const path = "/orders?status=fulfilled&page_size=40";
  const all: { id: string; kind: string }[] = await members.read(finance, path) ?? [];
  const orders = all.filter(({ kind }) => kind !== "withdrawal");
  const { id, kind } = orders[Math.floor(random() * orders.length)] ?? {};
  if (id === undefined) return;
  await members.act(
    finance,
    () =>
      kind === "top_up"
        ? { method: "POST", path: `/admin/payments/${id}/refund`, body: { reason: "Goodwill" } }
        : {
          ...{ method: "PUT", path: `/orders/${id}` },
          body: { status: "refunded", reason: "Goodwill" },
        },
  );
}

/** The way to the database breaks and heals. */
export async function runFaults(
  { proxy, members, random }: StormField,
  isOver: () => boolean,
): Promise<void> {
  const faults = [
    () => proxy.reset(),
    () => proxy.set({ delayMs: 5, sliceBytes: 300 }),
    () => {
      proxy.set({ isRefusing: true });
      proxy.reset();
    },
  ];
  const wait = async (isDone: () => boolean) => {
    while (!isOver() && !isDone()) await pause();
  };
  while (!isOver()) {
    const acknowledged = members.acknowledged + ACKNOWLEDGED_BETWEEN_FAULTS;
    await wait(() => members.acknowledged >= acknowledged);
    if (isOver()) break;
    faults[Math.floor(random() * faults.length)]!();
    const sent = members.sent + SENT_WITHIN_FAULT;
    await wait(() => members.sent >= sent);
    proxy.heal();
  }
}

/** The next step to its fate; tells whether it is reached. */
export async function advance(storm: StormField, cup: Cup): Promise<boolean> {
  const { database, members, organiser, finance } = storm;
  const { id, fate } = cup;
  const [row] = await database.sql<{ status: string; isPast: boolean }[]>`
    select status, ends_at < now() as "isPast" from competitions where id = ${id}`;
  const { status, isPast } = row!;
  const post = (person: Person, path: string, body: unknown) =>
    members.act(person, () => ({ method: "POST", path, body }));
  if (fate === "open" || status === "cancelled") return true;
  if (fate === "cancelled") {
    await post(organiser, `/competitions/${id}/cancel`, { reason: "Storm" });
  } else if (status === "published" && !isPast) await endCup(database, id);
  else if (status === "published") await post(organiser, `/competitions/${id}/finalize`, {});
  else if (status === "final") await post(finance, `/prizes/distribute/${id}`, {});
  else if (status === "settled" && !cup.disqualified) await disqualifyWinner(storm, cup);
  else return true;
  return false;
}

/** Moves the competition into the past and ranks who is in. */
async function endCup(database: Database, id: string): Promise<void> {
  await database.transaction(async ({ sql }) => {
    await sql`
      update competitions set starts_at = starts_at - interval '30 days',
        ends_at = ends_at - interval '30 days',
        registration_closes_at = registration_closes_at - interval '30 days' where id = ${id}`;
    await sql`
      insert into standings (competition_id, participant_id, score, reached_at, event_count)
      select competition_id, id, row_number() over (order by id) / 2, now(), 1 from participants
      where competition_id = ${id} and status = 'active'`;
  });
}

/** Takes a prize back that is paid. */
async function disqualifyWinner(storm: StormField, cup: Cup): Promise<void> {
  const { database, members, organiser } = storm;
  const [winner] = await database.sql<{ id: string }[]>`
    select participant_id as id from prize_payouts where competition_id = ${cup.id}
    order by first_place, participant_id limit 1`;
  if (!winner) return void (cup.disqualified = true);
  const path = `/competitions/${cup.id}/participants/${winner.id}/disqualify`;
  const body = { reason: "Rode a bus" };
  const answer = await members.act(organiser, () => ({ method: "POST", path, body }));
  if (answer?.status === 200) cup.disqualified = true;
}

/** A moment of other people's time. */
export function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, POLL_MS));
}

/** What every storm must have had, lest it proves nothing. */
export const STORM_MOVES = ["top_up", "entry", "entry_refund", "pool", "prize"];

/** Says what a failure is repeated with. */
export function say(line: string): void {
  // deno-lint-ignore no-console -- without the seed a failure could not be repeated
  console.log(line);
}
