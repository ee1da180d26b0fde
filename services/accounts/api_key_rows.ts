/** Rows of `api_keys` as admins see them. */

import type { ApiKey, ApiKeyQuery, ApiKeyStatus } from "@/contracts/api_keys.ts";
import type { Page } from "@/contracts/envelope.ts";
import type { Database } from "@/db/client.ts";
import { DomainError } from "@/domain/error.ts";
import { isScope } from "@/domain/scope.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";

interface RowsDeps {
  database: Database;
  clock: Clock;
}

interface StoredKey {
  id: string;
  name: string;
  prefix: string;
  scopes: string[];
  ownerId: string;
  ownerName: string;
  quotaPerMinute: number;
  expiresAt: EpochMs | null;
  lastUsedAt: EpochMs | null;
  revokedAt: EpochMs | null;
  createdAt: EpochMs;
}

/** Fails with `NOT_FOUND`. */
export async function getApiKey({ database, clock }: RowsDeps, keyId: string): Promise<ApiKey> {
  const [row] = await database.sql<StoredKey[]>`
    ${columns(database)} where k.id = ${keyId}`;
  if (row) return toApiKey(row, clock.now());
  throw new DomainError("NOT_FOUND", `Cannot find API key "${keyId}": there is none`);
}

/** One page, newest first. */
export async function listApiKeys(
  { database, clock }: RowsDeps,
  query: ApiKeyQuery,
): Promise<Page<ApiKey>> {
  const { page, page_size: pageSize, status } = query;
  const { sql } = database;
  const now = clock.now();
  const isOver = sql`coalesce(k.expires_at <= ${now}, false)`;
  const condition = {
    active: sql`k.revoked_at is null and not ${isOver}`,
    expired: sql`k.revoked_at is null and ${isOver}`,
    revoked: sql`k.revoked_at is not null`,
  };
  const matches = status === undefined ? sql`true` : condition[status];
  const [rows, [count]] = await Promise.all([
    sql<StoredKey[]>`
      ${columns(database)} where ${matches}
      order by k.id desc limit ${pageSize} offset ${(page - 1) * pageSize}`,
    sql<{ total: number }[]>`select count(*) as total from api_keys k where ${matches}`,
  ]);
  const items = rows.map((row) => toApiKey(row, now));
  return { items, page, pageSize, total: count?.total ?? 0 };
}

function columns({ sql }: Database) {
  return sql`
    select k.id, k.name, k.prefix, k.scopes, k.owner_id as "ownerId", u.name as "ownerName",
      k.quota_per_minute as "quotaPerMinute", k.expires_at as "expiresAt",
      k.last_used_at as "lastUsedAt", k.revoked_at as "revokedAt", k.created_at as "createdAt"
    from api_keys k join users u on u.id = k.owner_id`;
}

function toApiKey(row: StoredKey, now: EpochMs): ApiKey {
  const { ownerId, ownerName, ...rest } = row;
  return {
    ...rest,
    // A scope that a later version took away means nothing any more.
    scopes: row.scopes.filter(isScope),
    owner: { id: ownerId, name: ownerName },
    status: statusOf(row, now),
    expiresAt: isoOrNull(row.expiresAt),
    lastUsedAt: isoOrNull(row.lastUsedAt),
    revokedAt: isoOrNull(row.revokedAt),
    createdAt: new Date(row.createdAt).toISOString(),
  };
}

function statusOf({ revokedAt, expiresAt }: StoredKey, now: EpochMs): ApiKeyStatus {
  if (revokedAt !== null) return "revoked";
  return expiresAt !== null && expiresAt <= now ? "expired" : "active";
}

function isoOrNull(at: EpochMs | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
