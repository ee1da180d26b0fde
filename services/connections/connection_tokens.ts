/** Access to a person's data: tokens opened, refreshed once for all nodes, or found to be ended. */

import type { Tx } from "@/db/client.ts";
import { ProviderFault } from "@/domain/provider_fault.ts";
import { MINUTE_MS } from "@/domain/time.ts";
import { SealError } from "@/platform/sealing.ts";
import {
  type ConnectionRow,
  lockConnection,
  openTokens,
  providerOf,
  readActive,
  sealTokens,
  TITLES,
  type Tokens,
} from "./connection_rows.ts";
import type { ConnectionsDeps } from "./connections.ts";

/** A token must outlive the page that is read with it. */
const MARGIN_MS = 5 * MINUTE_MS;

/**
 * An access token that works, as far as anybody knows; refreshed where it is about to end, or is
 * the one that the provider just rejected. Null where the person must connect again. Fails where
 * the provider cannot be asked, and with `SealError` where the key is not among this node's.
 */
export async function accessTokens(
  deps: ConnectionsDeps,
  connectionId: string,
  rejected?: string,
): Promise<Tokens | null> {
  const row = await readActive(deps.database, connectionId);
  if (row === undefined) return null;
  const usable = usableTokens(deps, row, rejected);
  if (usable !== null && deps.sealer.isCurrent(row.keyId!)) return usable;
  // Providers take back a refresh token that was used: of all nodes one asks, the others wait here
  // and find what it got.
  return await deps.database.transaction(
    (tx) => renew(deps, tx, connectionId, rejected),
    { name: "connections.renew" },
  );
}

async function renew(
  deps: ConnectionsDeps,
  tx: Tx,
  connectionId: string,
  rejected: string | undefined,
): Promise<Tokens | null> {
  const row = await lockConnection(tx, connectionId);
  if (row?.status !== "active") return null;
  try {
    const usable = usableTokens(deps, row, rejected);
    if (usable !== null) return await keep(deps, tx, row, { ...usable, expiresAt: row.expiresAt });
    const { refreshToken } = openTokens(deps, row);
    return await keep(deps, tx, row, await providerOf(deps, row.provider).refresh(refreshToken));
  } catch (error) {
    const isRevoked = error instanceof ProviderFault && error.kind === "unauthorised";
    if (!isRevoked) throw error;
    await endAccess(deps, tx, row, "revoked");
    return null;
  }
}

function usableTokens(
  deps: ConnectionsDeps,
  row: ConnectionRow,
  rejected: string | undefined,
): Tokens | null {
  if (row.expiresAt - deps.clock.now() < MARGIN_MS) return null;
  try {
    const tokens = openTokens(deps, row);
    return tokens.accessToken === rejected ? null : tokens;
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
}

/** Stores under the key that seals now, so that old keys fall out of use by themselves. */
async function keep(
  deps: ConnectionsDeps,
  { sql }: Tx,
  { id }: ConnectionRow,
  tokens: Tokens & { expiresAt: number },
): Promise<Tokens> {
  const { keyId, bytes } = sealTokens(deps, id, tokens);
  await sql`
    update connections set tokens = ${bytes}, key_id = ${keyId}, expires_at = ${tokens.expiresAt}
    where id = ${id}`;
  return tokens;
}

/** Why an access ends for good: the person took it back, or the operator lost the key. */
export type EndCause = "revoked" | "key_lost";

/** Ends an access, unless another node has got a token meanwhile that works as far as is known. */
export async function endUnusable(
  deps: ConnectionsDeps,
  connectionId: string,
  cause: EndCause,
  rejected?: string,
): Promise<void> {
  await deps.database.transaction(async (tx) => {
    const row = await lockConnection(tx, connectionId);
    if (row?.status !== "active" || usableTokens(deps, row, rejected) !== null) return;
    await endAccess(deps, tx, row, cause);
  }, { name: "connections.end" });
}

/** Forgets the tokens and tells the person. */
async function endAccess(
  deps: ConnectionsDeps,
  tx: Tx,
  { id, userId, provider }: ConnectionRow,
  fault: EndCause,
): Promise<void> {
  await tx.sql`
    update connections set status = 'needs_reconnect', tokens = null, key_id = null,
      fault = ${fault}
    where id = ${id}`;
  const payload = { provider, title: TITLES[provider], fault };
  await deps.notices.tell(tx, [{ userId, kind: "connection.needs_reconnect", payload }]);
}
