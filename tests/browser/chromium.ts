/** Chromium from npm, where it runs; `CHROMIUM_PATH` names another one. */

import packaged from "@sparticuz/chromium";
import { type Browser, chromium } from "playwright-core";

/**
 * Not the package's own: those are for one page in a cloud function, switch web security off and
 * draw through a software GPU, which takes twice as long.
 */
const ARGUMENTS: readonly string[] = [
  "--headless=shell",
  "--no-sandbox",
  "--disable-gpu",
  "--hide-scrollbars",
  "--font-render-hinting=none",
];

let found: Promise<string | undefined> | undefined;

/** Path of a Chromium that starts on this machine; undefined when there is none, e.g. without its libraries. */
export function findChromium(): Promise<string | undefined> {
  return found ??= find();
}

async function find(): Promise<string | undefined> {
  const path = Deno.env.get("CHROMIUM_PATH") ?? await packagedPath();
  if (path === undefined) return undefined;
  try {
    const { success } = await new Deno.Command(path, {
      args: ["--version", "--no-sandbox"],
      stdout: "null",
      stderr: "null",
    }).output();
    return success ? path : undefined;
  } catch {
    return undefined;
  }
}

async function packagedPath(): Promise<string | undefined> {
  const isSupported = Deno.build.os === "linux" && Deno.build.arch === "x86_64";
  return isSupported ? await packaged.executablePath() : undefined;
}

/** Starts the browser. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = await findChromium();
  if (executablePath === undefined) throw new Error("Cannot start Chromium: there is none");
  return await chromium.launch({ executablePath, args: [...ARGUMENTS], headless: true });
}

/** Name and `ignore` of a test that needs Chromium; the runner prints why it was skipped. */
export async function needsChromium(name: string): Promise<{ name: string; ignore: boolean }> {
  const isThere = await findChromium() !== undefined;
  return { name: isThere ? name : `${name} [needs Chromium]`, ignore: !isThere };
}
