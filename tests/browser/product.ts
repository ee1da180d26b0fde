/** The product as people start it: a process of its own, with a data folder that goes away. */

import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A cold start makes a database cluster and the demo; warm ones take a tenth. */
const START_DEADLINE_MS = 60_000;

/** A running product. */
export interface Product extends AsyncDisposable {
  /** Scheme and host. */
  url: string;
  /** The banner's one-time sign-in link; undefined without a demo. */
  signInLink: string | undefined;
  /** Ends the process as an operator would, and waits for it. */
  stop(): Promise<void>;
}

/** Starts the product with the permissions of `deno task start`. */
export async function startProduct(env: Record<string, string>): Promise<Product> {
  const dataDir = await Deno.makeTempDir({ prefix: "paceboard-browser-" });
  if (Deno.build.os !== "windows") await Deno.chmod(dataDir, 0o755);
  const settings = { HOST: "127.0.0.1", PORT: "0", DATA_DIR: dataDir, ...env };
  const flags = await startFlags(settings);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", ...flags, "main.ts"],
    cwd: ROOT,
    env: settings,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = readOutput(child.stdout);
  let isStopped = false;
  const stop = async () => {
    if (isStopped) return;
    isStopped = true;
    child.kill("SIGTERM");
    await child.status;
    await output.ended;
  };
  const dispose = async () => {
    await stop();
    await Deno.remove(dataDir, { recursive: true });
  };
  try {
    const banner = await within(output.banner, START_DEADLINE_MS);
    return { ...banner, stop, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function startFlags(env: Record<string, string>): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-read",
      "--allow-env",
      "--allow-sys=uid",
      "tools/permissions.ts",
      "start",
    ],
    cwd: ROOT,
    env,
  }).output();
  return new TextDecoder().decode(stdout).trim().split(" ");
}

interface Banner {
  url: string;
  signInLink: string | undefined;
}

/** Reads to the end, so that the process never waits for a reader; the banner is its first news. */
function readOutput(stdout: ReadableStream<Uint8Array>) {
  const { promise: banner, resolve, reject } = Promise.withResolvers<Banner>();
  const ended = (async () => {
    const decoder = new TextDecoder();
    let text = "";
    for await (const part of stdout) {
      text += decoder.decode(part, { stream: true });
      const found = bannerIn(text);
      if (found) resolve(found);
    }
    reject(new Error(`Cannot use the product: it ended with\n${text}`));
  })();
  banner.catch(() => {});
  return { banner, ended };
}

function bannerIn(text: string): Banner | undefined {
  const url = /Boards\s+(http\S+)/.exec(text)?.[1];
  // The banner comes in one piece; its last row is the documents' or the link's.
  if (!url || !/API\s+http\S+\n/.test(text)) return undefined;
  return { url, signInLink: /Sign in\s+(http\S+)/.exec(text)?.[1] };
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
