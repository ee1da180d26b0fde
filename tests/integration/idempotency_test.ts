import { assert, assertEquals, assertRejects } from "@std/assert";
import { DomainError } from "@/domain/error.ts";
import { sha256 } from "@/platform/sha256.ts";
import type { Claim, IdempotentRequest } from "@/services/idempotency.ts";
import { type Answer, openTestApp, TEST_PASSWORD, type TestApp } from "@/tests/support/app.ts";
import { createTestServices } from "@/tests/support/services.ts";
import { userActor } from "@/tests/support/users.ts";

const DAY_MS = 86_400_000;

/** A published competition on invitation; `post` sends with a key. */
async function setUp(test: TestApp) {
  const organiser = await test.person("organiser");
  const now = test.time.now();
  const created = await test.call("POST", "/competitions", {
    token: organiser.token,
    body: {
      name: "Key Cup",
      visibility: "invite",
      inviteCode: "come-on-in",
      startsAt: new Date(now - 3_600_000).toISOString(),
      endsAt: new Date(now + 10 * DAY_MS).toISOString(),
      scoring: { kind: "direct", operator: "set", direction: "higher" },
    },
  });
  const { id, slug } = created.body.data;
  await test.call("POST", `/competitions/${id}/publish`, { token: organiser.token });
  const [mira, noor] = [await test.person("member"), await test.person("member")];
  const post = (path: string, key: string, body: unknown, token = mira.token) =>
    test.call("POST", path, { token, body, headers: { "idempotency-key": key } });
  return { id, slug, mira, noor, post, join: `/competitions/${id}/join` };
}

function line({ status, headers, body }: Answer): string {
  const replayed = headers.get("idempotent-replayed") === "true" ? " again" : "";
  return `${status} ${body.error?.code ?? "OK"}${replayed}`;
}

const INVITED = { inviteCode: "come-on-in" };

Deno.test("a request with an Idempotency-Key has one effect and one answer for 24 hours", async () => {
  await using test = await openTestApp();
  const { id, slug, noor, join, post } = await setUp(test);
  const leave = `/competitions/${id}/leave`;

  const early = await post(leave, "leave-1", {});
  const invalid = await post(join, "join-1", { inviteCode: 7 });
  const wrong = await post(join, "join-1", { inviteCode: "not-this-one" });
  const first = await post(join, "join-1", INVITED);
  const again = await post(join, "join-1", INVITED);
  const other = await post(join, "join-1", { ...INVITED, division: "open" });
  const bySlug = await post(`/competitions/${slug}/join`, "join-1", INVITED);
  const ofAnother = await post(join, "join-1", INVITED, noor.token);
  const kept = await post(leave, "leave-1", {});
  const left = await post(leave, "leave-2", {});
  const leftAgain = await post(leave, "leave-2", {});
  const tooLong = await post(join, "k".repeat(256), INVITED);
  test.time.advance(DAY_MS);
  // The token of yesterday has ended.
  const token = await signIn(test, noor.email);
  const nextDay = await post(join, "join-1", INVITED, token);

  assertEquals([line(early), line(kept)], ["409 NOT_A_PARTICIPANT", "409 NOT_A_PARTICIPANT again"]);
  const help = `</docs/errors/NOT_A_PARTICIPANT>; rel="help"`;
  assertEquals([early, kept].map(({ headers }) => headers.get("link")), [help, help]);
  assertEquals([line(invalid), line(wrong)], ["400 VALIDATION_ERROR", "403 FORBIDDEN"]);
  assertEquals([line(first), line(again)], ["201 OK", "201 OK again"]);
  assertEquals(again.body, first.body);
  assertEquals([line(other), line(bySlug)], ["409 CONFLICT", "409 CONFLICT"]);
  assertEquals(line(ofAnother), "201 OK");
  assertEquals([line(left), line(leftAgain)], ["200 OK", "200 OK again"]);
  assertEquals(line(tooLong), "400 VALIDATION_ERROR");
  assertEquals(line(nextDay), "200 OK");
  const { body } = await test.call("GET", "//openapi.json");
  const parameters = body.paths["/api/v1/competitions/{id}/join"].post.parameters;
  assertEquals(parameters.at(-1).name, "Idempotency-Key");
});

Deno.test("a body without a type is refused with a key as it is without", async () => {
  await using test = await openTestApp();
  const { mira, join } = await setUp(test);
  const send = async (headers: Record<string, string>) => {
    const body = new Uint8Array([0xff, 0xfe, 0x7d, 0x7d]);
    const authorization = `Bearer ${mira.token}`;
    const url = `http://localhost/api/v1${join}`;
    const request = new Request(url, {
      method: "POST",
      headers: { authorization, ...headers },
      body,
    });
    return (await test.app.fetch(request)).status;
  };

  const statuses = [await send({}), await send({ "idempotency-key": "untyped-1" })];

  assertEquals(statuses, [415, 415]);
});

async function signIn(test: TestApp, email: string): Promise<string> {
  const login = { email, password: TEST_PASSWORD };
  return (await test.call("POST", "/auth/login", { body: login })).body.data.accessToken;
}

Deno.test("the same key many times at once has one effect, on this node and beside another", async () => {
  await using test = await openTestApp();
  const { id, mira, join, post } = await setUp(test);
  await using there = createTestServices(test.database, test.time);
  const here = test.services;

  const answers = await Promise.all(
    Array.from({ length: 20 }, () => post(join, "join-1", INVITED)),
  );
  const log = await test.call("GET", `/competitions/${id}/log`, { token: mira.token });
  const request: IdempotentRequest = {
    actor: userActor(mira.userId),
    route: "joinCompetition",
    key: "join-2",
    requestHash: sha256("a request"),
  };
  const dead = claimed(await here.idempotency.claim(request));
  const refused = await assertRejects(() => there.idempotency.claim(request), DomainError);
  test.time.advance(120_000);
  const taken = claimed(await there.idempotency.claim(request));
  const answer = { status: 201, contentType: "application/json", body: "{}" };
  await dead.finish({ ...answer, body: "late" });
  await taken.finish(answer);
  const replayed = await here.idempotency.claim(request);
  test.time.advance(DAY_MS);
  const swept = await here.idempotency.sweep();

  assertEquals(
    new Set(answers.map(({ status, body }) => `${status} ${body.data.participantId}`)).size,
    1,
  );
  assertEquals(answers.filter(({ headers }) => headers.has("idempotent-replayed")).length, 19);
  const joins = log.body.data.entries.filter(({ kind }: { kind: string }) => kind === "join");
  assertEquals(joins.length, 1);
  assertEquals([refused.code, refused.retryAfterSeconds], ["CONFLICT", 1]);
  assertEquals(taken.id, dead.id);
  assertEquals(replayed, { outcome: "answered", answer });
  assertEquals(swept, 2);
});

function claimed(claim: Claim): Extract<Claim, { outcome: "claimed" }> {
  assert(claim.outcome === "claimed");
  return claim;
}
