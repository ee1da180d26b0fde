import { assert, assertEquals } from "@std/assert";
import { dirname, join } from "node:path/posix";

const ROOT = new URL("../", import.meta.url).pathname;

async function read(path: string): Promise<string> {
  return await Deno.readTextFile(join(ROOT, path));
}

async function listFiles(folder: string, ending: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isFile, isDirectory } of Deno.readDir(join(ROOT, folder))) {
    const path = join(folder, name);
    if (isFile && name.endsWith(ending)) paths.push(path);
    if (isDirectory && folder !== ".") paths.push(...await listFiles(path, ending));
  }
  return paths;
}

async function folders(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(ROOT)) {
    const isSource = isDirectory && !name.startsWith(".");
    if (isSource && !["_fresh", "coverage", "node_modules", "reports"].includes(name)) {
      names.push(name);
    }
  }
  return names;
}

Deno.test("documents link to files that exist", async () => {
  const documents = [...await listFiles(".", ".md"), ...await listFiles("docs", ".md")];
  const broken: string[] = [];

  for (const path of documents) {
    for (const [, target] of (await read(path)).matchAll(/(?<!!)\[[^\]]+\]\(([^)#\s]+)[^)]*\)/g)) {
      if (/^[a-z]+:/.test(target!)) continue;
      const exists = await Deno.stat(join(ROOT, dirname(path), target!)).then(
        () => true,
        () => false,
      );
      if (!exists) broken.push(`${path} → ${target}`);
    }
  }

  assert(documents.length > 10);
  assertEquals(broken, []);
});

Deno.test("architecture.md has a line for every folder, table and part of the API", async (t) => {
  const text = await read("docs/architecture.md");
  const missingFrom = (names: string[]) => names.filter((name) => !text.includes(name));

  await t.step("folders", async () => {
    assertEquals(missingFrom((await folders()).map((name) => `\`${name}/\``)), []);
  });
  await t.step("tables", async () => {
    const ups = await listFiles("db/migrations", ".up.sql");
    const sql = (await Promise.all(ups.map(read))).join("\n");
    const tables = [...sql.matchAll(/^create table (\w+)/gm)].map((match) => `\`${match[1]}\``);
    assert(tables.length > 10);
    assertEquals(missingFrom(tables), []);
  });
  await t.step("resources of the API", async () => {
    // Other documents' paths are not of the API.
    const own = (await listFiles("routes/api", ".ts"))
      .filter((path) => !/(asyncapi|ops_paths)\.ts$/.test(path));
    const found = (await Promise.all(own.map(read))).join("\n").matchAll(
      /^ {2}path: "\/([a-z-]+)[/"]/gm,
    );
    const resources = [...new Set([...found].map((match) => `/api/v1/${match[1]}`))];
    assert(resources.length >= 6);
    assertEquals(missingFrom(resources), []);
  });
});

Deno.test("decisions are numbered without a gap and have their four parts", async () => {
  const paths = (await listFiles("docs/decisions", ".md")).sort();

  for (const [index, path] of paths.entries()) {
    assert(path.includes(`/${String(index + 1).padStart(4, "0")}-`), path);
    const text = await read(path);
    for (const part of ["## Context", "## Options", "## Choice", "## Consequence"]) {
      assert(text.includes(part), `${path}: ${part}`);
    }
  }
  assert(paths.length >= 5);
});
