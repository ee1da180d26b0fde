/** A node's accounts and users services on a test database; two of them are two nodes. */

import type { Database } from "@/db/client.ts";
import { createIdGenerator } from "@/platform/id.ts";
import { createAccessTokens } from "@/platform/jwt.ts";
import { createMetrics } from "@/platform/metrics.ts";
import { createPasswords } from "@/platform/password.ts";
import { createRateLimiter } from "@/platform/rate_limit.ts";
import { createAccessCache } from "@/services/accounts/access_cache.ts";
import { type AccountsService, createAccountsService } from "@/services/accounts/accounts.ts";
import { type AuditService, createAuditService } from "@/services/audit.ts";
import { createCompetitionLog } from "@/services/leaderboard/competition_log.ts";
import { createLonelyBroker } from "@/services/boards/local_broker.ts";
import { createProfileCache } from "@/services/accounts/profiles.ts";
import { readAccessChanges } from "@/services/accounts/sessions.ts";
import { createSettingsService } from "@/services/settings.ts";
import { createUsersService, type UsersService } from "@/services/accounts/users.ts";
import type { ManualTime } from "./manual_time.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** What one node offers to these tests. */
export interface AccountsNode {
  accounts: AccountsService;
  users: UsersService;
  audit: AuditService;
  /** Competitions whose boards were told of a commit. */
  committed: string[];
  /** `method outcome` of each attempt, and business events. */
  events: string[];
}

/** Makes the services with cheap hashes; nodes that share database and time are one cluster. */
export function createAccountsNode(database: Database, time: ManualTime): AccountsNode {
  const committed: string[] = [];
  const events: string[] = [];
  const audit = createAuditService({ database, clock: time });
  const access = createAccessCache({
    clock: time,
    timers: time,
    readChanges: (since) => readAccessChanges(database, since),
  });
  const cacheDeps = {
    ...{ database, clock: time, metrics: createMetrics() },
    broker: createLonelyBroker(),
  };
  const settings = createSettingsService({ ...cacheDeps, audit });
  const accounts = createAccountsService({
    database,
    clock: time,
    newId: createIdGenerator(time),
    passwords: createPasswords({ cost: { log2N: 4, r: 8, p: 1 } }),
    tokens: createAccessTokens({
      secrets: ["a test secret of at least thirty-two characters"],
      issuer: "paceboard",
      audience: "paceboard",
      ttlMs: 15 * MINUTE_MS,
      clock: time,
    }),
    limiter: createRateLimiter({ clock: time }),
    limits: {
      account: { name: "auth", count: 5, windowMs: MINUTE_MS, burst: 5 },
      address: { name: "auth-address", count: 60, windowMs: MINUTE_MS, burst: 120 },
    },
    lives: { refreshMs: 30 * DAY_MS, browserMs: 14 * DAY_MS },
    access,
    audit,
    settings,
    events: {
      authentication: (method, outcome) => void events.push(`${method} ${outcome}`),
      business: (event) => void events.push(event),
    },
  });
  const log = createCompetitionLog({ database, clock: time });
  const boards = {
    committed(id: string) {
      committed.push(id);
      return Promise.resolve();
    },
  };
  const profiles = createProfileCache(cacheDeps);
  const users = createUsersService({ database, clock: time, audit, log, boards, access, profiles });
  return { accounts, users, audit, committed, events };
}
