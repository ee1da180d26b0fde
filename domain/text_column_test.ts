import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { TextColumn } from "./text_column.ts";

Deno.test("TextColumn gives back what was set last, however often", () => {
  const sets = fc.array(fc.tuple(fc.nat(5), fc.string({ unit: "grapheme" })), { maxLength: 60 });
  fc.assert(fc.property(sets, (sets) => {
    const column = new TextColumn();
    const expected = Array.from({ length: 6 }, () => "");

    for (const [slot, text] of sets) {
      column.set(slot, text);
      expected[slot] = text;
    }

    assertEquals(expected.map((_, slot) => column.at(slot)), expected);
  }));
});

Deno.test("TextColumn.setMany() takes texts as they come, the empty ones too", () => {
  const column = new TextColumn();
  column.set(0, "first");

  column.setMany(1, new TextEncoder().encode("Ñandú\n\n李\n"), 10);

  assertEquals([0, 1, 2, 3].map((slot) => column.at(slot)), ["first", "Ñandú", "", "李"]);
});
