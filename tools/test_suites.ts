/** Which runs of `deno test` a call of the test runner means. */

/** One run of `deno test`: a process, a report, and what it is given after `deno test`. */
export interface Suite {
  name: "main" | "browser" | "full" | "looks";
  args: string[];
}

/** The runner's arguments, read. */
export interface TestRequest {
  isFull: boolean;
  /** A part is run: no coverage then, for it would say nothing. */
  isPart: boolean;
  isFiltered: boolean;
  checksCoverage: boolean;
  /** Skips fail the run. */
  isCi: boolean;
  /** For `deno test` as they are. */
  flags: string[];
  paths: string[];
}

export const COVERAGE_DIR = "coverage";

const OWN_FLAGS: readonly string[] = ["--", "--full", "--check-coverage"];
const FLAGS_WITH_VALUE: readonly string[] = ["--filter", "--shard", "--retry", "--repeats"];
const SANITIZERS: readonly string[] = ["--sanitize-ops", "--sanitize-resources"];
const BROWSER_DIR = "tests/browser";
const FULL_DIRS: readonly string[] = ["tests/full", "tests/faults"];
const LOOKS_DIR = "tests/browser/full";

/** Reads the runner's arguments: its own flags, flags and paths for `deno test`.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readRequest } from "@/tools/test_suites.ts";
 *
 * const { flags, paths } = readRequest(["--", "--filter", "prize", "domain/"], false);
 * assertEquals([flags, paths], [["--filter", "prize"], ["domain/"]]);
 * ```
 */
export function readRequest(args: readonly string[], isCi: boolean): TestRequest {
  const flags: string[] = [];
  const paths: string[] = [];
  for (const [index, arg] of args.entries()) {
    if (OWN_FLAGS.includes(arg)) continue;
    const isValue = FLAGS_WITH_VALUE.includes(args[index - 1] ?? "");
    (arg.startsWith("-") || isValue ? flags : paths).push(arg);
  }
  const isPart = flags.length > 0 || paths.length > 0;
  const isFull = args.includes("--full");
  const checksCoverage = !isFull && !isPart && (isCi || args.includes("--check-coverage"));
  const isFiltered = flags.some((flag) => flag.startsWith("--filter"));
  return { isFull, isPart, isFiltered, checksCoverage, isCi, flags, paths };
}

/** The runs, each with the paths that are its own; `folders` are those of the slow kinds that exist. */
export function planSuites(
  request: TestRequest,
  permissions: readonly string[],
  folders: ReadonlySet<string>,
): Suite[] {
  const { flags, paths, isFull } = request;
  const looks = paths.filter((path) => path.startsWith(LOOKS_DIR));
  const browser = paths.filter((path) => path.startsWith(BROWSER_DIR) && !looks.includes(path));
  const full = paths.filter((path) => FULL_DIRS.some((dir) => path.startsWith(dir)));
  const main = paths.filter((path) => ![...browser, ...full, ...looks].includes(path));
  const common = [...SANITIZERS, ...permissions, ...flags];
  // Playwright's browser needs every permission; the app it looks at keeps its own.
  const inBrowser = [
    "-A",
    "--parallel",
    `--config=${BROWSER_DIR}/deno.json`,
    ...SANITIZERS,
    ...flags,
  ];
  const suites: Suite[] = [];
  const add = (suite: Suite, folder: string) => folders.has(folder) && suites.push(suite);
  const present = FULL_DIRS.filter((folder) => folders.has(folder));
  if ((isFull || full.length > 0) && present.length > 0) {
    suites.push({ name: "full", args: [...common, ...(full.length ? full : present)] });
  }
  if (isFull || looks.length > 0) {
    add(
      { name: "looks", args: [...inBrowser, ...(looks.length ? looks : [LOOKS_DIR])] },
      LOOKS_DIR,
    );
  }
  if (suites.length > 0 || isFull) return suites;
  if (paths.length === 0 || main.length > 0) {
    suites.push({ name: "main", args: [...common, ...mainArguments(request), ...main] });
  }
  if (paths.length === 0 || browser.length > 0) {
    const args = [`--ignore=${LOOKS_DIR}`, ...(browser.length ? browser : [BROWSER_DIR])];
    add({ name: "browser", args: [...inBrowser, ...args] }, BROWSER_DIR);
  }
  return suites;
}

function mainArguments({ isPart }: TestRequest): string[] {
  const always = ["--doc", "--parallel", `--ignore=${[BROWSER_DIR, ...FULL_DIRS].join()}`];
  if (isPart) return [...always, "--permit-no-files"];
  return [...always, `--coverage=${COVERAGE_DIR}`, "--clean", "--coverage-raw-data-only"];
}

/** Folders of suites that a checkout may lack. */
export const OPTIONAL_FOLDERS: readonly string[] = [BROWSER_DIR, ...FULL_DIRS, LOOKS_DIR];
