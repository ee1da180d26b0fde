/**
 * Whether somebody may buy. Built-in accounts are looked up here; who signed in with an identity
 * provider is looked up there as well, since it may have banned or forgotten them meanwhile.
 *
 * @module
 */

import type { Database } from "@/db/client.ts";
import { DomainError } from "@/domain/error.ts";
import type { BuyerCheck } from "./payments.ts";

/** What an identity provider knows of an account. */
export type IdentityState = "active" | "suspended" | "unknown";

/** The port to an identity provider. */
export interface IdentityProvider {
  /** Names it in `user_identities`. */
  readonly name: string;
  /** Fails with `CIRCUIT_OPEN` or `SERVICE_UNAVAILABLE` while it is away. */
  stateOf(subject: string): Promise<IdentityState>;
}

export interface BuyersDeps {
  database: Database;
  /** Absent where all accounts are built in. */
  identities?: IdentityProvider | undefined;
}

export function createBuyerCheck({ database, identities }: BuyersDeps): BuyerCheck {
  return {
    async check(userId) {
      const buyer = await readBuyer(database, userId, identities?.name ?? null);
      refuse(LOCAL_STATES[buyer?.status ?? "deleted"]);
      if (identities && buyer?.subject) refuse(await identities.stateOf(buyer.subject));
    },
  };
}

interface Buyer {
  status: "active" | "suspended" | "deleted";
  /** As the identity provider names them; null for a built-in account. */
  subject: string | null;
}

async function readBuyer(
  { sql }: Database,
  userId: string,
  provider: string | null,
): Promise<Buyer | undefined> {
  const [row] = await sql<Buyer[]>`
    select u.status, i.subject from users u
    left join user_identities i on i.user_id = u.id and i.provider = ${provider}
    where u.id = ${userId}`;
  return row;
}

const LOCAL_STATES: Record<Buyer["status"], IdentityState> = {
  active: "active",
  suspended: "suspended",
  deleted: "unknown",
};

function refuse(state: IdentityState): void {
  if (state === "active") return;
  if (state === "suspended") {
    throw new DomainError("ACCOUNT_SUSPENDED", "Cannot buy: the account is suspended");
  }
  throw new DomainError("FORBIDDEN", "Cannot buy: the account is not known any more");
}
