import type { Actor, CallOrigin } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import type { AccountsService } from "@/services/accounts/accounts.ts";
import { isApiKey } from "@/services/accounts/api_key_access.ts";
import type { ApiKeysService } from "@/services/accounts/api_keys.ts";
import type { AppContext } from "../app_env.ts";
import { cookieIn } from "../cookies.ts";
import type { RequestFields } from "../request_fields.ts";
import { checking, type CheckMiddleware } from "./one_level.ts";

export interface AuthenticateOptions {
  accounts: Pick<AccountsService, "authenticateToken" | "authenticateCookie">;
  apiKeys: Pick<ApiKeysService, "authenticate">;
  /** Name of the session cookie. */
  cookieName: string;
}

/** Where gateways and apps send a key that must not travel as a bearer token. */
export const API_KEY_HEADER = "x-api-key";

/**
 * Sets `c.var.actor`: the bearer of a token or API key, else of a session cookie, else nobody. What
 * is presented has to be good, also on public paths: a client must learn that its token has ended.
 * Fails with `INVALID_TOKEN`, `TOKEN_EXPIRED`, `ACCOUNT_SUSPENDED`.
 */
export function authenticate(options: AuthenticateOptions): CheckMiddleware {
  return checking(async (c) => c.set("actor", await actorOf(options, c)));
}

async function actorOf(options: AuthenticateOptions, c: AppContext): Promise<Actor> {
  const { accounts, apiKeys, cookieName } = options;
  const { headers } = c.req.raw;
  const origin: CallOrigin = {
    requestId: c.get("requestId"),
    address: c.get("clientAddress"),
  };
  const { key, token } = credentialsOf(headers);
  if (key) return { ...await apiKeys.authenticate(key), ...origin };
  if (token !== undefined) return { ...await accounts.authenticateToken(token), ...origin };
  const cookie = cookieIn(headers.get("cookie"), cookieName);
  const user = cookie ? await accounts.authenticateCookie(cookie) : undefined;
  return user ? { ...user, ...origin } : { kind: "anonymous", ...origin };
}

/** Who this node remembers to be behind a key or token. */
export interface KnownCallers {
  accounts: Pick<AccountsService, "knownByToken">;
  apiKeys: Pick<ApiKeysService, "known">;
}

/** How most clients write it; what is remembered behind it needs no look at its shape. */
const PLAIN_BEARER = "Bearer ";

/**
 * The actor as `authenticate` finds it, where that takes no waiting: undefined for a credential that
 * has to be looked at or looked up, and where there is a cookie.
 */
export function knownActor(
  { accounts, apiKeys }: KnownCallers,
  headers: RequestFields,
  { requestId, address }: CallOrigin,
): Actor | undefined {
  const given = headers.get("authorization");
  if (given?.startsWith(PLAIN_BEARER)) {
    const token = given.slice(PLAIN_BEARER.length);
    const known = isApiKey(token) ? apiKeys.known(token) : accounts.knownByToken(token);
    return known && { ...known, requestId, address };
  }
  if (given !== null) return undefined;
  const key = headers.get(API_KEY_HEADER);
  const known = key ? apiKeys.known(key) : undefined;
  if (key) return known && { ...known, requestId, address };
  return headers.get("cookie") === null ? { kind: "anonymous", requestId, address } : undefined;
}

/** A key goes before a token, a token before a cookie. */
function credentialsOf(headers: Headers): { key: string | null; token: string | undefined } {
  const token = bearerToken(headers.get("authorization"));
  if (token === undefined) return { key: headers.get(API_KEY_HEADER), token };
  return { key: isApiKey(token) ? token : null, token };
}

/** The scheme's name is case-insensitive; another scheme is somebody else's, e.g. a proxy's. */
const BEARER = /^bearer(?: +(.*))?$/i;
/** RFC 6750's `b64token`. */
const TOKEN_SHAPE = /^[\w.~+/-]+=*$/;

/** The token of an `Authorization` header; undefined for other schemes. Fails with `INVALID_TOKEN`. */
export function bearerToken(header: string | null | undefined): string | undefined {
  if (!header) return undefined;
  const match = BEARER.exec(header.trim());
  if (!match) return undefined;
  const token = match[1] ?? "";
  if (TOKEN_SHAPE.test(token)) return token;
  throw new DomainError("INVALID_TOKEN", "Cannot use the access token: it is not a token");
}
