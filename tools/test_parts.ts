/**
 * The quick suite's test files in a few modules that import them. `deno test` loads the product anew
 * for each module it runs and, with coverage, writes a file for each module that was loaded: for two
 * hundred test files that cost more than a third of the suite.
 *
 * @module
 */

import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** A module of tests as it was found. */
export interface TestFile {
  path: string;
  text: string;
}

/** Enough that the cores of a usual machine finish at about the same time. */
const PARTS = 8;

const TEST_FILE = /_test\.tsx?$/;

/** What is made, fetched, or no source. */
const NO_SOURCE = /^(\.|node_modules$|_fresh$|coverage$|reports$)/;

/** Hooks are a module's and would run around everybody's tests. */
const HOOK = /\bDeno\.test\.(before|after)(All|Each)\(/;

/** Writes the parts into `folder` and gives what to run: they, and the files that run by themselves. */
export async function writeTestParts(
  folder: string,
  ignored: readonly string[],
): Promise<string[]> {
  const files = await Array.fromAsync(testFilesIn(".", ignored));
  const { alone, parts } = splitTests(files.sort((a, b) => a.path < b.path ? -1 : 1), PARTS);
  await Deno.mkdir(folder);
  const written = parts.map(async (paths, index) => {
    const path = join(folder, `part_${index + 1}_test.ts`);
    const lines = paths.map((file) => `import "${pathToFileURL(file).href}";\n`);
    await Deno.writeTextFile(path, lines.join(""));
    return path;
  });
  return [...alone, ...await Promise.all(written)];
}

/** Deals the files out like cards, so that neighbours, which cost alike, go to different parts.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { splitTests } from "@/tools/test_parts.ts";
 *
 * const files = ["a", "b", "c"].map((path) => ({ path, text: "" }));
 * assertEquals(splitTests(files, 2), { alone: [], parts: [["a", "c"], ["b"]] });
 * ```
 */
export function splitTests(
  files: readonly TestFile[],
  count: number,
): { alone: string[]; parts: string[][] } {
  const isAlone = ({ text }: TestFile) => HOOK.test(text);
  const paths = files.filter((file) => !isAlone(file)).map(({ path }) => path);
  const parts = Array.from({ length: count }, (_, part) => {
    return paths.filter((_, index) => index % count === part);
  });
  return {
    alone: files.filter(isAlone).map(({ path }) => path),
    parts: parts.filter((part) => part.length > 0),
  };
}

async function* testFilesIn(
  folder: string,
  ignored: readonly string[],
): AsyncGenerator<TestFile> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (NO_SOURCE.test(name) || ignored.includes(path)) continue;
    if (isDirectory) yield* testFilesIn(path, ignored);
    else if (TEST_FILE.test(name)) yield { path, text: await Deno.readTextFile(path) };
  }
}
