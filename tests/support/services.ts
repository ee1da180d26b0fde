/** All services of one node on a test database, with a clock in the hand of the test. */

import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "@/db/client.ts";
import type { Clock } from "@/platform/clock.ts";
import { createIdGenerator } from "@/platform/id.ts";
import { createAccessTokens } from "@/platform/jwt.ts";
import { createMetrics, type Metrics } from "@/platform/metrics.ts";
import { createPasswords } from "@/platform/password.ts";
import { createRateLimiter } from "@/platform/rate_limit.ts";
import { createSigner, deriveSigningKey } from "@/platform/signing.ts";
import type { Timers } from "@/platform/timers.ts";
import { createServices, type Services, type ServicesDeps } from "@/services/mod.ts";
import { openTestDatabase, type TestDatabase } from "./database.ts";
import { createManualTime, type ManualTime } from "./manual_time.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** A node for tests. */
export interface TestServices extends AsyncDisposable {
  database: Database;
  url: TestDatabase["url"];
  time: ManualTime;
  metrics: Metrics;
  services: Services;
}

/** Opens a database of its own and the services on it. */
export async function openTestServices(
  time: ManualTime = createManualTime(),
  part: Partial<ServicesDeps> = {},
): Promise<TestServices> {
  const test = await openTestDatabase();
  const metrics = createMetrics();
  const services = createTestServices(test.database, time, metrics, part);
  return {
    database: test.database,
    url: test.url,
    time,
    metrics,
    services,
    async [Symbol.asyncDispose]() {
      await services[Symbol.asyncDispose]();
      await test[Symbol.asyncDispose]();
    },
  };
}

/** The services of one node; two on one database are a cluster. Passwords are hashed cheaply. */
export function createTestServices(
  database: Database,
  time: Clock & Timers,
  metrics: Metrics = createMetrics(),
  part: Partial<ServicesDeps> = {},
): Services & AsyncDisposable {
  return createServices({
    uploadsDir: join(tmpdir(), "paceboard-test-uploads"),
    database,
    clock: time,
    timers: time,
    newId: createIdGenerator(time),
    metrics,
    passwords: createPasswords({ cost: { log2N: 4, r: 8, p: 1 } }),
    tokens: createAccessTokens({
      secrets: ["a test secret of at least thirty-two characters"],
      issuer: "paceboard",
      audience: "paceboard",
      ttlMs: 15 * MINUTE_MS,
      clock: time,
    }),
    limiter: createRateLimiter({ clock: time }),
    loginLimits: {
      account: { name: "auth", count: 5, windowMs: MINUTE_MS, burst: 5 },
      address: { name: "auth-address", count: 60, windowMs: MINUTE_MS, burst: 120 },
    },
    sessionLives: { refreshMs: 30 * DAY_MS, browserMs: 14 * DAY_MS },
    signer: createSigner(deriveSigningKey("a test secret")),
    liveLimits: { viewersMax: 1000, viewersPerUserMax: 50 },
    ...part,
  });
}
