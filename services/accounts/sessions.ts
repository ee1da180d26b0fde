/**
 * Sessions and their secrets. An app holds an access token and a refresh token, a browser a cookie;
 * the database keeps hashes only. A refresh token is good for one use: whoever presents it again
 * has stolen it, or was stolen from, so that its whole session ends.
 *
 * @module
 */

import type { Account } from "@/contracts/auth.ts";
import type { Role } from "@/domain/actor.ts";
import { DAY_MS, type EpochMs } from "@/domain/time.ts";
import type { UserStatus } from "@/contracts/users.ts";
import type { Database, Tx } from "@/db/client.ts";
import type { Clock } from "@/platform/clock.ts";
import type { IdGenerator } from "@/platform/id.ts";
import { createToken, hashToken } from "@/platform/token.ts";
import type { Access, AccessChanges } from "./access_cache.ts";
import type { SignInOrigin } from "./accounts.ts";

/** How long sessions live. */
export interface SessionLives {
  /** A refresh token not used for this long is over. */
  refreshMs: number;
  /** A browser's session: fixed, not sliding, so that a stolen cookie gains nothing by use. */
  browserMs: number;
}

/** However often it is refreshed, an app's session ends: a season, then the password again. */
const API_SESSION_TTL_MS = 90 * DAY_MS;
/** More devices than anybody has; the oldest session ends beyond it. */
const SESSIONS_MAX = 100;
/** Ended sessions are kept this long for questions after a theft, then deleted at the next sign-in. */
const ENDED_SESSION_KEPT_MS = 30 * DAY_MS;
/** As the column; browsers send about 120 characters. */
const USER_AGENT_MAX = 400;
/** More changes at once than this are cheaper to answer with an empty cache. */
const CHANGES_MAX = 10_000;

/** Why a session ended before its time. */
export type EndReason =
  | "logout"
  | "password_changed"
  | "suspended"
  | "removed"
  | "refresh_token_reused"
  | "too_many_sessions";

/** A session about to start. */
export interface SessionStart {
  sessionId: string;
  userId: string;
  at: EpochMs;
  origin: SignInOrigin;
  lives: SessionLives;
}

/** The facts of a session that is about to start. */
export function newSession(
  deps: { clock: Clock; newId: IdGenerator; lives: SessionLives },
  userId: string,
  origin: SignInOrigin,
): SessionStart {
  return { sessionId: deps.newId(), userId, at: deps.clock.now(), origin, lives: deps.lives };
}

/** Starts a session of one kind in the caller's transaction and gives its secret. */
export type StartSession<T> = (tx: Tx, start: SessionStart) => Promise<T>;

/** A session that has started. */
export interface StartedSession<T> {
  user: Account;
  sessionId: string;
  secret: T;
}

/** Starts an app's session and returns its first refresh token. */
export async function startApiSession(tx: Tx, start: SessionStart): Promise<string> {
  const { sessionId, at, lives } = start;
  const sessionEndsAt = at + Math.max(API_SESSION_TTL_MS, lives.refreshMs);
  await insertSession(tx, start, { kind: "api", expiresAt: sessionEndsAt, cookie: null });
  const expiresAt = at + lives.refreshMs;
  return await issueRefreshToken(tx, { sessionId, at, expiresAt });
}

/** Starts a browser's session and returns the value of its cookie. */
export async function startBrowserSession(
  tx: Tx,
  start: SessionStart,
): Promise<{ cookie: string; expiresAt: EpochMs }> {
  const cookie = createToken();
  const expiresAt = start.at + start.lives.browserMs;
  await insertSession(tx, start, { kind: "browser", expiresAt, cookie });
  return { cookie, expiresAt };
}

async function insertSession(
  tx: Tx,
  start: SessionStart,
  session: { kind: "api" | "browser"; expiresAt: EpochMs; cookie: string | null },
): Promise<void> {
  const { sessionId, userId, at, origin } = start;
  const cookieHash = session.cookie === null ? null : hashToken(session.cookie);
  await tx.sql`
    insert into sessions (id, user_id, kind, cookie_hash, user_agent, address, created_at, expires_at)
    values (${sessionId}, ${userId}, ${session.kind}, decode(${cookieHash}, 'hex'),
      ${origin.userAgent?.slice(0, USER_AGENT_MAX) ?? null}, ${origin.address},
      ${at}, ${session.expiresAt})`;
  await tx.sql`
    delete from sessions where user_id = ${userId}
      and (expires_at < ${at - ENDED_SESSION_KEPT_MS} or revoked_at < ${
    at - ENDED_SESSION_KEPT_MS
  })`;
  await tx.sql`
    update sessions set revoked_at = ${at}, revoke_reason = ${"too_many_sessions"}
    where id in (
      select id from sessions where user_id = ${userId} and revoked_at is null
      order by created_at desc, id desc offset ${SESSIONS_MAX})`;
}

async function issueRefreshToken(
  tx: Tx,
  issue: { sessionId: string; at: EpochMs; expiresAt: EpochMs },
): Promise<string> {
  const token = createToken();
  await tx.sql`
    insert into refresh_tokens (token_hash, session_id, issued_at, expires_at)
    values (decode(${
    hashToken(token)
  }, 'hex'), ${issue.sessionId}, ${issue.at}, ${issue.expiresAt})`;
  return token;
}

/** What became of a refresh token; `reused` has ended the session, which must be committed. */
export type Rotation =
  | { outcome: "rotated"; sessionId: string; refreshToken: string; user: Account }
  | { outcome: "reused"; sessionId: string }
  | { outcome: "unknown" | "expired" | "suspended" };

interface RefreshRow extends Account {
  sessionId: string;
  sessionEndsAt: EpochMs;
  expiresAt: EpochMs;
  usedAt: EpochMs | null;
  revokedAt: EpochMs | null;
  status: UserStatus;
}

/** Uses a refresh token up and gives the next one; of two at the same time exactly one wins. */
export async function rotateRefreshToken(
  tx: Tx,
  token: string,
  { at, lives }: { at: EpochMs; lives: SessionLives },
): Promise<Rotation> {
  const hash = hashToken(token);
  const row = await lockRefreshToken(tx, hash);
  if (!row) return { outcome: "unknown" };
  const { sessionId, sessionEndsAt } = row;
  if (row.usedAt !== null && row.revokedAt === null) {
    await endSession(tx, sessionId, { at, reason: "refresh_token_reused" });
    return { outcome: "reused", sessionId };
  }
  if (row.status === "suspended") return { outcome: "suspended" };
  if (row.revokedAt !== null) return { outcome: "unknown" };
  if (row.expiresAt <= at || sessionEndsAt <= at) return { outcome: "expired" };
  await tx.sql`
    update refresh_tokens set used_at = ${at} where token_hash = decode(${hash}, 'hex')`;
  await tx.sql`
    delete from refresh_tokens where session_id = ${sessionId} and expires_at <= ${at}`;
  const expiresAt = Math.min(at + lives.refreshMs, sessionEndsAt);
  const refreshToken = await issueRefreshToken(tx, { sessionId, at, expiresAt });
  const { id, email, name, role } = row;
  return { outcome: "rotated", sessionId, refreshToken, user: { id, email, name, role } };
}

async function lockRefreshToken(tx: Tx, hash: string): Promise<RefreshRow | undefined> {
  const [row] = await tx.sql<RefreshRow[]>`
    select t.session_id as "sessionId", t.expires_at as "expiresAt", t.used_at as "usedAt",
      s.expires_at as "sessionEndsAt", s.revoked_at as "revokedAt",
      u.id, u.email, u.name, u.role, u.status
    from refresh_tokens t
      join sessions s on s.id = t.session_id
      join users u on u.id = s.user_id
    where t.token_hash = decode(${hash}, 'hex')
    for update of t, s`;
  return row;
}

/** Ends one session; ending it again changes nothing. */
export async function endSession(
  tx: Tx,
  sessionId: string,
  end: { at: EpochMs; reason: EndReason },
): Promise<void> {
  await tx.sql`
    update sessions set revoked_at = ${end.at}, revoke_reason = ${end.reason}
    where id = ${sessionId} and revoked_at is null`;
}

/** Ends a user's sessions and takes back unused sign-in links. */
export async function endSessions(
  tx: Tx,
  userId: string,
  end: { at: EpochMs; reason: EndReason; exceptSessionId?: string },
): Promise<void> {
  await tx.sql`
    update sessions set revoked_at = ${end.at}, revoke_reason = ${end.reason}
    where user_id = ${userId} and revoked_at is null
      and id is distinct from ${end.exceptSessionId ?? null}::uuid`;
  await tx.sql`delete from sign_in_links where user_id = ${userId} and used_at is null`;
}

interface AccessRow {
  sessionId: string;
  expiresAt: EpochMs;
  revokedAt: EpochMs | null;
  userId: string;
  role: Role;
  status: UserStatus;
  accessChangedAt: EpochMs;
}

/** Why there is no access, or the access. */
export type AccessAnswer = Access | "ended" | "suspended";

/** Others with the same secret may sign tokens whose subjects are not ours. */
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What a verified access token's session gives now. */
export async function findTokenAccess(
  database: Database,
  session: { sessionId: string; userId: string },
  at: EpochMs,
): Promise<AccessAnswer> {
  if (!ID.test(session.sessionId) || !ID.test(session.userId)) return "ended";
  const [row] = await database.sql<AccessRow[]>`
    select s.id as "sessionId", s.expires_at as "expiresAt", s.revoked_at as "revokedAt",
      u.id as "userId", u.role, u.status, u.access_changed_at as "accessChangedAt"
    from sessions s join users u on u.id = s.user_id
    where s.id = ${session.sessionId} and u.id = ${session.userId} and s.kind = 'api'`;
  return answerOf(row, "api", at);
}

/** What a cookie gives now. */
export async function findCookieAccess(
  database: Database,
  cookie: string,
  at: EpochMs,
): Promise<AccessAnswer> {
  const [row] = await database.sql<AccessRow[]>`
    select s.id as "sessionId", s.expires_at as "expiresAt", s.revoked_at as "revokedAt",
      u.id as "userId", u.role, u.status, u.access_changed_at as "accessChangedAt"
    from sessions s join users u on u.id = s.user_id
    where s.cookie_hash = decode(${hashToken(cookie)}, 'hex') and s.kind = 'browser'`;
  return answerOf(row, "browser", at);
}

function answerOf(
  row: AccessRow | undefined,
  via: Access["via"],
  at: EpochMs,
): AccessAnswer {
  if (!row || row.status === "deleted") return "ended";
  if (row.status === "suspended") return "suspended";
  if (row.revokedAt !== null || row.expiresAt <= at) return "ended";
  const { userId, role, sessionId, expiresAt, accessChangedAt } = row;
  return { userId, role, sessionId, via, expiresAt, accessChangedAt };
}

/** Sessions ended and users changed after an instant, by any node. */
export async function readAccessChanges(
  database: Database,
  since: EpochMs,
): Promise<AccessChanges> {
  const [sessions, users] = await Promise.all([
    database.sql<{ id: string }[]>`
      select id from sessions where revoked_at > ${since} limit ${CHANGES_MAX}`,
    // A user who was never changed has nothing to take away, and storms of registrations are many.
    database.sql<{ id: string; changedAt: EpochMs }[]>`
      select id, access_changed_at as "changedAt" from users
      where access_changed_at > ${since} and access_changed_at > created_at limit ${CHANGES_MAX}`,
  ]);
  if (sessions.length === CHANGES_MAX || users.length === CHANGES_MAX) return "all";
  return {
    endedSessionIds: new Set(sessions.map(({ id }) => id)),
    changedUsers: new Map(users.map(({ id, changedAt }) => [id, changedAt])),
  };
}
