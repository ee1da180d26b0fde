/** Runs PostgreSQL's own programs as the server's user, with an environment of their own. */

import { join } from "node:path";
import { EmbeddedPostgresError } from "./embedded_error.ts";
import type { ServerPlace } from "./embedded_place.ts";

type Program = "initdb" | "postgres" | "pg_ctl";

/** How one of PostgreSQL's programs is called. */
export function programCommand(
  place: ServerPlace,
  name: Program,
  args: readonly string[],
): Deno.Command {
  return new Deno.Command(programPath(place, name), {
    args: [...args],
    ...place.user,
    cwd: place.baseDir,
    // The app's environment holds secrets and maybe PG* variables; none of it is the server's.
    clearEnv: Deno.build.os !== "windows",
    env: { LC_ALL: "C", TZ: "UTC" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    // In a process group of its own: Ctrl-C in a terminal is for the app, which stops it in order.
    detached: name === "postgres",
  });
}

/** Runs a program to its end and gives its exit code and what it said. */
export async function tryProgram(
  place: ServerPlace,
  name: Program,
  args: readonly string[],
): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await programCommand(place, name, args).output();
  const decoder = new TextDecoder();
  return { code, text: (decoder.decode(stderr) + decoder.decode(stdout)).trim() };
}

/** Runs a program that must succeed. */
export async function runProgram(
  place: ServerPlace,
  name: Program,
  args: readonly string[],
): Promise<void> {
  const { code, text } = await tryProgram(place, name, args).catch((error) => {
    throw cannotRun(place, name, error);
  });
  if (code === 0) return;
  throw new EmbeddedPostgresError("START_FAILED", `Cannot run ${name}: ${text.slice(-1000)}`);
}

/** Why a program did not even begin, as the operator can mend it. */
export function cannotRun(place: ServerPlace, name: Program, cause: unknown): Error {
  const path = programPath(place, name);
  if (cause instanceof Deno.errors.PermissionDenied) {
    return new EmbeddedPostgresError(
      "FOLDER_UNREACHABLE",
      `Cannot start "${path}": user ${
        place.user?.uid ?? "of this process"
      } cannot reach it or the ` +
        "file system forbids programs; set DATA_DIR to a folder where it may run, or set DATABASE_URL",
      { cause },
    );
  }
  if (!(cause instanceof Deno.errors.NotFound)) return cause as Error;
  return new EmbeddedPostgresError(
    "PLATFORM_UNSUPPORTED",
    `Cannot start "${path}": its C library is not on this system; set DATABASE_URL to a PostgreSQL ` +
      "server, 15 or newer",
    { cause },
  );
}

function programPath(place: ServerPlace, name: Program): string {
  return join(place.nativeDir, "bin", Deno.build.os === "windows" ? `${name}.exe` : name);
}
