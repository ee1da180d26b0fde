/**
 * The PostgreSQL that tests use. `deno task test` starts one and names it in `TEST_DATABASE_URL`.
 * Without that, the first test that asks starts a keeper process (tools/test_database.ts), which
 * serves every test run of this checkout and stops when nobody has used it for two minutes.
 *
 * @module
 */

import postgres from "postgres";
import { readAccess, SERVER_USER } from "@/db/embedded_cluster.ts";
import { tryLockFolder } from "@/db/embedded_lock.ts";
import { findServerPlace } from "@/db/embedded_place.ts";
import { TEST_DATA_DIR } from "@/tools/permissions.ts";

/** Tests may lose their data; what they may not is wait. */
export const TEST_SETTINGS: Readonly<Record<string, string>> = {
  fsync: "off",
  "synchronous_commit": "off",
  "full_page_writes": "off",
  "max_connections": "200",
};

/** A first start copies the programs and makes a cluster. */
const START_DEADLINE_MS = 180_000;
const START_POLL_MS = 50;
const KEEPER_POLLS = 20;

let found: Promise<string> | undefined;

/** The address of the server's maintenance database. */
export function testServerUrl(): Promise<string> {
  return found ??= findServer();
}

async function findServer(): Promise<string> {
  const given = Deno.env.get("TEST_DATABASE_URL");
  if (given) return withDatabase(given, "postgres");
  const place = await findServerPlace(TEST_DATA_DIR);
  await Deno.mkdir(place.dataDir, { recursive: true });
  const deadline = performance.now() + START_DEADLINE_MS;
  for (let poll = 0; performance.now() < deadline; poll++) {
    // Asked again at times: the keeper that was there may just have been leaving.
    if (poll % KEEPER_POLLS === 0 && !await isKept(place.dataDir)) await startKeeper();
    const access = await readAccess(place).catch(() => undefined);
    const url = `postgres://${SERVER_USER}:${access?.password}@127.0.0.1:${access?.port}/postgres`;
    if (access?.port && await accepts(url)) return url;
    await new Promise((resolve) => setTimeout(resolve, START_POLL_MS));
  }
  throw new Error(`Cannot use the test server in "${place.dataDir}": it does not start`);
}

/** PostgreSQL's programs as tests may run them. */
export async function testNativeDir(): Promise<string> {
  return (await findServerPlace(TEST_DATA_DIR)).nativeDir;
}

/** The same server's other database. */
export function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

async function isKept(dataDir: string): Promise<boolean> {
  await using lock = await tryLockFolder(dataDir, Deno.pid);
  return lock === undefined;
}

/** By way of a short process, so that the keeper is no child of a test. */
async function startKeeper(): Promise<void> {
  const args = ["--allow-read", "--allow-env", "--allow-sys=uid", `--allow-run=${Deno.execPath()}`];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...args, "tools/test_database.ts", "start"],
  }).output();
  if (!success) {
    throw new Error(`Cannot start the test server: ${new TextDecoder().decode(stderr)}`);
  }
}

async function accepts(url: string): Promise<boolean> {
  const sql = postgres(url, { max: 1, connect_timeout: 1 });
  try {
    await sql`select 1`;
    return true;
  } catch {
    return false;
  } finally {
    await sql.end();
  }
}
