/** Starts `money_node.ts` as a process that a test may kill at any moment. */

import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { REPORT_PATH, SWEEP_PATH } from "./money_node.ts";

const ENTRY = fileURLToPath(new URL("./money_node.ts", import.meta.url));
const FLAGS = [
  "--allow-net=127.0.0.1",
  "--allow-env",
  "--allow-read",
  `--allow-write=${tmpdir()}`,
  "--allow-sys",
];

/** A node that runs. */
export interface MoneyProcess extends AsyncDisposable {
  url: string;
  /** Where the bank reports. */
  reportUrl: string;
  /** Runs the job about money; tells whether it got through. */
  sweep(): Promise<boolean>;
  /** Without a word to anybody; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Resolves when it answers. Fails with what it printed when it ends before. */
export async function startMoneyNode(
  env: { databaseUrl: string; bankUrl: string },
): Promise<MoneyProcess> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", ...FLAGS, ENTRY],
    env: { DATABASE_URL: env.databaseUrl, BANK_URL: env.bankUrl },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors = new Response(child.stderr).text();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await reader.read();
  const url = value?.trim();
  const kill = async () => {
    try {
      child.kill("SIGKILL");
    } catch (error) {
      // It ended by itself.
      if (!(error instanceof TypeError)) throw error;
    }
    await reader.cancel();
    await Promise.all([child.status, errors]);
  };
  if (url === undefined) {
    await kill();
    throw new Error(`Cannot start the node: ${await errors}`);
  }
  return {
    url,
    reportUrl: `${url}${REPORT_PATH}`,
    async sweep() {
      const answer = await fetch(`${url}${SWEEP_PATH}`, { method: "POST" }).catch(() => undefined);
      await answer?.body?.cancel();
      return answer?.ok === true;
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
