import { assert, assertEquals, assertMatch } from "@std/assert";
import { OpenAPIHono, type z } from "@hono/zod-openapi";
import type { Tokens } from "@/contracts/auth.ts";
import { Failure } from "@/contracts/envelope.ts";
import type { Database } from "@/db/client.ts";
import { createMetrics } from "@/platform/metrics.ts";
import { adminRoutes } from "@/routes/api/admin.ts";
import { authRoutes } from "@/routes/api/auth.ts";
import { userRoutes } from "@/routes/api/users.ts";
import type { AppEnv } from "@/routes/app_env.ts";
import { authenticate } from "@/routes/middleware/authenticate.ts";
import { csrf, csrfTokenOf } from "@/routes/middleware/csrf.ts";
import { onError } from "@/routes/middleware/on_error.ts";
import { systemClock } from "@/platform/clock.ts";
import { createIdGenerator } from "@/platform/id.ts";
import { createCompetitionLog } from "@/services/leaderboard/competition_log.ts";
import { createDemoService } from "@/services/demo.ts";
import { createMoneyCore } from "@/services/money/money.ts";
import { type AccountsNode, createAccountsNode } from "@/tests/support/accounts.ts";
import type { Answer, Call } from "@/tests/support/app.ts";
import { openTestDatabase } from "@/tests/support/database.ts";
import { createManualTime, type ManualTime } from "@/tests/support/manual_time.ts";
import { SYSTEM } from "@/tests/support/users.ts";

const COOKIE = "paceboard_session";
const SECRET = "a secret of this test";
const MIRA = { email: "mira@example.org", password: "tundra-lantern-42-orbit", name: "Mira" };
const ADMIN = { email: "admin@example.org", password: "glacier-violin-77-maple" };
const HOME = { requestId: null, address: "192.0.2.1" };

interface World extends AsyncDisposable, AccountsNode {
  database: Database;
  time: ManualTime;
  app: OpenAPIHono<AppEnv>;
  call(method: string, path: string, call?: Call): Promise<Answer>;
}

/** The routes of this file behind the middleware that decides who asks. */
function createApp(node: AccountsNode, database: Database) {
  const { accounts, audit, users } = node;
  const boards = {
    clear() {},
    ...{ view: fail, committed: fail, refresh: fail, listen: fail, holds: fail },
  };
  const clock = systemClock;
  const newId = createIdGenerator(clock);
  const log = createCompetitionLog({ database, clock });
  const demo = createDemoService({
    ...{ database, audit, boards, clock, newId, log },
    ...createMoneyCore({ database, clock, newId }),
  });
  const overview = { get: fail };
  const app = new OpenAPIHono<AppEnv>().basePath("/api/v1");
  app.use((c, next) => {
    c.set("requestId", "r1");
    c.set("clientAddress", HOME.address);
    return next();
  });
  const apiKeys = { authenticate: fail };
  app.use(authenticate({ accounts, apiKeys, cookieName: COOKIE }), csrf({ secret: SECRET }));
  app.route("/", authRoutes({ accounts, csrfTokenOf: (id) => csrfTokenOf(SECRET, id) }));
  app.route("/", userRoutes(users));
  app.route("/", adminRoutes({ audit, overview, demo }));
  app.onError(onError({ metrics: createMetrics() }));
  return app;
}

function fail(): never {
  throw new Error("Cannot call this: the test does not need it");
}

async function openWorld(): Promise<World> {
  const test = await openTestDatabase();
  const time = createManualTime();
  const node = createAccountsNode(test.database, time);
  const app = createApp(node, test.database);
  return {
    ...node,
    database: test.database,
    time,
    app,
    async call(method, path, { body, token, headers = {} } = {}) {
      const response = await app.request(`http://board.example/api/v1${path}`, {
        method,
        headers: {
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, headers: response.headers, body: await response.json() };
    },
    [Symbol.asyncDispose]: () => test[Symbol.asyncDispose](),
  };
}

/** Registers Mira and signs the first admin in. */
async function signInBoth(world: World): Promise<{ mira: Tokens; admin: Tokens }> {
  await world.accounts.ensureFirstAdmin(ADMIN);
  const admin = await world.call("POST", "/auth/login", { body: ADMIN });
  const mira = await world.call("POST", "/auth/register", { body: MIRA });
  return { mira: mira.body.data, admin: admin.body.data };
}

function assertFailure(answer: Answer, status: number, code: string): void {
  const failure: z.infer<typeof Failure> = Failure.parse(answer.body);
  assertEquals([answer.status, failure.error.code], [status, code]);
  assertEquals(failure.error.requestId, "r1");
}

Deno.test("POST /auth/register answers 201 with account and tokens, not to be cached", async () => {
  await using world = await openWorld();

  const answer = await world.call("POST", "/auth/register", {
    body: { ...MIRA, email: "  MIRA@Example.org " },
  });

  assertEquals(answer.status, 201);
  assertEquals(answer.headers.get("cache-control"), "no-store");
  const { user, accessToken, refreshToken, expiresIn } = answer.body.data;
  assertEquals({ ...user, id: "" }, { id: "", email: MIRA.email, name: "Mira", role: "member" });
  assertMatch(accessToken, /^[\w-]+\.[\w-]+\.[\w-]+$/);
  assertMatch(refreshToken, /^[\w-]{43}$/);
  assertEquals(expiresIn, 900);
  const again = await world.call("POST", "/auth/register", { body: MIRA });
  assertFailure(again, 409, "EMAIL_TAKEN");
});

Deno.test("POST /auth/register names each faulty field", async () => {
  await using world = await openWorld();

  const empty = await world.call("POST", "/auth/register", { body: { email: "x" } });
  const weak = await world.call("POST", "/auth/register", {
    body: { ...MIRA, password: "aaaaaaaaaaaa" },
  });

  assertFailure(empty, 400, "VALIDATION_ERROR");
  const fields = empty.body.error.details.map(({ field }: { field: string }) => field);
  assertEquals(fields.sort(), ["email", "name", "password"]);
  assertFailure(weak, 400, "VALIDATION_ERROR");
  assertEquals(weak.body.error.details[0].field, "password");
});

Deno.test("POST /auth/login, /auth/refresh, /auth/logout and GET /auth/me work together", async () => {
  await using world = await openWorld();
  await world.call("POST", "/auth/register", { body: MIRA });

  const login = await world.call("POST", "/auth/login", { body: MIRA });
  const { refreshToken } = login.body.data;
  const refresh = await world.call("POST", "/auth/refresh", { body: { refreshToken } });
  const { accessToken: token, user } = refresh.body.data;
  const me = await world.call("GET", "/auth/me", { token });
  const logout = await world.call("POST", "/auth/logout", { token });

  assertEquals([login.status, refresh.status, me.status, logout.status], [200, 200, 200, 200]);
  assertEquals(me.body.data, user);
  assertEquals(logout.body, { success: true, data: { loggedOut: true } });
  assertFailure(await world.call("GET", "/auth/me", { token }), 401, "INVALID_TOKEN");
  const reused = await world.call("POST", "/auth/refresh", { body: { refreshToken } });
  assertFailure(reused, 401, "INVALID_TOKEN");
});

Deno.test("POST /auth/login answers INVALID_CREDENTIALS, then 429 with Retry-After", async () => {
  await using world = await openWorld();
  const guess = () => world.call("POST", "/auth/login", { body: { ...MIRA, password: "wrong" } });

  for (let attempt = 0; attempt < 5; attempt++) {
    assertFailure(await guess(), 401, "INVALID_CREDENTIALS");
  }
  const refused = await guess();

  assertFailure(refused, 429, "RATE_LIMIT_EXCEEDED");
  assertEquals(refused.headers.get("retry-after"), "12");
});

Deno.test("GET /auth/me needs a token that is good", async () => {
  await using world = await openWorld();
  const { mira } = await signInBoth(world);
  const parts = mira.accessToken.split(".");
  const unsigned = `${btoa(`{"alg":"none"}`).replaceAll("=", "")}.${parts[1]}.`;

  const nobody = await world.call("GET", "/auth/me");
  assertFailure(nobody, 401, "UNAUTHORIZED");
  assertEquals(nobody.headers.get("www-authenticate"), `Bearer realm="paceboard"`);
  for (const token of ["x", "a.b.c", `${mira.accessToken}x`, unsigned, "é"]) {
    assertFailure(await world.call("GET", "/auth/me", { token }), 401, "INVALID_TOKEN");
  }
  world.time.advance(900_000);
  const expired = await world.call("GET", "/auth/me", { token: mira.accessToken });
  assertFailure(expired, 401, "TOKEN_EXPIRED");
});

Deno.test("POST /auth/password changes the password", async () => {
  await using world = await openWorld();
  const { mira } = await signInBoth(world);
  const body = { currentPassword: MIRA.password, newPassword: "harbour-pickle-31-quartz" };

  const changed = await world.call("POST", "/auth/password", { body, token: mira.accessToken });

  assertEquals(changed.body, { success: true, data: { changed: true } });
  const login = await world.call("POST", "/auth/login", {
    body: { email: MIRA.email, password: body.newPassword },
  });
  assertEquals(login.status, 200);
  const again = await world.call("POST", "/auth/password", { body, token: mira.accessToken });
  assertFailure(again, 401, "INVALID_CREDENTIALS");
});

Deno.test("writes by cookie need the token of GET /csrf-token", async () => {
  await using world = await openWorld();
  const { cookie, user } = await world.accounts.registerBrowser(MIRA, HOME);
  const headers = { cookie: `${COOKIE}=${cookie}`, origin: "http://board.example" };
  const path = `/users/${user.id}/profile`;
  const body = { alias: "Lynx" };

  assertFailure(await world.call("GET", "/csrf-token"), 401, "UNAUTHORIZED");
  assertFailure(await world.call("PUT", path, { body, headers }), 403, "CSRF_FAILED");
  const { csrfToken } = (await world.call("GET", "/csrf-token", { headers })).body.data;
  const withToken = { ...headers, "x-csrf-token": csrfToken };
  const stranger = { ...withToken, origin: "http://evil.example" };
  assertFailure(await world.call("PUT", path, { body, headers: stranger }), 403, "CSRF_FAILED");
  const changed = await world.call("PUT", path, { body, headers: withToken });

  assertEquals([changed.status, changed.body.data.alias], [200, "Lynx"]);
});

Deno.test("GET /users lists for admins only, with meta", async () => {
  await using world = await openWorld();
  const { mira, admin } = await signInBoth(world);

  const list = await world.call("GET", "/users?q=mira&page_size=1", { token: admin.accessToken });

  assertEquals(list.status, 200);
  assertEquals(list.body.meta, { page: 1, pageSize: 1, total: 1, totalPages: 1 });
  assertEquals(list.body.data[0].email, MIRA.email);
  assert(!("passwordHash" in list.body.data[0]));
  assertFailure(await world.call("GET", "/users"), 401, "UNAUTHORIZED");
  assertFailure(
    await world.call("GET", "/users", { token: mira.accessToken }),
    403,
    "FORBIDDEN",
  );
  for (const query of ["page=0", "page_size=101", "sort=password", "order=up", "role=king"]) {
    const refused = await world.call("GET", `/users?${query}`, { token: admin.accessToken });
    assertFailure(refused, 400, "VALIDATION_ERROR");
  }
});

Deno.test("GET, PUT and DELETE /users/:userId", async () => {
  await using world = await openWorld();
  const { mira, admin } = await signInBoth(world);
  const path = `/users/${mira.user.id}`;
  const token = admin.accessToken;

  const read = await world.call("GET", path, { token: mira.accessToken });
  const changed = await world.call("PUT", path, { token, body: { role: "organiser" } });
  const removed = await world.call("DELETE", `${path}?reason=asked`, { token });

  assertEquals(read.body.data.role, "member");
  assertEquals(changed.body.data.role, "organiser");
  assertEquals(removed.body, { success: true, data: { id: mira.user.id } });
  assertFailure(await world.call("GET", path, { token }), 404, "NOT_FOUND");
  assertFailure(await world.call("GET", "/users/nobody", { token }), 400, "VALIDATION_ERROR");
  const self = `/users/${admin.user.id}`;
  assertFailure(await world.call("GET", self, { token: mira.accessToken }), 401, "INVALID_TOKEN");
  assertFailure(await world.call("DELETE", self, { token }), 409, "LAST_ADMIN");
  const demote = await world.call("PUT", self, { token, body: { role: "member" } });
  assertFailure(demote, 409, "LAST_ADMIN");
});

Deno.test("GET and PUT /users/:userId/profile are one's own", async () => {
  await using world = await openWorld();
  const { mira, admin } = await signInBoth(world);
  const token = mira.accessToken;
  const path = `/users/${mira.user.id}/profile`;

  const changed = await world.call("PUT", path, {
    token,
    body: { alias: "Lynx", timeZone: "Europe/Helsinki", units: "imperial", country: "FI" },
  });
  const read = await world.call("GET", path, { token });

  assertEquals(changed.status, 200);
  assertEquals(read.body.data, changed.body.data);
  assertEquals(read.body.data.timeZone, "Europe/Helsinki");
  // Swift writes ids in capitals.
  const loud = await world.call("GET", `/users/${mira.user.id.toUpperCase()}/profile`, { token });
  assertEquals(loud.body.data, changed.body.data);
  const other = `/users/${admin.user.id}/profile`;
  assertFailure(await world.call("GET", other, { token }), 403, "FORBIDDEN");
  assertFailure(await world.call("PUT", other, { token, body: {} }), 403, "FORBIDDEN");
  const refused = await world.call("PUT", path, { token, body: { timeZone: "Mars/Olympus" } });
  assertFailure(refused, 400, "VALIDATION_ERROR");
  assertEquals(refused.body.error.details[0].field, "timeZone");
});

Deno.test("text that no database takes is the caller's fault", async () => {
  await using world = await openWorld();
  const { admin } = await signInBoth(world);
  const token = admin.accessToken;

  for (const path of ["/users?q=%00", "/admin/audit?targetId=%00", "/admin/audit?action=a%00b"]) {
    assertEquals((await world.call("GET", path, { token })).status, 400, path);
  }
  const name = await world.call("POST", "/auth/register", { body: { ...MIRA, name: "a\0b" } });
  assertEquals(name.status, 400);
});

Deno.test("GET /admin/audit shows changes by staff to admins", async () => {
  await using world = await openWorld();
  const { mira, admin } = await signInBoth(world);
  const body = { role: "referee", reason: "volunteered" };
  await world.call("PUT", `/users/${mira.user.id}`, { token: admin.accessToken, body });

  const audit = await world.call("GET", `/admin/audit?targetId=${mira.user.id}`, {
    token: admin.accessToken,
  });

  const { id, at, ...row } = audit.body.data[0];
  assertEquals([typeof id, at], ["number", new Date(world.time.now()).toISOString()]);
  assertEquals(row, {
    actorKind: "user",
    actorId: admin.user.id,
    actorName: "Administrator",
    action: "user.change",
    targetKind: "user",
    targetId: mira.user.id,
    before: { role: "member" },
    after: { role: "referee" },
    reason: "volunteered",
    address: HOME.address,
    requestId: "r1",
  });
  const refused = await world.call("GET", "/admin/audit", { token: mira.accessToken });
  assertFailure(refused, 403, "FORBIDDEN");
});

Deno.test("POST /admin/demo/remove removes demo users, for admins", async () => {
  await using world = await openWorld();
  const { mira, admin } = await signInBoth(world);
  await world.database.sql`update users set is_demo = true where id = ${mira.user.id}`;

  const refused = await world.call("POST", "/admin/demo/remove", { token: mira.accessToken });
  const removed = await world.call("POST", "/admin/demo/remove", { token: admin.accessToken });

  assertFailure(refused, 403, "FORBIDDEN");
  assertEquals(removed.body.data, { users: 1, competitions: 0 });
});

Deno.test("a suspended person is answered ACCOUNT_SUSPENDED on every path", async () => {
  await using world = await openWorld();
  const { mira } = await signInBoth(world);
  await world.users.change(SYSTEM, mira.user.id, { status: "suspended" });
  const token = mira.accessToken;

  assertFailure(await world.call("GET", "/auth/me", { token }), 403, "ACCOUNT_SUSPENDED");
  const login = await world.call("POST", "/auth/login", { body: MIRA });
  assertFailure(login, 403, "ACCOUNT_SUSPENDED");
});

Deno.test("the OpenAPI document names every path and failure of accounts", async () => {
  await using world = await openWorld();

  const { paths } = world.app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "test", version: "1" },
  });

  const operations = Object.entries(paths ?? {}).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => `${method} ${path.replace("/api/v1", "")}`)
  );
  assertEquals(operations.sort(), [
    "delete /users/{userId}",
    "get /admin/audit",
    "get /admin/overview",
    "get /auth/me",
    "get /csrf-token",
    "get /users",
    "get /users/{userId}",
    "get /users/{userId}/profile",
    "post /admin/demo/remove",
    "post /auth/login",
    "post /auth/logout",
    "post /auth/password",
    "post /auth/refresh",
    "post /auth/register",
    "put /users/{userId}",
    "put /users/{userId}/profile",
  ]);
  const login = paths?.["/api/v1/auth/login"]?.post?.responses ?? {};
  for (const status of ["200", "400", "401", "403", "429", "503"]) assert(status in login, status);
});
