/** What a start tells its terminal: where to go, and how to get in. */

import type { Config } from "@/platform/config.ts";
import { VERSION } from "@/platform/version.ts";

/** What it depends on. */
export interface Banner {
  config: Pick<Config, "mode" | "server">;
  /** Path of a one-time sign-in link for the admin, where there is a demo. */
  signInPath: string | undefined;
  /** Whether an admin can sign in by password. */
  hasAdmin: boolean;
}

const LINK_NOTE =
  "The sign-in link works once, for 30 minutes. Demo data can be removed in the panel.";
const NO_ADMIN_NOTE =
  "There is no admin yet: set ADMIN_EMAIL and ADMIN_PASSWORD and start again to make one.";

/** The banner's lines: addresses to open, and the way in. */
export function bannerText({ config, signInPath, hasAdmin }: Banner): string {
  const base = baseOf(config);
  const rows: [string, string][] = [
    ["Boards", base],
    ["Panel", `${base}/admin`],
    ["API", `${base}/docs`],
  ];
  if (signInPath !== undefined) rows.push(["Sign in", `${base}${signInPath}`]);
  const lines = rows.map(([name, value]) => `    ${name.padEnd(8)} ${value}`);
  const note = signInPath !== undefined ? LINK_NOTE : hasAdmin ? undefined : NO_ADMIN_NOTE;
  const notes = note === undefined ? [] : ["", `    ${note}`];
  return ["", `  Paceboard ${VERSION}`, "", ...lines, ...notes, "", ""].join("\n");
}

/** In development the machine itself, whatever name the address people use has. */
function baseOf({ mode, server: { host, port, publicUrl } }: Banner["config"]): string {
  if (mode === "production") return publicUrl;
  const isLocal = host === "0.0.0.0" || host === "::" || host === "127.0.0.1";
  const name = host.includes(":") ? `[${host}]` : host;
  return `http://${isLocal ? "localhost" : name}:${port}`;
}

/** Writes the banner to a terminal or log. */
export async function writeBanner(banner: Banner): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(bannerText(banner)));
}
