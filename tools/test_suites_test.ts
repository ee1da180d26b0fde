import { assert, assertEquals } from "@std/assert";
import { planSuites, readRequest } from "./test_suites.ts";

const ALL_FOLDERS = new Set([
  "tests/browser",
  "tests/browser/full",
  "tests/full",
  "tests/faults",
]);

function plan(args: string[], folders: ReadonlySet<string> = ALL_FOLDERS) {
  return planSuites(readRequest(args, false), ["--allow-net"], folders);
}

Deno.test("planSuites() runs everything but the slow suites by default", () => {
  const [main, browser, ...rest] = plan([]);

  assertEquals([main?.name, browser?.name, rest], ["main", "browser", []]);
  assert(main?.args.includes("--coverage=coverage"));
  assert(main?.args.includes("--allow-net") && !main.args.includes("-A"));
  assert(browser?.args.includes("-A"));
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
