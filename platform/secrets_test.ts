import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { loadOrCreateSecret } from "./secrets.ts";

/** A folder that the test removes. */
async function folder() {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

Deno.test("loadOrCreateSecret() makes a secret once, for its owner only", async () => {
  await using temp = await folder();
  const dataDir = join(temp.path, "new");

  const first = await loadOrCreateSecret(dataDir, "jwt_secret");
  const second = await loadOrCreateSecret(dataDir, "jwt_secret");

  assertEquals(second, first);
  assert(first.length >= 32);
  const { mode } = await Deno.stat(join(dataDir, "jwt_secret"));
  if (Deno.build.os !== "windows") assertEquals(mode! & 0o777, 0o600);
});

Deno.test("loadOrCreateSecret() gives all who start at once the same secret", async () => {
  await using temp = await folder();

  const secrets = await Promise.all(
    Array.from({ length: 8 }, () => loadOrCreateSecret(temp.path, "jwt_secret")),
  );

  assertEquals(new Set(secrets).size, 1);
  const left = (await Array.fromAsync(Deno.readDir(temp.path))).map((entry) => entry.name);
  assertEquals(left, ["jwt_secret"]);
});

Deno.test("loadOrCreateSecret() takes others' rights from an existing file", async () => {
  await using temp = await folder();
  const path = join(temp.path, "jwt_secret");
  await Deno.writeTextFile(path, "kept\n", { mode: 0o644 });

  assertEquals(await loadOrCreateSecret(temp.path, "jwt_secret"), "kept");
  const { mode } = await Deno.stat(path);
  if (Deno.build.os !== "windows") assertEquals(mode! & 0o777, 0o600);
});
