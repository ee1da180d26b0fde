import { assert, assertEquals } from "@std/assert";
import { createLonelyBroker } from "../boards/local_broker.ts";
import { createLiveFixture, FakeSink } from "@/tests/support/live_fixture.ts";

/** A hub whose next turn of the event loop is in the hand of the test. */
function createStepped() {
  const turns: (() => void)[] = [];
  const fixture = createLiveFixture({ nextTurn: (run) => turns.push(run) });
  return {
    ...fixture,
    turns,
    turnAll() {
      for (let run = turns.shift(); run; run = turns.shift()) run();
    },
    async openMany(count: number) {
      const opened = [];
      for (let n = 0; n < count; n++) opened.push(await fixture.open());
      return opened;
    },
  };
}

function countOf(sinks: { sink: FakeSink }[], type: string): number {
  return sinks.filter(({ sink }) => sink.types.includes(type)).length;
}

Deno.test("LiveService sends to many viewers in slices, so that requests get their turn", async () => {
  const { boards, time, turns, turnAll, openMany } = createStepped();
  const viewers = await openMany(300);

  boards.score("Ann", 1);
  time.advance(0);
  const first = countOf(viewers, "delta");
  turns.shift()!();
  const second = countOf(viewers, "delta");
  turnAll();

  assert(first > 0 && first < second && second < 300, `${first}, ${second}`);
  assertEquals(countOf(viewers, "delta"), 300);
});

Deno.test("LiveService keeps every viewer's order when it comes, goes or resumes between slices", async () => {
  const { boards, time, open, turnAll, openMany } = createStepped();
  const viewers = await openMany(300);
  const { epoch, offset } = viewers[0]!.sink;

  boards.score("Ann", 1);
  time.advance(0);
  const last = viewers[299]!;
  last.viewer.close();
  const late = await open();
  const back = new FakeSink();
  Object.assign(back, { epoch, offset });
  await open({ resume: { epoch, offset } }, undefined, back);
  boards.score("Ann", 2);
  time.advance(100);
  turnAll();
  time.advance(100);
  turnAll();

  assertEquals(last.sink.types, ["snapshot"]);
  for (const sink of [late.sink, back, viewers[0]!.sink, viewers[298]!.sink]) {
    assertEquals(sink.lines, ["1 Ann 2"]);
    const offsets = sink.frames.flatMap((frame) => "offset" in frame ? [frame.offset] : []);
    assertEquals(new Set(offsets).size, offsets.length);
  }
});

Deno.test("LiveService sends nothing twice to whoever came while a frame was on its way", async () => {
  const { boards, time, open, turnAll, openMany } = createStepped();
  await openMany(300);

  boards.score("Ann", 1);
  time.advance(0);
  boards.score("Ann", 2);
  const { sink } = await open();
  turnAll();

  assertEquals(sink.types, ["snapshot"]);
  assertEquals(sink.lines, ["1 Ann 2"]);
});

Deno.test("LiveService forgets a delivery of an epoch that ended", async () => {
  const { boards, time, turnAll, openMany } = createStepped();
  const viewers = await openMany(200);

  boards.score("Ann", 1);
  time.advance(0);
  boards.change({ epoch: "00000000-0000-4000-8000-0000000000ee" });
  turnAll();
  time.advance(100);
  turnAll();

  for (const { sink } of viewers) {
    assertEquals(sink.epoch, "00000000-0000-4000-8000-0000000000ee");
    assertEquals(sink.lines, ["1 Ann 1"]);
  }
});

Deno.test("LiveService.announce() reaches every viewer once, slow ones later", async () => {
  const { boards, time, live, turnAll, openMany } = createStepped();
  const viewers = await openMany(130);
  const slow = viewers[3]!.sink;
  slow.bufferedAmount = 1e9;

  const words = { text: "The finish moved to the park", at: "2026-05-01T12:00:00.000Z" };
  live.announce(boards.current.competitionId, words);
  live.announce(crypto.randomUUID(), words);
  turnAll();
  const before = countOf(viewers, "announcement");
  slow.bufferedAmount = 0;
  time.advance(1_000);
  turnAll();

  assertEquals(before, 129);
  for (const { sink } of viewers) {
    const heard = sink.frames.filter((frame) => frame.type === "announcement");
    assertEquals(heard, [{ type: "announcement", ...words }]);
  }
});

Deno.test("LiveService keeps the place of a viewer that was told to go until it has gone", async () => {
  const { boards, time, live, open } = createLiveFixture({ limits: { viewersMax: 1 } });
  const stuck = await open();
  stuck.sink.bufferedAmount = 1e9;
  boards.score("Ann", 1);
  time.advance(20_000);

  assertEquals([stuck.sink.closed?.code, live.viewerCount], [4408, 0]);
  assertEquals(await open().then(() => "in", ({ code }) => code), "RATE_LIMIT_EXCEEDED");
  stuck.viewer.close();
  assertEquals(await open().then(() => "in", ({ code }) => code), "in");
});

Deno.test("createLonelyBroker() takes messages that nobody hears", () => {
  using broker = createLonelyBroker();
  const topic = { name: "t", schema: { safeParse: () => assert(false) } as never };
  const stop = broker.subscribe(topic, "k", { heard: () => assert(false) });

  broker.publish(topic, "k", 1);
  stop();
});
