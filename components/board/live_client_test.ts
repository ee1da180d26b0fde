import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { BoardRow, ServerFrame } from "@/contracts/leaderboard.ts";
import { createManualTime } from "@/tests/support/manual_time.ts";
import {
  createLiveClient,
  type LiveBoardData,
  type LiveClientOptions,
  type LiveSocketEvents,
  type LiveStatus,
} from "./live_client.ts";

interface Connection extends LiveSocketEvents {
  url: string;
  sent: string[];
  isClosed: boolean;
}

function row(name: string, rank: number, score: number): BoardRow {
  return {
    ...{ rank, name, score, participantId: name, userId: name, avatarUrl: null },
    ...{ reachedAt: null, provisional: true, status: "active" },
  };
}

const BOARD: LiveBoardData = {
  epoch: "e1",
  offset: 5,
  phase: "active",
  frozen: false,
  total: 1,
  rows: [row("ann", 1, 10)],
};
const SNAPSHOT: ServerFrame = { type: "snapshot", ...BOARD };
const DELTA: ServerFrame = {
  type: "delta",
  from: 5,
  offset: 7,
  rows: [row("bea", 1, 12), row("ann", 2, 10)],
  removed: [],
  total: 2,
};

async function setUp(options: Partial<LiveClientOptions> = {}) {
  const time = createManualTime();
  const connections: Connection[] = [];
  const boards: LiveBoardData[] = [];
  const statuses: LiveStatus[] = [];
  const client = createLiveClient({
    url: "ws://host/ws/leaderboard/cup",
    onBoard: (board) => boards.push(board),
    onStatus: (status) => statuses.push(status),
    surroundings: {
      connect(url, events) {
        const connection: Connection = { url, sent: [], isClosed: false, ...events };
        connections.push(connection);
        return {
          send: (text) => connection.sent.push(text),
          close: () => connection.isClosed = true,
        };
      },
      after: (delayMs, run) => time.after(delayMs, run),
      random: () => 0.5,
    },
    ...options,
  });
  const settle = () => new Promise<void>((resolve) => queueMicrotask(() => resolve()));
  await settle();
  return {
    ...{ time, connections, boards, statuses, client },
    get last() {
      return connections.at(-1)!;
    },
    tell(frame: ServerFrame) {
      connections.at(-1)!.onText(JSON.stringify(frame));
    },
    async pass(ms: number) {
      time.advance(ms);
      await settle();
      await settle();
    },
  };
}

Deno.test("createLiveClient() shows the snapshot and what deltas make of it", async () => {
  const live = await setUp({ top: 10 });

  live.tell(SNAPSHOT);
  live.tell(DELTA);

  assertEquals(live.last.url, "ws://host/ws/leaderboard/cup?top=10");
  assertEquals(live.statuses, [{ state: "connecting" }, { state: "live" }]);
  assertEquals(live.boards[0], BOARD);
  assertEquals(live.boards[1]?.rows.map(({ name }) => name), ["bea", "ann"]);
  assertEquals([live.boards[1]?.offset, live.boards[1]?.total], [7, 2]);
});

Deno.test("createLiveClient() begins from the board that the page has", async () => {
  const live = await setUp({ initial: BOARD });

  live.tell({ type: "state", phase: "active", frozen: false });
  live.tell(DELTA);

  assertStringIncludes(live.last.url, "epoch=e1&offset=5");
  assertEquals(live.boards.map(({ offset }) => offset), [7]);
  assertEquals(live.statuses.at(-1), { state: "live" });
});

Deno.test("createLiveClient() asks to resume once when a delta does not follow", async () => {
  const live = await setUp();
  live.tell(SNAPSHOT);

  live.tell({ ...DELTA, from: 6 });
  live.tell({ ...DELTA, from: 7, offset: 8 });
  const asked = [...live.last.sent];
  live.tell(DELTA);

  assertEquals(asked.map((text) => JSON.parse(text)), [{ type: "resume", epoch: "e1", offset: 5 }]);
  assertEquals(live.boards.map(({ offset }) => offset), [5, 7]);
});

Deno.test("createLiveClient() tells a change of phase, and only a change", async () => {
  const live = await setUp();
  live.tell(SNAPSHOT);

  live.tell({ type: "state", phase: "active", frozen: false });
  live.tell({ type: "state", phase: "grace", frozen: false });

  assertEquals(live.boards.map(({ phase }) => phase), ["active", "grace"]);
});

Deno.test("createLiveClient() hands announcements on and ignores what is no frame", async () => {
  const announcements: unknown[] = [];
  const live = await setUp({ onAnnouncement: (announcement) => announcements.push(announcement) });
  live.tell(SNAPSHOT);

  live.tell({ type: "announcement", text: "Ten minutes left", at: "2026-05-01T12:00:00Z" });
  for (const text of ["", "null", "[]", "{"]) live.last.onText(text);

  assertEquals(announcements, [{ text: "Ten minutes left", at: "2026-05-01T12:00:00Z" }]);
  assertEquals(live.boards.length, 1);
});

Deno.test("createLiveClient() comes back after growing, spread waits with what it has", async () => {
  const live = await setUp();
  live.tell(SNAPSHOT);

  const waits = [];
  for (let attempt = 0; attempt < 8; attempt++) {
    live.last.onClose(1006);
    const status = live.statuses.at(-1);
    assert(status?.state === "waiting");
    waits.push(status.retryInMs);
    await live.pass(status.retryInMs);
  }

  assertEquals(waits, [750, 1000, 1500, 2500, 4500, 8000, 8000, 8000]);
  assertEquals(live.connections.length, 9);
  assertStringIncludes(live.last.url, "epoch=e1&offset=5");
  live.tell(SNAPSHOT);
  live.last.onClose(1012);
  assertEquals(live.statuses.at(-1), { state: "waiting", retryInMs: 750 });
});

Deno.test("createLiveClient() gives up when it may not see the board", async () => {
  for (
    const [code, reason] of [
      [4401, "unauthorized"],
      [4403, "forbidden"],
      [4404, "not_found"],
    ] as const
  ) {
    const live = await setUp();

    live.last.onClose(code);
    await live.pass(60_000);

    assertEquals(live.statuses.at(-1), { state: "stopped", reason });
    assertEquals([live.connections.length, live.time.pending], [1, 0]);
  }
});

Deno.test("createLiveClient() takes a new token at once when the old one ended", async () => {
  let issued = 0;
  const live = await setUp({ token: () => Promise.resolve(`t${++issued}`) });
  await live.pass(0);
  live.tell(SNAPSHOT);

  live.last.onClose(4410);
  await live.pass(0);
  const renewed = live.last.url;
  live.last.onClose(4410);
  await live.pass(0);

  assertStringIncludes(live.connections[0]!.url, "token=t1");
  assertStringIncludes(renewed, "token=t2");
  assertEquals(live.statuses.at(-1)?.state, "waiting");
});

Deno.test("createLiveClient() waits when no token can be had", async () => {
  const live = await setUp({ token: () => Promise.reject(new Error("offline")) });
  await live.pass(0);

  assertEquals(live.statuses.at(-1)?.state, "waiting");
  assertEquals(live.connections.length, 0);
});

Deno.test("createLiveClient() breaks a silence with a ping and gives up a dead connection", async () => {
  const live = await setUp();
  live.tell(SNAPSHOT);

  await live.pass(25_000);
  live.tell({ type: "pong" });
  await live.pass(25_000);
  const pings = live.last.sent.length;
  await live.pass(10_000);

  assertEquals(pings, 2);
  assert(live.last.isClosed);
  assertEquals(live.statuses.at(-1)?.state, "waiting");
});

Deno.test("createLiveClient() gives up a handshake that hangs", async () => {
  const live = await setUp();

  await live.pass(10_000);
  const first = live.last;
  await live.pass(1_000);
  first.onClose(1006);
  first.onText(JSON.stringify(SNAPSHOT));

  assert(first.isClosed);
  assertEquals(live.connections.length, 2);
  assertEquals(live.boards, []);
});

Deno.test("LiveClient.retry() connects before the wait is over, stop() for good", async () => {
  const live = await setUp();
  live.last.onClose(4429);
  assertEquals(live.statuses.at(-1), { state: "waiting", retryInMs: 15_000 });

  live.client.retry();
  await live.pass(0);
  live.client.retry();
  await live.pass(0);
  const connected = live.connections.length;
  const told = live.statuses.length;
  live.client.stop();
  live.client.retry();
  live.last.onText(JSON.stringify(SNAPSHOT));
  await live.pass(60_000);

  assertEquals(connected, 2);
  assert(live.last.isClosed);
  assertEquals([live.connections.length, live.statuses.length, live.boards.length], [2, told, 0]);
});
