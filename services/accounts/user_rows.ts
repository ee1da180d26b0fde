/** Rows of `users` as services and the API see them. */

import type { Page } from "@/contracts/envelope.ts";
import type { User, UserQuery } from "@/contracts/users.ts";
import type { Database, Tx } from "@/db/client.ts";
import { DomainError } from "@/domain/error.ts";
import type { EpochMs } from "@/domain/time.ts";
import { likePattern } from "../like_pattern.ts";

/** A user held by a transaction, with what boards show in place of the name. */
export interface UserRow extends Omit<User, "createdAt"> {
  createdAt: EpochMs;
  alias: string | null;
}

/** The columns that a sort compares, before the id decides. */
const SORT_COLUMNS: Record<UserQuery["sort"], string> = {
  name: "lower(name)",
  email: "email",
  role: "role",
  createdAt: "created_at",
};

/**
 * Holds a user's row until the transaction ends. Fails with `NOT_FOUND`. Not `for update`: whoever
 * joins holds a competition and then refers to its user, while we go the other way.
 */
export async function lockUser(tx: Tx, userId: string): Promise<UserRow> {
  const [row] = await tx.sql<UserRow[]>`
    select u.id, u.email, u.name, u.role, u.status, u.is_demo as "isDemo",
      u.created_at as "createdAt", p.alias
    from users u left join profiles p on p.user_id = u.id
    where u.id = ${userId} for no key update of u`;
  if (!row || row.status === "deleted") throw notFound(userId);
  return row;
}

/** Fails with `NOT_FOUND`, also for deleted users. */
export async function getUser(database: Database, userId: string): Promise<User> {
  const [row] = await database.sql<StoredUser[]>`
    select id, email, name, role, status, is_demo as "isDemo", created_at as "createdAt"
    from users where id = ${userId} and status <> 'deleted'`;
  if (!row) throw notFound(userId);
  return toUser(row);
}

/** The failure of every use-case about a user who is not there. */
export function notFound(userId: string): DomainError {
  return new DomainError("NOT_FOUND", `Cannot find user "${userId}": there is none`);
}

/** One page of users by search, filters and sort; equal ones in the order of their ids. */
export async function listUsers(database: Database, query: UserQuery): Promise<Page<User>> {
  const { page, page_size: pageSize } = query;
  const { sql } = database;
  const order = `${SORT_COLUMNS[query.sort]} ${query.order}, id ${query.order}`;
  const [rows, [count]] = await Promise.all([
    sql<StoredUser[]>`
      select id, email, name, role, status, is_demo as "isDemo", created_at as "createdAt"
      from users where ${matching(database, query)}
      order by ${sql.unsafe(order)} limit ${pageSize} offset ${(page - 1) * pageSize}`,
    sql<{ total: number }[]>`
      select count(*) as total from users where ${matching(database, query)}`,
  ]);
  return { items: rows.map(toUser), page, pageSize, total: count?.total ?? 0 };
}

function matching({ sql }: Database, { q, role, status }: UserQuery) {
  const pattern = q ? likePattern(q) : null;
  return sql`
    ${status ? sql`status = ${status}` : sql`status <> 'deleted'`}
    ${role ? sql`and role = ${role}` : sql``}
    ${pattern === null ? sql`` : sql`and (name ilike ${pattern} or email ilike ${pattern})`}`;
}

type StoredUser = Omit<UserRow, "alias">;

function toUser(row: StoredUser): User {
  return { ...row, createdAt: new Date(row.createdAt).toISOString() };
}
