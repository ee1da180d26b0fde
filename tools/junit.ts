/** Reads JUnit reports as `deno test --junit-path` writes them. */

/** What became of the tests and steps of a report. */
export interface TestCounts {
  passed: number;
  failed: number;
  skipped: number;
}

/** A test that did not run, and why. */
export interface SkippedTest {
  name: string;
  file: string;
  /** From `[needs …]` or `(skipped: …)` in its name. */
  reason: string;
}

const NO_TESTS: TestCounts = { passed: 0, failed: 0, skipped: 0 };

/** One test case: its attributes and what stands in it. */
const CASE = /<testcase\s([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g;
const REASON = /\s*(?:\[(needs [^\]]+)\]|\(skipped: ([^)]+)\))(?=$|\s>)/;

/** Counts the tests and steps of a report.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { countTests } from "@/tools/junit.ts";
 *
 * const xml = `<testcase name="a"></testcase><testcase name="b"><skipped/></testcase>`;
 * assertEquals(countTests(xml), { passed: 1, failed: 0, skipped: 1 });
 * ```
 */
export function countTests(xml: string): TestCounts {
  const counts = { ...NO_TESTS };
  for (const [, , body = ""] of xml.matchAll(CASE)) {
    if (body.includes("<failure") || body.includes("<error")) counts.failed++;
    else if (body.includes("<skipped")) counts.skipped++;
    else counts.passed++;
  }
  return counts;
}

/** The tests of a report that did not run. */
export function listSkipped(xml: string): SkippedTest[] {
  const skipped: SkippedTest[] = [];
  for (const [, attributes = "", body = ""] of xml.matchAll(CASE)) {
    if (!body.includes("<skipped")) continue;
    const name = attribute(attributes, "name");
    const [, need, because] = REASON.exec(name) ?? [];
    const file = attribute(attributes, "classname");
    skipped.push({
      name: name.replace(REASON, ""),
      file,
      reason: need ?? because ?? "no reason given",
    });
  }
  return skipped;
}

/** One line for each reason and file, with the names where these are few. */
export function describeSkipped(skipped: readonly SkippedTest[]): string[] {
  const groups = Object.groupBy(skipped, ({ file, reason }) => `${file}: ${reason}`);
  return Object.entries(groups).map(([where, tests = []]) => {
    const names = tests.slice(0, NAMES_MAX).map(({ name }) => `"${name}"`).join(", ");
    const more = tests.length > NAMES_MAX ? ` and ${tests.length - NAMES_MAX} more` : "";
    return `${where}: ${names}${more}`;
  });
}

/** A whole file skipped for one reason is one thing to know. */
const NAMES_MAX = 3;

/** Sums the counts of several reports. */
export function sumCounts(all: readonly TestCounts[]): TestCounts {
  return all.reduce((sum, counts) => ({
    passed: sum.passed + counts.passed,
    failed: sum.failed + counts.failed,
    skipped: sum.skipped + counts.skipped,
  }), NO_TESTS);
}

/** One report out of several: all their suites under one root. */
export function mergeReports(reports: readonly string[]): string {
  const suites = reports.flatMap((xml) => xml.match(/<testsuite\s[\s\S]*?<\/testsuite>/g) ?? []);
  const { passed, failed, skipped } = sumCounts(reports.map(countTests));
  const totals = `tests="${passed + failed + skipped}" failures="${failed}" skipped="${skipped}"`;
  const body = suites.map((suite) => `    ${suite}\n`).join("");
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="paceboard" ${totals}>\n${body}</testsuites>\n`;
}

function attribute(attributes: string, name: string): string {
  const value = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1] ?? "";
  return value.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: string) => ENTITIES[entity]!);
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  amp: "&",
};
