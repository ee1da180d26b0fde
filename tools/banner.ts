/** What a start tells its terminal: where to go, and how to get in. */

import type { Config } from "@/platform/config.ts";
import { VERSION } from "@/platform/version.ts";

export interface Banner {
  config: Config;
  port: number;
  /** Path of a one-time sign-in link for the admin, on a first run. */
  signInPath: string | undefined;
  startedAt: number;
}

/** The banner's lines: addresses to open and, on a first run, the one-time link. */
export function bannerText({ config, port, signInPath }: Banner): string {
  const { host, publicUrl } = config.server;
  const isLocal = host === "0.0.0.0" || host === "::" || host === "127.0.0.1";
  const base = config.mode === "production"
    ? publicUrl
    : `http://${isLocal ? "localhost" : host}:${port}`;
  const rows: [string, string][] = [
    ["Boards", base],
    ["Panel", `${base}/admin`],
    ["API", `${base}/docs`],
  ];
  if (signInPath !== undefined) rows.push(["Sign in", `${base}${signInPath}`]);
  const lines = rows.map(([name, value]) => `    ${name.padEnd(8)} ${value}`);
  const notes = signInPath === undefined ? [] : [
    "",
    "    The sign-in link works once, for 30 minutes. Demo data can be removed in the panel.",
  ];
  return ["", `  Paceboard ${VERSION}`, "", ...lines, ...notes, "", ""].join("\n");
}

/** Writes the banner to a terminal or log. */
export async function writeBanner(banner: Banner): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(bannerText(banner)));
}
