import { assert, assertEquals } from "@std/assert";
import { openTestApp, type TestApp } from "@/tests/support/app.ts";
import { openRoads, type RoadRequest } from "@/tests/support/two_roads.ts";

const HOUR_MS = 3_600_000;
/** Fills every bucket, and ends no token. */
const REFILL_MS = 600_000;
/** More than setting up takes of anybody. */
const LIMIT = 40;

/** A request; `lane` tells that the lane finishes it. */
type Row = RoadRequest & { name: string; lane?: boolean };

Deno.test("the lane answers, logs and counts as the framework does", async (t) => {
  await using test = await openTestApp({
    env: {
      RATE_LIMIT_DEFAULT: "100000/s:100000",
      RATE_LIMIT_SCORE: "90000/s:90000",
      CORS_ORIGINS: "https://app.example.org",
    },
  });
  const world = await setUp(test);
  const send = openRoads(test);
  for (const { name, lane = false, ...request } of [...readsOf(world), ...writesOf(world)]) {
    await t.step(name, async () => {
      // By the first, addresses and callers become known, and what is prepared once is.
      for (const road of ["ordinary", "lane", "lane"] as const) await send(road, request);
      const ordinary = await send("ordinary", request);
      const short = await send("lane", request);
      assertEquals(short.answer, ordinary.answer);
      assertEquals(short.left, ordinary.left && ordinary.left - 1);
      assertEquals(!short.wasOrdinary, lane, "it takes another road");
    });
  }
});

Deno.test("the lane refuses as the framework does whom a limit stops", async () => {
  await using test = await openTestApp({ env: { RATE_LIMIT_DEFAULT: `${LIMIT}/m:${LIMIT}` } });
  const { open, ann } = await setUp(test);
  const send = openRoads(test);
  const board = { path: `/${open}`, headers: bearer(ann) };
  test.time.advance(REFILL_MS);
  await send("ordinary", board);
  const lefts = [];
  for (let sent = 1; sent < LIMIT; sent++) lefts.push((await send("lane", board)).left);
  assertEquals(lefts, Array.from({ length: LIMIT - 1 }, (_, sent) => LIMIT - 2 - sent));

  const short = await send("lane", board);
  const ordinary = await send("ordinary", board);

  assertEquals(short.answer, ordinary.answer);
  assertEquals(short.answer.status, 429);
});

interface World {
  open: string;
  slug: string;
  closed: string;
  frozen: string;
  ann: string;
  stranger: string;
  organiser: string;
  admin: string;
  key: string;
  narrowKey: string;
  etag: string;
}

async function setUp(test: TestApp): Promise<World> {
  const [organiser, admin, ann, stranger] = await Promise.all([
    test.person("organiser", "Olga Organiser"),
    test.person("admin", "Ada Admin"),
    test.person("member", "Ann"),
    test.person("member", "Stranger"),
  ]);
  const issue = async (scopes: string[]) => {
    const body = { name: "Gym app", scopes, quotaPerMinute: 60_000 };
    return (await test.call("POST", "/admin/api-keys", { token: admin.token, body })).body.data.key;
  };
  const compete = (body: Record<string, unknown>) =>
    startCompetition(test, { organiser: organiser.token, athlete: ann.token }, body);
  const { id: open, slug } = await compete({ name: "Push-up Cup" });
  const invite = { visibility: "invite", inviteCode: "come-on-in" };
  const { id: closed } = await compete({ name: "Closed Cup", ...invite });
  const { id: frozen } = await compete({ name: "Frozen Cup" });
  const body = { reason: "The last hours" };
  await test.call("POST", `/competitions/${frozen}/freeze`, { token: organiser.token, body });
  const board = await test.call("GET", `/leaderboard/${closed}`, { token: admin.token });
  return {
    ...{ open, slug, closed, frozen, etag: board.headers.get("etag")! },
    ...{ ann: ann.token, stranger: stranger.token },
    ...{ organiser: organiser.token, admin: admin.token },
    ...{ key: await issue(["scores:write"]), narrowKey: await issue(["users:read"]) },
  };
}

/** One that runs, where people report themselves, with an athlete and a score in it. */
async function startCompetition(
  test: TestApp,
  { organiser, athlete }: { organiser: string; athlete: string },
  fields: Record<string, unknown>,
): Promise<{ id: string; slug: string }> {
  const now = test.time.now();
  const body = {
    startsAt: new Date(now - HOUR_MS).toISOString(),
    endsAt: new Date(now + 24 * HOUR_MS).toISOString(),
    scoring: { kind: "direct", operator: "set", direction: "higher", selfReport: true },
    ...fields,
  };
  const { body: { data } } = await test.call("POST", "/competitions", { token: organiser, body });
  await test.call("POST", `/competitions/${data.id}/publish`, { token: organiser });
  const join = { inviteCode: fields.inviteCode };
  await test.call("POST", `/competitions/${data.id}/join`, { token: athlete, body: join });
  const score = { competitionId: data.id, score: 5 };
  const scored = await test.call("POST", "/leaderboard/update", { token: athlete, body: score });
  assert(scored.status === 200, JSON.stringify(scored.body));
  return data;
}

function bearer(token: string, more: Record<string, string> = {}) {
  return { authorization: `Bearer ${token}`, ...more };
}

function readsOf(world: World): Row[] {
  const { open, slug, closed, frozen, ann, stranger, organiser, admin, key, etag } = world;
  const board = `/${open}`;
  const known = `/${closed}`;
  const read = (name: string, path: string, headers: Record<string, string>, lane = true) => ({
    ...{ name, path, headers, lane },
  });
  return [
    read("a stranger reads a public board", board, {}),
    read("by its slug", `/${slug}`, {}),
    read("a member reads its top", `${board}?top=5`, bearer(ann)),
    read("a page", `${board}?page=1&page_size=10`, bearer(ann)),
    read("the rows around oneself", `${board}?around=me`, bearer(ann)),
    read("around oneself without being anybody", `${board}?around=me`, {}, false),
    read("around nobody", `${board}?around=0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c42`, {}, false),
    read("a division", `${board}?division=none`, bearer(ann)),
    read("the board of an instant", `${board}?asOf=2026-05-01T11:30:00Z`, bearer(ann), false),
    read("an admin", board, bearer(admin)),
    read("a key, as a token", board, bearer(key)),
    read("a key of its own field", known, { "x-api-key": key }),
    read("a key without that right", known, { "x-api-key": world.narrowKey }, false),
    read("who was invited", known, bearer(ann)),
    read("who was not", known, bearer(stranger), false),
    read("nobody, of those invited", known, {}, false),
    read("a frozen board, the public", `/${frozen}`, {}),
    read("a frozen board, its staff", `/${frozen}`, bearer(organiser)),
    read("a frozen board, around oneself", `/${frozen}?around=me`, bearer(ann)),
    { ...read("HEAD", board, bearer(ann), false), method: "HEAD" },
    read("a known tag", known, bearer(ann, { "if-none-match": etag })),
    read("any tag", known, bearer(ann, { "if-none-match": "*" })),
    read("one of two tags", known, bearer(ann, { "if-none-match": `"x", ${etag}` })),
    read("another tag", known, bearer(ann, { "if-none-match": `"x"` })),
    read("compressed", `${board}?top=99`, bearer(ann, { "accept-encoding": "gzip" })),
    read("a query that is not valid", `${board}?top=0`, bearer(ann), false),
    read("a query with unknown fields", `${board}?colour=red`, bearer(ann)),
    read("an unknown competition", "/0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c42", bearer(ann), false),
    read("a token that is none", board, bearer("e30.e30.e30"), false),
    read("a token that cannot be one", board, bearer("a b"), false),
    read("another scheme", board, { authorization: "Basic YTpi" }, false),
    read("a cookie", board, { cookie: "session=unknown" }, false),
    read("an allowed origin", board, { origin: "https://app.example.org" }, false),
    read("another origin", board, { origin: "https://evil.example" }, false),
    read("an id of its own", board, { "x-request-id": "proxy-7:1" }),
    read("an id that breaks lines", board, { "x-request-id": `"}` }),
    read("a trace", board, { traceparent: `00-${"ab".repeat(16)}-${"cd".repeat(8)}-01` }),
    read("a broken trace", board, { traceparent: "00-0-0-01" }),
    read("forwarded by nobody we trust", board, { "x-forwarded-for": "198.51.100.7" }),
    read("no host", `http://localhost/api/v1/leaderboard/${open}`, {}, false),
    { ...read("a body", board, { "content-length": "2" }, false) },
  ];
}

function writesOf({ open, closed, ann, stranger, key, narrowKey }: World): Row[] {
  const one = { competitionId: open, score: 7 };
  const write = (
    name: string,
    body: NonNullable<RoadRequest["body"]>,
    more: Partial<Row> = {},
  ): Row => ({
    ...{ name, method: "POST", path: "/update", headers: bearer(ann), body, lane: true },
    ...more,
  });
  const lane = false;
  const many = { path: "/update/batch" };
  const foreign = { competitionId: closed, score: 7, userId: open };
  const invalid = { "content-type": "application/json; charset=latin1" };
  return [
    write("an update", one),
    write("an update with a key", (word) => ({ ...one, idempotencyKey: word })),
    write("a key in the head", one, { headers: bearer(ann, { "idempotency-key": "lap-1" }) }),
    write("a key used for another score", { ...one, score: 8 }, {
      ...{ headers: bearer(ann, { "idempotency-key": "lap-1" }), lane },
    }),
    write("an empty key", one, { headers: bearer(ann, { "idempotency-key": "" }), lane }),
    write("not a participant", one, { headers: bearer(stranger), lane }),
    write("for another", foreign, { lane }),
    write("by a key without that right", one, { headers: bearer(narrowKey), lane }),
    write("by a key for nobody", one, { headers: { "x-api-key": key }, lane }),
    write("by nobody", one, { headers: {}, lane }),
    write("a field that is missing", { competitionId: open }, { lane }),
    write("a field that is not known", { ...one, colour: "red" }),
    write("a field twice", `{"score":1,"score":2}`, { lane }),
    write("no JSON", "{", { lane }),
    write("no UTF-8", Uint8Array.of(0x22, 0xff, 0x22), { lane }),
    write("nothing", "", { lane }),
    write("another charset", one, { headers: bearer(ann, invalid), lane }),
    write("a charset", one, {
      headers: bearer(ann, { "content-type": "application/json; charset=utf-8" }),
      lane,
    }),
    write("another type", "score=1", {
      headers: bearer(ann, { "content-type": "text/plain" }),
      lane,
    }),
    write("too much", `"${"x".repeat(70_000)}"`, { lane }),
    write("from a page", one, {
      headers: bearer(ann, { origin: "https://app.example.org" }),
      lane,
    }),
    write("a batch", { updates: [one, one] }, many),
    write("a batch with faults", { updates: [one, foreign] }, many),
    write("a batch with a key", (word) => ({ updates: [{ ...one, idempotencyKey: word }] }), many),
    write("a batch that is refused", { updates: [one, foreign], atomic: true }, { ...many, lane }),
    write("a batch without updates", { updates: [] }, { ...many, lane }),
  ];
}
