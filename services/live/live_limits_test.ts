import { assertEquals, assertRejects } from "@std/assert";
import { CLOSE_CODES } from "@/contracts/leaderboard.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError, type ErrorCode } from "@/domain/error.ts";
import { ANONYMOUS, userActor } from "@/tests/support/board_fixture.ts";
import { fakeId } from "@/tests/support/fake_boards.ts";
import { createLiveFixture, FakeSink } from "@/tests/support/live_fixture.ts";
import { until } from "@/tests/support/waiting.ts";

Deno.test("LiveService lets a slow reader miss frames and catch up by a snapshot", async () => {
  const { boards, time, open } = createLiveFixture();
  const { sink } = await open();

  sink.bufferedAmount = 2_000_000;
  boards.score("Ann", 1);
  time.advance(100);
  boards.score("Ann", 2);
  time.advance(100);
  const missed = sink.types;
  sink.bufferedAmount = 0;
  time.advance(1000);

  assertEquals(missed, ["snapshot"]);
  assertEquals(sink.types, ["snapshot", "snapshot"]);
  assertEquals(sink.lines, ["1 Ann 2"]);
});

Deno.test("LiveService closes a viewer that reads nothing with 4408", async () => {
  const { boards, time, live, open } = createLiveFixture();
  const { sink } = await open();

  sink.bufferedAmount = 2_000_000;
  boards.score("Ann", 1);
  time.advance(14_000);
  const before = sink.closed;
  time.advance(3_000);

  assertEquals(before, undefined);
  assertEquals(sink.closed?.code, CLOSE_CODES.TOO_SLOW);
  assertEquals(live.viewerCount, 0);
});

Deno.test("LiveService gives a sign of life every 25 seconds", async () => {
  const { time, open } = createLiveFixture();
  const { sink } = await open();

  time.advance(24_000);
  const early = sink.beats;
  time.advance(60_000);

  assertEquals([early, sink.beats], [0, 3]);
});

Deno.test("LiveService closes with 4410 when the token ends", async () => {
  const { time, open } = createLiveFixture();
  const { sink } = await open({}, userActor("u", { expiresAt: time.now() + 60_000 }));

  time.advance(59_000);
  const before = sink.closed;
  time.advance(1_000);

  assertEquals(before, undefined);
  assertEquals(sink.closed?.code, CLOSE_CODES.TOKEN_EXPIRED);
});

Deno.test("LiveService closes within five seconds when the session ends", async () => {
  const { time, open } = createLiveFixture();
  const ended = new DomainError("INVALID_TOKEN", "Cannot use token: its session ended");
  let isEnded = false;
  const actor = userActor("u");
  const recheck = () => isEnded ? Promise.reject(ended) : Promise.resolve(actor);
  const { sink } = await open({ recheck }, actor);

  time.advance(10_000);
  await Promise.resolve();
  const before = sink.closed;
  isEnded = true;
  time.advance(5_000);
  await Promise.resolve();

  assertEquals(before, undefined);
  assertEquals(sink.closed?.code, CLOSE_CODES.UNAUTHORIZED);
});

Deno.test("LiveService keeps viewers while the database cannot be asked", async () => {
  const { time, open } = createLiveFixture();
  const away = new DomainError("SERVICE_UNAVAILABLE", "Cannot reach the database: try again later");
  const { sink } = await open({ recheck: () => Promise.reject(away) }, userActor("u"));

  time.advance(20_000);
  await Promise.resolve();

  assertEquals(sink.closed, undefined);
});

Deno.test("LiveService closes viewers who may not see the board any more", async () => {
  const { boards, time, open } = createLiveFixture();
  boards.score("Ann", 1);
  const stranger = await open();
  const ann = await open({}, userActor(fakeId("u", "Ann")));

  boards.change({ visibility: "invite" });
  time.advance(1000);

  assertEquals(stranger.sink.closed?.code, CLOSE_CODES.FORBIDDEN);
  assertEquals(ann.sink.closed, undefined);
});

Deno.test("LiveService closes viewers of a removed competition with 4404", async () => {
  const { boards, live, open } = createLiveFixture();
  const { sink } = await open();

  boards.remove();

  assertEquals(sink.closed?.code, CLOSE_CODES.NOT_FOUND);
  assertEquals(live.viewerCount, 0);
});

Deno.test("LiveService admits so many viewers of a person and of a node", async () => {
  const { live, open } = createLiveFixture({ limits: { viewersMax: 4, viewersPerUserMax: 2 } });
  const refused = async (actor: Actor): Promise<ErrorCode> =>
    (await assertRejects(() => open({}, actor), DomainError)).code;

  const first = await open({}, userActor("u"));
  await open({}, userActor("u"));
  assertEquals(await refused(userActor("u")), "RATE_LIMIT_EXCEEDED");
  await open();
  await open();
  assertEquals(await refused(ANONYMOUS), "RATE_LIMIT_EXCEEDED");

  first.viewer.close();
  first.viewer.close();
  assertEquals(live.viewerCount, 3);
  await open({}, userActor("u"));
});

Deno.test("LiveService.open() fails for boards that cannot be seen", async () => {
  const invited = createLiveFixture({ head: { visibility: "invite" } });
  const codeOf = async (run: () => Promise<unknown>) =>
    (await assertRejects(run, DomainError)).code;

  assertEquals(await codeOf(() => invited.open()), "UNAUTHORIZED");
  assertEquals(await codeOf(() => invited.open({}, userActor("stranger"))), "FORBIDDEN");
  const unknown = () => invited.live.open(ANONYMOUS, crypto.randomUUID(), new FakeSink());
  assertEquals(await codeOf(unknown), "NOT_FOUND");
  assertEquals(invited.boards.listenerCount, 0);
});

Deno.test("LiveService.closeAll() closes with 1012, lets nobody in, and leaves no timer", async () => {
  const { boards, live, time, meter, open } = createLiveFixture();
  const { sink } = await open();
  boards.score("Ann", 1);

  live.closeAll();

  assertEquals(sink.closed, { code: CLOSE_CODES.RESTART, reason: "restart" });
  const error = await assertRejects(() => open(), DomainError);
  assertEquals(error.code, "SERVICE_UNAVAILABLE");
  assertEquals([time.pending, boards.listenerCount, live.viewerCount], [0, 0, 0]);
  time.advance(1000);
  assertEquals(meter.readings().at(-1)?.viewers, 0);
});

Deno.test("LiveService lets go of a board that nobody has watched for a while", async () => {
  const { boards, time, open } = createLiveFixture();
  const { viewer } = await open();

  viewer.close();
  time.advance(20_000);
  const lingering = boards.listenerCount;
  time.advance(20_000);

  assertEquals(lingering, 1);
  assertEquals([boards.listenerCount, time.pending], [0, 0]);
});

Deno.test("LiveService lets go of whoever's rights changed when the other board cannot be shown", async () => {
  const { boards, time, open } = createLiveFixture();
  const view = boards.view;
  boards.view = async (id, audience) => {
    if (audience === "staff") throw new DomainError("SERVICE_UNAVAILABLE", "Cannot read the board");
    return await view(id, audience);
  };
  const becameAdmin = userActor("u", { role: "admin" });
  const { sink } = await open({ recheck: () => Promise.resolve(becameAdmin) }, userActor("u"));

  time.advance(5_000);
  await until(() => sink.closed !== undefined, "the viewer is let go");

  assertEquals(sink.closed, { code: CLOSE_CODES.RESTART, reason: "rights changed" });
});
