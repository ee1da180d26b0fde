/** A live hub over boards and a clock that a test moves, and viewers that follow it. */

import { type BoardRow, ServerFrame } from "@/contracts/leaderboard.ts";
import type { Actor } from "@/domain/actor.ts";
import { applyDelta } from "@/domain/conflation.ts";
import { createMetrics } from "@/platform/metrics.ts";
import type { BoardHead } from "@/services/boards/board_store.ts";
import {
  createLiveService,
  type LiveLimits,
  type OpenOptions,
  type ViewerSink,
} from "@/services/live/live.ts";
import { createMeter } from "@/services/meter.ts";
import { assertEquals } from "./assert.ts";
import { ANONYMOUS } from "./board_fixture.ts";
import { createFakeBoards, FAKE_COMPETITION_ID } from "./fake_boards.ts";
import { createManualTime } from "./manual_time.ts";

/** A viewer's end: collects frames, and follows the board as a client must. */
export class FakeSink implements ViewerSink {
  bufferedAmount = 0;
  closed: { code: number; reason: string } | undefined;
  beats = 0;
  readonly texts: string[] = [];
  readonly frames: ServerFrame[] = [];
  epoch = "";
  offset = -1;
  rows: BoardRow[] = [];
  total = 0;

  send(text: string): void {
    this.texts.push(text);
    const frame = ServerFrame.parse(JSON.parse(text));
    this.frames.push(frame);
    if (frame.type === "snapshot") {
      ({ epoch: this.epoch, offset: this.offset, rows: this.rows, total: this.total } = frame);
    }
    if (frame.type === "delta") {
      assertEquals(frame.from, this.offset, "a delta must follow the client's board");
      this.rows = applyDelta(this.rows, frame);
      this.offset = frame.offset;
      this.total = frame.total;
    }
  }

  beat(): void {
    this.beats += 1;
  }

  close(code: number, reason: string): void {
    this.closed = { code, reason };
  }

  get types(): string[] {
    return this.frames.map((frame) => frame.type);
  }

  get lines(): string[] {
    return this.rows.map((row) => `${row.rank} ${row.name} ${row.score}`);
  }
}

/** A hub with one board; `open` lets a viewer in. */
export function createLiveFixture(
  options: {
    head?: Partial<BoardHead>;
    limits?: Partial<LiveLimits>;
    nextTurn?: (run: () => void) => void;
  } = {},
) {
  const time = createManualTime();
  const boards = createFakeBoards(time, options.head);
  const meter = createMeter({ clock: time });
  const metrics = createMetrics();
  const live = createLiveService({
    ...{ boards, meter, metrics },
    clock: time,
    timers: time,
    ...(options.limits ? { limits: options.limits } : {}),
    ...(options.nextTurn ? { nextTurn: options.nextTurn } : {}),
  });
  return {
    ...{ time, boards, live, meter },
    async open(options: OpenOptions = {}, actor: Actor = ANONYMOUS, sink = new FakeSink()) {
      const viewer = await live.open(actor, FAKE_COMPETITION_ID, sink, options);
      return { viewer, sink, say: (frame: unknown) => viewer.receive(JSON.stringify(frame)) };
    },
  };
}
