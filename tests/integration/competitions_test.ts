/** Competitions on a real database: their life, their entries, their log. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { CompetitionInput } from "@/contracts/competitions.ts";
import { CompetitionInput as CompetitionInputSchema } from "@/contracts/competitions.ts";
import { PHASES } from "@/domain/competition.ts";
import { DomainError, type ErrorCode } from "@/domain/error.ts";
import { chainHash } from "@/domain/log_hash.ts";
import { sha256 } from "@/platform/sha256.ts";
import { createCompetitionLog } from "@/services/leaderboard/competition_log.ts";
import { openTestServices, type TestServices } from "../support/services.ts";
import { ANONYMOUS, createUser, userActor } from "../support/users.ts";

const DAY_MS = 86_400_000;

function input(test: TestServices, part: Partial<CompetitionInput> = {}): CompetitionInput {
  const now = test.time.now();
  return CompetitionInputSchema.parse({
    name: "Spring Distance Cup",
    startsAt: new Date(now + DAY_MS).toISOString(),
    endsAt: new Date(now + 8 * DAY_MS).toISOString(),
    scoring: { kind: "direct" },
    ...part,
  });
}

async function organiser(test: TestServices) {
  return userActor(await createUser(test.database, { role: "organiser" }), { role: "organiser" });
}

async function member(test: TestServices) {
  return userActor(await createUser(test.database));
}

async function published(test: TestServices, part: Partial<CompetitionInput> = {}) {
  const actor = await organiser(test);
  const { id } = await test.services.competitions.create(actor, input(test, part));
  return { actor, competition: await test.services.competitions.publish(actor, id) };
}

async function assertCode(run: () => Promise<unknown>, code: ErrorCode): Promise<DomainError> {
  const error = await assertRejects(run, DomainError);
  assertEquals(error.code, code);
  return error;
}

Deno.test("create() makes a draft with a slug of its name, and members may not", async () => {
  await using test = await openTestServices();
  const { competitions } = test.services;

  const first = await competitions.create(await organiser(test), input(test));
  const second = await competitions.create(await organiser(test), input(test));

  assertEquals([first.status, first.phase, first.slug], ["draft", "draft", "spring-distance-cup"]);
  assert(second.slug.startsWith("spring-distance-cup-"));
  await assertCode(
    async () => competitions.create(await member(test), input(test)),
    "FORBIDDEN",
  );
  await assertCode(() => competitions.create(ANONYMOUS, input(test)), "UNAUTHORIZED");
});

Deno.test("create() names each faulty time and a slug that is taken", async () => {
  await using test = await openTestServices();
  const { competitions } = test.services;
  const actor = await organiser(test);
  await competitions.create(actor, input(test, { slug: "cup" }));

  const taken = await assertCode(
    () => competitions.create(actor, input(test, { slug: "cup" })),
    "SLUG_TAKEN",
  );
  const times = await assertCode(
    () =>
      competitions.create(actor, input(test, { endsAt: new Date(test.time.now()).toISOString() })),
    "VALIDATION_ERROR",
  );

  assertEquals(taken.details?.[0]?.field, "slug");
  assertEquals(times.details?.[0]?.field, "endsAt");
});

Deno.test("CompetitionInput refuses an entry fee rather than dropping it", () => {
  const base = { name: "Cup", startsAt: "2026-05-01T00:00:00Z", endsAt: "2026-05-02T00:00:00Z" };
  const paid = { ...base, scoring: { kind: "direct" }, entryFee: { currency: "EUR", minor: 500 } };

  const result = CompetitionInputSchema.safeParse(paid);

  assertEquals(result.error?.issues.map(({ path }) => path), [["entryFee"]]);
});

Deno.test("create() finds a slug for each of many drafts of one name at once", async () => {
  await using test = await openTestServices();
  const { competitions } = test.services;
  const actor = await organiser(test);

  const drafts = await Promise.all(
    Array.from({ length: 10 }, () => competitions.create(actor, input(test))),
  );

  assertEquals(new Set(drafts.map(({ slug }) => slug)).size, 10);
});

Deno.test("a draft is for its staff alone, an invite one for those it invited", async () => {
  await using test = await openTestServices();
  const { competitions } = test.services;
  const actor = await organiser(test);
  const draft = await competitions.create(actor, input(test));
  const { competition } = await published(test, {
    visibility: "invite",
    inviteCode: "open-sesame",
  });
  const guest = await member(test);

  assertEquals((await competitions.get(actor, draft.id)).canManage, true);
  const unknown = [
    () => competitions.get(guest, draft.id),
    () => competitions.join(guest, draft.id, {}),
    () => competitions.leave(guest, draft.id),
    () => test.services.leaderboard.board(guest, draft.id, {}),
  ];
  for (const ask of unknown) {
    const { message } = await assertCode(ask, "NOT_FOUND");
    assertEquals(message, `Cannot find competition "${draft.id}": there is none`);
  }
  await assertCode(() => competitions.get(ANONYMOUS, competition.id), "UNAUTHORIZED");
  await assertCode(() => competitions.get(guest, competition.id), "FORBIDDEN");
  await assertCode(
    () => competitions.join(guest, competition.id, { inviteCode: "wrong-code" }),
    "FORBIDDEN",
  );
  const stranger = await assertCode(
    () => competitions.leave(guest, competition.id),
    "NOT_A_PARTICIPANT",
  );
  assert(!stranger.message.includes(competition.name));
  await competitions.join(guest, competition.id, { inviteCode: "open-sesame" });
  const view = await competitions.get(guest, competition.slug);
  assertEquals([view.isStaff, view.inviteCode], [false, undefined]);
});

Deno.test("publish() locks what decides the result and leaves the rest editable", async () => {
  await using test = await openTestServices();
  const { competitions } = test.services;
  const { actor, competition } = await published(test);

  const locked = await assertCode(
    () =>
      competitions.change(actor, competition.id, { rankMethod: "dense", timeZone: "Asia/Tokyo" }),
    "RULES_LOCKED",
  );
  const changed = await competitions.change(actor, competition.id, { name: "Autumn Cup" });
  const rival = await organiser(test);

  assertEquals(locked.details?.map(({ field }) => field).sort(), ["rankMethod", "timeZone"]);
  assertEquals(changed.name, "Autumn Cup");
  await assertCode(() => competitions.publish(actor, competition.id), "ALREADY_PUBLISHED");
  await assertCode(() => competitions.change(rival, competition.id, { name: "Mine" }), "FORBIDDEN");
});

Deno.test("join() admits one of 20 to the last place, and one person once", async () => {
  await using test = await openTestServices();
  const { competitions } = test.services;
  const { competition } = await published(test, { capacity: 1 });
  const rivals = await Promise.all(Array.from({ length: 20 }, () => member(test)));

  const outcomes = await Promise.allSettled(
    rivals.map((actor) => competitions.join(actor, competition.id, {})),
  );
  const winner = rivals[outcomes.findIndex(({ status }) => status === "fulfilled")]!;
  const again = await Promise.all(
    Array.from({ length: 5 }, () => competitions.join(winner, competition.id, {})),
  );

  const codes = outcomes.flatMap((o) => o.status === "rejected" ? [o.reason.code] : []);
  assertEquals(codes, Array(19).fill("COMPETITION_FULL"));
  assertEquals(again.map(({ created }) => created), Array(5).fill(false));
  assertEquals((await competitions.get(winner, competition.id)).participantCount, 1);
});

Deno.test("join() holds the registration window to the millisecond", async () => {
  await using test = await openTestServices();
  const { competitions } = test.services;
  const opens = test.time.now() + 3_600_000;
  const { competition } = await published(test, {
    registrationOpensAt: new Date(opens).toISOString(),
    registrationClosesAt: new Date(opens + 1000).toISOString(),
  });

  test.time.advance(3_600_000 - 1);
  await assertCode(
    async () => competitions.join(await member(test), competition.id, {}),
    "REGISTRATION_CLOSED",
  );
  test.time.advance(1);
  assert((await competitions.join(await member(test), competition.id, {})).created);
  test.time.advance(1000);
  await assertCode(
    async () => competitions.join(await member(test), competition.id, {}),
    "REGISTRATION_CLOSED",
  );
});

Deno.test("leave() frees the place, and joining again restores the same participant", async () => {
  await using test = await openTestServices();
  const { competitions } = test.services;
  const { competition } = await published(test, { capacity: 1 });
  const [first, second] = [await member(test), await member(test)];
  const before = await competitions.join(first, competition.id, {});

  await competitions.leave(first, competition.id);
  await competitions.join(second, competition.id, {});
  await assertCode(() => competitions.join(first, competition.id, {}), "COMPETITION_FULL");
  await competitions.leave(second, competition.id);
  const after = await competitions.join(first, competition.id, {});

  assertEquals(after.entry, before.entry);
  await assertCode(() => competitions.leave(second, competition.id), "NOT_A_PARTICIPANT");
});

Deno.test("change() does not lower the capacity below those who take part, and says so", async () => {
  await using test = await openTestServices();
  const { competitions } = test.services;
  const { actor, competition } = await published(test, { capacity: 2 });
  for (const one of [await member(test), await member(test)]) {
    await competitions.join(one, competition.id, {});
  }

  const lower = () => competitions.change(actor, competition.id, { capacity: 1 });
  const error = await assertRejects(lower, DomainError);

  assertEquals(error.code, "COMPETITION_FULL");
  assertEquals(error.details?.map(({ field, code }) => [field, code]), [["capacity", "too_small"]]);
  assertEquals((await competitions.change(actor, competition.id, { capacity: 2 })).capacity, 2);
});

Deno.test("cancel() ends it for everybody and keeps the reason", async () => {
  await using test = await openTestServices();
  const { competitions } = test.services;
  const { actor, competition } = await published(test);

  const cancelled = await competitions.cancel(actor, competition.id, {
    reason: "Ice on the track",
  });

  assertEquals([cancelled.phase, cancelled.cancelReason], ["cancelled", "Ice on the track"]);
  await assertCode(
    async () => competitions.join(await member(test), competition.id, {}),
    "COMPETITION_CANCELLED",
  );
  await assertCode(
    () => competitions.cancel(actor, competition.id, { reason: "again" }),
    "COMPETITION_CANCELLED",
  );
});

Deno.test("remove() takes drafts only", async () => {
  await using test = await openTestServices();
  const { competitions } = test.services;
  const actor = await organiser(test);
  const draft = await competitions.create(actor, input(test));
  const other = await published(test);

  await competitions.remove(actor, draft.slug);

  await assertCode(() => competitions.get(actor, draft.id), "NOT_FOUND");
  await assertCode(
    () => competitions.remove(other.actor, other.competition.id),
    "ALREADY_PUBLISHED",
  );
});

Deno.test("list() finds by text, scope and phase, and the phases agree with phaseOf()", async () => {
  await using test = await openTestServices();
  const { competitions } = test.services;
  const { actor, competition } = await published(test, { name: "100% Hills", graceMs: 1000 });
  const base = { scope: "all", sort: "startsAt", order: "desc", page: 1, "page_size": 20 } as const;

  assertEquals((await competitions.list(ANONYMOUS, { ...base, q: "0% h" })).total, 1);
  assertEquals((await competitions.list(ANONYMOUS, { ...base, q: "_" })).total, 0);
  assertEquals((await competitions.list(actor, { ...base, scope: "mine" })).total, 1);
  assertEquals(
    (await competitions.list(await member(test), { ...base, scope: "joined" })).total,
    0,
  );
  for (const advance of [0, DAY_MS - 1, 1, 7 * DAY_MS - 1, 1, 999, 1]) {
    test.time.advance(advance);
    const { phase } = await competitions.get(ANONYMOUS, competition.id);
    for (const asked of PHASES) {
      const found = await competitions.list(ANONYMOUS, { ...base, phase: asked });
      assertEquals(found.total, asked === phase ? 1 : 0, `${asked} while ${phase}`);
    }
  }
});

Deno.test("participants() shows e-mail to staff only, and searches it for them only", async () => {
  await using test = await openTestServices();
  const { competitions } = test.services;
  const { actor, competition } = await published(test);
  const athlete = userActor(await createUser(test.database, { email: "ada@example.org" }));
  await competitions.join(athlete, competition.id, {});
  const query = { page: 1, "page_size": 20, q: "ada@" };

  const staff = await competitions.participants(actor, competition.id, query);
  const visitor = await competitions.participants(ANONYMOUS, competition.id, query);
  const all = await competitions.participants(ANONYMOUS, competition.id, {
    page: 1,
    "page_size": 20,
  });
  await test.database.sql`
    update users set status = 'deleted', deleted_at = now(), password_hash = null,
      email = ${`deleted-${athlete.userId}@invalid`}
    where id = ${athlete.userId}`;
  const later = await competitions.participants(actor, competition.id, { ...query, q: "" });

  assertEquals([later.total, later.items[0]?.email], [1, undefined]);
  assertEquals(staff.items[0]?.email, "ada@example.org");
  assertEquals(visitor.total, 0);
  assertEquals([all.total, all.items[0]?.email], [1, undefined]);
});

Deno.test("log() is a chain: numbers without a gap, times that never go back, hashes that verify", async () => {
  await using test = await openTestServices();
  const { competitions } = test.services;
  const { actor, competition } = await published(test);
  const athlete = await member(test);
  await competitions.join(athlete, competition.id, {});
  await competitions.leave(athlete, competition.id);
  await competitions.cancel(actor, competition.id, { reason: "Storm" });

  const log = await competitions.log(ANONYMOUS, competition.id, { after: 0, limit: 100 });
  const stored = await createCompetitionLog({ database: test.database, clock: test.time })
    .read(competition.id, { after: 0, limit: 100 });

  assertEquals(log.entries.map(({ kind }) => kind), ["rules", "status", "join", "leave", "status"]);
  assertEquals(log.entries.map(({ seq }) => seq), [1, 2, 3, 4, 5]);
  let hash: Uint8Array = new Uint8Array(32);
  for (const [index, { entry }] of stored.entries()) {
    hash = chainHash(hash, entry, sha256);
    assertEquals(log.entries[index]?.hash, hash.toHex());
  }
  assertEquals(log.lastHash, hash.toHex());
});

Deno.test("the database refuses to change, delete or truncate log and audit rows", async () => {
  await using test = await openTestServices();
  await published(test);
  const { sql } = test.database;

  const attempts = [
    () => sql`update competition_log set reason = 'x'`,
    () => sql`delete from competition_log`,
    () => sql`truncate competition_log cascade`,
    () => sql`update audit_log set reason = 'x'`,
    () => sql`delete from audit_log`,
    () => sql`truncate audit_log`,
  ];

  for (const attempt of attempts) {
    const error = await assertRejects(async () => await attempt());
    assertEquals((error as { code?: string }).code, "PB001", String(error));
  }
});

Deno.test("every change by staff leaves one audit row in the same transaction", async () => {
  await using test = await openTestServices();
  const { services } = test;
  const { actor, competition } = await published(test);
  await services.competitions.change(actor, competition.id, { name: "Autumn Cup" });
  await services.competitions.cancel(actor, competition.id, { reason: "Storm" });
  await assertRejects(() => services.competitions.publish(actor, competition.id));
  const admin = userActor(await createUser(test.database, { role: "admin" }), { role: "admin" });

  const { items } = await services.audit.list(admin, { page: 1, page_size: 20 });

  assertEquals(items.map(({ action }) => action), [
    "competition.cancel",
    "competition.change",
    "competition.publish",
    "competition.create",
  ]);
  assertEquals(items[0]?.reason, "Storm");
  assertEquals(items[0]?.requestId, "request-1");
});
