import { assert, assertEquals, assertRejects } from "@std/assert";
import { HOUR_MS, SECOND_MS } from "@/domain/time.ts";
import { createChance } from "@/tools/demo/chance.ts";
import { readOptions } from "../simulate.ts";
import { runDevices } from "./run.ts";
import { countFailure, createTally, summaryText } from "./summary.ts";

const NOW = Date.UTC(2026, 4, 1, 12);

interface Seen {
  path: string;
  token: string | null;
  body: Record<string, unknown>;
}

/** A server that knows one competition, and a clock that `wait` moves. */
function createFakeServer(given: { scoring: unknown; phase?: string }) {
  const seen: Seen[] = [];
  const refusals: Response[] = [];
  let now = NOW;
  const competition = {
    id: "c-1",
    name: "Cup",
    phase: given.phase ?? "active",
    startsAt: new Date(NOW - HOUR_MS).toISOString(),
    endsAt: new Date(NOW + HOUR_MS).toISOString(),
    scoring: given.scoring,
  };
  const deps = {
    url: "http://paceboard.test",
    fetch(url: string, init: RequestInit): Promise<Response> {
      const path = new URL(url).pathname.replace("/api/v1", "");
      const token = new Headers(init.headers).get("authorization");
      const body = JSON.parse(String(init.body ?? "{}"));
      seen.push({ path, token, body });
      return Promise.resolve(answer(path, body));
    },
    wait(ms: number) {
      now += ms;
      return Promise.resolve();
    },
    now: () => now,
    random: createChance(3),
    runId: "run",
    say: () => {},
  };
  function answer(path: string, body: { name?: string; refreshToken?: string }): Response {
    if (path.startsWith("/competitions/cup")) return data(competition);
    if (path === "/auth/register") return data({ accessToken: body.name, refreshToken: body.name });
    if (path === "/auth/refresh") return data({ accessToken: "new", refreshToken: "new" });
    return refusals.shift() ?? data({});
  }
  return { seen, refusals, deps };
}

function data(value: unknown): Response {
  return Response.json({ success: true, data: value });
}

function refusal(status: number, code: string, headers: Record<string, string> = {}): Response {
  return Response.json({ success: false, error: { code, message: code } }, { status, headers });
}

const DISTANCE = { kind: "activity", metric: "distance", activityTypes: ["walking"] };
const STEPS = { kind: "activity", metric: "steps" };
const DIRECT = { kind: "direct", operator: "best", direction: "lower", selfReport: true };
const OPTIONS = { competition: "cup", athletes: 3, rate: 10, seconds: 4, inviteCode: undefined };

Deno.test("runDevices() registers, joins and sends records that follow each other", async () => {
  const server = createFakeServer({ scoring: DISTANCE });

  const { tally } = await runDevices(server.deps, OPTIONS);

  const paths = server.seen.map(({ path }) => path);
  assertEquals(paths.filter((path) => path === "/auth/register").length, 3);
  assertEquals(paths.filter((path) => path === "/competitions/c-1/join").length, 3);
  const syncs = server.seen.filter(({ path }) => path === "/fitness/sync");
  assertEquals(tally.latenciesMs.length, syncs.length);
  assert(syncs.length > 15);
  const endOf = new Map<string, number>();
  for (const { token, body } of syncs) {
    const [workout] = body.workouts as { start: string; end: string; type: string }[];
    assertEquals(workout!.type, "walking");
    const start = Date.parse(workout!.start);
    assert(start >= (endOf.get(token!) ?? NOW - HOUR_MS));
    endOf.set(token!, Date.parse(workout!.end));
    assert(start < endOf.get(token!)! && endOf.get(token!)! <= server.deps.now());
  }
});

Deno.test("runDevices() sends what the rule measures", async (t) => {
  await t.step("steps", async () => {
    const server = createFakeServer({ scoring: STEPS });
    await runDevices(server.deps, OPTIONS);
    const [record] = server.seen.at(-1)!.body.records as { type: string; value: number }[];
    assertEquals(record!.type, "steps");
    assert(record!.value > 0);
  });
  await t.step("scores, each under a key of its own", async () => {
    const server = createFakeServer({ scoring: DIRECT });
    await runDevices(server.deps, OPTIONS);
    const updates = server.seen.filter(({ path }) => path === "/leaderboard/update");
    assertEquals(updates.length, 40);
    assertEquals(new Set(updates.map(({ body }) => body.idempotencyKey)).size, 40);
  });
});

Deno.test("runDevices() waits out limits, renews tokens, and counts failures by code", async () => {
  const server = createFakeServer({ scoring: DIRECT });
  const joins = [data({}), data({}), data({})];
  server.refusals.push(
    ...joins,
    refusal(429, "RATE_LIMIT_EXCEEDED", { "retry-after": "2" }),
    data({}),
    refusal(401, "TOKEN_EXPIRED"),
    data({}),
    refusal(503, "SERVICE_UNAVAILABLE"),
  );

  const { tally } = await runDevices(server.deps, { ...OPTIONS, seconds: 1 });

  assertEquals(server.seen.filter(({ path }) => path === "/auth/refresh").length, 1);
  assertEquals([...tally.failures], [["SERVICE_UNAVAILABLE", 1]]);
  assertEquals([tally.faults, tally.latenciesMs.length], [1, 9]);
  assert(tally.latenciesMs.some((ms) => ms >= 2 * SECOND_MS));
});

Deno.test("runDevices() refuses competitions that take no reports", async () => {
  const over = createFakeServer({ scoring: DISTANCE, phase: "provisional" });
  const closed = createFakeServer({ scoring: { ...DIRECT, selfReport: false } });

  await assertRejects(() => runDevices(over.deps, OPTIONS), Error, "it is provisional");
  await assertRejects(() => runDevices(closed.deps, OPTIONS), Error, "may not report");
});

Deno.test("summaryText() tells rate, latency and failures", () => {
  const tally = createTally();
  tally.latenciesMs.push(10, 20, 30, 40);
  countFailure(tally, new Error("bug"));

  const text = summaryText(tally, { athletes: 2, durationMs: 2000, competition: "Cup" });

  assertEquals(text.split("\n"), [
    "competition Cup",
    "athletes    2",
    "accepted    4 (2.0/s)",
    "latency     p50 20 ms  p95 40 ms  p99 40 ms  max 40 ms",
    "failed      1 INTERNAL",
    "",
  ]);
});

Deno.test("readOptions() has defaults, and tells what is wrong", () => {
  assertEquals(readOptions(["--competition", "cup", "--url", "http://host:81/path"]), {
    url: "http://host:81",
    competition: "cup",
    athletes: 20,
    rate: 5,
    seconds: 60,
    inviteCode: undefined,
  });
  for (const args of [[], ["--competition", "cup", "--rate", "0"], ["--nonsense"]]) {
    assert("fault" in readOptions(args));
  }
});
