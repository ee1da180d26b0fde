/**
 * The table of figures: each kind of request against the real product with all its middleware
 * (token, limits, metrics, access log, validation), with a bare server measured beside it.
 *
 *     deno task load --rounds=5 --seconds=4 --only=update --against=../other-checkout
 *
 * Each round measures the bare server and then the row, so that both had the same neighbours. Shown
 * are medians over the rounds; a ratio is that of its own round. CPU is that of the server and its
 * database, never of the client. `--against` measures other checkouts too (separated by commas),
 * turn by turn with this one.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { type AthleteSubject, startAthletes } from "./athlete_subject.ts";
import { runClosedLoop } from "./closed_loop.ts";
import { cpuSecondsOf } from "./cpu_time.ts";
import { type JoinSubject, startJoins } from "./join_subject.ts";
import { memoryOf } from "./memory.ts";
import { type LoadRow, requestBytes, type Stage } from "./row.ts";
import { ROWS } from "./rows/mod.ts";
import { type BoardSubject, startBoard, startHello, type Subject } from "./subjects.ts";

/** Until the compiler is through with what is hot in the slowest rows. */
const WARM_UP_MS = 15_000;
/** Once warm, connections only have to be made. */
const WARM_MS = 500;

interface Plan {
  seconds: number;
  rounds: number;
}

/** What one thing costs, in one round. */
interface Figures {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Of the server and of its database. */
  cpuMicros: readonly number[];
  faults: number;
}

/** A round: the bare server, then the row. */
interface Round {
  hello: Figures;
  row: Figures;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "3" },
      seconds: { type: "string", default: "4" },
      only: { type: "string", default: "" },
      against: { type: "string" },
    },
  });
  const plan = { seconds: Number(values.seconds), rounds: Number(values.rounds) };
  await using stack = new AsyncDisposableStack();
  const hello = stack.use(await startHello());
  const roots = [...values.against?.split(",") ?? [], undefined];
  const stages = roots.map((root) => ({ root, stage: createStage(stack, root) }));
  await print(HEADER);
  const only = new RegExp(values.only);
  for (const row of ROWS.filter(({ name }) => only.test(name))) {
    for (const line of await measureRow(hello, stages, row, plan)) await print(line);
  }
}

/** Rows share what they start, until the run ends. */
function createStage(stack: AsyncDisposableStack, root: string | undefined): Stage {
  const boards = new Map<number, Promise<BoardSubject>>();
  const athletes = new Map<number, Promise<AthleteSubject>>();
  let joins: Promise<JoinSubject> | undefined;
  return {
    board(members) {
      const known = boards.get(members) ?? startBoard(root, members).then((it) => stack.use(it));
      boards.set(members, known);
      return known;
    },
    joins: () => joins ??= startJoins(root).then((it) => stack.use(it)),
    athletes(members) {
      const known = athletes.get(members) ??
        startAthletes(root, members).then((it) => stack.use(it));
      athletes.set(members, known);
      return known;
    },
  };
}

async function measureRow(
  hello: Subject,
  stages: readonly { root: string | undefined; stage: Stage }[],
  row: LoadRow,
  { rounds, seconds }: Plan,
): Promise<string[]> {
  const measured = [];
  for (const { root, stage } of stages) {
    const { subject, next } = await row.prepare(stage);
    const name = root === undefined ? row.name : `${row.name} in ${root}`;
    measured.push({ name, subject, next, rounds: [] as Round[] });
  }
  for (let round = 0; round < rounds; round++) {
    const warmUpMs = round === 0 ? WARM_UP_MS : WARM_MS;
    for (const { subject, next, rounds: done } of measured) {
      const bare = { ...HELLO, connections: row.connections };
      const baseline = await measure(hello, bare, { warmUpMs, seconds });
      const figures = await measure(subject, { ...row, next }, { warmUpMs, seconds });
      done.push({ hello: baseline, row: figures });
    }
  }
  const lines = measured.map(async ({ name, subject, rounds }) =>
    toLine(name, row, rounds, await memoryOf(subject.pids[0]!))
  );
  return await Promise.all(lines);
}

const HELLO = { next: () => HELLO_BYTES };
const HELLO_BYTES = requestBytes("GET /", {});

async function measure(
  { port, pids }: Subject,
  load: Pick<LoadRow, "connections" | "perRequest" | "alsoGood"> & { next: () => Uint8Array },
  { warmUpMs, seconds }: { warmUpMs: number; seconds: number },
): Promise<Figures> {
  const marks: number[][] = [];
  const onMark = async () => void marks.push(await Promise.all(pids.map(cpuSecondsOf)));
  const figures = await runClosedLoop({
    port,
    warmUpMs,
    measureMs: seconds * 1000,
    onMark,
    ...load,
  });
  const things = figures.answers * (load.perRequest ?? 1);
  return {
    perSecond: things / figures.seconds,
    p50Ms: figures.p50Ms,
    p99Ms: figures.p99Ms,
    cpuMicros: pids.map((_, index) => (marks[1]![index]! - marks[0]![index]!) * 1e6 / things),
    faults: figures.faults,
  };
}

const HEADER =
  "| what | connections | a second | of hello's | p50 ms | p99 ms | CPU µs each (server + PostgreSQL) | × hello's CPU | MB | faults |\n" +
  "|---|---|---|---|---|---|---|---|---|---|\n";

function toLine(name: string, row: LoadRow, rounds: readonly Round[], memoryMb: number): string {
  const of = (read: (round: Round) => number) => median(rounds.map(read));
  const cpu = rounds[0]!.row.cpuMicros.map((_, index) =>
    of(({ row }) => row.cpuMicros[index]!).toFixed(1)
  );
  const cells = [
    name,
    row.connections,
    Math.round(of(({ row }) => row.perSecond)),
    `${(of(({ row, hello }) => row.perSecond / hello.perSecond) * 100).toFixed(1)} %`,
    of(({ row }) => row.p50Ms).toFixed(1),
    of(({ row }) => row.p99Ms).toFixed(1),
    `${cpu.join(" + ")} = ${of(({ row }) => sum(row.cpuMicros)).toFixed(1)}`,
    of(({ row, hello }) => sum(row.cpuMicros) / sum(hello.cpuMicros)).toFixed(1),
    Math.round(memoryMb),
    rounds.reduce((faults, { row }) => faults + row.faults, 0),
  ];
  return `| ${cells.join(" | ")} |\n`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

async function print(text: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(text));
}

if (import.meta.main) await main();
