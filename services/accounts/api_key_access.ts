/** What a presented key gives: its lookup, what changed of keys lately, and when it was used. */

import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import type { Database } from "@/db/client.ts";
import { type EpochMs, MINUTE_MS } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import { hashToken } from "@/platform/token.ts";
import type { AccessChanges, Revocable } from "./access_cache.ts";

/** What a key gives: `sessionId` is the key's id, `userId` its owner. */
export interface KeyAccess extends Revocable {
  scopes: readonly string[];
  quotaPerMinute: number;
  /** As this node knows it; null: never. */
  lastUsedAt: EpochMs | null;
}

/** A key that was found, usable or not. */
export interface FoundKey {
  access: KeyAccess;
  revokedAt: EpochMs | null;
  ownerStatus: "active" | "suspended" | "deleted";
}

/** The two parts of a key. */
export interface KeyParts {
  prefix: string;
  secret: string;
}

const KEY_SHAPE = /^(pb_[A-Za-z0-9]{10})_([\w-]{43})$/;

/** Tells whether a credential is meant as an API key.
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { isApiKey } from "@/services/accounts/api_key_access.ts";
 *
 * assert(isApiKey("pb_k3x9Qa2bTz_secret"));
 * assert(!isApiKey("eyJhbGciOiJIUzI1NiJ9.e30.sig"));
 * ```
 */
export function isApiKey(credential: string): boolean {
  return credential.startsWith("pb_");
}

/** The parts of a key; undefined for what cannot be one. */
export function splitKey(key: string): KeyParts | undefined {
  const [, prefix, secret] = KEY_SHAPE.exec(key) ?? [];
  return prefix === undefined || secret === undefined ? undefined : { prefix, secret };
}

interface KeyRow {
  keyId: string;
  secretHash: string;
  scopes: string[];
  quotaPerMinute: number;
  expiresAt: EpochMs | null;
  lastUsedAt: EpochMs | null;
  revokedAt: EpochMs | null;
  ownerId: string;
  ownerStatus: FoundKey["ownerStatus"];
  accessChangedAt: EpochMs;
}

/** Compared with where there is no such key, so that both ways take the same time. */
const NO_HASH = "0".repeat(64);

/** Finds the key whose secret is the one given, in a time that tells nothing about it. */
export async function findKeyAccess(
  database: Database,
  { prefix, secret }: KeyParts,
): Promise<FoundKey | undefined> {
  const [row] = await database.sql<KeyRow[]>`
    select k.id as "keyId", encode(k.secret_hash, 'hex') as "secretHash", k.scopes,
      k.quota_per_minute as "quotaPerMinute", k.expires_at as "expiresAt",
      k.last_used_at as "lastUsedAt", k.revoked_at as "revokedAt", k.owner_id as "ownerId",
      u.status as "ownerStatus", u.access_changed_at as "accessChangedAt"
    from api_keys k join users u on u.id = k.owner_id
    where k.prefix = ${prefix}`;
  const isSame = isSameHash(hashToken(secret), row?.secretHash ?? NO_HASH);
  if (!row || !isSame) return undefined;
  const { keyId, ownerId, expiresAt, revokedAt, ownerStatus, secretHash: _, ...rest } = row;
  const access = { sessionId: keyId, userId: ownerId, expiresAt: expiresAt ?? Infinity, ...rest };
  return { access, revokedAt, ownerStatus };
}

function isSameHash(given: string, expected: string): boolean {
  return timingSafeEqual(Buffer.from(given, "hex"), Buffer.from(expected, "hex"));
}

/** More than this is not worth listing; the node forgets all keys. */
const CHANGES_MAX = 1_000;

/** Keys revoked or rotated, and owners changed, after an instant, by any node. */
export async function readKeyChanges(database: Database, since: EpochMs): Promise<AccessChanges> {
  const [keys, owners] = await Promise.all([
    database.sql<{ id: string }[]>`
      select id from api_keys where changed_at > ${since} and changed_at > created_at
      limit ${CHANGES_MAX}`,
    database.sql<{ id: string; changedAt: EpochMs }[]>`
      select u.id, u.access_changed_at as "changedAt" from users u
      where u.access_changed_at > ${since}
        and exists (select 1 from api_keys k where k.owner_id = u.id)
      limit ${CHANGES_MAX}`,
  ]);
  if (keys.length === CHANGES_MAX || owners.length === CHANGES_MAX) return "all";
  return {
    endedSessionIds: new Set(keys.map(({ id }) => id)),
    changedUsers: new Map(owners.map(({ id, changedAt }) => [id, changedAt])),
  };
}

/** A key in use all day costs one write a minute, whatever the number of nodes. */
const USE_NOTED_EVERY_MS = MINUTE_MS;

/** Notes that the key was used, to the minute; nobody waits for it, and it may fail. */
export function noteUse(
  { database, clock }: { database: Database; clock: Clock },
  access: KeyAccess,
): void {
  const now = clock.now();
  if (access.lastUsedAt !== null && now - access.lastUsedAt < USE_NOTED_EVERY_MS) return;
  access.lastUsedAt = now;
  database.sql`
    update api_keys set last_used_at = ${now}
    where id = ${access.sessionId}
      and (last_used_at is null or last_used_at <= ${now - USE_NOTED_EVERY_MS})`.catch(() => {});
}
