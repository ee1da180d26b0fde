import { assert, assertEquals } from "@std/assert";
import type { Database } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { createAccountsNode } from "@/tests/support/accounts.ts";
import {
  assertFails,
  ELSEWHERE,
  HOME,
  MIRA,
  openWorld,
  PASSWORD,
} from "@/tests/support/accounts_world.ts";
import { ANONYMOUS, createUser, SYSTEM, userActor } from "@/tests/support/users.ts";

const MINUTE_MS = 60_000;

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

  const create = (actor: Actor, userId: string) => () =>
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
