import { assertEquals, assertStringIncludes } from "@std/assert";
import { coverageTable, missedGoals, percent, sumCoverage } from "./coverage.ts";

function record(path: string, [lh, lf]: [number, number], [brh, brf]: [number, number]): string {
  return `SF:/app/${path}\nDA:1,1\nBRF:${brf}\nBRH:${brh}\nLH:${lh}\nLF:${lf}\nend_of_record\n`;
}

Deno.test("sumCoverage() sums by top folder and over all", () => {
  const lcov = record("domain/a.ts", [9, 10], [1, 2]) + record("domain/b/c.ts", [10, 10], [2, 2]) +
    record("main.ts", [0, 20], [0, 0]);

  const sums = sumCoverage(lcov, "/app");

  assertEquals(sums.get("domain"), {
    lines: 20,
    linesCovered: 19,
    branches: 4,
    branchesCovered: 3,
  });
  assertEquals(sums.get("all")?.lines, 40);
  assertStringIncludes(coverageTable(sums), "domain             95.0        75.0\n");
});

Deno.test("missedGoals() names what is below its goal", () => {
  const good = record("domain/a.ts", [95, 100], [19, 20]);
  const bad = record("services/a.ts", [1, 100], [0, 9]);

  assertEquals(missedGoals(sumCoverage(good, "/app")), []);
  assertEquals(missedGoals(sumCoverage(good + bad, "/app")), ["all: 48 % of lines, goal 85 %"]);
  assertEquals(missedGoals(new Map()).length, 2);
});

Deno.test("percent() never rounds up to a goal", () => {
  assertEquals(percent(9499, 10_000), 94.9);
  assertEquals(percent(0, 0), 100);
});
