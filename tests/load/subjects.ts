/** What is put under load: the product with a board of its own, and the bare server beside it. */

import { openDatabase } from "@/db/client.ts";
import { startEmbeddedPostgres } from "@/db/embedded.ts";
import { systemClock } from "@/platform/clock.ts";
import { createIdGenerator } from "@/platform/id.ts";
import { createCompetitionLog } from "@/services/leaderboard/competition_log.ts";
import { makeDataDir, startProduct } from "../support/product.ts";
import { logIn, makeCompetition } from "../support/product_api.ts";
import { testNativeDir } from "../support/test_server.ts";
import { addPeople } from "./people.ts";

/** Something that answers on a port. */
export interface Subject extends AsyncDisposable {
  port: number;
  /** Its processes; their children count too. */
  pids: number[];
}

/** The product with a competition of many athletes. */
export interface BoardSubject extends Subject {
  token: string;
  competitionId: string;
  userIds: string[];
}

/** Of every subject. */
export const ADMIN = { email: "boss@example.org", password: "quiet-lantern-42-harbour" };

/** Limits that are counted and never met; the log as the image writes it. */
export const ENV = {
  DEMO: "off",
  LOG_FORMAT: "json",
  ADMIN_EMAIL: ADMIN.email,
  ADMIN_PASSWORD: ADMIN.password,
  RATE_LIMIT_DEFAULT: "1000000/s:1000000",
  RATE_LIMIT_SCORE: "1000000/s:1000000",
};

/** Starts the bare server. */
export async function startHello(): Promise<Subject> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-net=127.0.0.1", "tests/load/hello.ts"],
    stdout: "piped",
    stdin: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await reader.read();
  return {
    port: Number(value),
    pids: [child.pid],
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await reader.cancel();
      await child.status;
    },
  };
}

/** Starts the product of a checkout on a PostgreSQL that keeps every commit, and fills a board. */
export async function startBoard(root: string | undefined, members: number): Promise<BoardSubject> {
  const stack = new AsyncDisposableStack();
  try {
    const { product, server } = await startStored(stack, root, ENV);
    const token = await logIn(product.url, ADMIN);
    const scoring = { kind: "direct", operator: "increment", direction: "higher" };
    const { id } = await makeCompetition(product.url, token, { scoring });
    const userIds = await addMembers(server.url, id, members);
    return {
      ...{ port: product.port, pids: [product.pid, server.pid], token, userIds },
      competitionId: id,
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** The product of a checkout on a PostgreSQL of its own, which keeps every commit. */
export async function startStored(
  stack: AsyncDisposableStack,
  root: string | undefined,
  env: Record<string, string>,
) {
  const folder = stack.use(await makeDataDir());
  const nativeDir = await testNativeDir();
  const server = stack.use(await startEmbeddedPostgres({ dataDir: folder.path, nativeDir }));
  const settings = { ...env, DATABASE_URL: server.url };
  const product = stack.use(
    await startProduct(settings, {
      isServing: true,
      ...(root === undefined ? {} : { root }),
    }),
  );
  return { product, server };
}

async function addMembers(url: string, competitionId: string, members: number): Promise<string[]> {
  await using database = await openDatabase({ url, poolMax: 1 });
  const log = createCompetitionLog({ database, clock: systemClock });
  const newId = createIdGenerator(systemClock);
  return await addPeople(database, { log, newId, competitionId, members });
}
