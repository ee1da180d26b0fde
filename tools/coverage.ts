/** Sums coverage by folder, from LCOV text, and holds it against what the project asks of itself. */

/** Covered and all, of lines and of branches. */
export interface Coverage {
  lines: number;
  linesCovered: number;
  branches: number;
  branchesCovered: number;
}

/** What a folder must reach, in percent; branches only where named. */
export interface CoverageGoal {
  /** A top folder, or "all". */
  name: string;
  lines: number;
  branches?: number;
}

/** The rules are pure and have no excuse; the rest talks to networks and processes. */
export const COVERAGE_GOALS: readonly CoverageGoal[] = [
  { name: "domain", lines: 95, branches: 95 },
  { name: "all", lines: 85 },
];

const COUNTERS: Readonly<Record<string, keyof Coverage>> = {
  LF: "lines",
  LH: "linesCovered",
  BRF: "branches",
  BRH: "branchesCovered",
};

/** Sums an LCOV report by top folder below `root`, and over "all".
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sumCoverage } from "@/tools/coverage.ts";
 *
 * const lcov = "SF:/app/domain/a.ts\nLF:10\nLH:9\nBRF:2\nBRH:1\nend_of_record\n";
 * assertEquals(sumCoverage(lcov, "/app").get("domain")?.linesCovered, 9);
 * ```
 */
export function sumCoverage(lcov: string, root: string): Map<string, Coverage> {
  const sums = new Map<string, Coverage>();
  let current: Coverage[] = [];
  for (const line of lcov.split("\n")) {
    const [key = "", value = ""] = line.split(/:(.*)/);
    if (key === "SF") current = ["all", folderOf(value, root)].map((name) => sumOf(sums, name));
    const counter = COUNTERS[key];
    if (counter) { for (const sum of current) sum[counter] += Number(value); }
  }
  return sums;
}

function folderOf(path: string, root: string): string {
  return path.slice(root.length + 1).split("/")[0]!;
}

function sumOf(sums: Map<string, Coverage>, name: string): Coverage {
  const sum = sums.get(name) ?? { lines: 0, linesCovered: 0, branches: 0, branchesCovered: 0 };
  sums.set(name, sum);
  return sum;
}

/** Percent to one decimal, rounded down so that a goal is reached only when it is. */
export function percent(covered: number, all: number): number {
  return all === 0 ? 100 : Math.floor(covered / all * 1000) / 10;
}

/** The goals that were missed, as sentences. */
export function missedGoals(sums: ReadonlyMap<string, Coverage>): string[] {
  return COVERAGE_GOALS.flatMap((goal) => {
    const sum = sums.get(goal.name);
    if (!sum) return [`${goal.name}: nothing was measured`];
    const lines = percent(sum.linesCovered, sum.lines);
    const branches = percent(sum.branchesCovered, sum.branches);
    return [
      ...(lines < goal.lines ? [`${goal.name}: ${lines} % of lines, goal ${goal.lines} %`] : []),
      ...(branches < (goal.branches ?? 0)
        ? [`${goal.name}: ${branches} % of branches, goal ${goal.branches} %`]
        : []),
    ];
  });
}

/** A table of the folders, "all" last. */
export function coverageTable(sums: ReadonlyMap<string, Coverage>): string {
  const names = [...sums.keys()].filter((name) => name !== "all").sort();
  const rows = [...names, "all"].map((name) => {
    const sum = sums.get(name) ?? { lines: 0, linesCovered: 0, branches: 0, branchesCovered: 0 };
    const lines = percent(sum.linesCovered, sum.lines).toFixed(1);
    const branches = percent(sum.branchesCovered, sum.branches).toFixed(1);
    return `${name.padEnd(14)}${lines.padStart(9)}${branches.padStart(12)}\n`;
  });
  return `coverage       lines %  branches %\n${rows.join("")}`;
}
