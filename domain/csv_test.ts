import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { csvLine } from "./csv.ts";

/** RFC 4180, read slowly. */
function readLine(line: string): string[] {
  const cells: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",]*))(,|\r\n$)/gy;
  for (let match = cell.exec(line); match; match = cell.exec(line)) {
    cells.push(match[1] === undefined ? match[2]! : match[1].replaceAll('""', '"'));
    if (match[3] !== ",") break;
  }
  return cells;
}

/** Short texts of what has a meaning somewhere. */
const cells = fc.string({
  unit: fc.constantFrom(..."=+-@\t\r\n＝,;\"' a1"),
  maxLength: 6,
});

Deno.test("csvLine() is read back as it was, but for the apostrophe before formulas", () => {
  fc.assert(fc.property(fc.array(cells, { minLength: 1, maxLength: 4 }), (texts) => {
    const shielded = texts.map((text) => /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text);
    assertEquals(readLine(csvLine(texts)), shielded);
  }));
});

Deno.test("csvLine() leaves no cell that a spreadsheet runs", () => {
  for (const text of ["=1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "－1"]) {
    assertEquals(readLine(csvLine([text, 1])), [`'${text}`, "1"]);
  }
});
