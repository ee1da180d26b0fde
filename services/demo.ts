/**
 * Demo data: made once on the first run, marked everywhere, removed in one click.
 *
 * @module
 */

import type { Database, Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { checkRole } from "./accounts/access.ts";
import type { AuditService } from "./audit.ts";
import type { BoardsService } from "./boards/boards.ts";
import { type DemoMoneyDeps, voidDemoMoney } from "./demo_money.ts";
import { eraseUser } from "./accounts/erasure.ts";

export interface DemoService {
  /** Whether demo data is there. */
  exists(): Promise<boolean>;
  /**
   * Removes every demo user, competition, log and activity in one transaction; admins only,
   * audited. What money went through stays empty and unseen, since the books keep everything; what
   * somebody real has money in stays as it is.
   */
  remove(actor: Actor): Promise<{ users: number; competitions: number }>;
}

export interface DemoDeps extends DemoMoneyDeps {
  database: Database;
  audit: AuditService;
  boards: Pick<BoardsService, "clear">;
}

export function createDemoService(deps: DemoDeps): DemoService {
  return {
    async exists() {
      const rows = await deps.database.sql`
        select 1 from users where is_demo union all
        select 1 from competitions where is_demo limit 1`;
      return rows.length > 0;
    },
    async remove(actor) {
      checkRole(actor, "admin");
      const removed = await deps.database.transaction(async (tx) => {
        const counts = await remove(deps, tx, actor);
        await deps.audit.record(tx, actor, {
          action: "demo.remove",
          targetKind: "demo",
          targetId: null,
          before: counts,
        });
        return counts;
      }, { name: "demo.remove" });
      deps.boards.clear();
      return removed;
    },
  };
}

async function remove(
  deps: DemoDeps,
  tx: Tx,
  actor: Actor,
): Promise<{ users: number; competitions: number }> {
  await lockDemo(tx);
  await keepWhatIsReal(tx);
  const paid = await idsOf(tx.sql<{ id: string }[]>`
    select c.id from competitions c where c.is_demo and ${hasMoney(tx)} order by c.id`);
  const people = await idsOf(tx.sql<{ id: string }[]>`
    select u.id from users u where u.is_demo and ${isFree(tx, paid)} and ${hadMoney(tx, paid)}
    order by u.id`);
  await voidDemoMoney(deps, tx, { users: people, competitions: paid, actor });
  const competitions = paid.length + await removeCompetitions(tx);
  for (const id of people) await forgetPerson(tx, id, deps.clock.now());
  return { competitions, users: people.length + await removeUsers(tx) };
}

/** People before competitions, as an upload takes them: else it and the removal wait for each other. */
async function lockDemo(tx: Tx): Promise<void> {
  await tx.sql`select id from users where is_demo order by id for update`;
  await tx.sql`select id from competitions where is_demo order by id for update`;
}

/** What somebody has paid into, or takes part in for money, is no demo any more. */
async function keepWhatIsReal({ sql }: Tx): Promise<void> {
  await sql`
    update competitions c set is_demo = false where c.is_demo and exists (
      select 1 from orders o join users u on u.id = o.user_id
      where o.competition_id = c.id and not u.is_demo)`;
}

function hasMoney({ sql }: Tx) {
  return sql`(exists (select 1 from ledger_accounts a where a.competition_id = c.id)
    or exists (select 1 from orders o where o.competition_id = c.id))`;
}

/** Whoever has come into a competition that stays, or owns one, must stay too. */
function isFree({ sql }: Tx, goingIds: readonly string[]) {
  return sql`not exists (
      select 1 from participants p join competitions c on c.id = p.competition_id
      where p.user_id = u.id and not c.is_demo and c.id <> all(${[...goingIds]}::uuid[]))
    and not exists (
      select 1 from competitions c where c.owner_id = u.id and not c.is_demo
        and c.id <> all(${[...goingIds]}::uuid[]))`;
}

/** Whose row the books, or what stays of a competition, refer to. */
function hadMoney({ sql }: Tx, goingIds: readonly string[]) {
  return sql`(exists (select 1 from ledger_accounts a where a.user_id = u.id)
    or exists (select 1 from orders o where o.user_id = u.id)
    or exists (select 1 from participants p
      where p.user_id = u.id and p.competition_id = any(${[...goingIds]}::uuid[])))`;
}

async function idsOf(rows: PromiseLike<readonly { id: string }[]>): Promise<string[]> {
  return (await rows).map(({ id }) => id);
}

async function removeCompetitions(tx: Tx): Promise<number> {
  // The log refuses deletion unless a transaction says that it removes demo data.
  await tx.sql`select set_config('paceboard.remove_demo', 'on', true)`;
  const demo = tx.sql`select id from competitions where is_demo`;
  await tx.sql`delete from competition_log where competition_id in (${demo})`;
  await tx.sql`delete from participants where competition_id in (${demo})`;
  const { count } = await tx.sql`delete from competitions where is_demo`;
  return count;
}

/** A row without a name stays for the books. */
async function forgetPerson(tx: Tx, id: string, at: number): Promise<void> {
  await eraseUser(tx, id, at);
  await tx.sql`delete from samples where user_id = ${id}`;
  await tx.sql`delete from activities where user_id = ${id}`;
  await tx.sql`delete from imports where user_id = ${id}`;
  await tx.sql`delete from notices where user_id = ${id}`;
  await tx.sql`delete from gateway_users where user_id = ${id}`;
  await tx.sql`delete from test_accounts where user_id = ${id}`;
  await tx.sql`update users set is_demo = false where id = ${id}`;
}

async function removeUsers(tx: Tx): Promise<number> {
  const gone = tx.sql`
    select u.id from users u where u.is_demo
      and not exists (select 1 from participants p where p.user_id = u.id)
      and not exists (select 1 from competitions c where c.owner_id = u.id)
      and not exists (select 1 from ledger_accounts a where a.user_id = u.id)
      and not exists (select 1 from orders o where o.user_id = u.id)`;
  await tx.sql`delete from samples where user_id in (${gone})`;
  await tx.sql`delete from activities where user_id in (${gone})`;
  await tx.sql`delete from imports where user_id in (${gone})`;
  await tx.sql`delete from gateway_users where user_id in (${gone})`;
  const { count } = await tx.sql`delete from users where id in (${gone})`;
  await tx.sql`update users set is_demo = false where is_demo`;
  return count;
}
