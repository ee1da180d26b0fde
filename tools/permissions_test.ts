import { assert, assertEquals, assertMatch } from "@std/assert";
import { permissionFlags, PURPOSES } from "./permissions.ts";

const SETTINGS = { dataDir: ".data", hasDatabaseUrl: false };

Deno.test("permissionFlags() grants no purpose everything", async () => {
  for (const purpose of PURPOSES) {
    const flags = await permissionFlags(purpose, SETTINGS);

    assert(!flags.includes("-A") && !flags.includes("--allow-all"));
    assert(!flags.includes("--allow-run") && !flags.includes("--allow-write"));
    assertEquals(
      flags.filter((flag) => !flag.startsWith("--allow-")),
      purpose === "test" ? ["--unstable-kv"] : [],
    );
  }
});

Deno.test("permissionFlags() lets the app start PostgreSQL only where it needs to", async () => {
  const embedded = (await permissionFlags("migrate", SETTINGS)).join(" ");
  const own = (await permissionFlags("migrate", { ...SETTINGS, hasDatabaseUrl: true })).join(" ");

  assertMatch(embedded, /--allow-run=\S*native\/bin\/postgres/);
  assert(!own.includes("--allow-run"));
});

Deno.test("permissionFlags() gives the bundler to what bundles", async () => {
  assertMatch((await permissionFlags("start", SETTINGS)).join(" "), /--allow-run=\S*esbuild/);
  assert(!(await permissionFlags("seed", SETTINGS)).join(" ").includes("esbuild"));
  assertEquals((await permissionFlags("build", SETTINGS)).includes("--allow-net"), false);
});

Deno.test("permissionFlags() points tests at the programs of the test server and of Deno", async () => {
  const flags = (await permissionFlags("test", { ...SETTINGS, dataDir: "elsewhere" })).join(" ");

  assertMatch(flags, /(test|paceboard\/\w+)\/native\/bin\/initdb/);
  assert(flags.includes(Deno.execPath()) && !flags.includes("elsewhere"));
});
