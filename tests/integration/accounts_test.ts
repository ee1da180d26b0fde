import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import type { Registration } from "@/contracts/auth.ts";
import type { Database } from "@/db/client.ts";
import { DomainError, type ErrorCode } from "@/domain/error.ts";
import { type AccountsNode, createAccountsNode } from "@/tests/support/accounts.ts";
import { openTestDatabase } from "@/tests/support/database.ts";
import { createManualTime, type ManualTime } from "@/tests/support/manual_time.ts";
import { ANONYMOUS, createUser, SYSTEM, userActor } from "@/tests/support/users.ts";

const PASSWORD = "tundra-lantern-42-orbit";
const MIRA: Registration = { email: "mira@example.org", password: PASSWORD, name: "Mira" };
const HOME = { requestId: "r1", address: "192.0.2.1", userAgent: "test" };
const ELSEWHERE = { requestId: "r2", address: "198.51.100.9" };
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

interface World extends AsyncDisposable, AccountsNode {
  database: Database;
  time: ManualTime;
}

/** A database of its own, a clock that stands still, and one node. */
async function openWorld(): Promise<World> {
  const test = await openTestDatabase();
  const time = createManualTime();
  const node = createAccountsNode(test.database, time);
  const dispose = () => test[Symbol.asyncDispose]();
  return { ...node, database: test.database, time, [Symbol.asyncDispose]: dispose };
}

async function assertFails(run: () => Promise<unknown>, code: ErrorCode): Promise<DomainError> {
  const error = await assertRejects(run, DomainError);
  assertEquals(error.code, code);
  return error;
}

Deno.test("register() signs in a new member", async () => {
  await using world = await openWorld();

  const tokens = await world.accounts.register(MIRA, HOME);

  assertEquals(tokens.user, { ...tokens.user, email: MIRA.email, name: "Mira", role: "member" });
  assertEquals(tokens.expiresIn, 900);
  const actor = await world.accounts.authenticateToken(tokens.accessToken);
  assertEquals(actor.userId, tokens.user.id);
  assertEquals(actor.via, "api");
  assertEquals(await world.accounts.me(actor), tokens.user);
  assertEquals(world.events, ["user_registered", "token success"]);
});

Deno.test("register() of one e-mail 20 times at once makes one account", async () => {
  await using world = await openWorld();

  const results = await Promise.allSettled(
    Array.from({ length: 20 }, () => world.accounts.register(MIRA, HOME)),
  );

  const refused = results.filter((result) => result.status === "rejected");
  assertEquals(refused.length, 19);
  for (const { reason } of refused) assertEquals(reason.code, "EMAIL_TAKEN");
  const [count] = await world.database.sql`
    select (select count(*) from users) as users, (select count(*) from sessions) as sessions`;
  assertEquals({ ...count }, { users: 1, sessions: 1 });
});

Deno.test("register() refuses a weak password, naming the field, and stores nothing", async () => {
  await using world = await openWorld();

  const error = await assertFails(
    () => world.accounts.register({ ...MIRA, password: "mira123456" }, HOME),
    "VALIDATION_ERROR",
  );

  assertEquals(error.details?.[0]?.field, "password");
  assertEquals((await world.database.sql`select id from users`).length, 0);
});

Deno.test("login() answers an unknown user as it answers a wrong password", async () => {
  await using world = await openWorld();
  await world.accounts.register(MIRA, HOME);
  const login = (email: string, password: string) => () =>
    world.accounts.login({ email, password }, HOME);

  const unknown = await assertFails(login("nobody@example.org", PASSWORD), "INVALID_CREDENTIALS");
  const wrong = await assertFails(login(MIRA.email, "wrong"), "INVALID_CREDENTIALS");

  assertEquals(unknown.message, wrong.message);
  const tokens = await world.accounts.login({ email: MIRA.email, password: PASSWORD }, HOME);
  assertEquals(tokens.user.email, MIRA.email);
});

Deno.test("login() tells of a suspension only to whoever knows the password", async () => {
  await using world = await openWorld();
  const { user } = await world.accounts.register(MIRA, HOME);
  await world.users.change(SYSTEM, user.id, { status: "suspended" });
  const login = (password: string) => () =>
    world.accounts.login({ email: MIRA.email, password }, HOME);

  await assertFails(login("wrong"), "INVALID_CREDENTIALS");
  await assertFails(login(PASSWORD), "ACCOUNT_SUSPENDED");
});

Deno.test("login() takes five wrong passwords a minute, then none, then one every 12 s", async () => {
  await using world = await openWorld();
  await world.accounts.register(MIRA, ELSEWHERE);
  const guess = () => world.accounts.login({ email: MIRA.email, password: "wrong" }, HOME);
  for (let attempt = 0; attempt < 5; attempt++) await assertFails(guess, "INVALID_CREDENTIALS");

  const refused = await assertFails(guess, "RATE_LIMIT_EXCEEDED");

  assertEquals(refused.retryAfterSeconds, 12);
  world.time.advance(12_000);
  await assertFails(guess, "INVALID_CREDENTIALS");
  assertEquals(world.events.filter((event) => event === "password throttled").length, 1);
});

Deno.test("login() lets the owner in at home while a stranger guesses", async () => {
  await using world = await openWorld();
  await world.accounts.register(MIRA, HOME);
  const guess = () => world.accounts.login({ email: MIRA.email, password: "wrong" }, ELSEWHERE);
  for (let attempt = 0; attempt < 5; attempt++) await assertFails(guess, "INVALID_CREDENTIALS");
  await assertFails(guess, "RATE_LIMIT_EXCEEDED");

  const tokens = await world.accounts.login({ email: MIRA.email, password: PASSWORD }, HOME);

  assertEquals(tokens.user.email, MIRA.email);
});

Deno.test("login() with the right password is not counted", async () => {
  await using world = await openWorld();
  await world.accounts.register(MIRA, HOME);

  for (let attempt = 0; attempt < 20; attempt++) {
    await world.accounts.login({ email: MIRA.email, password: PASSWORD }, HOME);
  }
});

Deno.test("login() starts no session when the password changes while it is checked", async () => {
  await using world = await openWorld();
  const { accessToken, user } = await world.accounts.register(MIRA, HOME);
  const actor = await world.accounts.authenticateToken(accessToken);
  // Holds the row, so that the change is underway when the login has checked the old password.
  const held = Promise.withResolvers<void>();
  const isHeld = Promise.withResolvers<void>();
  const change = world.database.transaction(async (tx) => {
    await tx.sql`update users set password_hash = 'changed' where id = ${user.id}`;
    isHeld.resolve();
    await held.promise;
  });
  await isHeld.promise;

  const login = world.accounts.login({ email: MIRA.email, password: PASSWORD }, HOME);
  await untilBlocked(world.database);
  held.resolve();
  await change;

  await assertFails(() => login, "INVALID_CREDENTIALS");
  assertEquals(actor.userId, user.id);
});

/** Waits until some transaction waits for a lock of another. */
async function untilBlocked(database: Database): Promise<void> {
  for (;;) {
    const [row] = await database.sql`
      select count(*) as waiting from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    if (row?.waiting > 0) return;
  }
}

Deno.test("refresh() rotates the token and keeps the session", async () => {
  await using world = await openWorld();
  const first = await world.accounts.register(MIRA, HOME);
  world.time.advance(15 * MINUTE_MS);
  await assertFails(() => world.accounts.authenticateToken(first.accessToken), "TOKEN_EXPIRED");

  const second = await world.accounts.refresh(first.refreshToken, HOME);

  assertNotEquals(second.refreshToken, first.refreshToken);
  assertEquals(second.user, first.user);
  await world.accounts.authenticateToken(second.accessToken);
  const sessions = await world.database.sql`select id from sessions`;
  assertEquals(sessions.length, 1);
});

Deno.test("refresh() with a token used before ends the whole session", async () => {
  await using world = await openWorld();
  const first = await world.accounts.register(MIRA, HOME);
  const second = await world.accounts.refresh(first.refreshToken, HOME);
  await world.accounts.authenticateToken(second.accessToken);

  await assertFails(() => world.accounts.refresh(first.refreshToken, HOME), "INVALID_TOKEN");

  await assertFails(() => world.accounts.refresh(second.refreshToken, HOME), "INVALID_TOKEN");
  await assertFails(() => world.accounts.authenticateToken(second.accessToken), "INVALID_TOKEN");
  assert(world.events.includes("refresh_token_reused"));
});

Deno.test("refresh() of one token ten times at once succeeds once", async () => {
  await using world = await openWorld();
  const { refreshToken } = await world.accounts.register(MIRA, HOME);

  const results = await Promise.allSettled(
    Array.from({ length: 10 }, () => world.accounts.refresh(refreshToken, HOME)),
  );

  assertEquals(results.filter(({ status }) => status === "fulfilled").length, 1);
  const [session] = await world.database.sql`select revoke_reason from sessions`;
  assertEquals(session?.revoke_reason, "refresh_token_reused");
});

Deno.test("refresh() ends after 30 days unused, and after 90 days in any case", async () => {
  await using world = await openWorld();
  const { refreshToken } = await world.accounts.register(MIRA, HOME);
  let token = refreshToken;
  for (let days = 0; days < 87; days += 29) {
    world.time.advance(29 * DAY_MS);
    token = (await world.accounts.refresh(token, HOME)).refreshToken;
  }

  world.time.advance(3 * DAY_MS);
  await assertFails(() => world.accounts.refresh(token, HOME), "TOKEN_EXPIRED");

  const other = await world.accounts.register({ ...MIRA, email: "paavo@example.org" }, HOME);
  world.time.advance(30 * DAY_MS);
  await assertFails(() => world.accounts.refresh(other.refreshToken, HOME), "TOKEN_EXPIRED");
  await assertFails(() => world.accounts.refresh("x".repeat(43), HOME), "INVALID_TOKEN");
});

Deno.test("logout() ends the session on this node at once and on another within 5 s", async () => {
  await using world = await openWorld();
  const other = createAccountsNode(world.database, world.time);
  const { accessToken, refreshToken } = await world.accounts.register(MIRA, HOME);
  const actor = await world.accounts.authenticateToken(accessToken);
  await other.accounts.authenticateToken(accessToken);

  await world.accounts.logout(actor);

  await assertFails(() => world.accounts.authenticateToken(accessToken), "INVALID_TOKEN");
  world.time.advance(4_999);
  await assertFails(() => other.accounts.authenticateToken(accessToken), "INVALID_TOKEN");
  await assertFails(() => other.accounts.refresh(refreshToken, HOME), "INVALID_TOKEN");
});

Deno.test("authenticateToken() asks the database once for a token used often", async () => {
  await using world = await openWorld();
  const { accessToken } = await world.accounts.register(MIRA, HOME);

  for (let request = 0; request < 50; request++) {
    await world.accounts.authenticateToken(accessToken);
  }

  assertEquals(world.events.filter((event) => event === "token success").length, 1);
});

Deno.test("authenticateToken() refuses a suspended person's remembered token on every node", async () => {
  await using world = await openWorld();
  const other = createAccountsNode(world.database, world.time);
  const { accessToken, refreshToken, user } = await world.accounts.register(MIRA, HOME);
  const { cookie } = await world.accounts.loginBrowser(MIRA, HOME);
  await other.accounts.authenticateToken(accessToken);
  await other.accounts.authenticateCookie(cookie);

  await world.users.change(SYSTEM, user.id, { status: "suspended" });

  await assertFails(() => world.accounts.authenticateToken(accessToken), "ACCOUNT_SUSPENDED");
  world.time.advance(4_999);
  await assertFails(() => other.accounts.authenticateToken(accessToken), "ACCOUNT_SUSPENDED");
  assertEquals(await other.accounts.authenticateCookie(cookie), undefined);
  await assertFails(() => other.accounts.refresh(refreshToken, HOME), "ACCOUNT_SUSPENDED");

  await world.users.change(SYSTEM, user.id, { status: "active" });
  await assertFails(() => world.accounts.authenticateToken(accessToken), "INVALID_TOKEN");
});

Deno.test("authenticateToken() gives the new role within 5 s on every node", async () => {
  await using world = await openWorld();
  const other = createAccountsNode(world.database, world.time);
  const { accessToken, user } = await world.accounts.register(MIRA, HOME);
  assertEquals((await other.accounts.authenticateToken(accessToken)).role, "member");

  await world.users.change(SYSTEM, user.id, { role: "referee" });

  assertEquals((await world.accounts.authenticateToken(accessToken)).role, "referee");
  world.time.advance(4_999);
  assertEquals((await other.accounts.authenticateToken(accessToken)).role, "referee");
});

Deno.test("changePassword() ends every other session and leaves this one", async () => {
  await using world = await openWorld();
  const other = createAccountsNode(world.database, world.time);
  const mine = await world.accounts.register(MIRA, HOME);
  const stolen = await world.accounts.login(MIRA, ELSEWHERE);
  await other.accounts.authenticateToken(stolen.accessToken);
  const actor = await world.accounts.authenticateToken(mine.accessToken);
  const change = { currentPassword: PASSWORD, newPassword: "glacier-violin-77-maple" };

  await world.accounts.changePassword(actor, change);

  await world.accounts.authenticateToken(mine.accessToken);
  await assertFails(() => world.accounts.authenticateToken(stolen.accessToken), "INVALID_TOKEN");
  world.time.advance(4_999);
  await assertFails(() => other.accounts.authenticateToken(stolen.accessToken), "INVALID_TOKEN");
  await assertFails(() => world.accounts.login(MIRA, HOME), "INVALID_CREDENTIALS");
  await world.accounts.login({ ...MIRA, password: change.newPassword }, HOME);
});

Deno.test("changePassword() refuses a wrong password, a weak one, and guessing", async () => {
  await using world = await openWorld();
  const { accessToken } = await world.accounts.register(MIRA, HOME);
  const actor = await world.accounts.authenticateToken(accessToken);
  const change = (currentPassword: string, newPassword: string) => () =>
    world.accounts.changePassword(actor, { currentPassword, newPassword });

  const weak = await assertFails(change(PASSWORD, "password12"), "VALIDATION_ERROR");
  assertEquals(weak.details?.[0]?.field, "newPassword");
  for (let attempt = 0; attempt < 5; attempt++) {
    await assertFails(change("wrong", "glacier-violin-77-maple"), "INVALID_CREDENTIALS");
  }
  await assertFails(change(PASSWORD, "glacier-violin-77-maple"), "RATE_LIMIT_EXCEEDED");
});

Deno.test("changePassword() twice at once from one password succeeds once", async () => {
  await using world = await openWorld();
  const { accessToken } = await world.accounts.register(MIRA, HOME);
  const actor = await world.accounts.authenticateToken(accessToken);
  const passwords = ["glacier-violin-77-maple", "harbour-pickle-31-quartz"];

  const results = await Promise.allSettled(
    passwords.map((newPassword) =>
      world.accounts.changePassword(actor, { currentPassword: PASSWORD, newPassword })
    ),
  );

  assertEquals(results.filter(({ status }) => status === "fulfilled").length, 1);
});

Deno.test("authenticateCookie() knows a browser session until logout or 14 days", async () => {
  await using world = await openWorld();
  const session = await world.accounts.registerBrowser(MIRA, HOME);
  assertEquals(session.expiresAt, world.time.now() + 14 * DAY_MS);

  const actor = await world.accounts.authenticateCookie(session.cookie);

  assertEquals(actor?.via, "browser");
  assertEquals(actor?.userId, session.user.id);
  assertEquals(await world.accounts.authenticateCookie("nonsense"), undefined);
  assertEquals(await world.accounts.authenticateCookie("x".repeat(43)), undefined);
  const second = await world.accounts.loginBrowser(MIRA, HOME);
  await world.accounts.logout(actor!);
  assertEquals(await world.accounts.authenticateCookie(session.cookie), undefined);
  assert(await world.accounts.authenticateCookie(second.cookie));
  world.time.advance(14 * DAY_MS);
  assertEquals(await world.accounts.authenticateCookie(second.cookie), undefined);
});

Deno.test("sessions keep hashes of their secrets only", async () => {
  await using world = await openWorld();
  const { refreshToken } = await world.accounts.register(MIRA, HOME);
  const { cookie } = await world.accounts.loginBrowser(MIRA, HOME);

  const [dump] = await world.database.sql`
    select (select json_agg(s)::text from sessions s)
      || (select json_agg(t)::text from refresh_tokens t) as text`;

  assert(!dump?.text.includes(refreshToken));
  assert(!dump?.text.includes(cookie));
});

Deno.test("sessions beyond a hundred end the oldest", async () => {
  await using world = await openWorld();
  const first = await world.accounts.register(MIRA, HOME);
  for (let count = 0; count < 100; count++) {
    world.time.advance(1);
    await world.accounts.login(MIRA, HOME);
  }

  await assertFails(() => world.accounts.refresh(first.refreshToken, HOME), "INVALID_TOKEN");

  const [row] = await world.database.sql`
    select count(*) as live from sessions where revoked_at is null`;
  assertEquals(row?.live, 100);
});

Deno.test("redeemSignInLink() signs in once, within 30 minutes", async () => {
  await using world = await openWorld();
  const admin = await createUser(world.database, { role: "admin" });
  const actor = userActor(admin, { role: "admin" });
  const first = await world.accounts.createSignInLink(actor, admin);
  const second = await world.accounts.createSignInLink(SYSTEM, admin);
  assertEquals(first.expiresAt, world.time.now() + 30 * MINUTE_MS);

  const redeemed = await Promise.allSettled(
    Array.from({ length: 5 }, () => world.accounts.redeemSignInLink(first.token, HOME)),
  );

  const sessions = redeemed.filter((result) => result.status === "fulfilled");
  assertEquals(sessions.length, 1);
  assertEquals(sessions[0]!.value.user.role, "admin");
  assert(await world.accounts.authenticateCookie(sessions[0]!.value.cookie));
  world.time.advance(30 * MINUTE_MS);
  await assertFails(() => world.accounts.redeemSignInLink(second.token, HOME), "INVALID_TOKEN");
  const rows = await world.audit.list(actor, { page: 1, page_size: 10 });
  assertEquals(rows.items.map(({ action, actorKind }) => [action, actorKind]), [
    ["user.sign_in_link", "system"],
    ["user.sign_in_link", "user"],
  ]);
});

Deno.test("createSignInLink() is for admins, and for active users", async () => {
  await using world = await openWorld();
  const member = await createUser(world.database);
  const gone = await createUser(world.database);
  await world.users.remove(SYSTEM, gone);

  const create = (actor: Parameters<AccountsNode["accounts"]["logout"]>[0], userId: string) => () =>
    world.accounts.createSignInLink(actor, userId);

  await assertFails(create(userActor(member), member), "FORBIDDEN");
  await assertFails(create(ANONYMOUS, member), "UNAUTHORIZED");
  await assertFails(create(SYSTEM, gone), "NOT_FOUND");
});

Deno.test("ensureFirstAdmin() on two nodes at once makes one admin", async () => {
  await using world = await openWorld();
  const other = createAccountsNode(world.database, world.time);
  const credentials = { email: "admin@example.org", password: PASSWORD };

  const made = await Promise.all(
    [world, other, world, other].map((node) => node.accounts.ensureFirstAdmin(credentials)),
  );

  assertEquals(made.filter(Boolean).length, 1);
  const { user } = await world.accounts.login(credentials, HOME);
  assertEquals(user.role, "admin");
  assertEquals(await world.accounts.ensureFirstAdmin({ ...credentials, email: "b@x.org" }), false);
});

Deno.test("ensureFirstAdmin() takes the account over from whoever registered the address", async () => {
  await using world = await openWorld();
  const squatter = await world.accounts.register(MIRA, ELSEWHERE);
  await world.accounts.authenticateToken(squatter.accessToken);
  const credentials = { email: MIRA.email, password: "glacier-violin-77-maple" };

  assertEquals(await world.accounts.ensureFirstAdmin(credentials), true);

  await assertFails(() => world.accounts.login(MIRA, ELSEWHERE), "INVALID_CREDENTIALS");
  await assertFails(() => world.accounts.refresh(squatter.refreshToken, HOME), "INVALID_TOKEN");
  world.time.advance(4_999);
  await assertFails(() => world.accounts.authenticateToken(squatter.accessToken), "INVALID_TOKEN");
  assertEquals((await world.accounts.login(credentials, HOME)).user.role, "admin");
});
