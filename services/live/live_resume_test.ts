import { assert, assertEquals } from "@std/assert";
import type { StreamPosition } from "@/domain/stream.ts";
import { ANONYMOUS } from "@/tests/support/board_fixture.ts";
import { createLiveFixture, FakeSink } from "@/tests/support/live_fixture.ts";

type Fixture = ReturnType<typeof createLiveFixture>;

/** A board that was published so many times after the position that is given. */
async function published(frames: number) {
  const fixture = createLiveFixture();
  const { boards, time, open } = fixture;
  boards.score("Ann", 1);
  const { sink } = await open();
  const { epoch, offset } = sink;
  for (let score = 2; score < 2 + frames; score++) {
    boards.score("Ann", score);
    time.advance(100);
  }
  return { ...fixture, epoch, offset };
}

/** A client that was at the position and comes back. */
async function resume({ open }: Fixture, position: StreamPosition, top?: number) {
  const sink = new FakeSink();
  Object.assign(sink, position);
  const options = { resume: position, ...(top === undefined ? {} : { top }) };
  return (await open(options, ANONYMOUS, sink)).sink;
}

Deno.test("epoch mismatch: a resume gets the present board", async () => {
  const fixture = await published(2);

  const sink = await resume(fixture, { epoch: "another", offset: fixture.offset });

  assertEquals(sink.types, ["snapshot", "state"]);
  assertEquals([sink.epoch, sink.lines], [fixture.epoch, ["1 Ann 3"]]);
});

Deno.test("empty epoch: a resume gets the present board", async () => {
  const fixture = await published(2);

  const sink = await resume(fixture, { epoch: "", offset: 0 });

  assertEquals(sink.types, ["snapshot", "state"]);
  assertEquals(sink.lines, ["1 Ann 3"]);
});

Deno.test("large gap: a resume from before the oldest delta gets the present board", async () => {
  const fixture = await published(250);

  const sink = await resume(fixture, { epoch: fixture.epoch, offset: fixture.offset });

  assertEquals(sink.types, ["snapshot", "state"]);
  assertEquals(sink.lines, ["1 Ann 251"]);
});

Deno.test("resume limit: a hundred deltas are replayed, more are a snapshot", async () => {
  const fixture = await published(101);
  const { epoch, offset } = fixture;

  const within = await resume(fixture, { epoch, offset: offset + 1 });
  const beyond = await resume(fixture, { epoch, offset });

  assertEquals(within.types, [...Array(100).fill("delta"), "state"]);
  assertEquals(beyond.types, ["snapshot", "state"]);
  assertEquals(within.lines, beyond.lines);
});

Deno.test("epoch change during a resume: only the new epoch's board is sent", async () => {
  const fixture = await published(3);
  const { boards, time, epoch, offset } = fixture;
  const { promise: isRead, resolve: read } = Promise.withResolvers<void>();
  const view = boards.view;
  boards.view = async (...request) => {
    await isRead;
    return await view(...request);
  };

  const resuming = resume(fixture, { epoch, offset });
  boards.change({ epoch: "00000000-0000-4000-8000-0000000000ee" });
  boards.score("Ann", 50);
  read();
  const sink = await resuming;
  time.advance(100);
  boards.score("Ann", 51);
  time.advance(100);

  assert(sink.types.every((type) => type !== "delta" || sink.epoch !== epoch));
  assertEquals(sink.types[0], "snapshot");
  assertEquals([sink.epoch, sink.lines], ["00000000-0000-4000-8000-0000000000ee", ["1 Ann 51"]]);
});

Deno.test("insufficient state: a window that nobody watched keeps no deltas", async () => {
  const fixture = await published(3);
  const { boards, time, epoch, offset } = fixture;

  const first = await resume(fixture, { epoch, offset }, 7);
  const ahead = await resume(fixture, { epoch, offset: offset + 1_000 }, 7);
  boards.score("Bea", 9);
  time.advance(100);

  for (const sink of [first, ahead]) {
    assertEquals(sink.types, ["snapshot", "state", "delta"]);
    assertEquals(sink.lines, ["1 Bea 9", "2 Ann 4"]);
  }
});

Deno.test("a resume from ahead of this node waits for what it has not heard of yet", async () => {
  const fixture = await published(1);
  const { boards, epoch, offset } = fixture;
  boards.refresh = () => {
    boards.score("Ann", 100);
    return Promise.resolve();
  };

  const sink = await resume(fixture, { epoch, offset: offset + 2 });

  assertEquals(sink.types, ["state"]);
});

Deno.test("flip storm: clients that come, go and change their window leave nothing behind", async () => {
  const { boards, time, live, open } = createLiveFixture();
  boards.score("Ann", 1);
  const stayer = await open();

  for (let flip = 0; flip < 2_000; flip++) {
    const { viewer, say } = await open({ top: 1 + flip % 20 });
    say({ type: "subscribe", top: 1 + flip % 7 });
    say({ type: "resume", epoch: "", offset: flip });
    if (flip % 10 === 0) boards.score("Ann", flip);
    if (flip % 50 === 0) time.advance(100);
    viewer.close();
  }
  time.advance(100);
  const during = [live.viewerCount, boards.listenerCount];
  stayer.viewer.close();
  time.advance(60_000);

  assertEquals(during, [1, 1]);
  assertEquals(stayer.sink.lines, ["1 Ann 1990"]);
  assertEquals([live.viewerCount, boards.listenerCount, time.pending], [0, 0, 0]);
});
