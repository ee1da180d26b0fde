/** Which runs of `deno test` a call of the test runner means. */

/** One run of `deno test`: a process, a report, and what it is given after `deno test`. */
export interface Suite {
  name: "main" | "docs" | "browser" | "full" | "looks";
  args: string[];
}

/** What a call of the runner means. */
export interface TestPlan {
  /** One after the other. */
  suites: Suite[];
  /** Of the run that checks the types of the suites but the browser's, beside the first of them. */
  typesArgs?: string[];
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
const PARALLEL: readonly string[] = ["--parallel"];
const COVERED: readonly string[] = [
  `--coverage=${COVERAGE_DIR}`,
  "--clean",
  "--coverage-raw-data-only",
];

/** Folders whose tests are in suites of their own. */
export const OWN_SUITE_DIRS: readonly string[] = [BROWSER_DIR, ...FULL_DIRS];
const IGNORED = `--ignore=${OWN_SUITE_DIRS.join()}`;
/** Examples run apart from the tests, since they take no part in coverage. */
const ONLY_DOCS = `${IGNORED},**/*_test.ts,**/*_test.tsx`;

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

/**
 * The runs, each with the paths that are its own. `folders` are those of the slow kinds that exist,
 * `parts` what holds all tests of the main suite.
 */
export function planSuites(
  request: TestRequest,
  permissions: readonly string[],
  folders: ReadonlySet<string>,
  parts: readonly string[],
): TestPlan {
  const common = [...SANITIZERS, ...permissions, ...request.flags];
  const slow = planSlow(request, common, folders);
  if (slow.length > 0 || request.isFull) return { suites: slow };
  if (request.isPart) return { suites: planPart(request, common, folders) };
  // The browser suite first: it leaves a core to the check of types.
  const suites: Suite[] = [
    ...browserSuite(request, [BROWSER_DIR], folders),
    { name: "main", args: [...common, "--no-check", ...PARALLEL, ...COVERED, ...parts] },
    { name: "docs", args: [...common, "--no-check", ...PARALLEL, "--doc", ONLY_DOCS] },
  ];
  return { suites, typesArgs: [...common, "--no-run", "--doc", IGNORED] };
}

/** The slow suites, wholly or the paths in them; browsers look at pages in a suite of their own. */
function planSlow(
  { isFull, paths, flags }: TestRequest,
  common: readonly string[],
  folders: ReadonlySet<string>,
): Suite[] {
  const looks = paths.filter(isLooks);
  const full = paths.filter(isFullPath);
  const present = FULL_DIRS.filter((folder) => folders.has(folder));
  const suites: Suite[] = [];
  if ((isFull || full.length > 0) && present.length > 0) {
    suites.push({ name: "full", args: [...common, ...(full.length ? full : present)] });
  }
  if ((isFull || looks.length > 0) && folders.has(LOOKS_DIR)) {
    const args = [...inBrowser(flags), ...(looks.length ? looks : [LOOKS_DIR])];
    suites.push({ name: "looks", args });
  }
  return suites;
}

/** Paths of the quick suites, or all of these with flags such as `--filter`. */
function planPart(
  request: TestRequest,
  common: readonly string[],
  folders: ReadonlySet<string>,
): Suite[] {
  const { paths } = request;
  const browser = paths.filter(isBrowser);
  const main = paths.filter((path) => !isBrowser(path));
  const isAll = paths.length === 0;
  const args = [...common, "--doc", ...PARALLEL, IGNORED, "--permit-no-files", ...main];
  return [
    ...(isAll || main.length > 0 ? [{ name: "main", args } as const] : []),
    ...(isAll ? browserSuite(request, [BROWSER_DIR], folders) : []),
    ...(browser.length > 0 ? browserSuite(request, browser, folders) : []),
  ];
}

function browserSuite(
  { flags }: TestRequest,
  paths: readonly string[],
  folders: ReadonlySet<string>,
): Suite[] {
  if (!folders.has(BROWSER_DIR)) return [];
  return [{ name: "browser", args: [...inBrowser(flags), `--ignore=${LOOKS_DIR}`, ...paths] }];
}

/** Playwright's browser needs every permission; the app it looks at keeps its own. */
function inBrowser(flags: readonly string[]): string[] {
  return ["-A", ...PARALLEL, `--config=${BROWSER_DIR}/deno.json`, ...SANITIZERS, ...flags];
}

const isLooks = (path: string) => path.startsWith(LOOKS_DIR);
const isBrowser = (path: string) => path.startsWith(BROWSER_DIR) && !isLooks(path);
const isFullPath = (path: string) => FULL_DIRS.some((dir) => path.startsWith(dir));

/** Folders of suites that a checkout may lack. */
export const OPTIONAL_FOLDERS: readonly string[] = [...OWN_SUITE_DIRS, LOOKS_DIR];
