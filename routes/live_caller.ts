/** Who opens a live board: browsers can give a socket no header, so its token may be in the query. */

import type { Actor, CallOrigin } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import type { StreamPosition } from "@/domain/stream.ts";
import type { AccountsService } from "@/services/accounts/accounts.ts";
import { isApiKey } from "@/services/accounts/api_key_access.ts";
import type { ApiKeysService } from "@/services/accounts/api_keys.ts";

/** Who knows what a caller presents. */
export interface Authenticators {
  accounts: Pick<AccountsService, "authenticateToken" | "authenticateCookie">;
  apiKeys: Pick<ApiKeysService, "authenticate">;
}

/** A caller and the way to ask again, when the stream has been open for a while. */
export interface LiveCaller {
  actor: Actor;
  recheck?: () => Promise<Actor>;
}

/** What a caller presents; the token may be an API key. */
export interface Credentials {
  token?: string | undefined;
  cookie?: string | undefined;
}

/** Fails with `INVALID_TOKEN`, `TOKEN_EXPIRED`, `ACCOUNT_SUSPENDED` for a token that is not good. */
export async function readLiveCaller(
  { accounts, apiKeys }: Authenticators,
  { token, cookie }: Credentials,
  origin: CallOrigin,
): Promise<LiveCaller> {
  if (token !== undefined) {
    const authenticate = async (): Promise<Actor> => {
      if (isApiKey(token)) return { ...await apiKeys.authenticate(token), ...origin };
      return { ...await accounts.authenticateToken(token), ...origin };
    };
    return { actor: await authenticate(), recheck: authenticate };
  }
  const user = cookie === undefined ? undefined : await accounts.authenticateCookie(cookie);
  if (cookie === undefined || user === undefined) {
    return { actor: { kind: "anonymous", ...origin } };
  }
  const recheck = async () => {
    const again = await accounts.authenticateCookie(cookie);
    if (again) return { ...again, ...origin };
    throw new DomainError("UNAUTHORIZED", "Cannot go on: the session has ended");
  };
  return { actor: { ...user, ...origin }, recheck };
}

/** The position in a query, where it has both of its parts. */
export function positionIn(
  query: { epoch?: string | undefined; offset?: number | undefined },
): { resume?: StreamPosition } {
  const { epoch, offset } = query;
  return epoch === undefined || offset === undefined ? {} : { resume: { epoch, offset } };
}
