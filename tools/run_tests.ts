/**
 * What `deno task test` does: starts a PostgreSQL, runs the suites as processes of their own, and
 * sums what they report. Paths and flags of `deno test` are passed on; `--full` runs the slow
 * suites instead, `--check-coverage` (always with CI=true) holds coverage against its goals, and
 * CI=true forbids skipped tests.
 *
 * @module
 */

import { join } from "node:path";
import { startEmbeddedPostgres } from "@/db/embedded.ts";
import { TEST_SETTINGS, testNativeDir } from "@/tests/support/test_server.ts";
import { coverageTable, missedGoals, sumCoverage } from "./coverage.ts";
import { countTests, describeSkipped, listSkipped, mergeReports } from "./junit.ts";
import { permissionFlags, TEST_DATA_DIR } from "./permissions.ts";
import { writeTestParts } from "./test_parts.ts";
import {
  COVERAGE_DIR,
  OPTIONAL_FOLDERS,
  OWN_SUITE_DIRS,
  planSuites,
  readRequest,
} from "./test_suites.ts";
import type { Suite, TestPlan, TestRequest } from "./test_suites.ts";

const SETTINGS = { dataDir: TEST_DATA_DIR, hasDatabaseUrl: false };
const REPORTS_DIR = "reports";

/** Exit code of a run that was interrupted, by the shells' convention. */
const INTERRUPTED = 130;

/** Tests and what supports them say nothing about what is tested; `#` and `$` mark doc examples. */
const NOT_COVERED = "(_test|_bench)\\.tsx?$|/tests/|/tools/|[#$]";

async function main(args: readonly string[]): Promise<number> {
  const request = readRequest(args, Deno.env.get("CI") === "true");
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, interrupt);
  await Deno.mkdir(REPORTS_DIR, { recursive: true });
  await using folder = await makeFolder();
  const isWhole = !request.isFull && !request.isPart;
  const plan = planSuites(
    request,
    await permissionFlags("test", SETTINGS),
    await presentFolders(),
    isWhole ? await writeTestParts(join(folder.path, "parts"), OWN_SUITE_DIRS) : [],
  );
  const isGood = await runSuites(plan, folder.path, stop.signal);
  return stop.signal.aborted ? INTERRUPTED : await conclude(request, plan.suites, isGood);
}

/** Reachable by the user that PostgreSQL runs as. */
async function makeFolder() {
  const path = await Deno.makeTempDir({ prefix: "paceboard-test-" });
  if (Deno.build.os !== "windows") await Deno.chmod(path, 0o755);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

async function presentFolders(): Promise<Set<string>> {
  const present = new Set<string>();
  for (const folder of OPTIONAL_FOLDERS) {
    if ((await readIfThere(join(folder, "deno.json"))) !== undefined) present.add(folder);
    else if (await hasTests(folder)) present.add(folder);
  }
  return present;
}

async function hasTests(folder: string): Promise<boolean> {
  try {
    for await (const { name } of Deno.readDir(folder)) if (name.endsWith("_test.ts")) return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return false;
}

async function runSuites(
  { suites, typesArgs }: TestPlan,
  folder: string,
  signal: AbortSignal,
): Promise<boolean> {
  await using server = await startEmbeddedPostgres({
    dataDir: folder,
    nativeDir: await testNativeDir(),
    settings: TEST_SETTINGS,
  });
  const env = { TEST_DATABASE_URL: server.url };
  for (const { name } of suites) await Deno.remove(reportPath(name)).catch(() => {});
  const hasGoodTypes = typesArgs ? checkTypes(typesArgs, signal) : Promise.resolve(true);
  let isGood = true;
  for (const suite of suites) {
    if (suite.name !== "browser" && !await hasGoodTypes) isGood = false;
    else if (!signal.aborted) isGood = await runSuite(suite, env, signal) && isGood;
  }
  return await hasGoodTypes && isGood;
}

/** Beside another suite, because it takes half a minute and one core. */
async function checkTypes(args: readonly string[], signal: AbortSignal): Promise<boolean> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "--quiet", ...args],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const kill = () => child.kill("SIGTERM");
  signal.addEventListener("abort", kill);
  const { success, stderr } = await child.output();
  signal.removeEventListener("abort", kill);
  if (!success && !signal.aborted) await say(new TextDecoder().decode(stderr));
  return success;
}

async function runSuite(
  { name, args }: Suite,
  env: Record<string, string>,
  signal: AbortSignal,
): Promise<boolean> {
  const report = reportPath(name);
  await say(`── ${name} tests\n`);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", `--junit-path=${report}`, ...args],
    env,
    stdin: "null",
  }).spawn();
  const kill = () => child.kill("SIGTERM");
  signal.addEventListener("abort", kill);
  const { success } = await child.status;
  signal.removeEventListener("abort", kill);
  return success;
}

function reportPath(name: string): string {
  return join(REPORTS_DIR, `junit-${name}.xml`);
}

/** Says what came of it all; the exit code is 0 only when nothing is wrong. */
async function conclude(
  request: TestRequest,
  suites: readonly Suite[],
  isGood: boolean,
): Promise<number> {
  const reports = await Promise.all(suites.map(({ name }) => readIfThere(reportPath(name))));
  const merged = mergeReports(reports.map((report) => report ?? ""));
  if (!request.isFull) await Deno.writeTextFile(join(REPORTS_DIR, "junit.xml"), merged);
  const counts = countTests(merged);
  // A suite that broke before or beside its tests has a failure that no report counts.
  if (!isGood && counts.failed === 0) counts.failed = 1;
  const faults = [
    ...await sayCoverage(request),
    ...(request.isCi && !request.isPart && counts.skipped > 0 ? ["CI forbids skipped tests"] : []),
  ];
  // What a filter left out is in the reports as skipped, but nobody needs to be told.
  const skipped = request.isFiltered ? [] : listSkipped(merged);
  for (const line of describeSkipped(skipped)) await say(`skipped: ${line}\n`);
  for (const fault of faults) await say(`failed: ${fault}\n`);
  await say(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  return counts.failed > 0 || faults.length > 0 ? 1 : 0;
}

/** Prints the table of a whole run and gives the goals it missed, where these count. */
async function sayCoverage(request: TestRequest): Promise<string[]> {
  if (request.isFull || request.isPart) return [];
  const output = join(COVERAGE_DIR, "lcov.info");
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["coverage", COVERAGE_DIR, "--lcov", `--output=${output}`, `--exclude=${NOT_COVERED}`],
  }).output();
  if (!success) return [`coverage: ${new TextDecoder().decode(stderr).trim()}`];
  const sums = sumCoverage(await Deno.readTextFile(output), Deno.cwd());
  await say(coverageTable(sums));
  return request.checksCoverage ? missedGoals(sums).map((goal) => `coverage of ${goal}`) : [];
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function say(text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let written = 0; written < bytes.length;) {
    written += await Deno.stdout.write(bytes.subarray(written));
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
