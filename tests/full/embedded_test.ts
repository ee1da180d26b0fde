import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { openDatabase } from "@/db/client.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@/db/embedded.ts";
import { EmbeddedPostgresError } from "@/db/embedded_error.ts";
import { findNativePackage } from "@/db/embedded_native.ts";
import { findServerPlace } from "@/db/embedded_place.ts";
import { tryProgram } from "@/db/embedded_program.ts";
import { TEST_SETTINGS, testNativeDir } from "@/tests/support/test_server.ts";
import { until } from "@/tests/support/waiting.ts";

/** A folder that goes away with its test and that any user may pass through. */
async function makeFolder() {
  const path = await Deno.makeTempDir({ prefix: "paceboard-embedded-" });
  await Deno.chmod(path, 0o755);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

async function start(dataDir: string, whenInUse?: "join"): Promise<EmbeddedPostgres> {
  const nativeDir = await testNativeDir();
  const common = { dataDir, nativeDir, settings: TEST_SETTINGS };
  return await startEmbeddedPostgres(whenInUse ? { ...common, whenInUse } : common);
}

/** By the product's own client: the bare driver can wait for ever on a server that was killed. */
async function query<T>(url: string, text: string): Promise<T | undefined> {
  const limits = { poolMax: 1, statementTimeoutMs: 2_000, startBackoffMs: [50] };
  await using database = await openDatabase({ url, ...limits });
  const [row] = await database.sql.unsafe(text);
  return row ? Object.values(row)[0] as T : undefined;
}

/** The parent of a server, in a process of its own so that it can be killed. */
async function startParent(dataDir: string) {
  const native = await testNativeDir();
  const programs = ["initdb", "postgres", "pg_ctl"].map((name) => join(native, "bin", name));
  const flags = ["--allow-net", "--allow-env", "--allow-read", "--allow-sys=uid"];
  const scoped = [`--allow-write=${dataDir}`, `--allow-run=${programs.join(",")}`];
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", ...flags, ...scoped, "tests/support/embedded_parent.ts", dataDir, native],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  const { url, pid } = JSON.parse(value);
  return {
    url: url as string,
    serverPid: pid as number,
    pid: child.pid,
    async kill() {
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
    },
  };
}

Deno.test("startEmbeddedPostgres() makes a cluster once and keeps data and port", async () => {
  await using folder = await makeFolder();
  const first = await start(folder.path);
  await query(first.url, "create table kept as select 42 as n");
  await first[Symbol.asyncDispose]();

  await using later = await start(folder.path);

  assertEquals(await query(later.url, "select n from kept"), 42);
  assertEquals(later.url, first.url);
  assertNotEquals(later.pid, first.pid);
  const access = await Deno.stat(join(folder.path, "postgres.json"));
  assertEquals((access.mode ?? 0) & 0o077, 0);
});

Deno.test("startEmbeddedPostgres() lets nobody in without the password, and only over loopback", async () => {
  await using folder = await makeFolder();
  await using server = await start(folder.path);
  const stranger = server.url.replace(/:[0-9a-f]+@/, ":wrong@");

  const refused = await assertRejects(() => query(stranger, "select 1"));

  assertEquals((refused.cause as { code?: string }).code, "28P01");
  assertEquals(await query(server.url, "show listen_addresses"), "127.0.0.1");
  assertEquals(await query(server.url, "show unix_socket_directories"), "");
});

Deno.test("startEmbeddedPostgres() begins anew after a first start that was cut off", async () => {
  await using folder = await makeFolder();
  await Deno.mkdir(join(folder.path, "postgres.tmp"));
  await Deno.writeTextFile(join(folder.path, "postgres.tmp", "PG_VERSION"), "18\n");

  await using server = await start(folder.path);

  assertEquals(await query(server.url, "select 1"), 1);
});

Deno.test("startEmbeddedPostgres() takes another port when its own is taken", async () => {
  await using folder = await makeFolder();
  const first = await start(folder.path);
  await first[Symbol.asyncDispose]();
  using _other = Deno.listen({ hostname: "127.0.0.1", port: first.port });

  await using server = await start(folder.path);

  assertNotEquals(server.port, first.port);
  assertEquals(await query(server.url, "select 1"), 1);
});

Deno.test("startEmbeddedPostgres() adopts the server of a killed app and loses nothing", async () => {
  await using folder = await makeFolder();
  const parent = await startParent(folder.path);
  await query(parent.url, "create table kept as select 7 as n");
  await parent.kill();

  await using server = await start(folder.path);

  assertEquals(server.pid, parent.serverPid);
  assertEquals(server.url, parent.url);
  assertEquals(await query(server.url, "select n from kept"), 7);
});

Deno.test("startEmbeddedPostgres() starts anew when the server it found was stopping", async () => {
  await using folder = await makeFolder();
  const parent = await startParent(folder.path);
  await query(parent.url, "create table kept as select 8 as n");
  await parent.kill();
  const place = await findServerPlace(folder.path, { nativeDir: await testNativeDir() });
  const stop = ["stop", "--no-wait", "--mode=fast", `--pgdata=${place.clusterDir}`];
  assertEquals((await tryProgram(place, "pg_ctl", stop)).code, 0);

  await using server = await start(folder.path);

  assertNotEquals(server.pid, parent.serverPid);
  assertEquals(await query(server.url, "select n from kept"), 8);
});

Deno.test("startEmbeddedPostgres() refuses a folder in use and names who has it", async (t) => {
  await using folder = await makeFolder();
  const parent = await startParent(folder.path);

  await t.step("refuses", async () => {
    const error = await assertRejects(() => start(folder.path), EmbeddedPostgresError);

    assertEquals(error.fault, "FOLDER_IN_USE");
    assert(error.message.includes(`process ${parent.pid} at http://localhost:8080`), error.message);
    assert(error.message.includes("DATA_DIR"));
  });
  await t.step("joins when asked, and leaves the server running", async () => {
    const joined = await start(folder.path, "join");
    await joined[Symbol.asyncDispose]();

    assertEquals(joined.url, parent.url);
    assertEquals(await query(parent.url, "select 1"), 1);
  });
  await parent.kill();
  await (await start(folder.path))[Symbol.asyncDispose]();
});

Deno.test("startEmbeddedPostgres() starts a killed server again on its port", async () => {
  await using folder = await makeFolder();
  await using server = await start(folder.path);
  const before = server.pid;
  await query(server.url, "set synchronous_commit = on; create table kept as select 9 as n");

  await query(server.url, `copy (select 1) to program 'kill -9 ${before}'`).catch(() => {});

  let found: number | undefined;
  // It accepts connections a moment before its supervisor has read its number.
  await until(async () => {
    found = await query<number>(server.url, "select n from kept").catch(() => undefined);
    return found !== undefined && server.pid !== before;
  }, "another server answers");
  assertEquals(found, 9);
  assertNotEquals(server.pid, before);
});

Deno.test("startEmbeddedPostgres() is not misled by another program with the dead server's number", async () => {
  await using folder = await makeFolder();
  const first = await start(folder.path);
  await first[Symbol.asyncDispose]();
  const { clusterDir, user } = await findServerPlace(folder.path);
  const pidFile = join(clusterDir, "postmaster.pid");
  const lines = [Deno.pid, clusterDir, 1, first.port, "", "127.0.0.1", "1 1", "ready", ""];
  await Deno.writeTextFile(pidFile, lines.join("\n"));
  if (user) await Deno.chown(pidFile, user.uid, user.gid);

  await using server = await start(folder.path);

  assertEquals(await query(server.url, "select 1"), 1);
});

Deno.test("startEmbeddedPostgres() refuses the cluster of another major release", async () => {
  await using folder = await makeFolder();
  await (await start(folder.path))[Symbol.asyncDispose]();
  await Deno.writeTextFile(join(folder.path, "postgres", "PG_VERSION"), "17\n");

  const error = await assertRejects(() => start(folder.path), EmbeddedPostgresError);

  assertEquals(error.fault, "VERSION_MISMATCH");
  assertMatch(error.message, /PostgreSQL 17 wrote it.*brings PostgreSQL 18/);
});

Deno.test("startEmbeddedPostgres() names a folder that cannot be written and the remedy", async () => {
  await using folder = await makeFolder();
  const file = join(folder.path, "file");
  await Deno.writeTextFile(file, "");

  const error = await assertRejects(() => start(join(file, "data")), EmbeddedPostgresError);

  assertEquals(error.fault, "FOLDER_UNREACHABLE");
  assert(error.message.includes(file) && error.message.includes("DATA_DIR"), error.message);
});

Deno.test("findServerPlace() moves a server under root to where its user can go", async () => {
  await using folder = await makeFolder();
  const inside = join(folder.path, "project", ".data");
  await Deno.mkdir(inside, { recursive: true });

  const open = await findServerPlace(inside, { uid: 0 });
  await Deno.chmod(join(folder.path, "project"), 0o700);
  const closed = await findServerPlace(inside, { uid: 0 });
  const own = await findServerPlace(inside, { uid: 1000 });

  assertEquals(open.baseDir, inside);
  assertNotEquals(open.user?.uid, 0);
  assertMatch(closed.baseDir, /^\/var\/lib\/paceboard\/[0-9a-f]{12}$/);
  assertEquals(closed.dataDir, inside);
  assertEquals([own.baseDir, own.user], [inside, undefined]);
});

Deno.test("findNativePackage() names DATABASE_URL on a platform without a binary", async () => {
  const find = () => findNativePackage({ os: "freebsd", arch: "riscv64" });

  const error = await assertRejects(find, EmbeddedPostgresError, "DATABASE_URL");

  assertEquals(error.fault, "PLATFORM_UNSUPPORTED");
});
