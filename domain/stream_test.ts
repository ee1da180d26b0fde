import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { applyDelta, diffWindow } from "./conflation.ts";
import {
  canApply,
  createRing,
  type DeltaFrame,
  type OrderedRow,
  pushFrame,
  replayFrom,
  RING_FRAMES_DEFAULT,
} from "./stream.ts";

function frame(from: number, offset: number, rows: OrderedRow[] = []): DeltaFrame<OrderedRow> {
  return { type: "delta", from, offset, rows, removed: [], total: rows.length };
}

Deno.test("replayFrom() leads from any remembered offset to the present rows", () => {
  const boards = fc.array(
    fc.uniqueArray(
      fc.record({
        participantId: fc.constantFrom(..."abcdef"),
        rank: fc.option(fc.integer({ min: 1, max: 4 })),
        status: fc.constant("active" as const),
      }),
      { selector: (row) => row.participantId },
    ),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(fc.property(boards, fc.integer({ min: 1, max: 5 }), (states, framesMax) => {
    const ring = createRing<OrderedRow>({ epoch: "e", offset: 0 }, framesMax);
    states.slice(1).forEach((state, index) => {
      const delta = diffWindow(states[index]!, state);
      pushFrame(ring, { ...frame(index * 10, index * 10 + 10), ...delta });
    });
    const last = states.length - 1;

    states.forEach((state, index) => {
      const frames = replayFrom(ring, { epoch: "e", offset: index * 10 });
      if (last - index > framesMax) return assertEquals(frames, "snapshot");
      if (frames === "snapshot") throw new Error(`Cannot replay from ${index * 10}`);
      const replayed = frames.reduce<OrderedRow[]>((rows, delta) => applyDelta(rows, delta), state);
      assertEquals(sorted(replayed), sorted(states[last]!));
    });
  }));
});

function sorted(rows: readonly OrderedRow[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}

Deno.test("replayFrom() asks for a snapshot within a frame, before the ring, ahead of it, in another epoch", () => {
  const ring = createRing<OrderedRow>({ epoch: "e", offset: 5 });
  pushFrame(ring, frame(5, 8));

  assertEquals(replayFrom(ring, { epoch: "e", offset: 8 }), []);
  for (const offset of [0, 4, 6, 7, 9]) {
    assertEquals(replayFrom(ring, { epoch: "e", offset }), "snapshot");
  }
  assertEquals(replayFrom(ring, { epoch: "f", offset: 8 }), "snapshot");
});

Deno.test("pushFrame() keeps no more frames than the limit and refuses a gap", () => {
  const ring = createRing<OrderedRow>({ epoch: "e", offset: 0 });
  for (let offset = 0; offset < RING_FRAMES_DEFAULT + 3; offset++) {
    pushFrame(ring, frame(offset, offset + 1));
  }

  assertEquals(ring.frames.length, RING_FRAMES_DEFAULT);
  assertEquals(ring.frames[0]!.from, 3);
  assertThrows(() => pushFrame(ring, frame(5, 6)), RangeError, "the ring stands at 63");
  assertThrows(() => pushFrame(ring, frame(63, 63)), RangeError);
});

Deno.test("canApply() is true at the delta's own start only", () => {
  assertEquals([4, 5, 6].map((offset) => canApply(offset, { from: 5 })), [false, true, false]);
});
