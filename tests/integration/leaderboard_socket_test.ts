import { assert, assertEquals } from "@std/assert";
import { CLOSE_CODES } from "@/contracts/leaderboard.ts";
import { sessionCookieName } from "@/routes/cookies.ts";
import { openTestApp, TEST_PASSWORD, type TestApp, type TestPerson } from "@/tests/support/app.ts";
import { openSocket } from "@/tests/support/socket_client.ts";
import { until } from "@/tests/support/waiting.ts";

const DIRECT = {
  kind: "direct",
  operator: "increment",
  direction: "higher",
  selfReport: true,
};

/** A running competition with its organiser and two athletes. */
async function setUp(test: TestApp, change: Record<string, unknown> = {}) {
  const organiser = await test.person("organiser", "Olga Organiser");
  const now = test.time.now();
  const created = await test.call("POST", "/competitions", {
    token: organiser.token,
    body: {
      name: "Live Cup",
      startsAt: new Date(now - 3_600_000).toISOString(),
      endsAt: new Date(now + 86_400_000).toISOString(),
      scoring: DIRECT,
      ...change,
    },
  });
  const { id } = created.body.data;
  await test.call("POST", `/competitions/${id}/publish`, { token: organiser.token });
  const ann = await test.person("member", "Ann");
  const bea = await test.person("member", "Bea");
  const inviteCode = change.inviteCode;
  for (const { token } of [ann, bea]) {
    await test.call("POST", `/competitions/${id}/join`, { token, body: { inviteCode } });
  }
  const report = (person: TestPerson, score: number) =>
    test.call("POST", "/leaderboard/update", {
      token: person.token,
      body: { competitionId: id, score },
    });
  const { url } = test.serve();
  return { id, url: `${url}/ws/leaderboard/${id}`, base: url, organiser, ann, bea, report };
}

Deno.test("WS /ws/leaderboard sends the board and each change of it", async () => {
  await using test = await openTestApp();
  const { url, ann, bea, report } = await setUp(test);
  await using socket = await openSocket(url);
  await until(() => socket.frames.length === 1, "the snapshot is here");
  const before = socket.rows.map((row) => row.score);

  const first = await report(ann, 5);
  test.time.advance(1000);
  await until(() => socket.offset === first.body.data.offset, "the first score is here");
  const second = await report(bea, 9);
  test.time.advance(1000);
  await until(() => socket.offset === second.body.data.offset, "the second score is here");

  assertEquals(before, [null, null]);
  assertEquals(socket.rows.map((row) => [row.rank, row.name, row.score]), [
    [1, "Bea", 9],
    [2, "Ann", 5],
  ]);
  assertEquals(socket.frames.map((frame) => frame.type), ["snapshot", "delta", "delta"]);
  const board = await test.call("GET", `/leaderboard/${socket.frames.length ? "live-cup" : ""}`);
  assertEquals(board.body.data.rows, socket.rows);
  assertEquals([board.body.data.epoch, board.body.data.offset], [socket.epoch, socket.offset]);
});

Deno.test("WS /ws/leaderboard resumes by what was missed", async () => {
  await using test = await openTestApp();
  const { url, ann, report } = await setUp(test);
  const first = await openSocket(url);
  await until(() => first.frames.length === 1, "the snapshot is here");
  await first[Symbol.asyncDispose]();
  const { epoch, offset } = first;
  const missed = await report(ann, 5);
  test.time.advance(1000);

  await using byQuery = await openSocket(`${url}?epoch=${epoch}&offset=${offset}`);
  await until(() => byQuery.frames.at(-1)?.type === "state", "the state is here");
  await using byFrame = await openSocket(url);
  byFrame.send({ type: "resume", epoch, offset });
  await until(() => byFrame.frames.at(-1)?.type === "state", "the state is here");

  const types = byQuery.frames.map((frame) => frame.type);
  assertEquals(types, ["delta", "state"]);
  const [delta] = byQuery.frames;
  assert(delta?.type === "delta");
  assertEquals([delta.from, delta.offset], [offset, missed.body.data.offset]);
  assertEquals(byFrame.frames.map((frame) => frame.type), ["snapshot", "delta", "state"]);
});

Deno.test("WS /ws/leaderboard tells by close codes why it does not go on", async (t) => {
  await using test = await openTestApp();
  const open = await setUp(test);
  const invited = await setUp(test, { visibility: "invite", inviteCode: "secret-code" });
  const codeOf = async (url: string, headers: Record<string, string> = {}) => {
    await using socket = await openSocket(url, headers);
    await until(() => socket.closed !== undefined, "the socket is closed");
    assertEquals(socket.frames, []);
    return socket.closed?.code;
  };

  await t.step("4401 without a token where one is needed, and for a bad one", async () => {
    assertEquals(await codeOf(invited.url), CLOSE_CODES.UNAUTHORIZED);
    assertEquals(await codeOf(`${open.url}?token=nonsense`), CLOSE_CODES.UNAUTHORIZED);
    assertEquals(await codeOf(`${open.url}?token=`), CLOSE_CODES.UNAUTHORIZED);
  });
  await t.step("4403 for somebody without an invitation", async () => {
    const url = `${invited.url}?token=${open.ann.token}`;
    assertEquals(await codeOf(url), CLOSE_CODES.FORBIDDEN);
  });
  await t.step("4404 for unknown competitions", async () => {
    const unknown = `${open.base}/ws/leaderboard/${crypto.randomUUID()}`;
    assertEquals(await codeOf(unknown), CLOSE_CODES.NOT_FOUND);
  });
  await t.step("4400 for a query that cannot be read", async () => {
    assertEquals(await codeOf(`${open.url}?top=0`), CLOSE_CODES.BAD_REQUEST);
  });
  await t.step("4410 for a token that has ended", async () => {
    test.time.advance(16 * 60_000);
    assertEquals(await codeOf(`${open.url}?token=${open.ann.token}`), CLOSE_CODES.TOKEN_EXPIRED);
  });
});

Deno.test("WS /ws/leaderboard lets in whoever may see the board", async () => {
  await using test = await openTestApp();
  const { url, ann, organiser } = await setUp(test, {
    visibility: "invite",
    inviteCode: "secret-code",
  });

  await using byQuery = await openSocket(`${url}?token=${ann.token}`);
  await using byHeader = await openSocket(url, { authorization: `Bearer ${organiser.token}` });
  await until(() => byQuery.frames.length + byHeader.frames.length === 2, "both are in");

  assertEquals(byQuery.rows.length, 2);
  assertEquals(byHeader.rows.length, 2);
});

Deno.test("WS /ws/leaderboard takes a session cookie from our own pages only", async () => {
  await using test = await openTestApp();
  const { url, base, ann } = await setUp(test, { visibility: "invite", inviteCode: "secret-code" });
  const session = await test.services.accounts.loginBrowser(
    { email: ann.email, password: TEST_PASSWORD },
    { requestId: null, address: null },
  );
  const name = sessionCookieName(test.config.session.isSecure);
  const cookie = `${name}=${session.cookie}`;

  await using own = await openSocket(url, { cookie, origin: base });
  await using foreign = await openSocket(url, { cookie, origin: "https://evil.example" });
  await using without = await openSocket(url, { cookie });
  await until(() => own.frames.length === 1, "the snapshot is here");
  await until(() => !!foreign.closed && !!without.closed, "the others are refused");

  assertEquals(foreign.closed?.code, CLOSE_CODES.FORBIDDEN);
  assertEquals(without.closed?.code, CLOSE_CODES.FORBIDDEN);
});

Deno.test("WS /ws/leaderboard closes when the session ends", async () => {
  await using test = await openTestApp();
  const { url, ann } = await setUp(test);
  await using socket = await openSocket(`${url}?token=${ann.token}`);
  await until(() => socket.frames.length === 1, "the snapshot is here");

  await test.call("POST", "/auth/logout", { token: ann.token });
  test.time.advance(5_000);
  await until(() => socket.closed !== undefined, "the socket is closed");

  assertEquals(socket.closed?.code, CLOSE_CODES.UNAUTHORIZED);
});

Deno.test("WS /ws/leaderboard closes with 1012 at a restart", async () => {
  await using test = await openTestApp();
  const { url } = await setUp(test);
  await using socket = await openSocket(url);
  await until(() => socket.frames.length === 1, "the snapshot is here");

  test.services.live.closeAll();
  await until(() => socket.closed !== undefined, "the socket is closed");
  await using late = await openSocket(url);
  await until(() => late.closed !== undefined, "the late one is closed");

  assertEquals(socket.closed, { code: CLOSE_CODES.RESTART, reason: "restart" });
  assertEquals(late.closed?.code, CLOSE_CODES.RESTART);
});

Deno.test("WS /ws/leaderboard answers frames, and closes for binary and oversized ones", async () => {
  await using test = await openTestApp();
  const { url } = await setUp(test);
  await using polite = await openSocket(url);
  await using binary = await openSocket(url);
  await using large = await openSocket(url);

  polite.send({ type: "ping" });
  polite.send({ type: "nonsense" });
  polite.send({ type: "subscribe", top: 1 });
  binary.sendRaw(new Uint8Array([1, 2, 3]));
  large.sendRaw("x".repeat(10_000));
  await until(() => polite.frames.length === 4, "all frames are answered");
  await until(() => !!binary.closed && !!large.closed, "the others are closed");

  const types = polite.frames.map((frame) => frame.type);
  assertEquals(types, ["snapshot", "pong", "error", "snapshot"]);
  assertEquals(polite.rows.length, 1);
  assertEquals(binary.closed?.code, CLOSE_CODES.UNSUPPORTED);
  assertEquals(large.closed?.code, CLOSE_CODES.TOO_LARGE);
});

Deno.test("WS /ws/leaderboard answers a request that is none with 400", async () => {
  await using test = await openTestApp();

  const answer = await test.call("GET", `//ws/leaderboard/${crypto.randomUUID()}`);

  assertEquals([answer.status, answer.body.error.code], [400, "BAD_REQUEST"]);
});

Deno.test("WS /ws/leaderboard forgets viewers that leave", async () => {
  await using test = await openTestApp();
  const { url } = await setUp(test);
  const sockets = await Promise.all(Array.from({ length: 20 }, () => openSocket(url)));
  await until(() => test.services.live.viewerCount === 20, "all are in");

  for (const socket of sockets) await socket[Symbol.asyncDispose]();
  await until(() => test.services.live.viewerCount === 0, "all are gone");

  assertEquals(test.services.live.viewerCount, 0);
});

Deno.test("GET /leaderboard/:id/stream sends the frames as events and resumes by their id", async () => {
  await using test = await openTestApp();
  const { id, base, ann, report } = await setUp(test);
  const url = `${base}/api/v1/leaderboard/${id}/stream`;
  await using first = await openEvents(url);
  await first.until('"type":"snapshot"');
  const [lastEventId] = /[\w-]{36}:\d+/.exec(first.text)!;

  await report(ann, 5);
  test.time.advance(1000);
  await first.until('"score":5');
  await using again = await openEvents(url, { "last-event-id": lastEventId! });
  await again.until('"type":"state"');
  test.time.advance(26_000);
  await again.until("\n:\n");
  test.services.live.closeAll();
  await again.until("event: close");

  assertEquals(first.headers.get("content-type"), "text/event-stream; charset=utf-8");
  assert(again.text.includes('"type":"delta"') && !again.text.includes('"type":"snapshot"'));
  assert(again.text.includes('{"code":1012,"reason":"restart"}'));
});

Deno.test("GET /leaderboard/:id/stream refuses with a status and lets go of who leaves", async () => {
  await using test = await openTestApp();
  const { id, base, ann } = await setUp(test, { visibility: "invite", inviteCode: "secret-code" });
  const url = `${base}/api/v1/leaderboard/${id}/stream`;

  const refused = await fetch(url);
  await refused.body?.cancel();
  const events = await openEvents(`${url}?token=${ann.token}&top=1`);
  await events.until('"type":"snapshot"');
  const viewers = test.services.live.viewerCount;
  await events[Symbol.asyncDispose]();
  await until(() => test.services.live.viewerCount === 0, "nobody watches");

  assertEquals([refused.status, viewers], [401, 1]);
});

/** A stream of events, read in the background. */
async function openEvents(url: string, headers: Record<string, string> = {}) {
  const abort = new AbortController();
  const response = await fetch(url, { headers, signal: abort.signal });
  const state = { text: "" };
  const reading = (async () => {
    try {
      for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
        state.text += text;
      }
    } catch {
      // Aborted below.
    }
  })();
  return {
    headers: response.headers,
    get text() {
      return state.text;
    },
    until: (part: string) => until(() => state.text.includes(part), `the events have ${part}`),
    async [Symbol.asyncDispose]() {
      abort.abort();
      await reading;
    },
  };
}
