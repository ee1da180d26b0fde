/**
 * Accounts: register, sign in, tokens, sessions.
 *
 * @module
 */

import type { Account, Login, PasswordChange, Registration, Tokens } from "@/contracts/auth.ts";
import type { Database } from "@/db/client.ts";
import type { Actor, CallOrigin, UserActor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import { type EpochMs, SECOND_MS } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import type { IdGenerator } from "@/platform/id.ts";
import type { AccessTokens } from "@/platform/jwt.ts";
import type { Passwords } from "@/platform/password.ts";
import type { RateLimiter } from "@/platform/rate_limit.ts";
import { checkRole, checkSignedIn } from "./access.ts";
import type { Access, AccessCache } from "./access_cache.ts";
import { hasAdminWithPassword, lockAdmins } from "./admins.ts";
import type { AuditService } from "../audit.ts";
import { upsertAdmin } from "./first_admin.ts";
import { type LoginLimits, takeAttempt } from "./login_throttle.ts";
import { changePassword } from "./password_change.ts";
import { register } from "./registration.ts";
import {
  endSession,
  endSessions,
  findCookieAccess,
  findTokenAccess,
  newSession,
  rotateRefreshToken,
  type SessionLives,
  startApiSession,
  startBrowserSession,
  type StartedSession,
  type StartSession,
} from "./sessions.ts";
import type { SettingsService } from "../settings.ts";
import { addressKey, admit, suspended, verifyLogin } from "./sign_in.ts";
import { insertSignInLink, useSignInLink } from "./sign_in_links.ts";

/** What a browser session starts with; the cookie's value is shown once and stored as a hash. */
export interface BrowserSession {
  cookie: string;
  expiresAt: number;
  user: Account;
}

/** Where a sign-in comes from. */
export interface SignInOrigin extends CallOrigin {
  userAgent?: string | undefined;
}

export interface AccountsService {
  /** Creates a member and signs it in. Fails with `SIGN_UP_CLOSED`, `EMAIL_TAKEN`, `VALIDATION_ERROR` (weak password). */
  register(registration: Registration, origin: SignInOrigin): Promise<Tokens>;
  /** Fails with `INVALID_CREDENTIALS` (same answer and time for unknown user and wrong password), `ACCOUNT_SUSPENDED`, `RATE_LIMIT_EXCEEDED`. */
  login(login: Login, origin: SignInOrigin): Promise<Tokens>;
  /** Rotates the refresh token; one used twice ends its session. Fails with `INVALID_TOKEN`, `TOKEN_EXPIRED`, `ACCOUNT_SUSPENDED`. */
  refresh(refreshToken: string, origin: SignInOrigin): Promise<Tokens>;
  /** Ends the actor's session; effective on every node within 5 s. */
  logout(actor: Actor): Promise<void>;
  /** Ends all other sessions. Fails with `INVALID_CREDENTIALS`, `VALIDATION_ERROR`, `RATE_LIMIT_EXCEEDED`. */
  changePassword(actor: Actor, change: PasswordChange): Promise<void>;
  /** Fails with `UNAUTHORIZED`. */
  me(actor: Actor): Promise<Account>;
  /** The person behind `Authorization: Bearer`. Fails with `INVALID_TOKEN`, `TOKEN_EXPIRED`, `ACCOUNT_SUSPENDED`. */
  authenticateToken(token: string): Promise<UserActor>;
  /** The same for a token that this node remembers; undefined when it has to be looked up. */
  knownByToken(token: string): UserActor | undefined;
  /** The person behind a session cookie; undefined when it is unknown, ended or suspended. */
  authenticateCookie(cookie: string): Promise<UserActor | undefined>;
  /** As `login`, for a browser. */
  loginBrowser(login: Login, origin: SignInOrigin): Promise<BrowserSession>;
  /** As `register`, for a browser. */
  registerBrowser(registration: Registration, origin: SignInOrigin): Promise<BrowserSession>;
  /** Makes a one-time link secret for a user; valid for 30 minutes. Admins and the system, audited. Fails with `NOT_FOUND`. */
  createSignInLink(actor: Actor, userId: string): Promise<{ token: string; expiresAt: number }>;
  /** Signs in by a one-time link. Fails with `INVALID_TOKEN` when unknown, used or expired. */
  redeemSignInLink(token: string, origin: SignInOrigin): Promise<BrowserSession>;
  /** Tells whether an admin can sign in by password. */
  hasAdmin(): Promise<boolean>;
  /** Creates the first admin when none can sign in by password; tells whether it did. The operator answers for the password's strength. */
  ensureFirstAdmin(credentials: { email: string; password: string }): Promise<boolean>;
}

/** How somebody proved who they are. */
export type AuthenticationMethod = "password" | "refresh" | "token" | "cookie" | "link";
/** How it ended: `refused` is the caller's fault, `failed` is ours. */
export type AuthenticationOutcome = "success" | "refused" | "throttled" | "failed";

/** Hears what happens to accounts, for metrics and the log; both label sets are closed. */
export interface AccountEvents {
  /** Tokens and cookies count when they are looked up, not when they are remembered. */
  authentication(method: AuthenticationMethod, outcome: AuthenticationOutcome): void;
  business(event: "user_registered" | "refresh_token_reused"): void;
}

export interface AccountsDeps {
  database: Database;
  clock: Clock;
  newId: IdGenerator;
  passwords: Passwords;
  tokens: AccessTokens;
  limiter: RateLimiter;
  limits: LoginLimits;
  lives: SessionLives;
  /** Shared with the users service, so that both forget at once on this node. */
  access: AccessCache;
  audit: AuditService;
  settings: Pick<SettingsService, "current">;
  events: AccountEvents;
}

/** Makes the accounts service. */
export function createAccountsService(deps: AccountsDeps): AccountsService {
  return {
    register: (registration, origin) => registerApi(deps, registration, origin),
    login: (login, origin) =>
      counted(deps, "password", () => signIn(deps, { login, origin }, startApiSession))
        .then((session) => tokensOf(deps, session)),
    refresh: (refreshToken) => counted(deps, "refresh", () => refresh(deps, refreshToken)),
    logout: (actor) => logout(deps, actor),
    changePassword: (actor, change) => changePassword(deps, checkSignedIn(actor), change),
    me: (actor) => getAccount(deps, checkSignedIn(actor)),
    authenticateToken: async (token) => actorOf(await accessByToken(deps, token)),
    knownByToken(token) {
      const access = deps.access.findNow(token);
      return access && actorOf(access);
    },
    authenticateCookie: (cookie) => actorByCookie(deps, cookie),
    loginBrowser: (login, origin) =>
      counted(deps, "password", () => signIn(deps, { login, origin }, startBrowserSession))
        .then(browserSessionOf),
    async registerBrowser(registration, origin) {
      return browserSessionOf(await register(deps, { registration, origin }, startBrowserSession));
    },
    createSignInLink: (actor, userId) => createSignInLink(deps, actor, userId),
    redeemSignInLink: (token, origin) =>
      counted(deps, "link", () => redeemSignInLink(deps, token, origin)),
    hasAdmin: () => deps.database.transaction((tx) => hasAdminWithPassword(tx)),
    ensureFirstAdmin: (credentials) => ensureFirstAdmin(deps, credentials),
  };
}

async function registerApi(
  deps: AccountsDeps,
  registration: Registration,
  origin: SignInOrigin,
): Promise<Tokens> {
  return await tokensOf(deps, await register(deps, { registration, origin }, startApiSession));
}

async function signIn<T>(
  deps: AccountsDeps,
  { login, origin }: { login: Login; origin: SignInOrigin },
  startSession: StartSession<T>,
): Promise<StartedSession<T>> {
  const verified = await verifyLogin(deps, login, origin);
  const { user } = verified;
  const start = newSession(deps, user.id, origin);
  const secret = await deps.database.transaction(async (tx) => {
    await admit(tx, verified);
    return await startSession(tx, start);
  }, { name: "sign_in" });
  return { user, sessionId: start.sessionId, secret };
}

/** Counts how it ended; the caller still sees the failure. */
async function counted<T>(
  { events }: AccountsDeps,
  method: AuthenticationMethod,
  run: () => Promise<T>,
): Promise<T> {
  try {
    const result = await run();
    events.authentication(method, "success");
    return result;
  } catch (error) {
    events.authentication(method, outcomeOf(error));
    throw error;
  }
}

function outcomeOf(error: unknown): AuthenticationOutcome {
  if (!(error instanceof DomainError) || error.status >= 500) return "failed";
  return error.code === "RATE_LIMIT_EXCEEDED" ? "throttled" : "refused";
}

async function tokensOf(deps: AccountsDeps, session: StartedSession<string>): Promise<Tokens> {
  const { user, sessionId, secret: refreshToken } = session;
  const accessToken = await deps.tokens.sign({ userId: user.id, sessionId, role: user.role });
  const expiresIn = Math.floor(deps.tokens.ttlMs / SECOND_MS);
  return { user, accessToken, refreshToken, expiresIn };
}

function browserSessionOf(
  { user, secret }: StartedSession<{ cookie: string; expiresAt: EpochMs }>,
): BrowserSession {
  return { cookie: secret.cookie, expiresAt: secret.expiresAt, user };
}

async function refresh(deps: AccountsDeps, refreshToken: string): Promise<Tokens> {
  const at = deps.clock.now();
  // The end of a reused token's session has to commit, so that the answer is an outcome, not a throw.
  const rotation = await deps.database.transaction(
    (tx) => rotateRefreshToken(tx, refreshToken, { at, lives: deps.lives }),
    { name: "refresh" },
  );
  if (rotation.outcome === "rotated") {
    const { user, sessionId, refreshToken: secret } = rotation;
    return await tokensOf(deps, { user, sessionId, secret });
  }
  if (rotation.outcome === "suspended") throw suspended();
  if (rotation.outcome === "reused") {
    deps.access.forgetSession(rotation.sessionId);
    deps.events.business("refresh_token_reused");
  }
  if (rotation.outcome !== "expired") throw refreshRefused("INVALID_TOKEN", "it is not valid");
  throw refreshRefused("TOKEN_EXPIRED", "it has expired, sign in again");
}

function refreshRefused(code: "INVALID_TOKEN" | "TOKEN_EXPIRED", why: string): DomainError {
  return new DomainError(code, `Cannot use the refresh token: ${why}`);
}

async function logout(deps: AccountsDeps, actor: Actor): Promise<void> {
  const { sessionId } = checkSignedIn(actor);
  const at = deps.clock.now();
  await deps.database.transaction(
    (tx) => endSession(tx, sessionId, { at, reason: "logout" }),
    { name: "logout" },
  );
  deps.access.forgetSession(sessionId);
}

async function getAccount({ database }: AccountsDeps, actor: UserActor): Promise<Account> {
  const [user] = await database.sql<Account[]>`
    select id, email, name, role from users where id = ${actor.userId} and status = 'active'`;
  if (user) return { ...user };
  throw new DomainError("UNAUTHORIZED", "Cannot show the account: it is no longer active");
}

async function accessByToken(deps: AccountsDeps, token: string): Promise<Access> {
  const remembered = await deps.access.find(token);
  if (remembered) return remembered;
  return await counted(deps, "token", async () => {
    const claims = await deps.tokens.verify(token);
    const found = await findTokenAccess(deps.database, claims, deps.clock.now());
    if (found === "suspended") throw suspended();
    if (found === "ended") throw sessionEnded();
    const access = { ...found, expiresAt: Math.min(found.expiresAt, claims.expiresAt) };
    deps.access.keep(token, access);
    return access;
  });
}

function sessionEnded(): DomainError {
  return new DomainError("INVALID_TOKEN", "Cannot use the access token: its session has ended");
}

/** As `createToken` makes them; anything else need not be looked up. */
const COOKIE_SHAPE = /^[\w-]{43}$/;

async function actorByCookie(deps: AccountsDeps, cookie: string): Promise<UserActor | undefined> {
  if (!COOKIE_SHAPE.test(cookie)) return undefined;
  const remembered = await deps.access.find(cookie);
  if (remembered) return actorOf(remembered);
  const found = await findCookieAccess(deps.database, cookie, deps.clock.now());
  const isAdmitted = typeof found !== "string";
  deps.events.authentication("cookie", isAdmitted ? "success" : "refused");
  if (!isAdmitted) return undefined;
  deps.access.keep(cookie, found);
  return actorOf(found);
}

function actorOf(access: Access): UserActor {
  const { userId, role, sessionId, via, expiresAt } = access;
  const nowhere: CallOrigin = { requestId: null, address: null };
  return { kind: "user", userId, role, sessionId, via, expiresAt, ...nowhere };
}

async function createSignInLink(deps: AccountsDeps, actor: Actor, userId: string) {
  checkRole(actor, "admin");
  const at = deps.clock.now();
  return await deps.database.transaction(async (tx) => {
    const link = await insertSignInLink(tx, userId, at);
    await deps.audit.record(tx, actor, {
      action: "user.sign_in_link",
      targetKind: "user",
      targetId: userId,
      after: { expiresAt: new Date(link.expiresAt).toISOString() },
    });
    return link;
  }, { name: "create_sign_in_link" });
}

async function redeemSignInLink(
  deps: AccountsDeps,
  token: string,
  origin: SignInOrigin,
): Promise<BrowserSession> {
  const attempt = await takeAttempt(deps.limiter, deps.limits.address, addressKey(origin));
  const session = await deps.database.transaction(async (tx) => {
    const user = await useSignInLink(tx, token, deps.clock.now());
    const start = newSession(deps, user.id, origin);
    return {
      user,
      sessionId: start.sessionId,
      secret: await startBrowserSession(tx, start),
    };
  }, { name: "redeem_sign_in_link" });
  await attempt.succeeded();
  return browserSessionOf(session);
}

async function ensureFirstAdmin(
  deps: AccountsDeps,
  credentials: { email: string; password: string },
): Promise<boolean> {
  const { database } = deps;
  // Asked first, so that an ordinary start spends no time on hashing.
  if (await database.transaction((tx) => hasAdminWithPassword(tx))) return false;
  const passwordHash = await deps.passwords.hash(credentials.password);
  const admin = { id: deps.newId(), email: credentials.email, passwordHash, at: deps.clock.now() };
  return await database.transaction(async (tx) => {
    await lockAdmins(tx);
    if (await hasAdminWithPassword(tx)) return false;
    const userId = await upsertAdmin(tx, admin);
    await endSessions(tx, userId, { at: admin.at, reason: "password_changed" });
    await deps.audit.record(tx, SYSTEM, {
      action: "user.first_admin",
      targetKind: "user",
      targetId: userId,
    });
    return true;
  }, { name: "first_admin" });
}

const SYSTEM: Actor = { kind: "system", name: "accounts", requestId: null, address: null };
