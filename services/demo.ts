/**
 * Demo data: made once on the first run, marked everywhere, removed in one click.
 *
 * @module
 */

import type { Database, Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { checkRole } from "./access.ts";
import type { AuditService } from "./audit.ts";
import type { BoardsService } from "./boards.ts";

export interface DemoService {
  /** Whether demo data is there. */
  exists(): Promise<boolean>;
  /** Removes every demo user, competition, log and activity in one transaction; admins only, audited. */
  remove(actor: Actor): Promise<{ users: number; competitions: number }>;
}

export interface DemoDeps {
  database: Database;
  audit: AuditService;
  boards: BoardsService;
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
        await lockDemo(tx);
        const counts = { competitions: await removeCompetitions(tx), users: await removeUsers(tx) };
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

/** People before competitions, as an upload takes them: else it and the removal wait for each other. */
async function lockDemo(tx: Tx): Promise<void> {
  await tx.sql`select id from users where is_demo order by id for update`;
  await tx.sql`select id from competitions where is_demo order by id for update`;
}

async function removeCompetitions(tx: Tx): Promise<number> {
  // What money went through stays in the books, and so does what it was for.
  await tx.sql`
    update competitions c set is_demo = false where c.is_demo and (
      exists (select 1 from ledger_accounts a where a.competition_id = c.id)
      or exists (select 1 from orders o where o.competition_id = c.id))`;
  // The log refuses deletion unless a transaction says that it removes demo data.
  await tx.sql`select set_config('paceboard.remove_demo', 'on', true)`;
  const demo = tx.sql`select id from competitions where is_demo`;
  await tx.sql`delete from competition_log where competition_id in (${demo})`;
  await tx.sql`delete from participants where competition_id in (${demo})`;
  const { count } = await tx.sql`delete from competitions where is_demo`;
  return count;
}

async function removeUsers(tx: Tx): Promise<number> {
  // Whoever has come into a competition that stays, owns one, or moved money, must stay too.
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
