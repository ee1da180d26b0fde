/**
 * Keys of apps. A key is `pb_`, ten characters that tell it from others, `_` and a secret of which
 * only the hash is kept. It is looked up by its public part and its secret compared in constant
 * time, so that an answer's time tells nothing about any secret.
 *
 * @module
 */

import type {
  ApiKey,
  ApiKeyInput,
  ApiKeyQuery,
  ApiKeyRevocation,
  IssuedApiKey,
} from "@/contracts/api_keys.ts";
import type { Page } from "@/contracts/envelope.ts";
import type { Database, Tx } from "@/db/client.ts";
import type { Actor, ApiKeyActor } from "@/domain/actor.ts";
import { DomainError, invalid } from "@/domain/error.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import type { IdGenerator } from "@/platform/id.ts";
import { createToken, hashToken } from "@/platform/token.ts";
import { checkRole, ownerIdOf } from "./access.ts";
import type { AccessCache } from "./access_cache.ts";
import { findKeyAccess, type KeyAccess, noteUse, splitKey } from "./api_key_access.ts";
import { getApiKey, listApiKeys } from "./api_key_rows.ts";
import type { AuditService } from "../audit.ts";

export interface ApiKeysService {
  /** Newest first; admins only, as everything here but `authenticate`. */
  list(actor: Actor, query: ApiKeyQuery): Promise<Page<ApiKey>>;
  /** Fails with `NOT_FOUND`. */
  get(actor: Actor, keyId: string): Promise<ApiKey>;
  /** Makes a key and shows it this once. Fails with `VALIDATION_ERROR` (end in the past, owner who is not there). */
  create(actor: Actor, input: ApiKeyInput): Promise<IssuedApiKey>;
  /** Gives the key a new secret; the old one stops working on every node within 5 s. Fails with `NOT_FOUND`, `CONFLICT` (revoked). */
  rotate(actor: Actor, keyId: string): Promise<IssuedApiKey>;
  /** Takes the key back on every node within 5 s; doing it again changes nothing. Fails with `NOT_FOUND`. */
  revoke(actor: Actor, keyId: string, request: ApiKeyRevocation): Promise<ApiKey>;
  /** The app behind a key. Fails with `INVALID_TOKEN`, `TOKEN_EXPIRED`, `ACCOUNT_SUSPENDED` (its owner). */
  authenticate(key: string): Promise<ApiKeyActor>;
  /** The same for a key that this node remembers; undefined when it has to be looked up. */
  known(key: string): ApiKeyActor | undefined;
}

export interface ApiKeysDeps {
  database: Database;
  clock: Clock;
  newId: IdGenerator;
  audit: AuditService;
  access: AccessCache<KeyAccess>;
  /** Hears of keys looked up, not of those remembered. */
  onAuthentication: (outcome: "success" | "refused" | "failed") => void;
}

/** Makes the service of API keys. */
export function createApiKeysService(deps: ApiKeysDeps): ApiKeysService {
  const asAdmin = <T>(actor: Actor, work: () => Promise<T>): Promise<T> => {
    checkRole(actor, "admin");
    return work();
  };
  return {
    list: async (actor, query) => await asAdmin(actor, () => listApiKeys(deps, query)),
    get: async (actor, keyId) => await asAdmin(actor, () => getApiKey(deps, keyId)),
    create: async (actor, input) => await asAdmin(actor, () => create(deps, actor, input)),
    rotate: async (actor, keyId) => await asAdmin(actor, () => rotate(deps, actor, keyId)),
    revoke: async (actor, keyId, { reason }) =>
      await asAdmin(actor, () => revoke(deps, actor, { keyId, reason })),
    authenticate: async (key) =>
      toActor(deps, await deps.access.find(key) ?? await lookUp(deps, key)),
    known(key) {
      const access = deps.access.findNow(key);
      return access && toActor(deps, access);
    },
  };
}

/** Characters of the public part: enough that two keys never share one. */
const PREFIX_LENGTH = 10;

function newKey(): { prefix: string; secret: string; key: string } {
  // Of 86 random characters, far more than ten are letters and digits.
  const letters = (createToken() + createToken()).replace(/[^A-Za-z0-9]/g, "");
  const prefix = `pb_${letters.slice(0, PREFIX_LENGTH)}`;
  const secret = createToken();
  return { prefix, secret, key: `${prefix}_${secret}` };
}

async function create(deps: ApiKeysDeps, actor: Actor, input: ApiKeyInput): Promise<IssuedApiKey> {
  const at = deps.clock.now();
  const expiresAt = input.expiresAt === undefined ? null : Date.parse(input.expiresAt);
  if (expiresAt !== null && expiresAt <= at) {
    throw invalid("expiresAt", "too_small", "The end must lie in the future");
  }
  const { prefix, secret, key } = newKey();
  const row = {
    id: deps.newId(),
    name: input.name,
    scopes: [...new Set(input.scopes)],
    ownerId: input.ownerId ?? ownerIdOf(actor),
    quotaPerMinute: input.quotaPerMinute,
    expiresAt,
  };
  await deps.database.transaction(async (tx) => {
    await checkOwner(tx, row.ownerId);
    await tx.sql`
      insert into api_keys (id, name, prefix, secret_hash, scopes, owner_id, quota_per_minute,
        expires_at, changed_at, created_at)
      values (${row.id}, ${row.name}, ${prefix}, decode(${hashToken(secret)}, 'hex'),
        ${row.scopes}, ${row.ownerId}, ${row.quotaPerMinute}, ${expiresAt}, ${at}, ${at})`;
    await record(deps, tx, actor, {
      action: "api_key.create",
      id: row.id,
      after: { ...row, prefix },
    });
  }, { name: "create_api_key" });
  return { ...await getApiKey(deps, row.id), key };
}

async function checkOwner(tx: Tx, ownerId: string): Promise<void> {
  const [owner] = await tx.sql`
    select 1 from users where id = ${ownerId} and status = 'active' for key share`;
  if (!owner) throw invalid("ownerId", "unknown", "The owner must be an active person");
}

async function rotate(deps: ApiKeysDeps, actor: Actor, keyId: string): Promise<IssuedApiKey> {
  const { prefix, secret, key } = newKey();
  await deps.database.transaction(async (tx) => {
    const before = await lock(tx, keyId);
    if (before.revokedAt !== null) {
      throw new DomainError("CONFLICT", `Cannot rotate the key "${before.name}": it was revoked`);
    }
    await tx.sql`
      update api_keys set prefix = ${prefix}, secret_hash = decode(${hashToken(secret)}, 'hex'),
        changed_at = greatest(${deps.clock.now()}, changed_at + interval '1 millisecond')
      where id = ${keyId}`;
    const change = { before: { prefix: before.prefix }, after: { prefix } };
    await record(deps, tx, actor, { action: "api_key.rotate", id: keyId, ...change });
  }, { name: "rotate_api_key" });
  deps.access.forgetSession(keyId);
  return { ...await getApiKey(deps, keyId), key };
}

async function revoke(
  deps: ApiKeysDeps,
  actor: Actor,
  { keyId, reason }: { keyId: string; reason: string | undefined },
): Promise<ApiKey> {
  await deps.database.transaction(async (tx) => {
    const before = await lock(tx, keyId);
    if (before.revokedAt !== null) return;
    const at = deps.clock.now();
    await tx.sql`
      update api_keys set revoked_at = ${at},
        changed_at = greatest(${at}, changed_at + interval '1 millisecond')
      where id = ${keyId}`;
    const { name, prefix } = before;
    const change = { before: { name, prefix }, reason };
    await record(deps, tx, actor, { action: "api_key.revoke", id: keyId, ...change });
  }, { name: "revoke_api_key" });
  deps.access.forgetSession(keyId);
  return await getApiKey(deps, keyId);
}

interface LockedKey {
  name: string;
  prefix: string;
  revokedAt: EpochMs | null;
}

async function lock(tx: Tx, keyId: string): Promise<LockedKey> {
  const [row] = await tx.sql<LockedKey[]>`
    select name, prefix, revoked_at as "revokedAt" from api_keys where id = ${keyId} for update`;
  if (row) return row;
  throw new DomainError("NOT_FOUND", `Cannot find API key "${keyId}": there is none`);
}

async function record(
  deps: ApiKeysDeps,
  tx: Tx,
  actor: Actor,
  entry: {
    action: string;
    id: string;
    before?: unknown;
    after?: unknown;
    reason?: string | undefined;
  },
): Promise<void> {
  const { id, ...rest } = entry;
  await deps.audit.record(tx, actor, { targetKind: "api_key", targetId: id, ...rest });
}

function toActor(deps: ApiKeysDeps, access: KeyAccess): ApiKeyActor {
  noteUse(deps, access);
  const { sessionId: keyId, userId: ownerId, scopes, quotaPerMinute } = access;
  return {
    kind: "api_key",
    keyId,
    ownerId,
    scopes,
    quotaPerMinute,
    requestId: null,
    address: null,
  };
}

async function lookUp(deps: ApiKeysDeps, key: string): Promise<KeyAccess> {
  try {
    const parts = splitKey(key);
    const found = parts && await findKeyAccess(deps.database, parts);
    const access = checkUsable(found, deps.clock.now());
    deps.onAuthentication("success");
    deps.access.keep(key, access);
    return access;
  } catch (error) {
    const isRefusal = error instanceof DomainError && error.status < 500;
    deps.onAuthentication(isRefusal ? "refused" : "failed");
    throw error;
  }
}

function checkUsable(found: Awaited<ReturnType<typeof findKeyAccess>>, at: EpochMs): KeyAccess {
  if (!found || found.revokedAt !== null || found.ownerStatus === "deleted") {
    throw new DomainError(
      "INVALID_TOKEN",
      "Cannot use the API key: it is not known or was revoked",
    );
  }
  if (found.access.expiresAt <= at) {
    throw new DomainError("TOKEN_EXPIRED", "Cannot use the API key: it has expired");
  }
  if (found.ownerStatus === "suspended") {
    throw new DomainError("ACCOUNT_SUSPENDED", "Cannot use the API key: its owner is suspended");
  }
  return found.access;
}
