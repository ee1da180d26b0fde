/**
 * The product as people start it: a process of its own with the flags of `deno task start`, on a
 * port that was free, in a data folder that goes away. Imports nothing of the product, so that the
 * browser tests, which have a configuration of their own, use it too.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A cold start makes a database cluster and the demo, in seconds where nobody else computes. */
const START_DEADLINE_MS = 180_000;

/** Longer than the product gives itself for any stop that a test asks for. */
const STOP_DEADLINE_MS = 90_000;

/** Far longer than anything takes, so that only what never comes fails. */
const WAIT_MS = 60_000;

const POLL_MS = 20;

/** Characters kept of what it printed; a line a request under load would become too long a text. */
const OUTPUT_MAX = 2 ** 24;

/** What a process needs of this one; settings of the product itself must not slip in. */
const INHERITED = /^(PATH|HOME|TMPDIR|TEMP|TMP|USER|LANG|LC_.*|XDG_.*|DENO_.*|SystemRoot)$/i;

/** A running product, ended when disposed of. */
export interface Product extends AsyncDisposable {
  /** Scheme and host. */
  url: string;
  port: number;
  pid: number;
  /** The banner's one-time sign-in link; undefined without a demo. */
  signInLink: string | undefined;
  /** From the start of the process to its being ready. */
  startMs: number;
  /** What it printed so far. */
  output(): string;
  /** Its end; never rejects. */
  ended: Promise<{ code: number }>;
  kill(signal: Deno.Signal): void;
  /** Ends the process as an operator would, and waits for it. */
  stop(): Promise<{ code: number }>;
}

/** How to start it. */
export interface ProductOptions {
  /** One that a test keeps between starts; otherwise one is made and removed. */
  dataDir?: string;
  /** The limit of file descriptors, set by a shell. */
  openFilesMax?: number;
  /** Another checkout, to compare with. */
  root?: string;
  /** As the image starts it, for throughput; otherwise as `deno task start` does, for memory. */
  isServing?: boolean;
}

/** A folder that goes away and that PostgreSQL's user may pass through. */
export async function makeDataDir() {
  const path = await Deno.makeTempDir({ prefix: "paceboard-product-" });
  if (Deno.build.os !== "windows") await Deno.chmod(path, 0o755);
  return {
    path,
    async [Symbol.asyncDispose]() {
      await stopOrphan(path);
      await Deno.remove(path, { recursive: true });
    },
  };
}

/** Starts the product and waits until it is ready. Fails with its output when it ends before. */
export async function startProduct(
  env: Record<string, string> = {},
  options: ProductOptions = {},
): Promise<Product> {
  const folder = options.dataDir === undefined ? await makeDataDir() : undefined;
  const dataDir = options.dataDir ?? folder!.path;
  const child = await spawnProduct({ ...env, DATA_DIR: dataDir }, options);
  const dispose = async () => {
    await child.stop();
    await folder?.[Symbol.asyncDispose]();
  };
  try {
    const banner = await waitUntil(() => bannerIn(child), child.output, START_DEADLINE_MS);
    await waitUntil(() => isReady(banner.url), child.output, START_DEADLINE_MS);
    const startMs = performance.now() - child.startedAt;
    return { ...child, ...banner, startMs, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Runs a product that is expected to refuse its start. */
export async function refusedStart(
  env: Record<string, string>,
): Promise<{ code: number; output: string }> {
  await using folder = await makeDataDir();
  const child = await spawnProduct({ DATA_DIR: folder.path, ...env });
  try {
    const { code } = await within(child.ended, START_DEADLINE_MS);
    return { code, output: child.output() };
  } finally {
    await child.stop();
  }
}

/** Runs one of the project's tools with the flags of its task. */
export async function runTool(
  purpose: "migrate" | "seed" | "build",
  args: readonly string[],
  env: Record<string, string>,
  options: Pick<ProductOptions, "root"> = {},
): Promise<{ code: number; output: string }> {
  const flags = await permissionFlags(purpose, env);
  const { code, stdout, stderr } = await command([...flags, ...args], env, options).output();
  const text = new TextDecoder();
  return { code, output: text.decode(stdout) + text.decode(stderr) };
}

/** Polls until something is there; fails with what the product printed. */
export async function waitUntil<T>(
  find: () => Promise<T | undefined | false> | T | undefined | false,
  output: () => string,
  deadlineMs = WAIT_MS,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const found = await find();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) {
      throw new Error(`Waited ${deadlineMs} ms in vain; the product said\n${output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

interface Child extends Pick<Product, "pid" | "output" | "ended" | "kill" | "stop"> {
  startedAt: number;
  hasEnded(): boolean;
}

async function spawnProduct(
  env: Record<string, string>,
  options: ProductOptions = {},
): Promise<Child> {
  const { preload, ...task } = options.isServing ? await readImage(options.root) : await readTask();
  const settings = { HOST: "127.0.0.1", PORT: "0", ...task.env, ...env };
  const flags = [...task.flags, ...await permissionFlags("start", settings), "main.ts"];
  if (preload !== undefined) await buildIslands(options);
  const startedAt = performance.now();
  const child = command(flags, settings, { ...options, preload }).spawn();
  let output = "";
  const keep = async (stream: ReadableStream<BufferSource>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      output += text;
      if (output.length > OUTPUT_MAX) output = output.slice(-OUTPUT_MAX / 2);
    }
  };
  const read = Promise.all([keep(child.stdout), keep(child.stderr)]);
  let isOver = false;
  const ended = child.status.then(async ({ code }) => {
    isOver = true;
    await read;
    return { code };
  });
  const kill = (signal: Deno.Signal) => {
    try {
      if (!isOver) child.kill(signal);
    } catch (error) {
      // It ended a moment ago, of which `status` has not told yet.
      if (!(error instanceof TypeError)) throw error;
    }
  };
  return {
    pid: child.pid,
    startedAt,
    ended,
    output: () => output,
    hasEnded: () => isOver,
    kill,
    async stop() {
      kill("SIGTERM");
      try {
        return await within(ended, STOP_DEADLINE_MS);
      } catch (error) {
        kill("SIGKILL");
        await ended;
        throw error;
      }
    },
  };
}

function command(
  args: readonly string[],
  env: Record<string, string>,
  { openFilesMax, preload, root = ROOT }: ProductOptions & { preload?: string | undefined } = {},
) {
  const inherited = Object.entries(Deno.env.toObject()).filter(([name]) => INHERITED.test(name));
  const options = {
    cwd: root,
    clearEnv: true,
    env: { ...Object.fromEntries(inherited), ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  } as const;
  if (openFilesMax === undefined && preload === undefined) {
    return new Deno.Command(Deno.execPath(), { ...options, args: ["run", ...args] });
  }
  // Only a process itself can lower its limit, and Deno hands nobody a library to load; `exec` keeps
  // the number of the process.
  const limit = openFilesMax === undefined ? "" : `ulimit -n ${openFilesMax}; `;
  const library = preload === undefined ? "" : `export LD_PRELOAD=${preload}; `;
  const script = `${limit}${library}exec "$0" "$@"`;
  return new Deno.Command("/bin/sh", {
    ...options,
    args: ["-c", script, Deno.execPath(), "run", ...args],
  });
}

/** As in the image, ahead of the start: Deno starts no bundler where a library is to be loaded first. */
async function buildIslands(options: ProductOptions): Promise<void> {
  const args = ["tools/build.ts", "--mode=development"];
  const { code, output } = await runTool("build", args, {}, options);
  if (code !== 0) throw new Error(`Cannot build the islands: ${output}`);
}

/** How a process is started, besides permissions. */
interface StartManner {
  flags: string[];
  env: Record<string, string>;
  /** A library that the loader puts before all others. */
  preload?: string | undefined;
}

/** What the image gives: flags, and an allocator, which is used where this machine has it. */
async function readImage(root = ROOT): Promise<StartManner> {
  const text = await Deno.readTextFile(join(root, "Dockerfile"));
  return {
    flags: text.match(/--v8-flags=[^"\s]+/g) ?? [],
    env: {},
    preload: /\bLD_PRELOAD=(\S+)/.exec(text)?.[1],
  };
}

/** What `deno task start` gives: flags, and variables set before the command. */
async function readTask(): Promise<StartManner> {
  const { tasks } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  const words = String(tasks.start.command).split("$(")[0]!.split(" ");
  const variables = words.slice(0, words.indexOf("deno")).map((word) => word.split("="));
  return {
    flags: words.filter((word) => word.startsWith("--")),
    env: Object.fromEntries(variables),
  };
}

/** As the tasks ask for them; a developer's own `.env` has no say in tests. */
async function permissionFlags(purpose: string, env: Record<string, string>): Promise<string[]> {
  const args = ["--allow-read", "--allow-env", "--allow-sys=uid", "tools/permissions.ts", purpose];
  const { stdout } = await command(args, env).output();
  const flags = new TextDecoder().decode(stdout).trim().split(" ");
  return flags.filter((flag) => !flag.startsWith("--env-file"));
}

/** The PostgreSQL that a killed product left: the tool adopts it and stops it with itself. */
async function stopOrphan(dataDir: string): Promise<void> {
  const isLeft = await Deno.stat(join(dataDir, "postgres", "postmaster.pid")).catch(() =>
    undefined
  );
  if (isLeft) await runTool("migrate", ["tools/migrate.ts", "up"], { DATA_DIR: dataDir });
}

/** The banner comes in one piece and ends with an empty line. */
function bannerIn(child: Child) {
  const text = child.output();
  if (child.hasEnded()) throw new Error(`Cannot use the product: it ended with\n${text}`);
  const [, url, port] = /Boards\s+(http:\/\/\S+?:(\d+))\n/.exec(text) ?? [];
  if (url === undefined || !/API\s+http\S+\n(.*\n)?\n/.test(text)) return undefined;
  return { url, port: Number(port), signInLink: /Sign in\s+(http\S+)/.exec(text)?.[1] };
}

async function isReady(url: string): Promise<boolean> {
  const { body, ok } = await fetch(`${url}/health/ready`);
  await body?.cancel();
  return ok;
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`Nothing came within ${ms} ms`)), ms);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
