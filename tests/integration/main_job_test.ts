/** The main job, over the API and the socket: join, upload, and the board shows it. */

import { assertEquals } from "@std/assert";
import { withDeadline } from "@/platform/deadline.ts";
import { deviceFilesTest, hasDeviceFiles, readDeviceFileBytes } from "../support/device_files.ts";
import { openTestApp, type TestApp, type TestPerson } from "../support/app.ts";
import { createManualTime } from "../support/manual_time.ts";

const NOW = Date.UTC(2026, 10, 21, 12);

interface World {
  test: TestApp;
  athlete: TestPerson;
  organiser: TestPerson;
}

async function openWorld(): Promise<World & AsyncDisposable> {
  const test = await openTestApp({ time: createManualTime(NOW) });
  const athlete = await test.person("member", "Ada Runner");
  const organiser = await test.person("organiser");
  return { test, athlete, organiser, [Symbol.asyncDispose]: () => test[Symbol.asyncDispose]() };
}

async function publishSince2000({ test, organiser }: World, scoring: object): Promise<string> {
  const body = {
    name: "All Time",
    startsAt: "2000-01-01T00:00:00Z",
    endsAt: "2030-01-01T00:00:00Z",
    scoring,
  };
  const created = await test.call("POST", "/competitions", { token: organiser.token, body });
  assertEquals(created.status, 201, JSON.stringify(created.body));
  const { id } = created.body.data;
  const { token } = organiser;
  assertEquals((await test.call("POST", `/competitions/${id}/publish`, { token })).status, 200);
  return id;
}

async function upload({ test, athlete }: World, name: string) {
  const form = new FormData();
  form.append("file", new Blob([await readDeviceFileBytes(name)]), name);
  return await test.call("POST", "/fitness/import", { token: athlete.token, form });
}

function fileTest(name: string, fn: (t: Deno.TestContext) => Promise<void>): void {
  Deno.test({ name: deviceFilesTest(name), ignore: !hasDeviceFiles, fn });
}

const RUNNING = {
  kind: "activity",
  metric: "distance",
  aggregate: "total",
  activityTypes: ["running"],
};

fileTest("two runs make 13 843 m on board and socket, once", async () => {
  await using world = await openWorld();
  const { test, athlete } = world;
  const id = await publishSince2000(world, RUNNING);
  const joined = await test.call("POST", `/competitions/${id}/join`, { token: athlete.token });
  assertEquals(joined.status, 201);
  const { port } = test.serve();
  await using viewer = await watch(port, id);

  const first = await upload(world, "run_fr110.fit");
  const second = await upload(world, "run_fenix2_9km.fit");
  const board = await test.call("GET", `/leaderboard/${id}`);

  assertEquals(first.body.data.competitions[0].score, 4835);
  assertEquals(second.body.data.competitions[0].scoreBefore, 4835);
  assertEquals(board.body.data.rows[0].score, 13_843);
  assertEquals(board.body.data.rows[0].name, "Ada Runner");
  await viewer.until((rows) => rows[0]?.score === 13_843, test);

  const again = await upload(world, "run_fr110.fit");
  const after = await test.call("GET", `/leaderboard/${id}`);
  assertEquals(again.body.data.import.counts, {
    imported: 0,
    duplicate: 1,
    merged: 0,
    flagged: 0,
    rejected: 0,
  });
  assertEquals(after.body.data, board.body.data);
});

fileTest("a day of a step counter gives 3 173 steps", async () => {
  await using world = await openWorld();
  const { test, athlete } = world;
  const id = await publishSince2000(world, { kind: "activity", metric: "steps" });
  await test.call("POST", `/competitions/${id}/join`, { token: athlete.token });

  const answer = await upload(world, "steps_monitoring_vivofit_day.fit");

  assertEquals(answer.status, 200);
  const board = await test.call("GET", `/leaderboard/${id}`);
  assertEquals(board.body.data.rows[0].score, 3173);
});

const REFUSED = {
  "bad_crc.fit": "bad_crc",
  "bad_truncated.fit": "truncated",
  "not_activity_settings.fit": "not_activity",
  "track_without_times.gpx": "no_times",
  "route_only_no_track.gpx": "no_track",
  "run_fr70_relative_timestamps.fit": "relative_time",
};

fileTest("files that cannot count are refused with their reason", async (t) => {
  await using world = await openWorld();
  const { test, athlete } = world;
  const id = await publishSince2000(world, RUNNING);
  await test.call("POST", `/competitions/${id}/join`, { token: athlete.token });
  const before = (await test.call("GET", `/leaderboard/${id}`)).body.data;

  for (const [name, reason] of Object.entries(REFUSED)) {
    await t.step(name, async () => {
      const { status, body } = await upload(world, name);

      assertEquals([status, body.error.code], [400, "IMPORT_REJECTED"]);
      assertEquals(body.error.details[0].code, reason);
    });
  }

  assertEquals((await test.call("GET", `/leaderboard/${id}`)).body.data, before);
  const [{ count }] = await test.database.sql<[{ count: number }]>`
    select count(*)::int as count from imports`;
  assertEquals(count, 0);
});

/** The hub sends at most ten frames a second. */
const TICK_MS = 100;
/** Far longer than a frame takes on a busy machine. */
const FRAME_DEADLINE_MS = 60_000;

interface Row {
  participantId: string;
  score: number | null;
}

interface Viewer extends AsyncDisposable {
  /** Waits for frames until the rows are as wanted; ticks of the hub are let pass. */
  until(isThere: (rows: Row[]) => boolean, test: TestApp): Promise<void>;
}

/** Watches a board as an app would: snapshot, then deltas by participant. */
async function watch(port: number, competitionId: string): Promise<Viewer> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/leaderboard/${competitionId}`);
  const rows = new Map<string, Row>();
  const opened = Promise.withResolvers<void>();
  let changed = Promise.withResolvers<void>();
  socket.onmessage = ({ data }) => {
    const frame = JSON.parse(data);
    if (frame.type === "snapshot") opened.resolve();
    for (const row of frame.rows ?? []) rows.set(row.participantId, row);
    for (const id of frame.removed ?? []) rows.delete(id);
    changed.resolve();
    changed = Promise.withResolvers();
  };
  await opened.promise;
  return {
    async until(isThere, test) {
      while (!isThere([...rows.values()])) {
        const news = changed.promise;
        test.time.advance(TICK_MS);
        await withDeadline(() => news, { timeoutMs: FRAME_DEADLINE_MS, action: "see a frame" });
      }
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => socket.onclose = resolve);
      socket.close();
      await closed;
    },
  };
}
