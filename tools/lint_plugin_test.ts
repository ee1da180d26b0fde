/// <reference lib="deno.unstable" />
import { assertEquals } from "@std/assert";
import { dirname, join } from "node:path";
import plugin from "./lint_plugin.ts";

const ROOT = dirname(import.meta.dirname!);
const ELSEWHERE = "Import from another folder with `@/`";
const ENVIRONMENT = "Take configuration as an argument; only main.ts reads it";

function lint(path: string, source: string): string[] {
  return Deno.lint.runPlugin(plugin, join(ROOT, path), source).map((fault) => fault.message);
}

type Case = [path: string, source: string, faults: string[]];

async function checkAll(t: Deno.TestContext, cases: readonly Case[]): Promise<void> {
  for (const [path, source, expected] of cases) {
    await t.step(`${path}: ${source}`, () => assertEquals(lint(path, source), expected));
  }
}

Deno.test("import-direction lets imports flow inwards only", async (t) => {
  await checkAll(t, [
    ["domain/a.ts", `import { a } from "@/db/schema.ts";`, ["domain/ must not import db"]],
    ["domain/a.ts", `import { a } from "./b.ts";`, []],
    ["services/a.ts", `import { a } from "@/formats/fit.ts";`, []],
    ["services/a.ts", `import { a } from "@/cache/kv.ts";`, ["services/ must not import cache"]],
    ["services/a.ts", `import { a } from "@/fresh/mod.ts";`, ["services/ must not import fresh"]],
    ["formats/a.ts", `import { a } from "@/platform/log.ts";`, [
      "formats/ must not import platform",
    ]],
    ["routes/api/a.ts", `import { a } from "@/db/client.ts";`, ["routes/ must not import db"]],
    ["routes/api/a.ts", `import { page } from "fresh";`, []],
    ["routes/a.ts", `import { main } from "@/main.ts";`, ["routes/ must not import main.ts"]],
    ["fresh/a.ts", `import { a } from "@/domain/a.ts";`, ["fresh/ must not import domain"]],
    ["islands/B.tsx", `import { Head } from "fresh/runtime";`, []],
    ["islands/B.tsx", `import { App } from "fresh";`, ["islands/ must not import fresh"]],
    ["islands/B.tsx", `import { a } from "@/routes/mod.ts";`, ["islands/ must not import routes"]],
    ["platform/a.ts", `import config from "@/deno.json" with { type: "json" };`, []],
    ["tools/a.ts", `import { a } from "@/services/a.ts";`, []],
    ["main.ts", `import { a } from "./routes/mod.ts";`, []],
  ]);
});

Deno.test("import-direction follows re-exports and dynamic imports", async (t) => {
  await checkAll(t, [
    ["domain/a.ts", `export { a } from "@/db/a.ts";`, ["domain/ must not import db"]],
    ["domain/a.ts", `export * from "@/db/a.ts";`, ["domain/ must not import db"]],
    ["db/a.ts", `await import("@/services/a.ts");`, ["db/ must not import services"]],
    ["db/a.ts", `export const a = 1;`, []],
    ["db/a.ts", `const name = "x"; await import(name);`, []],
  ]);
});

Deno.test("import-direction lets ports and the app's type through as types only", async (t) => {
  await checkAll(t, [
    ["cache/a.ts", `import type { Ranking } from "@/services/leaderboard/leaderboard.ts";`, []],
    ["cache/a.ts", `import { a } from "@/services/leaderboard/leaderboard.ts";`, [
      "cache/ must not import services",
    ]],
    ["islands/B.tsx", `import type { AppType } from "@/routes/mod.ts";`, []],
    ["domain/a.ts", `import type { A } from "@/services/a.ts";`, [
      "domain/ must not import services",
    ]],
  ]);
});

Deno.test("import-direction keeps packages out of the domain", async (t) => {
  await checkAll(t, [
    ["domain/a.ts", `import { Temporal } from "temporal";`, []],
    ["domain/a.ts", `import { z } from "zod";`, ['domain/ must not import the package "zod"']],
    ["domain/a_test.ts", `import fc from "fast-check";`, []],
  ]);
});

Deno.test("import-direction refuses ../ into another top folder", async (t) => {
  await checkAll(t, [
    ["services/a.ts", `import { a } from "../db/a.ts";`, [ELSEWHERE]],
    ["routes/api/a.ts", `import { a } from "../middleware/a.ts";`, []],
    ["routes/api/a.ts", `import { a } from "../../domain/a.ts";`, [ELSEWHERE]],
    ["tests/integration/a_test.ts", `import { a } from "../support/a.ts";`, []],
    ["tests/browser/a_test.ts", `import { a } from "../../domain/a.ts";`, []],
  ]);
});

Deno.test("env-only-in-main reports the environment elsewhere", async (t) => {
  await checkAll(t, [
    ["services/a.ts", `Deno.env.get("A");`, [ENVIRONMENT]],
    ["platform/a.ts", `process.env.A;`, [ENVIRONMENT]],
    ["platform/a.ts", `globalThis.Deno.env.get("A");`, [ENVIRONMENT]],
    ["main.ts", `Deno.env.toObject();`, []],
    ["tools/a.ts", `Deno.env.get("A");`, []],
    ["tests/support/a.ts", `Deno.env.get("A");`, []],
  ]);
});

Deno.test("no-ambient-clock-or-chance reports the machine's clock and chance", async (t) => {
  await checkAll(t, [
    ["services/a.ts", `Date.now();`, ["Take a `Clock` as an argument instead of Date.now"]],
    ["services/a.ts", `new Date();`, ["Take a `Clock` as an argument instead of new Date()"]],
    ["services/a.ts", `new Date(atMs); Math.max(1, 2);`, []],
    ["routes/a.ts", `crypto.randomUUID();`, [
      "Take an `IdGenerator` as an argument instead of crypto.randomUUID",
    ]],
    ["islands/B.tsx", `Date.now();`, []],
    ["islands/B.tsx", `Math.random();`, [
      "Take a source of chance as an argument instead of Math.random",
    ]],
    ["platform/clock.ts", `Date.now();`, []],
    ["domain/a_test.ts", `Date.now();`, []],
    ["main.ts", `crypto.randomUUID();`, []],
  ]);
});
