import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { createAccountsNode } from "@/tests/support/accounts.ts";
import {
  assertFails,
  ELSEWHERE,
  HOME,
  MIRA,
  openWorld,
  PASSWORD,
} from "@/tests/support/accounts_world.ts";
import { SYSTEM } from "@/tests/support/users.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

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
