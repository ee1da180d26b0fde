import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { CLOSE_CODES } from "@/contracts/leaderboard.ts";
import { ANONYMOUS, userActor } from "@/tests/support/board_fixture.ts";
import { fakeId } from "@/tests/support/fake_boards.ts";
import { createLiveFixture, FakeSink } from "@/tests/support/live_fixture.ts";

Deno.test("LiveService sends a snapshot, then conflated deltas that lead to the board", async () => {
  const { boards, time, open } = createLiveFixture();
  boards.score("Ann", 5);
  const { sink } = await open();

  boards.score("Bea", 7);
  time.advance(0);
  for (let score = 6; score < 20; score++) boards.score("Ann", score);
  time.advance(99);
  const early = sink.types;
  time.advance(1);

  assertEquals(early, ["snapshot", "delta"]);
  assertEquals(sink.types, ["snapshot", "delta", "delta"]);
  assertEquals(sink.lines, ["1 Ann 19", "2 Bea 7"]);
  assertEquals([sink.offset, sink.total], [boards.current.offset, 2]);
});

Deno.test("LiveService sends at most ten frames a second however many changes come", async () => {
  const { boards, time, open } = createLiveFixture();
  const { sink } = await open();

  for (let step = 0; step < 500; step++) {
    boards.score("Ann", step);
    time.advance(10);
  }

  const deltas = sink.frames.filter((frame) => frame.type === "delta").length;
  assert(deltas <= 51 && deltas >= 49, `${deltas} deltas in 5 s`);
});

Deno.test("LiveService gives all viewers of a window the same text, and each window its rows", async () => {
  const { boards, time, open } = createLiveFixture();
  for (const [index, name] of ["Ann", "Bea", "Cem"].entries()) boards.score(name, 30 - index);
  const first = await open();
  const second = await open();
  const top2 = await open({ top: 2 });

  boards.score("Dag", 40);
  time.advance(0);

  assertEquals(first.sink.texts, second.sink.texts);
  assertEquals(first.sink.lines.length, 4);
  assertEquals(top2.sink.lines, ["1 Dag 40", "2 Ann 30"]);
  const delta = top2.sink.frames[1];
  assert(delta?.type === "delta");
  assertEquals(delta.removed, [fakeId("p", "Bea")]);
  assertEquals(delta.total, 4);
});

Deno.test("LiveService tells the offset of changes outside of a window once a second at most", async () => {
  const { boards, time, open } = createLiveFixture();
  boards.score("Ann", 9);
  boards.score("Bea", 1);
  const { sink } = await open({ top: 1 });

  boards.touch();
  time.advance(0);
  const before = sink.types;
  boards.touch();
  time.advance(1000);

  assertEquals(before, ["snapshot"]);
  assertEquals(sink.types, ["snapshot", "delta"]);
  assertEquals(sink.offset, boards.current.offset);
});

Deno.test("LiveService sends a change at once although a quiet one waits", async () => {
  const { boards, time, open } = createLiveFixture();
  boards.score("Ann", 9);
  const { sink } = await open();

  boards.touch();
  time.advance(200);
  boards.score("Ann", 10);
  time.advance(100);

  assertEquals(sink.lines, ["1 Ann 10"]);
});

Deno.test("LiveService.open() gives the present board although the others wait for their tick", async () => {
  const { boards, time, open } = createLiveFixture();
  const early = await open();
  boards.score("Ann", 1);
  time.advance(0);
  boards.score("Ann", 2);

  const late = await open();
  const atOpen = late.sink.lines;
  boards.score("Ann", 3);
  time.advance(100);

  assertEquals(atOpen, ["1 Ann 2"]);
  assertEquals(late.sink.lines, ["1 Ann 3"]);
  assertEquals(early.sink.lines, ["1 Ann 3"]);
  assertEquals(late.sink.types, ["snapshot", "snapshot"]);
});

Deno.test("LiveService resumes by the missed deltas, else by a snapshot", async (t) => {
  const { boards, time, open } = createLiveFixture();
  boards.score("Ann", 1);
  const first = await open();
  const { epoch, offset } = first.sink;
  for (const score of [2, 3]) {
    boards.score("Ann", score);
    time.advance(100);
  }
  const resume = async (position: { epoch: string; offset: number }) => {
    const sink = new FakeSink();
    sink.offset = position.offset;
    return (await open({ resume: position }, ANONYMOUS, sink)).sink;
  };

  await t.step("a short gap is replayed", async () => {
    const sink = await resume({ epoch, offset });
    assertEquals(sink.types, ["delta", "delta", "state"]);
    assertEquals(sink.lines, ["1 Ann 3"]);
  });
  await t.step("no gap needs nothing but the state", async () => {
    const sink = await resume({ epoch, offset: offset + 2 });
    assertEquals(sink.types, ["state"]);
    boards.score("Ann", 4);
    time.advance(100);
    assertEquals(sink.types, ["state", "delta"]);
  });
  await t.step("another epoch, none, or an offset that was never sent", async () => {
    for (
      const position of [
        { epoch: "other", offset },
        { epoch: "", offset },
        { epoch, offset: 10_000 },
        { epoch, offset: 0 },
      ]
    ) {
      assertEquals((await resume(position)).types, ["snapshot", "state"]);
    }
  });
  await t.step("a frame resumes an open socket", async () => {
    const { sink, say } = await open();
    sink.offset = offset;
    say({ type: "resume", epoch, offset });
    assertEquals(sink.types, ["snapshot", "delta", "delta", "delta", "state"]);
    assertEquals(sink.lines, ["1 Ann 4"]);
  });
  await t.step("a gap larger than the ring", async () => {
    for (let score = 5; score < 300; score++) {
      boards.score("Ann", score);
      time.advance(100);
    }
    assertEquals((await resume({ epoch, offset })).types, ["snapshot", "state"]);
  });
});

Deno.test("LiveService starts everybody anew when the epoch changes", async () => {
  const { boards, time, open } = createLiveFixture();
  boards.score("Ann", 1);
  const { sink } = await open();

  boards.change({ epoch: "00000000-0000-4000-8000-0000000000ee" });
  time.advance(100);

  assertEquals(sink.types, ["snapshot", "snapshot"]);
  assertEquals(sink.epoch, "00000000-0000-4000-8000-0000000000ee");
});

Deno.test("LiveService starts everybody anew when a row changes without an entry", async () => {
  const { boards, time, open } = createLiveFixture();
  boards.score("Ann", 1);
  const { sink } = await open();

  boards.rename("Ann", "Deleted athlete");
  time.advance(100);
  boards.score("Bea", 2);
  time.advance(100);

  assertEquals(sink.types, ["snapshot", "snapshot", "delta"]);
  assertEquals(sink.lines, ["1 Bea 2", "2 Deleted athlete 1"]);
});

Deno.test("LiveService tells a change of phase at once and once", async () => {
  const { boards, open } = createLiveFixture();
  const { sink } = await open();

  boards.change({ status: "final" });
  boards.change({ status: "final" });

  assertEquals(sink.frames.slice(1), [{ type: "state", phase: "final", frozen: false }]);
});

Deno.test("LiveService makes rows final with the competition", async () => {
  const { boards, time, open } = createLiveFixture();
  boards.score("Ann", 1);
  const { sink } = await open();

  boards.change({ status: "final" });
  boards.touch();
  time.advance(100);

  assertEquals(sink.rows.map((row) => row.provisional), [false]);
});

Deno.test("LiveService answers client frames and refuses bad ones", async (t) => {
  const { boards, open } = createLiveFixture();
  for (let index = 0; index < 30; index++) boards.score(`P${index}`, 100 - index);
  const codes = (sink: FakeSink) =>
    sink.frames.flatMap((frame) => frame.type === "error" ? [frame.code] : []);

  await t.step("ping", async () => {
    const { sink, say } = await open();
    say({ type: "ping" });
    assertEquals(sink.types, ["snapshot", "pong"]);
  });
  await t.step("subscribe to another top", async () => {
    const { sink, say } = await open();
    say({ type: "subscribe", top: 3 });
    assertEquals(sink.lines.length, 3);
  });
  await t.step("subscribe to the rows around oneself", async () => {
    const { sink, say } = await open({}, userActor(fakeId("u", "P9")));
    say({ type: "subscribe", around: "me" });
    assertEquals(sink.lines.length, 11);
    assertEquals(sink.lines[5], "10 P9 91");
    assert(sink.rows.every((row) => row.isMe === undefined));
  });
  await t.step("nobody has rows around", async () => {
    const { sink, say } = await open();
    say({ type: "subscribe", around: "me" });
    assertEquals(codes(sink), ["UNAUTHORIZED"]);
  });
  await t.step("what cannot be read", async () => {
    const { viewer, sink, say } = await open();
    for (const text of ["", "{", "[]", "null", '"ping"']) viewer.receive(text);
    say({ type: "dance" });
    say({ type: "subscribe", top: 5000 });
    say({ type: "resume", epoch: 1, offset: -1 });
    assertEquals(codes(sink), Array(8).fill("VALIDATION_ERROR"));
    assertEquals(sink.closed, undefined);
  });
  await t.step("too large a frame", async () => {
    const { viewer, sink } = await open();
    viewer.receive(" ".repeat(4097));
    assertEquals(sink.closed?.code, CLOSE_CODES.TOO_LARGE);
  });
  await t.step("too many frames", async () => {
    const { sink, say } = await open();
    for (let index = 0; index < 61; index++) say({ type: "ping" });
    assertEquals(sink.closed?.code, CLOSE_CODES.TOO_MANY);
    const { length } = sink.frames;
    say({ type: "ping" });
    assertEquals(sink.frames.length, length);
  });
});

Deno.test("LiveService moves the window around a person with that person", async () => {
  const { boards, time, open } = createLiveFixture();
  for (let index = 0; index < 30; index++) boards.score(`P${index}`, 100 - index);
  const { sink } = await open({ around: "me" }, userActor(fakeId("u", "P20")));

  boards.score("P20", 1000);
  time.advance(100);

  assertEquals(sink.lines.length, 6);
  assertEquals(sink.lines[0], "1 P20 1000");
});

const names = fc.constantFrom("Ann", "Bea", "Cem", "Dag");
const steps = fc.array(
  fc.oneof(
    fc.record({ act: fc.constant("score" as const), name: names, score: fc.nat(5) }),
    fc.record({ act: fc.constant("withdraw" as const), name: names }),
    fc.record({ act: fc.constant("touch" as const) }),
    fc.record({ act: fc.constant("wait" as const), ms: fc.constantFrom(1, 50, 100, 1000) }),
    fc.record({ act: fc.constant("slow" as const), viewer: fc.nat(2), isSlow: fc.boolean() }),
    fc.record({ act: fc.constant("reconnect" as const), viewer: fc.nat(2) }),
  ),
  { maxLength: 60 },
);

Deno.test("LiveService leads every viewer to the board, with offsets that never fall", async () => {
  await fc.assert(fc.asyncProperty(steps, async (steps) => {
    const { boards, time, live, open } = createLiveFixture();
    const tops = [100, 2, 1];
    const viewers = await Promise.all(tops.map((top) => open({ top })));

    for (const step of steps) {
      if (step.act === "score") boards.score(step.name, step.score);
      else if (step.act === "withdraw") boards.withdraw(step.name);
      else if (step.act === "touch") boards.touch();
      else if (step.act === "wait") time.advance(step.ms);
      else if (step.act === "slow") {
        viewers[step.viewer]!.sink.bufferedAmount = step.isSlow ? 1e9 : 0;
      } else {
        const { viewer, sink } = viewers[step.viewer]!;
        if (sink.closed || sink.bufferedAmount > 0) continue;
        viewer.close();
        const { epoch, offset } = sink;
        const top = tops[step.viewer]!;
        viewers[step.viewer] = await open({ top, resume: { epoch, offset } }, ANONYMOUS, sink);
      }
    }
    for (const { sink } of viewers) sink.bufferedAmount = 0;
    time.advance(3000);

    for (const [index, { sink }] of viewers.entries()) {
      const offsets = sink.frames.flatMap((frame) => "offset" in frame ? [frame.offset] : []);
      assertEquals(offsets, offsets.toSorted((a, b) => a - b));
      if (sink.closed) continue;
      assertEquals(sink.rows, boards.current.rows(0, tops[index]!));
      assertEquals([sink.offset, sink.total], [boards.current.offset, boards.current.total]);
    }
    live.closeAll();
    assertEquals(time.pending, 0);
  }));
});
