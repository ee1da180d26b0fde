/**
 * stripe-mock, which knows Stripe's published description of its API: one that is told by
 * `STRIPE_MOCK_URL`, or one that is built where Go is there.
 *
 * @module
 */

import { tmpdir } from "node:os";
import { join } from "node:path";

const VERSION = "v0.203.0";
const FOLDER = join(tmpdir(), `paceboard-stripe-mock-${VERSION}`);
const PROGRAM = join(FOLDER, "stripe-mock");

/** A stripe-mock that answers. */
export interface StripeMock extends AsyncDisposable {
  url: string;
}

/** Why there is none; undefined where there is one. Builds it at the first call. */
export async function whyNoStripeMock(): Promise<string | undefined> {
  if (Deno.env.get("STRIPE_MOCK_URL") || await Deno.stat(PROGRAM).catch(() => undefined)) {
    return undefined;
  }
  if (!(await shell("command -v go")).ok) return "STRIPE_MOCK_URL, or Go to build stripe-mock with";
  const build = `GOBIN="${FOLDER}" go install github.com/stripe/stripe-mock@${VERSION}`;
  const { ok, text } = await shell(build);
  return ok
    ? undefined
    : `stripe-mock, which Go could not build: ${text.trim().split("\n").at(-1)}`;
}

/** The tests' permissions name a shell, and none of what it starts. */
async function shell(script: string): Promise<{ ok: boolean; text: string }> {
  const { success, stdout, stderr } = await new Deno.Command("/bin/sh", {
    args: ["-c", script],
    stdin: "null",
  }).output().catch(() => ({
    success: false,
    stdout: new Uint8Array(),
    stderr: new TextEncoder().encode("there is no /bin/sh"),
  }));
  const decoder = new TextDecoder();
  return { ok: success, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** Starts one on free ports, or uses the one that is told. */
export async function openStripeMock(): Promise<StripeMock> {
  const told = Deno.env.get("STRIPE_MOCK_URL");
  if (told) return { url: told, [Symbol.asyncDispose]: () => Promise.resolve() };
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", `exec "${PROGRAM}" -http-port 0 -https-port 0`],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    text += value ?? "";
    const port = /Listening for HTTP at address: \S*?:(\d+)\n/.exec(text)?.[1];
    if (port !== undefined) {
      return {
        url: `http://127.0.0.1:${port}`,
        async [Symbol.asyncDispose]() {
          child.kill("SIGKILL");
          await reader.cancel();
          await child.status;
        },
      };
    }
    if (done) throw new Error(`Cannot start stripe-mock: it said ${text}`);
  }
}
