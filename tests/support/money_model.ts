/**
 * Joins, leaves, cancels, refunds, withdrawals and settlements that meet in one competition, and
 * what must hold of the money whichever way they met.
 */

import { type CompetitionInput, CompetitionInput as Input } from "@/contracts/competitions.ts";
import { OrderInput } from "@/contracts/orders.ts";
import type { UserActor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import { DAY_MS } from "@/domain/time.ts";
import { assert, assertEquals } from "./assert.ts";
import { openTestDatabase } from "./database.ts";
import { createFakeGateway } from "./fake_gateway.ts";
import { createManualTime } from "./manual_time.ts";
import { addPayers, assertBooksBalance, createTestLedger } from "./money.ts";
import { createScheduler } from "./schedule.ts";
import { createTestServices } from "./services.ts";
import { createUser, userActor } from "./users.ts";

const FEE = 500n;
/** What every wallet holds at first. */
const FUNDS = 1200n;

/** What can happen before the start, and after the end. */
const BEFORE = ["join", "leave", "cancel", "refund", "withdraw", "minimum", "sweep"] as const;
const AFTER = ["leave", "cancel", "refund", "settle", "disqualify", "withdraw", "sweep"] as const;
type Action = (typeof BEFORE)[number] | (typeof AFTER)[number];

interface Scene {
  id: string;
  isOver: boolean;
  /** The first two have joined. */
  members: UserActor[];
  participants: string[];
}

export type MoneyModel = Awaited<ReturnType<typeof openMoneyModel>>;

/** Opens a node whose calls a seed schedules. */
export async function openMoneyModel() {
  const test = await openTestDatabase({ poolMax: 8 });
  const { database } = test;
  const time = createManualTime();
  const scheduler = createScheduler(database, () => assertNothingOverdrawn(database));
  const gateway = createFakeGateway();
  const services = createTestServices(scheduler.database, time, undefined, { gateway });
  const money = createTestLedger(database, time);
  const staff = async (role: UserActor["role"]) =>
    userActor(await createUser(database, { role }), { role });
  const [admin, finance] = [await staff("admin"), await staff("finance")];

  const template = await services.competitions.create(admin, inputOf(time.now()));
  await services.competitions.publish(admin, template.id);

  async function scene(isOver: boolean): Promise<Scene> {
    const ids = await addPayers(database, 3, { ...money, amountMinor: FUNDS });
    const members = ids.map((userId) => userActor(userId));
    const id = await copyCompetition(database, template.id);
    const participants: string[] = [];
    for (const member of members.slice(0, 2)) {
      const { entry } = await services.competitions.join(member, id, {});
      participants.push(entry.participantId);
    }
    if (isOver) await end(id, participants);
    return { id, isOver, members, participants };
  }

  /** Moves the competition into the past and ranks who joined. */
  async function end(id: string, participants: readonly string[]): Promise<void> {
    await database.sql`
      update competitions set starts_at = starts_at - interval '30 days',
        ends_at = ends_at - interval '30 days',
        registration_closes_at = registration_closes_at - interval '30 days' where id = ${id}`;
    await database.sql`
      insert into standings (competition_id, participant_id, score, reached_at, event_count)
      select ${id}, p, row_number() over (), now(), 1 from unnest(${[...participants]}::uuid[]) p`;
  }

  function callOf(scene: Scene, action: Action, who: number): () => Promise<unknown> {
    const { competitions, orders, lifecycle, prizes, corrections } = services;
    const member = scene.members[who]!;
    const { id, participants } = scene;
    switch (action) {
      case "join":
        return () => competitions.join(member, id, {});
      case "leave":
        return () => competitions.leave(member, id);
      case "cancel":
        return () => competitions.cancel(admin, id, { reason: "Storm" });
      case "refund":
        return () => refundByStaff(member.userId, id);
      case "withdraw":
        return () =>
          orders.place(
            member,
            OrderInput.parse({ kind: "withdrawal", currency: "EUR", amountMinor: 700 }),
          );
      case "minimum":
        return () => services.money.cancelBelowMinimum();
      case "sweep":
        return () => services.money.refundAllCancelled();
      case "disqualify":
        return () =>
          corrections.disqualify(admin, id, participants[who % 2]!, { reason: "Cheated" });
      case "settle":
        return async () => {
          await lifecycle.finalise(admin, id, {});
          await prizes.distribute(finance, id, {});
        };
    }
  }

  async function refundByStaff(userId: string, competition: string): Promise<void> {
    const query = { "page": 1, "page_size": 1, "user": userId, competition };
    const { items } = await services.orders.list(finance, { ...query, status: "fulfilled" });
    if (!items[0]) return;
    const change = { status: "refunded", reason: "Goodwill" } as const;
    await services.orders.change(finance, items[0].id, change);
  }

  /** What is left undone by whoever was refused or interrupted. */
  async function finish({ id }: Scene): Promise<void> {
    await services.money.refundAllCancelled();
    const { status } = await services.competitions.get(admin, id);
    if (status === "final") await services.prizes.distribute(finance, id, {});
  }

  async function play(seed: number, actions: readonly [Action, number][], isOver: boolean) {
    const scene_ = await scene(isOver);
    const calls = actions.map(([action, who]) => callOf(scene_, action, who));
    const outcomes = await scheduler.run(seed, calls);
    for (const outcome of outcomes) assertRefusal(outcome);
    await finish(scene_);
    await assertScene(database, scene_);
  }

  return {
    services,
    database,
    /** Every pair of actions, of the same and of different people. */
    async playPairs(seed: number): Promise<number> {
      let count = 0;
      for (const [isOver, actions] of [[false, BEFORE], [true, AFTER]] as const) {
        for (const [index, first] of actions.entries()) {
          for (const second of actions.slice(index)) {
            await play(seed + count, [[first, 0], [second, (seed + count) % 3]], isOver);
            count += 1;
          }
        }
      }
      return count;
    },
    /** Three to five actions that the seed draws. */
    async playStorm(seed: number): Promise<void> {
      const isOver = seed % 2 === 0;
      const choices = isOver ? AFTER : BEFORE;
      const length = 3 + seed % 3;
      const actions = Array.from({ length }, (_, at): [Action, number] => {
        const draw = (seed * 7919 + at * 104_729) >>> 3;
        return [choices[draw % choices.length]!, (draw >>> 4) % 3];
      });
      await play(seed, actions, isOver);
    },
    assertBooks: () => assertBooksBalance(database),
    async [Symbol.asyncDispose]() {
      await services[Symbol.asyncDispose]();
      await test[Symbol.asyncDispose]();
    },
  };
}

function inputOf(now: number): CompetitionInput {
  return Input.parse({
    name: "Met Cup",
    startsAt: new Date(now + DAY_MS).toISOString(),
    endsAt: new Date(now + 3 * DAY_MS).toISOString(),
    graceMs: 0,
    capacity: 3,
    scoring: { kind: "direct" },
    entryFee: { currency: "EUR", amountMinor: `${FEE}`, platformBps: 1000 },
    prizes: { tiers: [{ places: 1, shareBps: 7000 }, { places: 2, shareBps: 1000 }] },
  });
}

/** A published competition like the other one; its log begins with who joins. */
async function copyCompetition({ sql }: TestDatabase, templateId: string): Promise<string> {
  const id = crypto.randomUUID();
  const own = { id, slug: `met-${id}`, epoch: crypto.randomUUID() };
  await sql`
    insert into competitions
    select (jsonb_populate_record(c, ${JSON.stringify(own)}::text::jsonb)).*
    from competitions c where c.id = ${templateId}`;
  return id;
}

/** Whatever happens, people are refused in words and nothing breaks. */
function assertRefusal(outcome: PromiseSettledResult<unknown>): void {
  if (outcome.status === "fulfilled") return;
  const { reason } = outcome;
  assert(reason instanceof DomainError && reason.status < 500, String(reason?.stack ?? reason));
}

type TestDatabase = Awaited<ReturnType<typeof openTestDatabase>>["database"];

async function assertNothingOverdrawn({ sql }: TestDatabase): Promise<void> {
  const rows = await sql`
    select 1 from ledger_balances where has_floor and balance_minor < reserved_minor
    union all
    select 1 from ledger_balances b join ledger_accounts a on a.id = b.account_id
    group by a.currency having sum(b.balance_minor) <> 0`;
  assertEquals(rows.length, 0);
}

async function assertScene({ sql }: TestDatabase, { id, members }: Scene): Promise<void> {
  const users = members.map(({ userId }) => userId);
  const [facts] = await sql<{
    status: string;
    money: string;
    escrow: string;
    pool: string;
    open: number;
    charged: number;
    refunded: number;
    entries: number;
    orders: number;
    given: number;
  }[]>`
    select c.status, (
        select sum(b.balance_minor)::text from ledger_balances b
        join ledger_accounts a on a.id = b.account_id
        where a.user_id = any(${users}::uuid[]) or a.competition_id = c.id) as money,
      (select coalesce(sum(b.balance_minor), 0)::text from ledger_balances b
        join ledger_accounts a on a.id = b.account_id
        where a.competition_id = c.id and a.kind = 'escrow') as escrow,
      (select coalesce(sum(b.balance_minor), 0)::text from ledger_balances b
        join ledger_accounts a on a.id = b.account_id
        where a.competition_id = c.id and a.kind = 'pool') as pool,
      (select count(*) from orders o where o.competition_id = c.id
        and o.status = 'fulfilled') as open,
      (select count(*) from ledger_transactions t where t.competition_id = c.id
        and t.kind = 'entry') as charged,
      (select count(*) from ledger_transactions t where t.competition_id = c.id
        and t.kind = 'entry_refund') as refunded,
      (select count(*) from orders o where o.competition_id = c.id
        and o.status = 'refunded') as given,
      (select count(*) from orders o where o.competition_id = c.id) as orders,
      (select count(*) from participants p where p.competition_id = c.id
        and p.status = 'active') as entries
    from competitions c where c.id = ${id}`;
  const { status, escrow, open, charged, refunded, given, orders } = facts!;
  // Each order was charged once, and each refund given once.
  assertEquals([charged, refunded], [orders, given]);
  if (status === "published") assertEquals(BigInt(escrow), BigInt(open) * FEE);
  if (status === "cancelled") assertEquals([escrow, open], ["0", 0]);
  if (status === "settled") assertEquals(escrow, "0");
  const platform = await platformShare(sql, id);
  assertEquals(BigInt(facts!.money) + platform, FUNDS * BigInt(members.length));
}

async function platformShare(sql: TestDatabase["sql"], id: string): Promise<bigint> {
  const [row] = await sql<{ amount: string }[]>`
    select coalesce(sum(p.amount_minor), 0)::text as amount
    from ledger_transactions t join ledger_postings p on p.transaction_id = t.id
    join ledger_accounts a on a.id = p.account_id
    where t.competition_id = ${id} and a.kind = 'fees'`;
  return BigInt(row!.amount);
}
