/** One-time sign-in links: a secret in an address, good for 30 minutes and one use. */

import type { Account } from "@/contracts/auth.ts";
import type { Tx } from "@/db/client.ts";
import { DomainError } from "@/domain/error.ts";
import { type EpochMs, MINUTE_MS } from "@/domain/time.ts";
import { createToken, hashToken } from "@/platform/token.ts";

/** Long enough to find the terminal or the mail, short enough not to lie about. */
export const SIGN_IN_LINK_TTL_MS = 30 * MINUTE_MS;

/** The secret of a link, shown once. */
export interface SignInLink {
  token: string;
  expiresAt: EpochMs;
}

/** Makes a link for an active user. Fails with `NOT_FOUND`. */
export async function insertSignInLink(tx: Tx, userId: string, at: EpochMs): Promise<SignInLink> {
  const token = createToken();
  const expiresAt = at + SIGN_IN_LINK_TTL_MS;
  const created = await tx.sql`
    insert into sign_in_links (token_hash, user_id, created_at, expires_at)
    select decode(${hashToken(token)}, 'hex'), id, ${at}, ${expiresAt} from users
    where id = ${userId} and status = 'active'`;
  if (created.count === 0) {
    throw new DomainError("NOT_FOUND", `Cannot find user "${userId}": there is no active one`);
  }
  await tx.sql`delete from sign_in_links where user_id = ${userId} and expires_at <= ${at}`;
  return { token, expiresAt };
}

/** Uses a link up. Fails with `INVALID_TOKEN` when it is unknown, used or over. */
export async function useSignInLink(tx: Tx, token: string, at: EpochMs): Promise<Account> {
  const [link] = await tx.sql<{ userId: string }[]>`
    update sign_in_links set used_at = ${at}
    where token_hash = decode(${hashToken(token)}, 'hex') and used_at is null
      and expires_at > ${at}
    returning user_id as "userId"`;
  const [user] = await tx.sql<Account[]>`
    select id, email, name, role from users
    where id = ${link?.userId ?? null} and status = 'active' for no key update`;
  if (user) return { ...user };
  throw new DomainError("INVALID_TOKEN", "Cannot sign in by the link: it was used or is too old");
}
