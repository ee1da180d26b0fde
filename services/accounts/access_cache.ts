/**
 * What verified tokens and cookies give, remembered on this node. A request that finds its token
 * here costs no signature check and no query. So that a logout, a suspension, a new role or a new
 * password is felt everywhere within 5 s, the node looks every 2 s (when a token is used, one look
 * at a time) for sessions ended and users changed since its last look, and forgets what they gave.
 * While the database is away nothing can be looked up: what is remembered stays good until its own
 * end, so that boards and panel keep answering through an outage.
 *
 * @module
 */

import type { Role } from "@/domain/actor.ts";
import { type EpochMs, MINUTE_MS, SECOND_MS } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import type { Timers } from "@/platform/timers.ts";
import { createTokenCache, type TokenCache } from "@/platform/token_cache.ts";

/** What can be taken away from the bearer of a credential before its end. */
export interface Revocable {
  /** Its person; of a key, the owner. */
  userId: string;
  /** The session, or the key, that it belongs to. */
  sessionId: string;
  /** The earlier of the token's and the session's end. */
  expiresAt: EpochMs;
  /** The user's `access_changed_at` this was read with. */
  accessChangedAt: EpochMs;
}

/** What one token or cookie gives its bearer. */
export interface Access extends Revocable {
  role: Role;
  via: "api" | "browser";
}

/** What ended or changed since an instant; `all` when it is more than is worth listing. */
export type AccessChanges = "all" | {
  endedSessionIds: ReadonlySet<string>;
  /** User → present `access_changed_at`. */
  changedUsers: ReadonlyMap<string, EpochMs>;
};

export interface AccessCacheDeps {
  clock: Clock;
  timers: Timers;
  /** Reads what ended or changed after the instant. */
  readChanges(since: EpochMs): Promise<AccessChanges>;
}

export interface AccessCache<A extends Revocable = Access> {
  /** What the credential gave, unless unknown, over, or taken away meanwhile. */
  find(credential: string): Promise<A | undefined>;
  /** The same where nothing has to be waited for; undefined also when `find` would have to wait. */
  findNow(credential: string): A | undefined;
  keep(credential: string, access: A): void;
  /** Forgets at once on this node; the others follow by their next look. */
  forgetSession(sessionId: string): void;
  forgetUser(userId: string): void;
  /** People with a credential that is remembered and still good. */
  countUsers(): number;
}

/** Half of the 5 s promised, and less than one query a second of an idle node. */
const LOOK_EVERY_MS = 2 * SECOND_MS;
/** Past this a request waits for the look instead of trusting what is remembered. */
const LOOK_AGE_MAX_MS = 4 * SECOND_MS;
/** A database that has not answered by now is away; requests do not queue behind it. */
const LOOK_WAIT_MAX_MS = SECOND_MS;
/** Covers transactions still open at the last look, and clocks of two nodes apart. */
const LOOK_OVERLAP_MS = 2 * MINUTE_MS;

interface Watch {
  /** Start of the last look that succeeded, and of the last one tried. */
  lookedAt: EpochMs;
  triedAt: EpochMs;
  running: Promise<void> | undefined;
  isAway: boolean;
}

/** Makes an empty cache; `readChanges` is asked only when a remembered credential is used. */
export function createAccessCache<A extends Revocable = Access>(
  deps: AccessCacheDeps,
): AccessCache<A> {
  const cache = createTokenCache<A>({ clock: deps.clock });
  const now = deps.clock.now();
  const watch: Watch = { lookedAt: now, triedAt: now, running: undefined, isAway: false };
  return {
    async find(credential) {
      if (cache.get(credential) === undefined) return undefined;
      if (beginLook(watch, cache, deps)) await awaitLook(watch, deps);
      return cache.get(credential);
    },
    findNow(credential) {
      const access = cache.get(credential);
      return access && beginLook(watch, cache, deps) ? undefined : access;
    },
    keep: (credential, access) => cache.set(credential, access),
    forgetSession: (sessionId) => cache.deleteWhere((access) => access.sessionId === sessionId),
    forgetUser: (userId) => cache.deleteWhere((access) => access.userId === userId),
    countUsers: () => new Set(Iterator.from(cache.values()).map(({ userId }) => userId)).size,
  };
}

/** Begins a look where one is due; tells whether the running one must be waited for. */
function beginLook(watch: Watch, cache: TokenCache<Revocable>, deps: AccessCacheDeps): boolean {
  const now = deps.clock.now();
  if (now - watch.lookedAt < LOOK_EVERY_MS) return false;
  const isDue = now - watch.triedAt >= LOOK_EVERY_MS;
  if (watch.running === undefined && isDue) {
    watch.running = look(watch, cache, deps).finally(() => watch.running = undefined);
  }
  if (watch.running === undefined || watch.isAway) return false;
  return now - watch.lookedAt >= LOOK_AGE_MAX_MS;
}

async function awaitLook(watch: Watch, { timers }: AccessCacheDeps): Promise<void> {
  if (watch.running && !await settlesInTime(watch.running, timers)) watch.isAway = true;
}

/** Never rejects: a look that failed leaves the cache as it is and marks the database away. */
async function look(
  watch: Watch,
  cache: TokenCache<Revocable>,
  deps: AccessCacheDeps,
): Promise<void> {
  const startedAt = deps.clock.now();
  watch.triedAt = startedAt;
  try {
    forgetChanged(cache, await deps.readChanges(watch.lookedAt - LOOK_OVERLAP_MS));
    watch.lookedAt = startedAt;
    watch.isAway = false;
  } catch {
    watch.isAway = true;
  }
}

function forgetChanged(cache: TokenCache<Revocable>, changes: AccessChanges): void {
  if (changes === "all") return cache.deleteWhere(() => true);
  const { endedSessionIds, changedUsers } = changes;
  if (endedSessionIds.size === 0 && changedUsers.size === 0) return;
  cache.deleteWhere((access) => {
    const changedAt = changedUsers.get(access.userId) ?? access.accessChangedAt;
    // The overlap shows each change many times; one this entry was read after takes nothing away.
    return endedSessionIds.has(access.sessionId) || changedAt !== access.accessChangedAt;
  });
}

/** Tells whether the look ended before it was worth waiting no longer. */
async function settlesInTime(running: Promise<void>, timers: Timers): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const cancel = timers.after(LOOK_WAIT_MAX_MS, () => resolve(false));
  try {
    return await Promise.race([running.then(() => true), late]);
  } finally {
    cancel();
  }
}
