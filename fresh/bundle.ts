import childProcess, { type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { basename } from "node:path";
import type { BuildOptions, BuildResult } from "esbuild";
import type { ResolvedFreshConfig } from "./config.ts";
import type { IslandFile } from "./build.ts";
import { npmResolver } from "./npm_resolver.ts";

/** Browser modules by file name, and which of them a page starts. */
export interface Bundle {
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  entries: ReadonlyMap<string, { file: string; imports: string[] }>;
}

/** Browsers of early 2024: the oldest with everything the client code and the style sheet use. */
const BROWSERS = ["chrome123", "edge123", "firefox124", "safari17.4"];

/** esbuild has one child for the whole process: builds take turns, so that none stops another's. */
let turn: Promise<unknown> = Promise.resolve();

/** Bundles the client runtime and the islands in one run of esbuild; Preact is shared by all. */
export async function bundle(
  config: ResolvedFreshConfig,
  packageDir: string,
  islands: readonly IslandFile[],
): Promise<Bundle> {
  const run = turn.then(() => runEsbuild(config, optionsFor(config, packageDir, islands)));
  turn = run.catch(() => {});
  return outputsOf(await run);
}

async function runEsbuild(config: ResolvedFreshConfig, options: BundleOptions) {
  const esbuild = await loadEsbuild(`${config.root}/${config.buildDir}/bin`);
  const { child, result } = catchChild(() => esbuild.build(options));
  try {
    return await result;
  } finally {
    child?.ref(); // its end is worth waiting for
    const ended = isRunning(child) ? once(child, "exit") : undefined;
    await esbuild.stop();
    await ended;
  }
}

/** `stop()` does not wait for esbuild's child, which is hidden: its birth is the moment to get hold of it. */
function catchChild<T>(start: () => T): { child: ChildProcess | undefined; result: T } {
  const { spawn } = childProcess;
  let child: ChildProcess | undefined;
  const catching = (...parameters: Parameters<typeof spawn>) => child = spawn(...parameters);
  Object.assign(childProcess, { spawn: catching });
  try {
    return { result: start(), child };
  } finally {
    Object.assign(childProcess, { spawn });
  }
}

function isRunning(child: ChildProcess | undefined): child is ChildProcess {
  return child !== undefined && child.exitCode === null && child.signalCode === null;
}

const OUT_DIR = "out";

function optionsFor(
  config: ResolvedFreshConfig,
  packageDir: string,
  islands: readonly IslandFile[],
) {
  const isDevelopment = config.mode === "development";
  const entryPoints: Record<string, string> = {
    boot: `${packageDir}/client/boot.ts`,
    navigation: `${packageDir}/client/navigation.ts`,
    ...(isDevelopment ? { alive: `${packageDir}/client/alive.ts` } : {}),
  };
  for (const { name, path } of islands) entryPoints[`island-${name}`] = path;
  return {
    entryPoints,
    absWorkingDir: config.root,
    outdir: OUT_DIR,
    entryNames: "[name]-[hash]",
    chunkNames: "chunk-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    target: BROWSERS,
    minify: !isDevelopment,
    sourcemap: "linked",
    metafile: true,
    write: false,
    jsx: "automatic",
    jsxImportSource: "preact",
    tsconfigRaw: {}, // deno.json is the only configuration
    define: { "process.env.NODE_ENV": JSON.stringify(config.mode) },
    plugins: [npmResolver(config.root)],
    logLevel: "silent", // a failed build throws with its messages
  } as const satisfies BuildOptions;
}

type BundleOptions = ReturnType<typeof optionsFor>;

function outputsOf({ outputFiles, metafile }: BuildResult<BundleOptions>): Bundle {
  const files = new Map(outputFiles.map(({ path, contents }) => {
    return [basename(path), new Uint8Array(contents)] as const;
  }));
  const entries = new Map<string, { file: string; imports: string[] }>();
  for (const [path, output] of Object.entries(metafile.outputs)) {
    if (!output.entryPoint) continue;
    const file = basename(path);
    const imports = output.imports.filter(({ kind }) => kind === "import-statement");
    entries.set(file.slice(0, file.lastIndexOf("-")), {
      file,
      imports: imports.map((chunk) => basename(chunk.path)),
    });
  }
  return { files, entries };
}

/** Where the package's binary may not run, a copy in `buildDir` may: `--allow-run` can name that path on every machine. */
async function loadEsbuild(binDir: string): Promise<typeof import("esbuild")> {
  const binary = esbuildBinary();
  const permission = await Deno.permissions.query({ name: "run", command: binary });
  if (permission.state !== "granted") {
    // deno-lint-ignore architecture/env-only-in-main -- esbuild takes the path from there only
    Deno.env.set("ESBUILD_BINARY_PATH", await placeCopy(binary, binDir));
  }
  return await import("esbuild");
}

/** Deno lets nobody write to a program that may run, but the folder around it can be put in place. */
async function placeCopy(binary: string, binDir: string): Promise<string> {
  const draft = `${binDir}.${Deno.pid}`;
  await Deno.mkdir(draft, { recursive: true });
  await Deno.copyFile(binary, `${draft}/${basename(binary)}`);
  const old = `${draft}.old`;
  await Deno.rename(binDir, old).catch(() => {}); // the first build has none
  await Deno.rename(draft, binDir);
  await Deno.remove(old, { recursive: true }).catch(() => {});
  return `${binDir}/${basename(binary)}`;
}

function esbuildBinary(): string {
  const os = Deno.build.os === "windows" ? "win32" : Deno.build.os;
  const arch = Deno.build.arch === "aarch64" ? "arm64" : "x64";
  const file = os === "win32" ? "esbuild.exe" : "bin/esbuild";
  const require = createRequire(import.meta.resolve("esbuild"));
  return require.resolve(`@esbuild/${os}-${arch}/${file}`);
}
