import { assertEquals } from "@std/assert";
import { EXCLUDE_REASONS, QUANTITIES, REJECT_REASONS } from "./activity.ts";

/** Code and meaning of each row of a section's table. */
function rowsOf(section: string): Record<string, string> {
  const rows = section.split("\n").filter((line) => line.startsWith("| `"));
  return Object.fromEntries(rows.map((row) => {
    const [, code, meaning, advice] = row.split("|").map((cell) => cell.trim());
    if (!advice) throw new Error(`Cannot read row "${row}": it says not what to do`);
    return [code!.replaceAll("`", ""), meaning!];
  }));
}

Deno.test("docs/reason_codes.md has every reason with its meaning, and no other", async () => {
  const file = new URL("../docs/reason_codes.md", import.meta.url);
  const [, rejected, excluded] = (await Deno.readTextFile(file)).split("\n## ");

  assertEquals(rowsOf(rejected!), { ...REJECT_REASONS });
  assertEquals(rowsOf(excluded!), { ...EXCLUDE_REASONS });
});

Deno.test("no code is in both tables of reasons", () => {
  const both = Object.keys(REJECT_REASONS).filter((code) => code in EXCLUDE_REASONS);

  assertEquals(both, []);
});

Deno.test("a lifetime of the largest records still adds up exactly", () => {
  const records = 90_000; // three a day for eighty years

  for (const [name, { max }] of Object.entries(QUANTITIES)) {
    assertEquals(Number.isSafeInteger(max * records), true, name);
  }
});
