import { assert, assertEquals, assertRejects } from "@std/assert";
import { USER_SORTS, UserQuery } from "@/contracts/users.ts";
import { DomainError, type ErrorCode } from "@/domain/error.ts";
import { type AccountsNode, createAccountsNode } from "@/tests/support/accounts.ts";
import type { Database } from "@/db/client.ts";
import { openTestDatabase } from "@/tests/support/database.ts";
import { createManualTime, type ManualTime } from "@/tests/support/manual_time.ts";
import { createUser, SYSTEM, userActor } from "@/tests/support/users.ts";

const HOME = { requestId: "r1", address: "192.0.2.1", userAgent: "a browser" };

interface World extends AsyncDisposable, AccountsNode {
  database: Database;
  time: ManualTime;
}

async function openWorld(): Promise<World> {
  const test = await openTestDatabase();
  const time = createManualTime();
  const node = createAccountsNode(test.database, time);
  const dispose = () => test[Symbol.asyncDispose]();
  return { ...node, database: test.database, time, [Symbol.asyncDispose]: dispose };
}

async function assertFails(run: () => Promise<unknown>, code: ErrorCode): Promise<void> {
  assertEquals((await assertRejects(run, DomainError)).code, code);
}

async function createAdmin(database: Database) {
  return userActor(await createUser(database, { role: "admin" }), { role: "admin" });
}

/** A competition of the owner with one participant; returns the competition's id. */
async function createCompetition(
  database: Database,
  competition: { userId: string; status?: string; participant?: "active" | "withdrawn" },
): Promise<string> {
  const id = crypto.randomUUID();
  const { userId, status = "published", participant = "active" } = competition;
  const at = new Date(Date.UTC(2026, 0, 1)).toISOString();
  await database.sql`
    insert into competitions (id, slug, name, visibility, owner_id, status, time_zone,
      registration_closes_at, starts_at, ends_at, grace_ms, rules, participant_count, epoch,
      created_at, updated_at)
    values (${id}, ${id}, 'Spring', 'public', ${userId}, ${status}, 'UTC', '2026-12-31', ${at},
      '2026-12-31', 0, '{}', 1, ${crypto.randomUUID()}, ${at}, ${at})`;
  await database.sql`
    insert into participants (id, competition_id, user_id, status, joined_at, time_zone)
    values (${crypto.randomUUID()}, ${id}, ${userId}, ${participant}, ${at}, 'UTC')`;
  return id;
}

async function logKinds(database: Database, competitionId: string): Promise<string[]> {
  const rows = await database.sql`
    select kind from competition_log where competition_id = ${competitionId} order by seq`;
  return rows.map(({ kind }) => kind);
}

Deno.test("list() searches names and e-mails without wildcards, filters, sorts and pages", async () => {
  await using world = await openWorld();
  const admin = await createAdmin(world.database);
  const make = (name: string, email: string, role: "member" | "referee" = "member") =>
    createUser(world.database, { name, email, role });
  await make("Åsa 100%", "asa@example.org");
  await make("Bo_Berg", "bo@example.org", "referee");
  await make("boxer", "zed@example.org");
  await make("Ceo", "c.o@example.com");
  const list = (query: Record<string, string>) => world.users.list(admin, UserQuery.parse(query));
  const names = async (query: Record<string, string>) =>
    (await list(query)).items.map(({ name }) => name);

  assertEquals(await names({ q: "BO" }), ["Bo_Berg", "boxer"]);
  assertEquals(await names({ q: "%" }), ["Åsa 100%"]);
  assertEquals(await names({ q: "_" }), ["Bo_Berg"]);
  assertEquals(await names({ q: "EXAMPLE.COM" }), ["Ceo"]);
  assertEquals(await names({ q: "\\" }), []);
  assertEquals(await names({ role: "referee" }), ["Bo_Berg"]);
  assertEquals(await names({ sort: "email", order: "desc", page_size: "1" }), ["boxer"]);
  const second = await list({ q: "example", page: "2", page_size: "3" });
  assertEquals([second.total, second.page, second.pageSize], [5, 2, 3]);
  assertEquals(second.items.length, 2);
  for (const sort of USER_SORTS) assertEquals((await names({ sort })).length, 5);
});

Deno.test("list() and change() are for admins, get() and getProfile() for oneself too", async () => {
  await using world = await openWorld();
  const mira = userActor(await createUser(world.database));
  const other = await createUser(world.database);

  await assertFails(() => world.users.list(mira, UserQuery.parse({})), "FORBIDDEN");
  await assertFails(() => world.users.change(mira, mira.userId, { role: "admin" }), "FORBIDDEN");
  await assertFails(() => world.users.get(mira, other), "FORBIDDEN");
  await assertFails(() => world.users.getProfile(mira, other), "FORBIDDEN");
  await assertFails(() => world.users.changeProfile(mira, other, {}), "FORBIDDEN");
  await assertFails(() => world.users.remove(mira, other), "FORBIDDEN");
  await assertFails(() => world.audit.list(mira, { page: 1, page_size: 5 }), "FORBIDDEN");
  assertEquals((await world.users.get(mira, mira.userId)).id, mira.userId);
  assertEquals((await world.users.getProfile(mira, mira.userId)).timeZone, "UTC");
  const admin = await createAdmin(world.database);
  await assertFails(() => world.users.get(admin, crypto.randomUUID()), "NOT_FOUND");
});

Deno.test("change() writes one audit row with what changed, and none for nothing", async () => {
  await using world = await openWorld();
  const admin = await createAdmin(world.database);
  const userId = await createUser(world.database);

  await world.users.change(admin, userId, { role: "organiser", reason: "asked by mail" });
  await world.users.change(admin, userId, { role: "organiser" });

  const { items, total } = await world.audit.list(admin, { page: 1, page_size: 5 });
  assertEquals(total, 1);
  const { id: _id, at: _at, ...row } = items[0]!;
  assertEquals(row, {
    actorKind: "user",
    actorId: admin.userId,
    actorName: "Mira Koskela",
    action: "user.change",
    targetKind: "user",
    targetId: userId,
    before: { role: "member" },
    after: { role: "organiser" },
    reason: "asked by mail",
    address: "192.0.2.7",
    requestId: "request-1",
  });
});

Deno.test("audit rows cannot be changed or deleted", async () => {
  await using world = await openWorld();
  const admin = await createAdmin(world.database);
  await world.users.change(admin, await createUser(world.database), { role: "finance" });

  await assertRejects(() => world.database.sql`update audit_log set action = 'x'`.execute());
  await assertRejects(() => world.database.sql`delete from audit_log`.execute());
  await assertRejects(() => world.database.sql`truncate audit_log`.execute());
});

Deno.test("audit list() filters by action, target and actor", async () => {
  await using world = await openWorld();
  const admin = await createAdmin(world.database);
  const [a, b] = [await createUser(world.database), await createUser(world.database)];
  await world.users.change(admin, a, { role: "finance" });
  await world.users.change(SYSTEM, b, { role: "referee" });
  await world.users.remove(admin, b, "left");
  const actions = async (filter: Record<string, string>) =>
    (await world.audit.list(admin, { page: 1, page_size: 5, ...filter }))
      .items.map(({ action }) => action);

  assertEquals(await actions({}), ["user.remove", "user.change", "user.change"]);
  assertEquals(await actions({ action: "user.remove" }), ["user.remove"]);
  assertEquals(await actions({ targetKind: "user", targetId: a }), ["user.change"]);
  assertEquals(await actions({ actorId: admin.userId }), ["user.remove", "user.change"]);
  assertEquals(await actions({ targetKind: "competition" }), []);
});

Deno.test("change() keeps the last admin", async () => {
  await using world = await openWorld();
  const admin = await createAdmin(world.database);

  await assertFails(
    () => world.users.change(admin, admin.userId, { role: "member" }),
    "LAST_ADMIN",
  );
  await assertFails(
    () => world.users.change(admin, admin.userId, { status: "suspended" }),
    "LAST_ADMIN",
  );
  await assertFails(() => world.users.remove(admin, admin.userId), "LAST_ADMIN");
});

Deno.test("change() and remove() of the last two admins at once leave one", async () => {
  await using world = await openWorld();
  const [a, b] = [await createAdmin(world.database), await createAdmin(world.database)];
  const attempts: [string, (userId: string) => Promise<unknown>][] = [
    ["demote", (userId) => world.users.change(SYSTEM, userId, { role: "member" })],
    ["suspend", (userId) => world.users.change(SYSTEM, userId, { status: "suspended" })],
    ["remove", (userId) => world.users.remove(SYSTEM, userId)],
  ];
  for (const [what, attempt] of attempts) {
    const results = await Promise.allSettled([attempt(a.userId), attempt(b.userId)]);

    const refused = results.filter((result) => result.status === "rejected");
    assertEquals(refused.map(({ reason }) => reason.code), ["LAST_ADMIN"], what);
    const admins = await world.database.sql`
      select id from users where role = 'admin' and status = 'active'`;
    assertEquals(admins.length, 1, what);
    if (what === "remove") continue;
    await world.database.sql`
      update users set role = 'admin', status = 'active' where id in (${a.userId}, ${b.userId})`;
  }
});

Deno.test("remove() erases who it was and ends the sessions", async () => {
  await using world = await openWorld();
  const registration = {
    email: "mira@example.org",
    password: "tundra-lantern-42-orbit",
    name: "Mira",
  };
  const { user, accessToken, refreshToken } = await world.accounts.register(registration, HOME);
  const actor = await world.accounts.authenticateToken(accessToken);
  await world.users.changeProfile(actor, user.id, { alias: "Lynx", bio: "runs", country: "FI" });

  await world.users.remove(actor, user.id);

  await assertRejects(() => world.accounts.authenticateToken(accessToken), DomainError);
  await assertRejects(() => world.accounts.refresh(refreshToken, HOME), DomainError);
  await assertFails(() => world.accounts.login(registration, HOME), "INVALID_CREDENTIALS");
  await assertFails(() => world.users.remove(SYSTEM, user.id), "NOT_FOUND");
  await assertFails(() => world.users.get(SYSTEM, user.id), "NOT_FOUND");
  const [dump] = await world.database.sql`
    select (select json_agg(u)::text from users u) || (select json_agg(p)::text from profiles p)
      || (select json_agg(s)::text from sessions s) as text`;
  for (const trace of ["mira", "Mira", "Lynx", "runs", "FI", "192.0.2.1", "a browser", "scrypt"]) {
    assert(!dump?.text.includes(trace), `left behind: ${trace}`);
  }
  const again = await world.accounts.register(registration, HOME);
  assert(again.user.id !== user.id);
});

Deno.test("remove() by an admin is audited without what it erased", async () => {
  await using world = await openWorld();
  const admin = await createAdmin(world.database);
  const userId = await createUser(world.database, { email: "gone@example.org", name: "Gone" });

  await world.users.remove(admin, userId, "asked to be forgotten");

  const { items } = await world.audit.list(admin, { page: 1, page_size: 5 });
  assertEquals(items[0]?.action, "user.remove");
  assertEquals(items[0]?.reason, "asked to be forgotten");
  assertEquals(items[0]?.before, { role: "member", status: "active" });
  const listed = await world.users.list(admin, UserQuery.parse({ q: "Deleted athlete" }));
  assertEquals(listed.total, 0);
  const deleted = await world.users.list(admin, UserQuery.parse({ status: "deleted" }));
  assertEquals(deleted.items.map(({ email }) => email), [`deleted-${userId}@invalid`]);
});

Deno.test("changeProfile() stores what is given and keeps the rest", async () => {
  await using world = await openWorld();
  const actor = userActor(await createUser(world.database));

  await world.users.changeProfile(actor, actor.userId, { alias: "Lynx", timeZone: "Asia/Tokyo" });
  const profile = await world.users.changeProfile(actor, actor.userId, { units: "imperial" });

  assertEquals(profile, {
    userId: actor.userId,
    name: "Mira Koskela",
    alias: "Lynx",
    bio: "",
    country: null,
    birthDate: null,
    timeZone: "Asia/Tokyo",
    units: "imperial",
    locale: "en",
    avatarUrl: null,
  });
  assertEquals(await world.users.getProfile(actor, actor.userId), profile);
  assertEquals((await world.users.changeProfile(actor, actor.userId, { alias: null })).alias, null);
});

Deno.test("changeProfile() logs a new shown name in every running competition, once", async () => {
  await using world = await openWorld();
  const actor = userActor(await createUser(world.database));
  const { userId } = actor;
  const running = [
    await createCompetition(world.database, { userId }),
    await createCompetition(world.database, { userId }),
  ].sort();
  const final = await createCompetition(world.database, { userId, status: "final" });
  const left = await createCompetition(world.database, { userId, participant: "withdrawn" });

  await world.users.changeProfile(actor, userId, { bio: "no new name" });
  assertEquals(world.committed, []);
  await world.users.changeProfile(actor, userId, { alias: "Lynx" });
  await world.users.changeProfile(actor, userId, { name: "Behind the alias" });

  assertEquals(world.committed.sort(), running);
  for (const id of running) assertEquals(await logKinds(world.database, id), ["profile"]);
  assertEquals(await logKinds(world.database, final), []);
  assertEquals(await logKinds(world.database, left), []);
});

Deno.test("change() of the name and remove() show on boards too", async () => {
  await using world = await openWorld();
  const userId = await createUser(world.database);
  const competitionId = await createCompetition(world.database, { userId });

  await world.users.change(SYSTEM, userId, { name: "Mira K" });
  await world.users.remove(SYSTEM, userId);

  assertEquals(await logKinds(world.database, competitionId), ["profile", "profile"]);
  assertEquals(world.committed, [competitionId, competitionId]);
});

Deno.test("changeProfile() by an admin is audited", async () => {
  await using world = await openWorld();
  const admin = await createAdmin(world.database);
  const userId = await createUser(world.database);

  await world.users.changeProfile(admin, userId, { alias: "Rude" });

  const { items } = await world.audit.list(admin, { page: 1, page_size: 5 });
  assertEquals(items.map(({ action, targetId }) => [action, targetId]), [["user.profile", userId]]);
});

Deno.test("changeProfile() of many at once loses no log entry", async () => {
  await using world = await openWorld();
  const actor = userActor(await createUser(world.database));
  const { userId } = actor;
  const ids = [];
  for (let count = 0; count < 3; count++) {
    ids.push(await createCompetition(world.database, { userId }));
  }

  await Promise.all(
    Array.from(
      { length: 8 },
      (_, index) => world.users.changeProfile(actor, userId, { alias: `Lynx ${index}` }),
    ),
  );

  for (const id of ids) assertEquals((await logKinds(world.database, id)).length, 8);
});
