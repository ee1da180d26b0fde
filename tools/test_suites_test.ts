import { assert, assertEquals } from "@std/assert";
import { planSuites, readRequest } from "./test_suites.ts";

const ALL_FOLDERS = new Set([
  "tests/browser",
  "tests/browser/full",
  "tests/full",
  "tests/faults",
]);

function plan(args: string[], folders: ReadonlySet<string> = ALL_FOLDERS) {
  return planSuites(readRequest(args, false), ["--allow-net"], folders, ["part_1_test.ts"]).suites;
}

Deno.test("planSuites() runs everything but the slow suites by default", () => {
  const [browser, main, docs, ...rest] = plan([]);

  assertEquals([browser?.name, main?.name, docs?.name, rest], ["browser", "main", "docs", []]);
  assert(main?.args.includes("--coverage=coverage") && main.args.includes("part_1_test.ts"));
  assert(docs?.args.includes("--doc") && !docs.args.includes("part_1_test.ts"));
  assert(main?.args.includes("--allow-net") && !main.args.includes("-A"));
  assert(browser?.args.includes("-A"));
});

Deno.test("planSuites() checks the types of what runs unchecked, once", () => {
  const { suites, typesArgs } = planSuites(readRequest([], false), [], ALL_FOLDERS, []);
  const part = planSuites(readRequest(["--filter", "prize"], false), [], ALL_FOLDERS, []);

  const unchecked = suites.filter(({ args }) => args.includes("--no-check"));
  assertEquals(unchecked.map(({ name }) => name), ["main", "docs"]);
  assert(typesArgs?.includes("--no-run") && typesArgs.includes("--doc"));
  assertEquals(part.typesArgs, undefined);
  assertEquals(part.suites.filter(({ args }) => args.includes("--no-check")), []);
});

Deno.test("planSuites() runs the slow suites alone with --full", () => {
  assertEquals(plan(["--full"]).map(({ name }) => name), ["full", "looks"]);
  assertEquals(plan(["--full"])[0]?.args.slice(-2), ["tests/full", "tests/faults"]);
  assertEquals(plan(["--full"], new Set()), []);
});

Deno.test("planSuites() gives each suite its own paths", () => {
  const only = (path: string) => plan(["--", path]).map(({ name, args }) => [name, args.at(-1)]);

  assertEquals(only("domain/"), [["main", "domain/"]]);
  assertEquals(only("tests/browser/a_test.ts"), [["browser", "tests/browser/a_test.ts"]]);
  assertEquals(only("tests/full/a_test.ts"), [["full", "tests/full/a_test.ts"]]);
  assertEquals(only("tests/faults/a_test.ts"), [["full", "tests/faults/a_test.ts"]]);
  const looks = "tests/browser/full/a_test.ts";
  assertEquals(only(looks), [["looks", looks]]);
});

Deno.test("readRequest() checks coverage in CI, but never of a part", () => {
  const checks = (args: string[], isCi: boolean) => readRequest(args, isCi).checksCoverage;

  assertEquals(checks([], false), false);
  assertEquals(checks(["--check-coverage"], false), true);
  assertEquals(checks([], true), true);
  assertEquals(checks(["--filter", "a"], true), false);
  assertEquals(checks(["--full"], true), false);
});
