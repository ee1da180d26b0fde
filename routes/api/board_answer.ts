/** Sends a board: nothing where the client has it, compressed where the client takes that. */

import type { TypedResponse } from "hono";
import type { Board, BoardMeta } from "@/contracts/leaderboard.ts";
import type { BoardText } from "@/services/leaderboard/leaderboard.ts";
import type { AppContext } from "../app_env.ts";

/** Shorter answers fit one packet either way. */
export const GZIP_MIN_BYTES = 1400;

/** A board as the API's type has it. */
type BoardBody = { success: true; data: Board; meta?: BoardMeta };

/** Answers with the shared text of a board, or with 304. */
export async function sendBoard(
  c: AppContext,
  answer: BoardText,
): Promise<Response & TypedResponse<BoardBody, 200, "json">> {
  const { headers } = c.req.raw;
  if (isKnown(headers.get("if-none-match"), etagOf(answer))) {
    return typed(c.body(null, 304, boardFields(answer, "none")));
  }
  if (answer.byteLength >= GZIP_MIN_BYTES && takesGzip(headers.get("accept-encoding"))) {
    const bytes = await answer.gzip();
    c.set("responseBytes", bytes.byteLength);
    return typed(c.body(bytes, 200, boardFields(answer, "gzip")));
  }
  c.set("responseBytes", answer.byteLength);
  return typed(c.body(answer.text(), 200, boardFields(answer, "plain")));
}

/** The name of a board's state. */
export function etagOf({ tag }: BoardText): string {
  return `W/"${tag}"`;
}

/** What the body of an answer is: nothing, as with 304, the text, or the compressed text. */
export type BoardBodyForm = "none" | "plain" | "gzip";

/** The header fields of an answer by its body. */
export function boardFields(answer: BoardText, form: BoardBodyForm): Record<string, string> {
  return {
    etag: etagOf(answer),
    "cache-control": "no-cache",
    vary: "Authorization, Cookie, Accept-Encoding",
    ...(form === "none" ? {} : { "content-type": "application/json" }),
    ...(form === "gzip" ? { "content-encoding": "gzip" } : {}),
  };
}

/** The text is that of the declared body, which the type cannot tell. */
function typed(response: Response): Response & TypedResponse<BoardBody, 200, "json"> {
  return response as Response & TypedResponse<BoardBody, 200, "json">;
}

/** Whether a client takes gzip: named, or any, and not with a weight of 0.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { takesGzip } from "@/routes/api/board_answer.ts";
 *
 * assertEquals(["br, gzip;q=0.8", "*", "gzip;q=0", "br"].map(takesGzip), [true, true, false, false]);
 * ```
 */
export function takesGzip(header: string | null | undefined): boolean {
  if (!header) return false;
  if (header.length > GZIP_TAKER_LENGTH_MAX) return namesGzip(header);
  let takes = gzipTakers.get(header);
  if (takes === undefined) {
    if (gzipTakers.size >= GZIP_TAKERS_MAX) gzipTakers.clear();
    gzipTakers.set(header, takes = namesGzip(header));
  }
  return takes;
}

/** Browsers and libraries have some ten ways to say it, which to take apart costs more than to look up. */
const gzipTakers = new Map<string, boolean>();
/** What is longer than anything a browser sends is not remembered. */
const GZIP_TAKER_LENGTH_MAX = 100;
const GZIP_TAKERS_MAX = 100;

function namesGzip(header: string): boolean {
  const codings = new Map(
    header.split(",").map((part) => {
      const [name = "", ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
      const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2) ?? "1";
      return [name, Number(weight)] as const;
    }),
  );
  return (codings.get("gzip") ?? codings.get("*") ?? 0) > 0;
}

/** RFC 9110's weak comparison with each tag that the client has. */
export function isKnown(header: string | null | undefined, etag: string): boolean {
  if (!header) return false;
  if (header === etag) return true;
  const opaque = etag.replace(/^W\//, "");
  return header.split(",").some((tag) => {
    const known = tag.trim();
    return known === "*" || known.replace(/^W\//, "") === opaque;
  });
}
