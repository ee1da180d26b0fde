/**
 * What live viewers cost: the real product sends a board's deltas to so many sockets, ten a second,
 * while somebody else asks for something small; a bare server that sends the same bytes stands
 * beside it as the baseline.
 *
 *     deno run … tests/load/viewers.ts --viewers=10,100,1000,5000 --seconds=10 [--without-bare]
 *
 * @module
 */

import { parseArgs } from "node:util";
import { cpuSecondsOf } from "./cpu_time.ts";
import { type BoardSubject, startBoard, type Subject } from "./subjects.ts";
import { linesOf, startViewers, type ViewersSeen } from "./viewer_processes.ts";

const WARM_UP_MS = 3_000;
const FRAME_MS = 100;
const PROBE_MS = 20;
const MEMBERS = 100;
/** Enough for the board to be the same for everybody; rows below do not move. */
const WINDOW = 10;

const encoder = new TextEncoder();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      viewers: { type: "string", default: "10,100,1000,5000" },
      seconds: { type: "string", default: "10" },
      root: { type: "string" },
      "without-bare": { type: "boolean", default: false },
    },
  });
  const measureMs = Number(values.seconds) * 1000;
  await print(HEADER);
  for (const viewers of values.viewers.split(",").map(Number)) {
    if (!values["without-bare"]) await print(await measureBare({ viewers, measureMs }));
    await print(await measureProduct({ viewers, measureMs, root: values.root }));
  }
}

interface Plan {
  viewers: number;
  measureMs: number;
}

async function measureBare(plan: Plan): Promise<string> {
  await using bare = await startBare();
  return toLine("bare", await measure(bare, "/", plan, () => Promise.resolve()));
}

async function measureProduct({ root, ...plan }: Plan & { root?: string | undefined }) {
  await using board = await startBoard(root, MEMBERS);
  const path = `/ws/leaderboard/${board.competitionId}?top=${WINDOW}`;
  return toLine("paceboard", await measure(board, path, plan, updaterOf(board)));
}

interface Figures extends ViewersSeen {
  seconds: number;
  cpuSeconds: number;
  /** What the same updates and requests cost in that time without viewers. */
  cpuSecondsAlone: number;
  /** What all viewers together cost, which the server must share the machine with. */
  clientCpuSeconds: number;
  kilobytesPerViewer: number;
  /** Latencies of the small request, before the viewers came and with them. */
  probeBefore: number[];
  probe: number[];
  /** Latencies of the updates, whose commits the frames wait for. */
  updates: number[];
}

async function measure(
  { port, pids }: Subject,
  path: string,
  { viewers, measureMs }: Plan,
  update: () => Promise<void>,
): Promise<Figures> {
  const [pid] = pids as [number];
  await beat(WARM_UP_MS, update);
  const cpuAtStart = await cpuSecondsOf(pid);
  const [probeBefore] = await Promise.all([probing(port, WARM_UP_MS), beat(WARM_UP_MS, update)]);
  const cpuAlone = (await cpuSecondsOf(pid) - cpuAtStart) / WARM_UP_MS * 1000;
  const before = await rssOf(pid);
  await using client = await startViewers(port, path, viewers);
  await beat(WARM_UP_MS, update);
  await client.mark();
  const cpuBefore = await cpuSecondsOf(pid);
  const clientCpuBefore = await client.cpuSeconds();
  const startedAt = performance.now();
  const [probe, updates] = await Promise.all([probing(port, measureMs), beat(measureMs, update)]);
  const seconds = (performance.now() - startedAt) / 1000;
  const cpuSeconds = await cpuSecondsOf(pid) - cpuBefore;
  const clientCpuSeconds = await client.cpuSeconds() - clientCpuBefore;
  const after = await rssOf(pid);
  // What is still on its way belongs to the run.
  await pause(1_000);
  const figures = await client.end();
  const kilobytesPerViewer = (after - before) / 1024 / viewers;
  const cpu = { cpuSeconds, clientCpuSeconds, cpuSecondsAlone: cpuAlone * seconds };
  return { ...figures, ...cpu, seconds, kilobytesPerViewer, probeBefore, probe, updates };
}

/** Does something ten times a second, each time when it is due; gives how long each took, sorted. */
async function beat(ms: number, work: () => Promise<void>): Promise<number[]> {
  const startedAt = performance.now();
  const running: Promise<number>[] = [];
  const time = async () => {
    const since = performance.now();
    await work();
    return performance.now() - since;
  };
  for (let due = 0; due < ms; due += FRAME_MS) {
    await pause(Math.max(0, startedAt + due - performance.now()));
    running.push(time());
  }
  return (await Promise.all(running)).sort((a, b) => a - b);
}

/** Asks for something small again and again; gives the latencies, sorted. */
async function probing(port: number, ms: number): Promise<number[]> {
  const latencies: number[] = [];
  const endsAt = performance.now() + ms;
  while (performance.now() < endsAt) {
    const sentAt = performance.now();
    const answer = await fetch(`http://127.0.0.1:${port}/health/live`).catch(() => undefined);
    await answer?.body?.cancel();
    latencies.push(performance.now() - sentAt);
    await pause(PROBE_MS);
  }
  return latencies.sort((a, b) => a - b);
}

/** The leader scores, so that one row changes and none moves. */
function updaterOf({ port, token, competitionId, userIds }: BoardSubject): () => Promise<void> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  let count = 0;
  return async () => {
    count += 1;
    const update = { competitionId, userId: userIds[0], score: count, operator: "increment" };
    const body = JSON.stringify({ ...update, idempotencyKey: `viewers-${count}` });
    const url = `http://127.0.0.1:${port}/api/v1/leaderboard/update`;
    const answer = await fetch(url, { method: "POST", headers, body });
    if (!answer.ok) throw new Error(`Cannot update: ${answer.status} ${await answer.text()}`);
    await answer.body?.cancel();
  };
}

async function startBare(): Promise<Subject> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-net=127.0.0.1", "tests/load/bare_fanout.ts"],
    stdout: "piped",
    stdin: "null",
  }).spawn();
  const lines = linesOf(child.stdout);
  return {
    port: Number(await lines.next()),
    pids: [child.pid],
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await lines.cancel();
      await child.status;
    },
  };
}

/** Memory of a process, as Linux counts it; by way of `cat`, as its processor time. */
async function rssOf(pid: number): Promise<number> {
  const command = new Deno.Command("/bin/sh", { args: ["-c", `cat /proc/${pid}/status`] });
  const { stdout } = await command.output();
  const [, kilobytes] = /VmRSS:\s*(\d+) kB/.exec(new TextDecoder().decode(stdout)) ?? [];
  return Number(kilobytes) * 1024;
}

const HEADER =
  "| what | viewers | frames/s | bytes | p50 ms | p99 ms | CPU µs a delivery: all, without what updates cost alone; of the viewers | KB a viewer | faults | behind | request ms p50/p99/max before | with viewers | update ms |\n" +
  "|---|---|---|---|---|---|---|---|---|---|---|---|---|\n";

function toLine(name: string, figures: Figures): string {
  const { viewers, frames, bytes, seconds, offsets } = figures;
  const perFrame = (cpuSeconds: number) => (cpuSeconds * 1e6 / Math.max(1, frames)).toFixed(1);
  const cells = [
    name,
    viewers,
    (frames / seconds / viewers).toFixed(1),
    Math.round(bytes / Math.max(1, frames)),
    figures.p50Ms,
    figures.p99Ms,
    [
      perFrame(figures.cpuSeconds),
      `${perFrame(figures.cpuSeconds - figures.cpuSecondsAlone)}; ${
        perFrame(figures.clientCpuSeconds)
      }`,
    ].join(", "),
    figures.kilobytesPerViewer.toFixed(1),
    figures.faults,
    offsets[1] - offsets[0],
    spread(figures.probeBefore),
    spread(figures.probe),
    spread(figures.updates),
  ];
  return `| ${cells.join(" | ")} |\n`;
}

function spread(sorted: readonly number[]): string {
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? NaN;
  return [0.5, 0.99, 1].map((share) => at(share).toFixed(1)).join("/");
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function print(text: string): Promise<void> {
  await Deno.stdout.write(encoder.encode(text));
}

if (import.meta.main) await main();
