/** The whole app on a test database, called without a port or served on a free one. */

import type { Tokens } from "@/contracts/auth.ts";
import type { Role } from "@/domain/actor.ts";
import freshConfig from "@/fresh.config.ts";
import { type Config, parseConfig } from "@/platform/config.ts";
import { createHealth } from "@/platform/health.ts";
import { createIdGenerator } from "@/platform/id.ts";
import { createRateLimiter } from "@/platform/rate_limit.ts";
import { createApp } from "@/routes/mod.ts";
import { opsAccess } from "@/routes/ops.ts";
import type { ServicesDeps } from "@/services/mod.ts";
import { createManualTime, type ManualTime } from "./manual_time.ts";
import { openTestServices, type TestServices } from "./services.ts";

/** An answer as a client reads it. */
export interface Answer {
  status: number;
  headers: Headers;
  // deno-lint-ignore no-explicit-any -- tests read answers of every shape
  body: any;
}

/** One call of the API; a `body` goes as JSON, a `form` as multipart. */
export interface Call {
  body?: unknown;
  form?: FormData;
  token?: string;
  headers?: Record<string, string>;
}

/** Somebody signed in over the API. */
export interface TestPerson {
  userId: string;
  token: string;
  email: string;
}

export interface TestApp extends TestServices {
  config: Config;
  app: ReturnType<typeof createApp>;
  /** Calls `/api/v1` + path, or the path as it is when it begins with `//`. */
  call(method: string, path: string, call?: Call): Promise<Answer>;
  /** Registers somebody and gives them a role. */
  person(role?: Role, name?: string): Promise<TestPerson>;
  /** Serves on a free port until disposed. */
  serve(): { port: number; url: string };
}

export const TEST_PASSWORD = "tundra-lantern-42-orbit";

export interface TestAppOptions {
  time?: ManualTime;
  env?: Record<string, string>;
  /** Other parts for the services. */
  services?: Partial<ServicesDeps>;
}

/** Opens an app of its own; limits of rate are off unless the test sets them. */
export async function openTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const time = options.time ?? createManualTime();
  const test = await openTestServices(time, options.services);
  const config = parseConfig({
    "RATE_LIMIT_DEFAULT": "off",
    "RATE_LIMIT_SCORE": "off",
    "RATE_LIMIT_AUTH": "off",
    "RATE_LIMIT_AUTH_ADDRESS": "off",
    ...options.env,
  });
  const app = createApp({
    config,
    services: test.services,
    metrics: test.metrics,
    limiter: createRateLimiter({ clock: time }),
    clock: time,
    newId: createIdGenerator(time),
    csrfSecret: "a secret of this test",
    ops: {
      health: createHealth({ clock: time, version: "test", startedAt: time.now(), checks: [] }),
      isReady: () => true,
      access: opsAccess(config.metricsToken),
    },
    fresh: freshConfig,
  });
  const servers: Deno.HttpServer[] = [];
  const call = caller(app);
  return {
    ...test,
    config,
    app,
    call,
    person: (role = "member", name = "Mira Koskela") => register(test, call, role, name),
    serve() {
      const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, app.handle);
      servers.push(server);
      const { port } = server.addr as Deno.NetAddr;
      return { port, url: `http://127.0.0.1:${port}` };
    },
    async [Symbol.asyncDispose]() {
      test.services.live.closeAll();
      await Promise.all(servers.map((server) => server.shutdown()));
      await test[Symbol.asyncDispose]();
    },
  };
}

function caller(app: ReturnType<typeof createApp>) {
  return async (method: string, path: string, call: Call = {}): Promise<Answer> => {
    const headers = new Headers(call.headers);
    if (call.token) headers.set("authorization", `Bearer ${call.token}`);
    if (call.body !== undefined) headers.set("content-type", "application/json");
    const body = call.form ?? (call.body === undefined ? null : JSON.stringify(call.body));
    const url = `http://localhost${path.startsWith("//") ? path.slice(1) : `/api/v1${path}`}`;
    const res = await app.fetch(new Request(url, { method, headers, body }));
    const text = await res.text();
    const isJson = res.headers.get("content-type")?.startsWith("application/json") ?? false;
    return { status: res.status, headers: res.headers, body: isJson ? JSON.parse(text) : text };
  };
}

async function register(
  test: TestServices,
  call: TestApp["call"],
  role: Role,
  name: string,
): Promise<TestPerson> {
  const email = `${crypto.randomUUID()}@example.org`;
  const registration = { email, password: TEST_PASSWORD, name };
  const { body } = await call("POST", "/auth/register", { body: registration });
  const tokens: Tokens = body.data;
  const userId = tokens.user.id;
  if (role === "member") return { userId, email, token: tokens.accessToken };
  await test.database.sql`update users set role = ${role} where id = ${userId}`;
  // Signed in anew, so that nothing is remembered of the old role.
  const login = await call("POST", "/auth/login", { body: registration });
  return { userId, email, token: login.body.data.accessToken };
}
