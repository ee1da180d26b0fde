/**
 * Many viewers in a process of their own: plain connections that read the frames of a board's
 * stream and note how late they are, whether each follows the one before, and how many came.
 * Prompt ones read each frame when it comes and tell how late it is; the others look every two seconds,
 * as reading each frame at once would cost this machine more than sending it does.
 * Usage: `viewer_client.ts <port> <path> prompt|idle`. Reads `open <count>`, and prints `open` when
 * so many more have their first frame; `mark` to count from here, and prints `mark`; `end` to print
 * the figures as JSON and finish.
 *
 * @module
 */

import { Buffer } from "node:buffer";

/** What a run of viewers saw since the mark. */
export interface ViewerFigures {
  viewers: number;
  frames: number;
  bytes: number;
  /** Frames that did not follow, and viewers whose connection ended. */
  faults: number;
  /** The lowest and highest last offset of a viewer. */
  offsets: [number, number];
  /** How many frames were so many milliseconds late; of prompt viewers only. */
  late: [ms: number, frames: number][];
}

/** Reading costs a viewer by the read, and this much of a stream waits in the network without harm. */
const LOOK_MS = 2_000;
/** Whoever has not read everything by then is behind. */
const HURRY_MAX_MS = 3_000;
const HURRY_STEP_MS = 50;
const LOOK_GROUPS = 200;
const CONNECTING_MAX = 64;
/** A snapshot of ten rows fits; larger ones come in several reads. */
const BUFFER_BYTES = 8192;
/** Later than this counts as this. */
const LATE_MAX_MS = 60_000;

const encoder = new TextEncoder();

interface Viewer {
  isPrompt: boolean;
  group: number;
  offset: number;
  /** What has come of a frame that is not whole yet. */
  rest: string;
}

class Tally {
  frames = 0;
  bytes = 0;
  faults = 0;
  readonly lateMs = new Uint32Array(LATE_MAX_MS + 1);

  count(chars: number): void {
    this.frames += 1;
    this.bytes += chars;
  }

  note(sentAt: number): void {
    this.lateMs[Math.max(0, Math.min(LATE_MAX_MS, Date.now() - sentAt))]! += 1;
  }

  reset(): void {
    Object.assign(this, { frames: 0, bytes: 0, faults: 0 });
    this.lateMs.fill(0);
  }
}

async function main([port, path, kind]: string[]): Promise<void> {
  const isPrompt = kind === "prompt";
  const tally = new Tally();
  const viewers: Viewer[] = [];
  const connections: Deno.Conn[] = [];
  const stopLooking = startLooking();
  const openAll = async (count: number) => {
    let left = count;
    const open = async () => {
      while (left-- > 0) {
        const group = viewers.length % LOOK_GROUPS;
        const viewer = { isPrompt, group, offset: -1, rest: "" };
        viewers.push(viewer);
        connections.push(await openViewer(Number(port), path!, viewer, tally));
      }
    };
    await Promise.all(Array.from({ length: CONNECTING_MAX }, open));
  };
  for await (const line of lines()) {
    const [word, count] = line.split(" ");
    if (word === "open") {
      await openAll(Number(count));
      await print("open");
    }
    if (word === "mark" || word === "end") await readAll(viewers);
    if (word === "mark") {
      tally.reset();
      await print("mark");
    }
    if (word !== "end") continue;
    await print(JSON.stringify(figuresOf(viewers, tally)));
    break;
  }
  isEnding = true;
  stopLooking();
  for (const connection of connections) connection.close();
}

async function openViewer(
  port: number,
  path: string,
  viewer: Viewer,
  tally: Tally,
): Promise<Deno.Conn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const key = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
  await connection.write(encoder.encode(
    `GET ${path} HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: Upgrade\r\n` +
      `sec-websocket-key: ${key}\r\nsec-websocket-version: 13\r\n\r\n`,
  ));
  const { promise: hasFirst, resolve } = Promise.withResolvers<void>();
  void follow(connection, viewer, tally, resolve);
  await hasFirst;
  return connection;
}

/** Who looks now and then does so at different moments: all at once would make the prompt ones wait. */
const looks = Array.from({ length: LOOK_GROUPS }, () => Promise.withResolvers<void>());

function startLooking(): () => void {
  let turn = 0;
  const timer = setInterval(() => {
    const group = turn++ % LOOK_GROUPS;
    looks[group]!.resolve();
    looks[group] = Promise.withResolvers<void>();
  }, LOOK_MS / LOOK_GROUPS);
  return () => clearInterval(timer);
}

/** While everybody reads at once. */
let isHurried = false;

/** Reads what waits in the network: it was sent before, and belongs to what was before. */
async function readAll(viewers: readonly Viewer[]): Promise<void> {
  isHurried = true;
  for (const { resolve } of looks) resolve();
  const newest = Math.max(...viewers.map(({ offset }) => offset));
  for (let waitedMs = 0; waitedMs < HURRY_MAX_MS; waitedMs += HURRY_STEP_MS) {
    if (viewers.every(({ offset }) => offset >= newest)) break;
    await new Promise((resolve) => setTimeout(resolve, HURRY_STEP_MS));
  }
  isHurried = false;
}

/** From then on connections end because we close them. */
let isEnding = false;

const HEAD_END = "\r\n\r\n";

async function follow(
  connection: Deno.Conn,
  viewer: Viewer,
  tally: Tally,
  onFirst: () => void,
): Promise<void> {
  const buffer = Buffer.alloc(BUFFER_BYTES);
  let isUpgraded = false;
  try {
    for (;;) {
      const read = await connection.read(buffer);
      if (read === null) break;
      // Not by `TextDecoder`, whose latin1 gives other codes to 32 of the bytes.
      viewer.rest += buffer.toString("latin1", 0, read);
      if (!isUpgraded) {
        const end = viewer.rest.indexOf(HEAD_END);
        if (end < 0) continue;
        isUpgraded = true;
        viewer.rest = viewer.rest.slice(end + HEAD_END.length);
      }
      takeFrames(connection, viewer, tally);
      if (viewer.offset < 0) continue;
      onFirst();
      if (!viewer.isPrompt && !isHurried) await looks[viewer.group]!.promise;
    }
    if (!isEnding) tally.faults += 1;
  } catch {
    if (!isEnding) tally.faults += 1;
  }
  onFirst();
}

const PING = 0x89;

/** Reads whole frames; those of a server are not masked. */
function takeFrames(connection: Deno.Conn, viewer: Viewer, tally: Tally): void {
  for (;;) {
    const frame = frameIn(viewer.rest);
    if (!frame) return;
    viewer.rest = viewer.rest.slice(frame.end);
    if (frame.kind === PING) void connection.write(pong(frame.text)).catch(() => {});
    else take(viewer, tally, frame.text);
  }
}

function frameIn(text: string): { kind: number; text: string; end: number } | undefined {
  if (text.length < 2) return undefined;
  const short = text.charCodeAt(1);
  const headLength = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (text.length < headLength) return undefined;
  let length = short;
  if (short === 126) length = text.charCodeAt(2) * 256 + text.charCodeAt(3);
  if (short === 127) {
    length = 0;
    for (let n = 2; n < 10; n++) length = length * 256 + text.charCodeAt(n);
  }
  const end = headLength + length;
  if (text.length < end) return undefined;
  return { kind: text.charCodeAt(0), text: text.slice(headLength, end), end };
}

/** A client's frames are masked; zeros are a mask. */
function pong(text: string): Uint8Array<ArrayBuffer> {
  const bytes = [0x8A, 0x80 | text.length, 0, 0, 0, 0];
  return Uint8Array.from([...bytes, ...encoder.encode(text)]);
}

function take(viewer: Viewer, tally: Tally, text: string): void {
  const offset = numberIn(text, '"offset":');
  if (offset === undefined) return;
  const from = numberIn(text, '"from":');
  if (from !== undefined && from !== viewer.offset) tally.faults += 1;
  viewer.offset = offset;
  if (from === undefined) return;
  tally.count(text.length);
  if (!viewer.isPrompt) return;
  const at = text.indexOf('"reachedAt":"');
  if (at >= 0) tally.note(Date.parse(text.slice(at + 13, at + 37)));
}

function numberIn(text: string, key: string): number | undefined {
  const at = text.indexOf(key);
  return at < 0 ? undefined : parseInt(text.slice(at + key.length, at + key.length + 16));
}

function figuresOf(viewers: readonly Viewer[], tally: Tally): ViewerFigures {
  const offsets = viewers.map(({ offset }) => offset);
  const late = [...tally.lateMs].map((count, ms): [number, number] => [ms, count]);
  return {
    viewers: viewers.length,
    frames: tally.frames,
    bytes: tally.bytes,
    faults: tally.faults,
    offsets: [Math.min(...offsets), Math.max(...offsets)],
    late: late.filter(([, count]) => count > 0),
  };
}

async function* lines(): AsyncIterable<string> {
  for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    yield* text.split("\n").filter((line) => line !== "");
  }
}

async function print(line: string): Promise<void> {
  await Deno.stdout.write(encoder.encode(`${line}\n`));
}

if (import.meta.main) await main(Deno.args);
