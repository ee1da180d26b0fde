/** Sends a file piece by piece, at the pace of the one who reads it. */

import type { ExportFile } from "@/services/steering/exports.ts";
import type { AppContext } from "../app_env.ts";

/** Answers with the file as a download. */
export function sendExport(c: AppContext, { name, contentType, pieces }: ExportFile): Response {
  const body = ReadableStream.from(pieces).pipeThrough(new TextEncoderStream());
  return c.body(body, 200, {
    "content-type": contentType,
    // Slugs have only a–z, 0–9 and hyphens, so that the name needs no quoting rules.
    "content-disposition": `attachment; filename="${name}"`,
    "cache-control": "no-cache",
    "vary": "Authorization, Cookie",
  });
}
