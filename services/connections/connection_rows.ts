/** Connections as they are stored, and as people see them. */

import {
  CONNECTED_PROVIDERS,
  type ConnectedProvider,
  type Connection,
} from "@/contracts/connections.ts";
import type { Database, Tx } from "@/db/client.ts";
import { DomainError } from "@/domain/error.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { Sealed } from "@/platform/sealing.ts";
import type { ConnectionsDeps } from "./connections.ts";
import type { FitnessProvider, Grant, PullCursor } from "./fitness_provider.ts";

/** A stored connection. */
export interface ConnectionRow {
  id: string;
  userId: string;
  provider: ConnectedProvider;
  accountId: string | null;
  scopes: string[];
  status: "active" | "needs_reconnect" | "revoking";
  tokens: Uint8Array | null;
  keyId: string | null;
  expiresAt: EpochMs;
  cursor: PullCursor | null;
  pullFrom: EpochMs;
  connectedAt: EpochMs;
  lastPullAt: EpochMs | null;
  nextPullAt: EpochMs;
  failures: number;
  fault: string | null;
}

/** What opens a person's data there. */
export interface Tokens {
  accessToken: string;
  refreshToken: string;
}

type Reader = Pick<Database, "sql"> | Tx;

function columns(sql: Reader["sql"]) {
  return sql`
    id, user_id as "userId", provider, account_id as "accountId", scopes, status, tokens,
    key_id as "keyId", expires_at as "expiresAt", cursor, pull_from as "pullFrom",
    connected_at as "connectedAt", last_pull_at as "lastPullAt", next_pull_at as "nextPullAt",
    failures, fault`;
}

/** A person's connections, but those that are only to be ended at their provider. */
export async function readConnections(
  { sql }: Reader,
  userId: string,
): Promise<ConnectionRow[]> {
  return await sql<ConnectionRow[]>`
    select ${columns(sql)} from connections
    where user_id = ${userId} and status <> 'revoking'`;
}

/** One that works, of somebody who is still here. */
export async function readActive({ sql }: Reader, id: string): Promise<ConnectionRow | undefined> {
  const [row] = await sql<ConnectionRow[]>`
    select ${columns(sql)} from connections where id = ${id} and status = 'active'
      and exists (select from users where users.id = user_id and users.status = 'active')`;
  return row;
}

/** The row for whoever holds it alone until the transaction ends. */
export async function lockConnection(tx: Tx, id: string): Promise<ConnectionRow | undefined> {
  const [row] = await tx.sql<ConnectionRow[]>`
    select ${columns(tx.sql)} from connections where id = ${id} for update`;
  return row;
}

/** All providers for a person, in the order of the contract. */
export function toConnection(
  { providers }: Pick<ConnectionsDeps, "providers">,
  rows: readonly ConnectionRow[],
): Connection[] {
  const isoOf = (at: EpochMs | null | undefined) =>
    at === null || at === undefined ? null : new Date(at).toISOString();
  return CONNECTED_PROVIDERS.flatMap((name) => {
    const driver = providers.find((provider) => provider.name === name);
    const row = rows.find(({ provider }) => provider === name);
    const isActive = row?.status === "active";
    return [{
      provider: name,
      title: driver?.title ?? TITLES[name],
      isAvailable: driver !== undefined,
      status: row === undefined ? null : isActive ? "active" : "needs_reconnect",
      scopes: row?.scopes ?? [],
      connectedAt: isoOf(row?.connectedAt),
      lastPullAt: isoOf(row?.lastPullAt),
      nextPullAt: isActive ? isoOf(row.nextPullAt) : null,
      fault: row?.fault ?? null,
    }];
  });
}

/** Also of those that this server is not set up for. */
export const TITLES: Readonly<Record<ConnectedProvider, string>> = {
  strava: "Strava",
  "google_fit": "Google Fit",
};

/** The driver. Fails with `NOT_FOUND` where the operator has not set it up. */
export function providerOf(
  { providers }: Pick<ConnectionsDeps, "providers">,
  name: string,
): FitnessProvider {
  const found = providers.find((provider) => provider.name === name);
  if (found) return found;
  throw new DomainError("NOT_FOUND", `Cannot connect "${name}": it is not set up on this server`);
}

/** Seals what a grant brought, for this connection alone. */
export function sealTokens(
  { sealer }: Pick<ConnectionsDeps, "sealer">,
  id: string,
  { accessToken, refreshToken }: Pick<Grant, "accessToken" | "refreshToken">,
): Sealed {
  return sealer.seal(JSON.stringify({ accessToken, refreshToken }), placeOf(id));
}

/** Opens the tokens of a row; throws `SealError` where no key here does. */
export function openTokens(
  { sealer }: Pick<ConnectionsDeps, "sealer">,
  row: ConnectionRow,
): Tokens {
  const sealed = { keyId: row.keyId ?? "", bytes: row.tokens ?? new Uint8Array() };
  return JSON.parse(sealer.open(sealed, placeOf(row.id)));
}

function placeOf(id: string): string {
  return `connections.tokens ${id}`;
}
