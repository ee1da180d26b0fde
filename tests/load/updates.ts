/**
 * How many durable updates a second: the real product with all its middleware, closed loops of
 * connections, and the bare server measured in the same run as the baseline.
 *
 *     deno task load --connections=64,256 --seconds=8 --members=1000 --against=../other-checkout
 *
 * `--against` measures other checkouts too (separated by commas), turn by turn with this one: the
 * noise of a machine that others use is larger than most differences.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { cpuSecondsOf } from "./cpu_time.ts";
import { type LoadFigures, runClosedLoop } from "./closed_loop.ts";
import { type BoardSubject, startBoard, startHello, type Subject } from "./subjects.ts";

const WARM_UP_MS = 3_000;

interface Row extends LoadFigures {
  name: string;
  connections: number;
  /** Of the server and of its database, not of the client. */
  cpuMicros: number[];
}

const encoder = new TextEncoder();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      connections: { type: "string", default: "64,256" },
      seconds: { type: "string", default: "8" },
      members: { type: "string", default: "1000" },
      rounds: { type: "string", default: "1" },
      against: { type: "string" },
    },
  });
  const members = Number(values.members);
  await using stack = new AsyncDisposableStack();
  const subjects: [string, Subject, () => Uint8Array][] = [];
  const hello = stack.use(await startHello());
  subjects.push(["hello", hello, () => HELLO]);
  const others = values.against?.split(",") ?? [];
  for (const root of [...others, undefined]) {
    const board = stack.use(await startBoard(root, members));
    subjects.push([root === undefined ? "update" : `update in ${root}`, board, updatesFor(board)]);
  }
  await print(HEADER);
  for (const connections of values.connections.split(",").map(Number)) {
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const [name, subject, next] of subjects) {
        const plan = { connections, next, measureMs: Number(values.seconds) * 1000 };
        await print(toLine({ name, ...await measure(subject, plan) }));
      }
    }
  }
}

async function measure(
  { port, pids }: Subject,
  plan: { connections: number; next: () => Uint8Array; measureMs: number },
): Promise<Omit<Row, "name">> {
  const marks: number[][] = [];
  const onMark = async () => void marks.push(await Promise.all(pids.map(cpuSecondsOf)));
  const figures = await runClosedLoop({ port, warmUpMs: WARM_UP_MS, onMark, ...plan });
  const cpuMicros = pids.map((_, index) =>
    (marks[1]![index]! - marks[0]![index]!) * 1e6 / figures.answers
  );
  return { ...figures, connections: plan.connections, cpuMicros };
}

const HELLO = encoder.encode("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");

/** Increments for athletes in turn, each with a key of its own. */
function updatesFor({ token, competitionId, userIds }: BoardSubject): () => Uint8Array {
  const head = "POST /api/v1/leaderboard/update HTTP/1.1\r\nhost: localhost\r\n" +
    `authorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: `;
  let count = 0;
  return () => {
    count++;
    const userId = userIds[(count * 7919) % userIds.length];
    const idempotencyKey = `load-${count}`;
    const body = JSON.stringify({ competitionId, userId, score: 1 + count % 100, idempotencyKey });
    return encoder.encode(`${head}${body.length}\r\n\r\n${body}`);
  };
}

const HEADER = "| what | connections | req/s | p50 ms | p99 ms | CPU µs a request | faults |\n" +
  "|---|---|---|---|---|---|---|\n";

function toLine(row: Row): string {
  const cells = [
    row.name,
    row.connections,
    Math.round(row.answers / row.seconds),
    row.p50Ms.toFixed(1),
    row.p99Ms.toFixed(1),
    row.cpuMicros.map((each) => each.toFixed(0)).join(" + "),
    row.faults,
  ];
  return `| ${cells.join(" | ")} |\n`;
}

async function print(text: string): Promise<void> {
  await Deno.stdout.write(encoder.encode(text));
}

if (import.meta.main) await main();
