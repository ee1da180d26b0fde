/**
 * A load client of plain connections, each sending its next request when the last is answered. It
 * reads no more of an answer than where it ends, because it shares the machine with the server.
 *
 * @module
 */

/** What to send, from where, how long. */
export interface LoadPlan {
  port: number;
  connections: number;
  warmUpMs: number;
  measureMs: number;
  /** The bytes of the next request. */
  next(): Uint8Array;
  /** The status that is no fault besides 2xx. */
  alsoGood?: number;
  /** Called when the warm-up ends and when the measurement ends. */
  onMark(): Promise<void>;
}

/** What came back while it was measured. */
export interface LoadFigures {
  answers: number;
  /** Answers of another status than 2xx, or than what the plan takes besides. */
  faults: number;
  seconds: number;
  p50Ms: number;
  p99Ms: number;
}

const BUFFER_BYTES = 16_384;

/** Runs the plan. Fails when the server closes a connection. */
export async function runClosedLoop(plan: LoadPlan): Promise<LoadFigures> {
  const state = { isMeasuring: false, isOver: false, faults: 0, latencies: [] as number[] };
  const loops = Array.from({ length: plan.connections }, () => loop(plan, state));
  const all = Promise.all(loops);
  await Promise.race([pause(plan.warmUpMs), all]);
  await plan.onMark();
  const startedAt = performance.now();
  state.isMeasuring = true;
  await Promise.race([pause(plan.measureMs), all]);
  state.isMeasuring = false;
  const seconds = (performance.now() - startedAt) / 1000;
  await plan.onMark();
  state.isOver = true;
  await all;
  const sorted = Float64Array.from(state.latencies).sort();
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? NaN;
  return {
    answers: sorted.length,
    faults: state.faults,
    seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

interface LoopState {
  isMeasuring: boolean;
  isOver: boolean;
  faults: number;
  latencies: number[];
}

async function loop({ port, next, alsoGood }: LoadPlan, state: LoopState): Promise<void> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  connection.setNoDelay(true);
  const buffer = new Uint8Array(BUFFER_BYTES);
  while (!state.isOver) {
    const sentAt = performance.now();
    await connection.write(next());
    const status = await readAnswer(connection, buffer);
    if (!state.isMeasuring) continue;
    state.latencies.push(performance.now() - sentAt);
    if ((status < 200 || status > 299) && status !== alsoGood) state.faults++;
  }
}

const HEAD_END = "\r\n\r\n";

/** Reads one whole answer; gives its status. */
async function readAnswer(connection: Deno.Conn, buffer: Uint8Array): Promise<number> {
  let text = "";
  for (;;) {
    const read = await connection.read(buffer);
    if (read === null) throw new Error(`Cannot go on: the server closed after "${text}"`);
    // One byte is one character, so that lengths agree.
    text += latin1.decode(buffer.subarray(0, read));
    const headEnd = text.indexOf(HEAD_END);
    if (headEnd < 0) continue;
    const length = Number(/content-length: *(\d+)/i.exec(text)?.[1] ?? 0);
    if (text.length >= headEnd + HEAD_END.length + length) return Number(text.slice(9, 12));
  }
}

const latin1 = new TextDecoder("latin1");
