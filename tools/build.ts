/**
 * Bundles the islands ahead, so that a start on a machine without esbuild, or without the right to
 * write, serves them from `_fresh/`. Usage: `deno task build [--mode=development]`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import freshConfig from "@/fresh.config.ts";
import { buildIslands } from "@/fresh/build.ts";

const MODES = ["production", "development"] as const;

/** Both modes have a build of their own; production's is what an image needs. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { mode: { type: "string", default: "production" } } });
  const mode = MODES.find((known) => known === values.mode);
  if (!mode) throw new RangeError(`Cannot build: --mode is one of ${MODES.join(", ")}`);
  const { key, origin, files } = await buildIslands({ ...freshConfig, mode });
  const bytes = [...files.values()].reduce((sum, body) => sum + body.length, 0);
  if (origin === "memory") throw new Error("Cannot keep the build: _fresh/ is not writable");
  const state = origin === "disk" ? "is up to date" : "built";
  const text = `${state}: ${files.size} files, ${Math.round(bytes / 1024)} KiB, key ${key}\n`;
  await Deno.stdout.write(new TextEncoder().encode(text));
}

if (import.meta.main) await main();
