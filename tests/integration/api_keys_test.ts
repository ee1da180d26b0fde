import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { IssuedApiKey } from "@/contracts/api_keys.ts";
import { DomainError } from "@/domain/error.ts";
import { SCOPE_NAMES } from "@/domain/scope.ts";
import { KEY_SCOPES } from "@/routes/api/key_scopes.ts";
import { readLiveCaller } from "@/routes/live_caller.ts";
import { type Answer, openTestApp, type TestApp, type TestPerson } from "@/tests/support/app.ts";
import { createTestServices } from "@/tests/support/services.ts";
import { until } from "@/tests/support/waiting.ts";

const MINUTE_MS = 60_000;
const NOWHERE = { requestId: null, address: null };

async function issue(test: TestApp, admin: TestPerson, input: Record<string, unknown> = {}) {
  const body = { name: "Gym app", scopes: ["users:read"], ...input };
  const answer = await test.call("POST", "/admin/api-keys", { token: admin.token, body });
  assertEquals(answer.status, 201);
  return answer.body.data as IssuedApiKey;
}

/** A published competition on invitation, with an athlete in it. */
async function setUpCompetition(test: TestApp, admin: TestPerson, athlete: TestPerson) {
  const now = test.time.now();
  const created = await test.call("POST", "/competitions", {
    token: admin.token,
    body: {
      name: "Closed Cup",
      visibility: "invite",
      inviteCode: "come-on-in",
      startsAt: new Date(now - 3_600_000).toISOString(),
      endsAt: new Date(now + 86_400_000).toISOString(),
      scoring: { kind: "direct", operator: "increment", direction: "higher" },
    },
  });
  const id: string = created.body.data.id;
  await test.call("POST", `/competitions/${id}/publish`, { token: admin.token });
  const body = { inviteCode: "come-on-in" };
  await test.call("POST", `/competitions/${id}/join`, { token: athlete.token, body });
  return id;
}

function codeOf(answer: Answer): string {
  return `${answer.status} ${answer.body.error?.code ?? "OK"}`;
}

Deno.test("API keys", async (t) => {
  await using test = await openTestApp();
  const admin = await test.person("admin", "Ada Admin");
  const steps = [
    {
      name: "a key is shown once, kept as a hash, listed without its secret, and audited",
      fn: () => isShownOnce(test, admin),
    },
    {
      name: "a key opens what its scopes name and nothing else",
      fn: () => opensItsScopes(test, admin),
    },
    {
      name: "a key has a quota of its own, and its use is noted once a minute",
      fn: () => hasItsQuota(test, admin),
    },
    {
      name:
        "a key that was revoked, rotated, has expired or whose owner is suspended is refused on every node within 5 s",
      fn: () => isTakenBack(test, admin),
    },
  ];
  for (const step of steps) await t.step(step);
});

async function isShownOnce(test: TestApp, admin: TestPerson): Promise<void> {
  const organiser = await test.person("organiser");

  const issued = await issue(test, admin, { scopes: ["scores:write", "scores:write"] });
  const list = await test.call("GET", "/admin/api-keys", { token: admin.token });
  const refused = await test.call("GET", "/admin/api-keys", { token: organiser.token });
  const late = { name: "Late", scopes: ["users:read"], expiresAt: "2020-01-01T00:00:00Z" };
  const past = await test.call("POST", "/admin/api-keys", { token: admin.token, body: late });
  const stored = await test.database.sql`select row_to_json(k)::text as text from api_keys k`;
  const audit = await test.call("GET", "/admin/audit?targetKind=api_key", { token: admin.token });

  assertMatch(issued.key, /^pb_[A-Za-z0-9]{10}_[\w-]{43}$/);
  const { key, ...shown } = issued;
  assertEquals(list.body.data, [shown]);
  assertEquals([shown.scopes, shown.quotaPerMinute], [["scores:write"], 6_000]);
  assertEquals([shown.owner.name, shown.status, shown.lastUsedAt], ["Ada Admin", "active", null]);
  assertEquals([codeOf(refused), codeOf(past)], ["403 FORBIDDEN", "400 VALIDATION_ERROR"]);
  const secret = key.slice(shown.prefix.length + 1);
  assert(!stored[0]!.text.includes(secret));
  assertEquals(audit.body.data.map((row: { action: string }) => row.action), ["api_key.create"]);
  assert(!JSON.stringify(audit.body.data).includes(secret));
}

async function opensItsScopes(test: TestApp, admin: TestPerson): Promise<void> {
  const athlete = await test.person("member", "Ann");
  const competition = await setUpCompetition(test, admin, athlete);
  const paths: Record<string, [method: string, path: string, body?: unknown]> = {
    listUsers: ["GET", "/users"],
    getUser: ["GET", `/users/${athlete.userId}`],
    getProfile: ["GET", `/users/${athlete.userId}/profile`],
    listCompetitions: ["GET", "/competitions"],
    getCompetition: ["GET", `/competitions/${competition}`],
    listParticipants: ["GET", `/competitions/${competition}/participants`],
    getLog: ["GET", `/competitions/${competition}/log`],
    getBoard: ["GET", `/leaderboard/${competition}`],
    getStats: ["GET", `/fitness/stats/${athlete.userId}`],
    listActivities: ["GET", `/users/${athlete.userId}/activity`],
    syncActivity: ["POST", "/fitness/sync", {
      provider: "manual",
      userId: athlete.userId,
      records: [{
        id: "steps-1",
        type: "StepsRecord",
        start: new Date(test.time.now() - 2 * MINUTE_MS).toISOString(),
        end: new Date(test.time.now() - MINUTE_MS).toISOString(),
        value: 120,
      }],
    }],
    listEvents: ["GET", `/competitions/${competition}/events`],
    listAnnouncements: ["GET", `/competitions/${competition}/announcements`],
    listAudit: ["GET", "/admin/audit"],
    changeCompetition: ["PUT", `/competitions/${competition}`, { description: "By an app" }],
    publishCompetition: ["POST", `/competitions/${competition}/publish`],
    updateScore: ["POST", "/leaderboard/update", {
      competitionId: competition,
      userId: athlete.userId,
      score: 3,
    }],
  };
  const keys = new Map<string, string>();
  for (const scope of SCOPE_NAMES) {
    keys.set(scope, (await issue(test, admin, { scopes: [scope] })).key);
  }

  const opened: Record<string, string[]> = {};
  for (const [operation, [method, path, body]] of Object.entries(paths)) {
    opened[operation] = [];
    for (const [scope, token] of keys) {
      const { status } = await test.call(method, path, { token, body });
      assert(status !== 401 && status < 500, `${operation} ${scope}: ${status}`);
      if (status !== 403) opened[operation].push(scope);
    }
  }

  const promised = Object.keys(paths).map((operation) => {
    const all = operation === "listCompetitions" ? SCOPE_NAMES : KEY_SCOPES[operation]!;
    return [operation, SCOPE_NAMES.filter((scope) => all.includes(scope))];
  });
  assertEquals(opened, Object.fromEntries(promised));
  const events = await test.call("GET", `/competitions/${competition}/events`, {
    token: admin.token,
  });
  assertEquals(
    events.body.data.map((one: { actorName: string }) => one.actorName),
    ["Gym app"],
    "the organiser sees which app wrote it",
  );
  const imports = await test.call("GET", "/fitness/imports", { token: athlete.token });
  assertEquals(imports.body.data.map((one: { counts: unknown }) => one.counts), [
    { imported: 1, duplicate: 0, merged: 0, flagged: 0, rejected: 0 },
  ]);
  const nobody = { provider: "other", userId: crypto.randomUUID(), records: [{}] };
  const sender = { token: keys.get("fitness:write")! };
  assertEquals(
    codeOf(await test.call("POST", "/fitness/sync", { ...sender, body: nobody })),
    "404 NOT_FOUND",
  );
  const unnamed = { provider: "other", records: [{}] };
  assertEquals(
    codeOf(await test.call("POST", "/fitness/sync", { ...sender, body: unnamed })),
    "400 VALIDATION_ERROR",
  );
  const reader = { token: keys.get("competitions:read")! };
  const other = { token: keys.get("audit:read")! };
  assertEquals((await test.call("GET", "/competitions", reader)).body.data.length, 1);
  assertEquals((await test.call("GET", "/competitions", other)).body.data.length, 0);
  const owned = await test.call("POST", "/competitions", {
    token: keys.get("competitions:write")!,
    body: {
      name: "By an app",
      startsAt: new Date(test.time.now()).toISOString(),
      endsAt: new Date(test.time.now() + 86_400_000).toISOString(),
      scoring: { kind: "direct", operator: "set", direction: "higher" },
    },
  });
  assertEquals(owned.body.data?.ownerId, admin.userId);
  for (const path of ["/auth/me", "/admin/overview", "/admin/api-keys"]) {
    assertEquals(codeOf(await test.call("GET", path, reader)), "403 FORBIDDEN");
  }
  const { body } = await test.call("GET", "//openapi.json");
  assertEquals(
    body.paths["/api/v1/users"].get.security.at(-1),
    { apiKey: ["users:read"] },
  );
}

async function isTakenBack(test: TestApp, admin: TestPerson): Promise<void> {
  const owner = await test.person("organiser");
  await using other = createTestServices(test.database, test.time);
  const expiresAt = new Date(test.time.now() + 30 * MINUTE_MS).toISOString();
  const [revoked, rotated, expiring, owned] = [
    await issue(test, admin),
    await issue(test, admin),
    await issue(test, admin, { expiresAt }),
    await issue(test, admin, { ownerId: owner.userId }),
  ];
  const here = async ({ key }: { key: string }) =>
    codeOf(await test.call("GET", "/users", { headers: { "x-api-key": key } }));
  const there = ({ key }: { key: string }) =>
    other.apiKeys.authenticate(key).then(() => "OK", (error) => error.code);
  for (const key of [revoked, rotated, expiring, owned]) {
    assertEquals([await here(key), await there(key)], ["200 OK", "OK"]);
  }

  const path = (key: IssuedApiKey) => `/admin/api-keys/${key.id}`;
  const live = await readLiveCaller(test.services, { token: revoked.key }, NOWHERE);
  await test.call("DELETE", `${path(revoked)}?reason=leaked`, { token: admin.token });
  const fresh = await test.call("POST", `${path(rotated)}/rotate`, { token: admin.token });
  const change = { token: admin.token, body: { status: "suspended" } };
  await test.call("PUT", `/users/${owner.userId}`, change);
  const atOnce = [await here(revoked), await here(rotated)];
  assertEquals(live.actor.kind, "api_key");
  await assertRejects(() => live.recheck!(), DomainError, "not known or was revoked");
  test.time.advance(4_500);
  const within = [
    await there(revoked),
    await there(rotated),
    await there(owned),
    await here(owned),
  ];
  test.time.advance(30 * MINUTE_MS);
  const again = await test.call("DELETE", path(revoked), { token: admin.token });

  assertEquals(atOnce, ["401 INVALID_TOKEN", "401 INVALID_TOKEN"]);
  assertEquals(within, [
    "INVALID_TOKEN",
    "INVALID_TOKEN",
    "ACCOUNT_SUSPENDED",
    "403 ACCOUNT_SUSPENDED",
  ]);
  assertEquals(await here(fresh.body.data), "200 OK");
  assertEquals([await here(expiring), await there(expiring)], [
    "401 TOKEN_EXPIRED",
    "TOKEN_EXPIRED",
  ]);
  assertEquals([again.status, codeOf(again)], [401, "401 TOKEN_EXPIRED"]);
  const audit = await test.services.audit.list(
    { kind: "system", name: "test", ...NOWHERE },
    { page: 1, page_size: 20, targetId: revoked.id },
  );
  assertEquals(audit.items.map(({ action, reason }) => [action, reason]), [
    ["api_key.revoke", "leaked"],
    ["api_key.create", null],
  ]);
}

async function hasItsQuota(test: TestApp, admin: TestPerson): Promise<void> {
  const { key, id, prefix } = await issue(test, admin, { quotaPerMinute: 2 });
  const ask = (token = key) => test.call("GET", "/users", { token });
  const noted = async () => {
    const { lastUsedAt } = await test.services.apiKeys.get(
      { kind: "system", name: "test", ...NOWHERE },
      id,
    );
    return lastUsedAt === null ? null : Date.parse(lastUsedAt);
  };
  const startedAt = test.time.now();

  const answers = [await ask(), await ask(), await ask()];
  await until(async () => await noted() !== null, "its use is noted");
  test.time.advance(59_000);
  await ask();
  const beforeTheMinute = await noted();
  test.time.advance(1_000);
  await ask();
  await until(async () => await noted() !== startedAt, "its next use is noted");

  assertEquals(answers.map(codeOf), ["200 OK", "200 OK", "429 RATE_LIMIT_EXCEEDED"]);
  assertEquals(answers[2]!.headers.get("ratelimit-policy"), '"api-key";q=2;w=60');
  assertEquals(answers[2]!.headers.get("retry-after"), "30");
  assertEquals([beforeTheMinute, await noted()], [startedAt, startedAt + MINUTE_MS]);
  const wrong = `${prefix}_${"A".repeat(43)}`;
  const stranger = `pb_0000000000_${key.slice(-43)}`;
  for (const token of [wrong, stranger, "pb_", `${key}x`]) {
    const { body } = await ask(token);
    assertEquals(body.error.message, "Cannot use the API key: it is not known or was revoked");
  }
}
