/**
 * The audit log: one append-only row for every change by staff, in the same transaction.
 *
 * @module
 */

import type { AuditQuery, AuditRow } from "@/contracts/admin.ts";
import type { Page } from "@/contracts/envelope.ts";
import type { Database, Tx } from "@/db/client.ts";
import { type Actor, actorIdOf } from "@/domain/actor.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import { checkRoleOrScope } from "./accounts/access.ts";

/** One change: what, to whom, from, to, why. */
export interface AuditEntry {
  /** Dotted verb, e.g. `competition.publish`. */
  action: string;
  targetKind: string;
  targetId: string | null;
  before?: unknown;
  after?: unknown;
  reason?: string | undefined;
}

export interface AuditService {
  /** Writes one row in the caller's transaction. */
  record(tx: Tx, actor: Actor, entry: AuditEntry): Promise<void>;
  /** Newest first; admins only. */
  list(actor: Actor, query: AuditQuery): Promise<Page<AuditRow>>;
}

export interface AuditDeps {
  database: Database;
  clock: Clock;
}

/** Makes the audit service. */
export function createAuditService(deps: AuditDeps): AuditService {
  return {
    record: (tx, actor, entry) => record(tx, actor, { ...entry, at: deps.clock.now() }),
    async list(actor, query) {
      checkRoleOrScope(actor, "audit:read", "admin");
      return await list(deps.database, query);
    },
  };
}

async function record(
  tx: Tx,
  actor: Actor,
  entry: AuditEntry & { at: EpochMs },
): Promise<void> {
  if (actor.kind === "anonymous") {
    throw new RangeError(`Cannot record "${entry.action}": nobody is signed in`);
  }
  await tx.sql`
    insert into audit_log (at, actor_kind, actor_id, action, target_kind, target_id, before, after,
      reason, address, request_id)
    values (${entry.at}, ${actor.kind}, ${actorIdOf(actor)}, ${entry.action}, ${entry.targetKind},
      ${entry.targetId}, ${jsonOf(entry.before)}::text::jsonb, ${jsonOf(entry.after)}::text::jsonb,
      ${entry.reason ?? null}, ${actor.address}, ${actor.requestId})`;
}

function jsonOf(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

type StoredRow = Omit<AuditRow, "at"> & { at: EpochMs };

async function list(database: Database, query: AuditQuery): Promise<Page<AuditRow>> {
  const { page, page_size: pageSize } = query;
  const { sql } = database;
  const matches = sql`
    (${query.action ?? null}::text is null or a.action = ${query.action ?? null})
    and (${query.targetKind ?? null}::text is null or a.target_kind = ${query.targetKind ?? null})
    and (${query.targetId ?? null}::text is null or a.target_id = ${query.targetId ?? null})
    and (${query.actorId ?? null}::uuid is null or a.actor_id = ${query.actorId ?? null}::uuid)`;
  const [rows, [count]] = await Promise.all([
    sql<StoredRow[]>`
      select a.id, a.at, a.actor_kind as "actorKind", a.actor_id as "actorId",
        coalesce(u.name, k.name) as "actorName", a.action, a.target_kind as "targetKind",
        a.target_id as "targetId", a.before, a.after, a.reason, a.address,
        a.request_id as "requestId"
      from audit_log a left join users u on u.id = a.actor_id and a.actor_kind = 'user'
        left join api_keys k on k.id = a.actor_id and a.actor_kind = 'api_key'
      where ${matches} order by a.id desc limit ${pageSize} offset ${(page - 1) * pageSize}`,
    sql<{ total: number }[]>`select count(*) as total from audit_log a where ${matches}`,
  ]);
  const items = rows.map((row) => ({ ...row, at: new Date(row.at).toISOString() }));
  return { items, page, pageSize, total: count?.total ?? 0 };
}
