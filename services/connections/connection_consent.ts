/** The way there and back: a person agrees at their provider, who sends them back with a code. */

import { createHash } from "node:crypto";
import type { ConnectedProvider, Connection } from "@/contracts/connections.ts";
import type { ConnectionCallback, ConnectionStart } from "@/contracts/connections.ts";
import type { ConstraintFaults, Tx } from "@/db/client.ts";
import type { Actor, UserActor } from "@/domain/actor.ts";
import { DomainError, invalid } from "@/domain/error.ts";
import { ProviderFault } from "@/domain/provider_fault.ts";
import { DAY_MS, MINUTE_MS } from "@/domain/time.ts";
import { createToken, hashToken } from "@/platform/token.ts";
import { checkSignedIn } from "../accounts/access.ts";
import { pullJob, pullKey } from "./connection_jobs.ts";
import { providerOf, readConnections, sealTokens, toConnection } from "./connection_rows.ts";
import type { ConnectionsDeps } from "./connections.ts";
import type { FitnessProvider, Grant } from "./fitness_provider.ts";

/** Longer than it takes to sign in and agree. */
const ATTEMPT_MS = 10 * MINUTE_MS;

/** How far back the first pull goes: a month's competition that is joined late still counts. */
export const BACKFILL_MS = 31 * DAY_MS;

/** Where every provider sends people back to. */
function callbackUrl({ publicUrl }: ConnectionsDeps, provider: string): string {
  return `${publicUrl}/api/v1/fitness/connections/${provider}/callback`;
}

export async function startConnection(
  deps: ConnectionsDeps,
  actor: Actor,
  name: ConnectedProvider,
): Promise<ConnectionStart> {
  const { userId } = checkSignedIn(actor);
  const provider = providerOf(deps, name);
  const [state, verifier] = [createToken(), createToken()];
  const stateHash = hashToken(state);
  const { keyId, bytes } = deps.sealer.seal(verifier, verifierPlace(stateHash));
  const now = deps.clock.now();
  const expiresAt = now + ATTEMPT_MS;
  await deps.database.transaction(async ({ sql }) => {
    await sql`delete from connection_attempts where expires_at < ${now}`;
    await sql`
      insert into connection_attempts (state_hash, user_id, provider, verifier, key_id, expires_at)
      values (${stateHash}, ${userId}, ${name}, ${bytes}, ${keyId}, ${expiresAt})`;
  }, { name: "connections.start" });
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const redirectUri = callbackUrl(deps, name);
  return {
    authorizationUrl: provider.authorizationUrl({ state, challenge, redirectUri }),
    expiresAt: new Date(expiresAt).toISOString(),
  };
}

export async function completeConnection(
  deps: ConnectionsDeps,
  actor: Actor,
  name: ConnectedProvider,
  callback: ConnectionCallback,
): Promise<Connection> {
  const user = checkSignedIn(actor);
  const provider = providerOf(deps, name);
  const verifier = await takeAttempt(deps, user, name, callback.state ?? "");
  if (callback.error !== undefined || callback.code === undefined) {
    throw invalid("code", "declined", `Cannot connect ${provider.title}: access was not given`);
  }
  const redirectUri = callbackUrl(deps, name);
  const grant = await exchange(provider, { code: callback.code, verifier, redirectUri });
  const scopes = grant.scopes ?? callback.scope?.split(/[ ,]+/) ?? provider.scopes;
  await checkScopes(provider, grant, scopes);
  await storeGrant(deps, user, provider, { ...grant, scopes });
  const rows = await readConnections(deps.database, user.userId);
  return toConnection(deps, rows).find((connection) => connection.provider === name)!;
}

/** A state is good once, for who began, in time: whoever sends it again or instead gets nothing. */
async function takeAttempt(
  deps: ConnectionsDeps,
  { userId }: UserActor,
  provider: string,
  state: string,
): Promise<string> {
  const stateHash = hashToken(state);
  const [row] = await deps.database.sql<{ verifier: Uint8Array; keyId: string }[]>`
    delete from connection_attempts
    where state_hash = ${stateHash} and user_id = ${userId} and provider = ${provider}
      and expires_at > ${deps.clock.now()}
    returning verifier, key_id as "keyId"`;
  if (row) {
    const sealed = { keyId: row.keyId, bytes: row.verifier };
    return deps.sealer.open(sealed, verifierPlace(stateHash));
  }
  const message = "Cannot connect: this was not begun by you, took too long, or is done already";
  throw invalid("state", "unknown", message);
}

function verifierPlace(stateHash: string): string {
  return `connection_attempts.verifier ${stateHash}`;
}

async function exchange(
  provider: FitnessProvider,
  code: Parameters<FitnessProvider["exchange"]>[0],
): Promise<Grant> {
  try {
    return await provider.exchange(code);
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error;
    if (error.kind === "unauthorised") {
      throw invalid("code", "refused", `Cannot connect ${provider.title}: it refused the code`);
    }
    throw new DomainError("SERVICE_UNAVAILABLE", error.message, { cause: error });
  }
}

/** People can untick what is asked for; less than the least is of no use. */
async function checkScopes(
  provider: FitnessProvider,
  grant: Grant,
  scopes: readonly string[],
): Promise<void> {
  const missing = provider.scopes.filter((scope) => !scopes.includes(scope));
  if (missing.length === 0) return;
  // Whatever becomes of it, nothing of the grant is kept here.
  await provider.revoke(grant).catch(() => {});
  const message = `Cannot connect ${provider.title}: it needs ${missing.join(" and ")}`;
  throw invalid("scope", "missing", message);
}

const ACCOUNT_TAKEN: ConstraintFaults = {
  "connections_account_key": {
    code: "CONFLICT",
    message: "Cannot connect: that account is connected to another person here",
  },
};

async function storeGrant(
  deps: ConnectionsDeps,
  { userId }: UserActor,
  { name }: FitnessProvider,
  grant: Grant & { scopes: readonly string[] },
): Promise<void> {
  const now = deps.clock.now();
  await deps.database.transaction(async (tx) => {
    const cursor = await takePlace(tx, userId, name, grant.accountId);
    const id = deps.newId();
    const { keyId, bytes } = sealTokens(deps, id, grant);
    await tx.sql`
      insert into connections (id, user_id, provider, account_id, scopes, status, tokens, key_id,
        expires_at, cursor, pull_from, connected_at, next_pull_at)
      values (${id}, ${userId}, ${name}, ${grant.accountId}, ${[...grant.scopes]}, 'active',
        ${bytes}, ${keyId}, ${grant.expiresAt}, ${cursor}::text::jsonb, ${
      now - BACKFILL_MS
    }, ${now},
        ${now})`;
    await deps.jobs.enqueue(tx, pullJob, { connectionId: id }, { key: pullKey(id) });
  }, { name: "connections.store", constraints: ACCOUNT_TAKEN });
}

/** Makes room for the new grant; gives where the pulls of the same account stood. */
async function takePlace(
  { sql }: Tx,
  userId: string,
  provider: string,
  accountId: string | null,
): Promise<string | null> {
  // Ending an old grant at the provider now would end the new one of the same account with it.
  await sql`
    delete from connections where provider = ${provider} and status = 'revoking'
      and account_id is not distinct from ${accountId}
      and (account_id is not null or user_id = ${userId})`;
  const [before] = await sql<{ cursor: string | null; accountId: string | null }[]>`
    delete from connections where user_id = ${userId} and provider = ${provider}
      and status <> 'revoking'
    returning cursor::text as cursor, account_id as "accountId"`;
  return before && before.accountId === accountId ? before.cursor : null;
}
