/** QR codes as SVG, made on the server. */

import { encode } from "uqr";

/** The dark squares of a code as one path, on a grid with its quiet zone. */
export interface QrCode {
  /** Squares on each side, the quiet zone included. */
  size: number;
  path: string;
}

/** Squares of white around a code, which scanners want. */
const QUIET_ZONE = 4;

/** Encodes a text, so that 15 % of the code may be damaged. Throws for more than some 2 000 bytes.
 * @example
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { qrCode } from "@/platform/qr_code.ts";
 *
 * const { size, path } = qrCode("https://example.org/i/k3x9q2mf");
 * assertEquals(size, 37);
 * assert(path.startsWith("M4 4h7v1h-7z"));
 * ```
 */
export function qrCode(text: string): QrCode {
  const { size, data } = encode(text, { ecc: "M", border: QUIET_ZONE });
  return { size, path: data.flatMap((row, y) => runsOf(row, y)).join("") };
}

/** Neighbours in a row are one rectangle, so that no hair lines show between them. */
function runsOf(row: readonly boolean[], y: number): string[] {
  const runs: string[] = [];
  for (let x = 0; x < row.length; x++) {
    if (!row[x]) continue;
    const from = x;
    while (row[x + 1]) x += 1;
    const width = x - from + 1;
    runs.push(`M${from} ${y}h${width}v1h-${width}z`);
  }
  return runs;
}

/** The same as a file of its own, black on white whatever the page is. */
export function qrSvg(text: string): string {
  const { size, path } = qrCode(text);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" ` +
    `shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/>` +
    `<path d="${path}"/></svg>\n`;
}
