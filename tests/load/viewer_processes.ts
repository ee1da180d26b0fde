/**
 * Viewers in processes of their own. Those that tell how late frames are have one for themselves, so
 * that they do not wait for the others to be read; they come in turns with the others, so that they
 * stand in every part of the order in which the server sends.
 *
 * @module
 */

import { cpuSecondsOf } from "./cpu_time.ts";
import type { ViewerFigures } from "./viewer_client.ts";

/** What all viewers together saw since the mark. */
export interface ViewersSeen extends Omit<ViewerFigures, "late"> {
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

/** Viewers that read each frame when it comes. */
const PROMPT_MAX = 250;
/** One process reads for so many others before it takes a core for itself. */
const IDLE_PER_PROCESS = 5_000;
/** The prompt ones come in so many groups, each behind its part of the others. */
const TURNS = 25;

const encoder = new TextEncoder();

/** Opens the viewers of a board's stream; each has its first frame. */
export async function startViewers(port: number, path: string, viewers: number) {
  const stack = new AsyncDisposableStack();
  const start = (kind: "prompt" | "idle") => stack.use(startProcess([String(port), path, kind]));
  const prompts = Math.min(viewers, PROMPT_MAX);
  const idle = viewers - prompts;
  const prompt = start("prompt");
  const others = Array.from({ length: Math.ceil(idle / IDLE_PER_PROCESS) }, () => start("idle"));
  const all = [prompt, ...others];
  try {
    for (let turn = 0; turn < TURNS; turn++) {
      for (const [index, other] of others.entries()) {
        await other.open(part(part(idle, others.length, index), TURNS, turn));
      }
      await prompt.open(part(prompts, TURNS, turn));
    }
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
  return {
    /** Counts from here. */
    mark: () => Promise.all(all.map(({ mark }) => mark())),
    async cpuSeconds(): Promise<number> {
      const seconds = await Promise.all(all.map(({ pid }) => cpuSecondsOf(pid)));
      return seconds.reduce((sum, each) => sum + each, 0);
    },
    end: async () => merge(await Promise.all(all.map(({ end }) => end()))),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** How many of the whole fall to this one of so many parts. */
function part(whole: number, parts: number, index: number): number {
  return Math.floor(whole * (index + 1) / parts) - Math.floor(whole * index / parts);
}

function startProcess(args: readonly string[]) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-net=127.0.0.1", "tests/load/viewer_client.ts", ...args],
    stdout: "piped",
    stdin: "piped",
  }).spawn();
  const lines = linesOf(child.stdout);
  const writer = child.stdin.getWriter();
  const say = (line: string) => writer.write(encoder.encode(`${line}\n`));
  return {
    pid: child.pid,
    async open(count: number): Promise<void> {
      if (count === 0) return;
      await say(`open ${count}`);
      await lines.next();
    },
    async mark(): Promise<void> {
      await say("mark");
      await lines.next();
    },
    async end(): Promise<ViewerFigures> {
      await say("end");
      return JSON.parse(await lines.next());
    },
    async [Symbol.asyncDispose]() {
      await writer.close().catch(() => {});
      await lines.cancel();
      await child.status;
    },
  };
}

function merge(parts: readonly ViewerFigures[]): ViewersSeen {
  const sum = (key: "viewers" | "frames" | "bytes" | "faults") =>
    parts.reduce((total, figures) => total + figures[key], 0);
  const offsets = parts.filter(({ viewers }) => viewers > 0).map(({ offsets }) => offsets);
  const late = parts.flatMap((figures) => figures.late).sort(([a], [b]) => a - b);
  return {
    viewers: sum("viewers"),
    frames: sum("frames"),
    bytes: sum("bytes"),
    faults: sum("faults"),
    offsets: [
      Math.min(...offsets.map(([lowest]) => lowest)),
      Math.max(...offsets.map(([, highest]) => highest)),
    ],
    p50Ms: lateAt(late, 0.5),
    p99Ms: lateAt(late, 0.99),
    maxMs: lateAt(late, 1),
  };
}

function lateAt(late: readonly [ms: number, frames: number][], share: number): number {
  let left = Math.ceil(late.reduce((sum, [, frames]) => sum + frames, 0) * share);
  return late.find(([, frames]) => (left -= frames) <= 0)?.[0] ?? NaN;
}

/** The lines that a process prints, one at a time. */
export function linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  return {
    async next(): Promise<string> {
      for (;;) {
        const end = rest.indexOf("\n");
        if (end >= 0) {
          const line = rest.slice(0, end);
          rest = rest.slice(end + 1);
          return line;
        }
        const { value, done } = await reader.read();
        if (done) throw new Error("Cannot go on: the process ended");
        rest += value;
      }
    },
    cancel: () => reader.cancel(),
  };
}
