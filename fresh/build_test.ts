import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { gzipSync } from "node:zlib";
import { buildIslands, type IslandBuild, staticFiles } from "fresh";
import { openTestApp, writeProject } from "./test_app.ts";

const COUNTER = `import { useSignal } from "@preact/signals";
  import { step } from "@/domain/step.ts";
  export default function Counter() {
    const count = useSignal(0);
    return <button type="button" onClick={() => count.value += step}>{count}</button>;
  }`;
const FILES = {
  "islands/Counter.tsx": COUNTER,
  "islands/forms/Edit.tsx": `export default () => <form />;`,
  "islands/Counter_test.tsx": `throw new Error("not an island");`,
  "domain/step.ts": "export const step: number = 2;",
};

/** The budget for everything a page with one island loads. */
const SCRIPT_BUDGET_BYTES = 20_000;

function textOf(build: IslandBuild): string {
  return [...build.files].filter(([url]) => url.endsWith(".js"))
    .map(([, body]) => new TextDecoder().decode(body)).join("\n");
}

async function withProject(run: (root: string) => Promise<void>): Promise<void> {
  const root = await writeProject(FILES);
  await run(root).finally(() => Deno.remove(root, { recursive: true }));
}

Deno.test("buildIslands() makes an entry for each island, sharing one Preact", () =>
  withProject(async (root) => {
    const build = await buildIslands({ root });
    const names = [...build.entries.keys()].sort();

    assertEquals(names, ["boot", "island-Counter", "island-forms_Edit", "navigation"]);
    assertEquals(textOf(build).match(/createElementNS\(/g)?.length, 1);
    for (const { url, imports } of build.entries.values()) {
      for (const file of [url, ...imports]) {
        assert(build.files.has(file), file);
        assert(build.files.has(`${file}.map`), file);
      }
    }
  }));

Deno.test("buildIslands() reads back what it kept, until a source changes", () =>
  withProject(async (root) => {
    const first = await buildIslands({ root });
    const again = await buildIslands({ root });
    await Deno.writeTextFile(`${root}/domain/step.ts`, "export const step: number = 3;");
    const changed = await buildIslands({ root });
    const kept = await Array.fromAsync(Deno.readDir(`${root}/_fresh`));

    assertEquals([first.origin, again.origin, changed.origin], ["built", "disk", "built"]);
    assertEquals({ ...again, origin: "built" }, first);
    assertNotEquals(changed.key, first.key);
    const builds = kept.map(({ name }) => name).filter((name) => name !== "bin");
    assertEquals(builds, [`production-${changed.key}`]);
  }));

Deno.test("buildIslands() keeps a build for each mode and does not minify in development", () =>
  withProject(async (root) => {
    const [production, development] = await Promise.all([
      buildIslands({ root }),
      buildIslands({ root, mode: "development" }),
    ]);

    assert(textOf(production).length < textOf(development).length);
    assert(development.entries.has("alive"));
    assertEquals((await buildIslands({ root })).origin, "disk");
  }));

Deno.test("buildIslands() works from memory where it may not write", () =>
  withProject(async (root) => {
    await Deno.writeTextFile(`${root}/_fresh`, "a file in the folder's place");

    assertEquals((await buildIslands({ root })).origin, "memory");
  }));

Deno.test("buildIslands() rejects with esbuild's message", () =>
  withProject(async (root) => {
    await Deno.writeTextFile(`${root}/islands/Broken.tsx`, `import "node:fs"; export default 1;`);

    await assertRejects(() => buildIslands({ root }), Error, 'Cannot bundle "node:fs"');
  }));

Deno.test("App sends a page with one island at most 20 KB of script, none of it inline", async () => {
  await using app = await openTestApp({
    "islands/Counter.tsx": COUNTER.replace("@/domain/", "../domain/"),
    "domain/step.ts": FILES["domain/step.ts"],
    "routes/index.tsx": `import Counter from "../islands/Counter.tsx";
      export default () => (
        <html><head><title>x</title></head><body f-client-nav><Counter /></body></html>
      );`,
  }, (app) => app.use(staticFiles()).fsRoutes());
  const html = await app.text("/");
  const scripts = [...html.matchAll(/(?:src|href)="([^"]+\.js)"/g)].map(([, url]) => url!);
  const bodies = await Promise.all(
    scripts.map(async (url) => await (await app.request(url)).bytes()),
  );
  const size = bodies.reduce((sum, body) => sum + gzipSync(body).length, 0);

  assert(size > 0 && size <= SCRIPT_BUDGET_BYTES, `${size} bytes`);
  assertMatch(html, /<script type="module" src="\/_fresh\/js\/boot-/);
  const inline = html.match(
    /<script(?! type="module" src=| type="application\/json")|<style| style=| on\w+=/,
  );
  assertEquals(inline, null);
});
