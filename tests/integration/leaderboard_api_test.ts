import { assert, assertEquals } from "@std/assert";
import { gunzipSync } from "node:zlib";
import { openTestApp, type TestApp } from "@/tests/support/app.ts";
import { addMembers } from "@/tests/support/large_board.ts";

/** A running competition where people report themselves, with one athlete in it. */
async function setUp(test: TestApp) {
  const organiser = await test.person("organiser", "Olga Organiser");
  const now = test.time.now();
  const created = await test.call("POST", "/competitions", {
    token: organiser.token,
    body: {
      name: "Push-up Cup",
      startsAt: new Date(now - 3_600_000).toISOString(),
      endsAt: new Date(now + 86_400_000).toISOString(),
      scoring: { kind: "direct", operator: "increment", direction: "higher", selfReport: true },
    },
  });
  const { id, slug } = created.body.data;
  await test.call("POST", `/competitions/${id}/publish`, { token: organiser.token });
  const ann = await test.person("member", "Ann");
  await test.call("POST", `/competitions/${id}/join`, { token: ann.token, body: {} });
  const update = (body: Record<string, unknown>, headers: Record<string, string> = {}) =>
    test.call("POST", "/leaderboard/update", {
      token: ann.token,
      headers,
      body: { competitionId: id, ...body },
    });
  return { id, slug, ann, organiser, update };
}

Deno.test("POST /leaderboard/update answers the durable score", async () => {
  await using test = await openTestApp();
  const { ann, update } = await setUp(test);

  const answer = await update({ score: 12 });

  assertEquals(answer.status, 200);
  const { participantId, ...rest } = answer.body.data;
  assertEquals(rest, { score: 12, rank: 1, previousRank: null, offset: rest.offset });
  assert(participantId !== ann.userId);
});

Deno.test("POST /leaderboard/update takes its key from the header where the body has none", async () => {
  await using test = await openTestApp();
  const { update } = await setUp(test);
  const header = { "idempotency-key": "lap-1" };

  const first = await update({ score: 5 }, header);
  const again = await update({ score: 5 }, header);
  const byBody = await update({ score: 5, idempotencyKey: "lap-1" }, { "idempotency-key": "x" });
  const other = await update({ score: 6 }, header);
  const tooLong = await update({ score: 6 }, { "idempotency-key": "k".repeat(256) });

  assertEquals(first.body.data.score, 5);
  assertEquals([again.body.data.score, again.body.data.offset], [5, first.body.data.offset]);
  assertEquals(byBody.body.data.offset, first.body.data.offset);
  assertEquals([other.status, other.body.error.code], [409, "CONFLICT"]);
  assertEquals([tooLong.status, tooLong.body.error.code], [400, "VALIDATION_ERROR"]);
});

Deno.test("POST /leaderboard/update names the faults of its body", async () => {
  await using test = await openTestApp();
  const { id, update } = await setUp(test);
  const fieldOf = async (body: Record<string, unknown>) => {
    const answer = await update(body);
    assertEquals([answer.status, answer.body.error.code], [400, "VALIDATION_ERROR"]);
    return answer.body.error.details[0].field;
  };

  assertEquals(await fieldOf({}), "score");
  assertEquals(await fieldOf({ score: "7" }), "score");
  assertEquals(await fieldOf({ score: 0.5 }), "score");
  assertEquals(await fieldOf({ score: 1, operator: "multiply" }), "operator");
  assertEquals(await fieldOf({ score: 1, occurredAt: "yesterday" }), "occurredAt");
  assertEquals(await fieldOf({ score: 1, competitionId: "cup" }), "competitionId");
  const anonymous = await test.call("POST", "/leaderboard/update", {
    body: { competitionId: id, score: 1 },
  });
  assertEquals([anonymous.status, anonymous.body.error.code], [401, "UNAUTHORIZED"]);
});

Deno.test("POST /leaderboard/update/batch answers each update, keyed by the header", async () => {
  await using test = await openTestApp();
  const { id, ann } = await setUp(test);
  const send = () =>
    test.call("POST", "/leaderboard/update/batch", {
      token: ann.token,
      headers: { "idempotency-key": "sync-7" },
      body: {
        updates: [1, 2.5, 3].map((score) => ({ competitionId: id, score })),
      },
    });

  const first = await send();
  const again = await send();

  assertEquals(first.status, 200);
  assertEquals([first.body.data.accepted, first.body.data.rejected], [2, 1]);
  assertEquals(first.body.data.results[1].error.code, "VALIDATION_ERROR");
  assertEquals(first.body.data.results[1].error.details[0].field, "score");
  assertEquals(first.body.data.results[2].update.score, 4);
  assertEquals(again.body.data.results[2].update.offset, first.body.data.results[2].update.offset);
  const board = await test.call("GET", `/leaderboard/${id}`);
  assertEquals(board.body.data.rows[0].score, 4);
});

Deno.test("POST /leaderboard/update/batch refuses an atomic batch as a whole", async () => {
  await using test = await openTestApp();
  const { id, ann } = await setUp(test);

  const answer = await test.call("POST", "/leaderboard/update/batch", {
    token: ann.token,
    body: { atomic: true, updates: [1, 2.5].map((score) => ({ competitionId: id, score })) },
  });

  assertEquals([answer.status, answer.body.error.code], [400, "VALIDATION_ERROR"]);
  assertEquals(answer.body.error.details[0].field, "updates.1.score");
  const board = await test.call("GET", `/leaderboard/${id}`);
  assertEquals(board.body.data.rows[0].score, null);
});

Deno.test("GET /leaderboard/:id answers the board by id or slug, with pages and the own rows", async () => {
  await using test = await openTestApp();
  const { id, slug, ann, update } = await setUp(test);
  await update({ score: 5 });

  const byId = await test.call("GET", `/leaderboard/${id}`);
  const bySlug = await test.call("GET", `/leaderboard/${slug}?page=1&page_size=10`);
  const around = await test.call("GET", `/leaderboard/${id}?around=me`, { token: ann.token });

  const { rows, ...board } = byId.body.data;
  assertEquals({ ...board, epoch: "" }, {
    competitionId: id,
    epoch: "",
    offset: board.offset,
    phase: "active",
    frozen: false,
    total: 1,
  });
  assertEquals(byId.body.meta, undefined);
  assertEquals({ ...rows[0], participantId: "", reachedAt: "" }, {
    rank: 1,
    participantId: "",
    userId: ann.userId,
    name: "Ann",
    avatarUrl: null,
    score: 5,
    reachedAt: "",
    provisional: true,
    status: "active",
  });
  const place = { page: 1, pageSize: 10, total: 1, totalPages: 1, nextCursor: null };
  assertEquals(bySlug.body.meta, place);
  const aroundOne = await test.call("GET", `/leaderboard/${id}?around=${rows[0].participantId}`);
  assertEquals(aroundOne.body.data.rows, rows);
  assertEquals(around.body.data.rows[0].isMe, true);
  assertEquals(around.body.data.me.rank, 1);
});

Deno.test("GET /leaderboard/:id answers 304 while the board is the client's", async () => {
  await using test = await openTestApp();
  const { id, update } = await setUp(test);
  const get = (etag: string) =>
    test.call("GET", `/leaderboard/${id}`, { headers: { "if-none-match": etag } });
  const first = await test.call("GET", `/leaderboard/${id}`);
  const etag = first.headers.get("etag")!;

  const same = await get(etag);
  const listed = await get(`"other", ${etag}`);
  await update({ score: 1 });
  const changed = await get(etag);

  assertEquals([same.status, same.body, same.headers.get("etag")], [304, "", etag]);
  assertEquals(listed.status, 304);
  assertEquals([changed.status, changed.body.data.rows[0].score], [200, 1]);
  assert(changed.headers.get("etag") !== etag);
  assertEquals(first.headers.get("cache-control"), "no-cache");
});

Deno.test("GET /leaderboard/:id answers compressed where the client takes that", async () => {
  await using test = await openTestApp();
  const { id } = await setUp(test);
  await addMembers(test.database, id, { from: 0, to: 20 });
  test.services.boards.clear();
  const get = (coding: string) =>
    test.app.fetch(
      new Request(`http://localhost/api/v1/leaderboard/${id}`, {
        headers: { "accept-encoding": coding },
      }),
    );

  const [plain, packed] = [await get("identity"), await get("br, gzip")];

  assertEquals(plain.headers.get("content-encoding"), null);
  assertEquals(packed.headers.get("content-encoding"), "gzip");
  assertEquals(packed.headers.get("etag"), plain.headers.get("etag"));
  assertEquals(packed.headers.get("vary"), "Authorization, Cookie, Accept-Encoding");
  const bytes = new Uint8Array(await packed.arrayBuffer());
  assertEquals(gunzipSync(bytes).toString(), await plain.text());
});

Deno.test("GET /leaderboard/:id refuses what it cannot answer", async () => {
  await using test = await openTestApp();
  const { id } = await setUp(test);
  const codeOf = async (path: string) => {
    const { status, body } = await test.call("GET", `/leaderboard/${path}`);
    return [status, body.error.code];
  };

  assertEquals(await codeOf("no-such-cup"), [404, "NOT_FOUND"]);
  assertEquals(await codeOf(crypto.randomUUID()), [404, "NOT_FOUND"]);
  assertEquals(await codeOf(`${id}?around=me`), [401, "UNAUTHORIZED"]);
  assertEquals(await codeOf(`${id}?top=0`), [400, "VALIDATION_ERROR"]);
  assertEquals(await codeOf(`${id}?top=5&page=1`), [400, "VALIDATION_ERROR"]);
  const { body } = await test.call("GET", `/leaderboard/${id}?top=5&page=1`);
  assertEquals(body.error.details[0].field, "query");
  const twice = await test.call("GET", `/leaderboard/${id}?top=5&top=6`);
  assertEquals(twice.body.error.message, "top: Must be a number, given once");
});
