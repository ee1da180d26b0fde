/**
 * Redis servers that tests start for themselves, on free ports, without anything kept on disk:
 *
 *     await using server = await startRedis();
 *     const kv = await openRedisKv({ url: server.url });
 *
 * @module
 */

import { delimiter, isAbsolute, join } from "node:path";

/** A server that ends with its test. */
export interface TestRedis extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Sends a command by hand; its answer as text in the protocol of Redis. */
  command(...words: string[]): Promise<string>;
  /** Ends it without a word, as a power failure does. */
  kill(): Promise<void>;
  /** Starts it again, empty, on the same port. */
  restart(): Promise<void>;
}

/** Where a port is looked for; below lie well-known ones, above those the kernel hands out. */
const PORT_MIN = 20_000;
const PORT_MAX = 29_000;
const PORT_TRIES_MAX = 5;
const START_TRIES_MAX = 2_400;
const START_WAIT_MS = 25;

/** The first `redis-server` of the PATH, or undefined. */
function findRedisServer(): string | undefined {
  const folders = (Deno.env.get("PATH") ?? "").split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, "redis-server")).find(isFile);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Whether tests that need a Redis can run here. */
export const hasRedisServer = findRedisServer() !== undefined;

/** A port nobody listens on at the moment. */
function freePort(): number {
  while (true) {
    const port = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN));
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

/** Starts a server; further settings as `["--maxmemory", "10mb"]`. */
export async function startRedis(settings: readonly string[] = []): Promise<TestRedis> {
  for (let tries = 1;; tries++) {
    const port = freePort();
    try {
      return createTestRedis(port, settings, await spawn(port, settings));
    } catch (error) {
      // Somebody may have taken the port, or that of the cluster's bus, since it was looked for.
      if (tries >= PORT_TRIES_MAX) throw error;
    }
  }
}

function createTestRedis(
  port: number,
  settings: readonly string[],
  first: Deno.ChildProcess,
): TestRedis {
  let child = first;
  const kill = async () => {
    child.kill("SIGKILL");
    await child.status;
  };
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    command: (...words) => sendCommand(port, words),
    kill,
    async restart() {
      child = await spawn(port, settings);
    },
    async [Symbol.asyncDispose]() {
      const isRunning = await sendCommand(port, ["PING"]).then(() => true, () => false);
      if (isRunning) await kill();
    },
  };
}

async function spawn(port: number, settings: readonly string[]): Promise<Deno.ChildProcess> {
  const program = findRedisServer();
  if (!program) throw new Error("Cannot start Redis: there is no redis-server on the PATH");
  const child = new Deno.Command(program, {
    args: [
      ...["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
      ...settings,
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let hasEnded = false;
  child.status.then(() => hasEnded = true);
  await untilAnswering(port, () => hasEnded);
  return child;
}

async function untilAnswering(port: number, hasEnded: () => boolean): Promise<void> {
  for (let tries = 1;; tries++) {
    try {
      const answer = await sendCommand(port, ["PING"]);
      if (answer.startsWith("+PONG")) return;
    } catch (error) {
      if (hasEnded() || tries >= START_TRIES_MAX) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, START_WAIT_MS));
  }
}

async function sendCommand(port: number, words: readonly string[]): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const bulk = words.map((word) => `$${new TextEncoder().encode(word).length}\r\n${word}\r\n`);
  const request = new TextEncoder().encode(`*${words.length}\r\n${bulk.join("")}`);
  await connection.write(request);
  const buffer = new Uint8Array(65_536);
  const length = await connection.read(buffer);
  if (length === null) throw new Error("Cannot read from Redis: the connection ended");
  return new TextDecoder().decode(buffer.subarray(0, length));
}
