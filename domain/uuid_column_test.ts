import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { UuidColumn } from "./uuid_column.ts";

Deno.test("UuidColumn finds every id and orders them as text", () => {
  fc.assert(fc.property(fc.uniqueArray(fc.uuid(), { maxLength: 200 }), fc.uuid(), (ids, other) => {
    const column = new UuidColumn();
    const slots = ids.map((id) => column.add(id));

    assertEquals(ids.map((id) => column.find(id)), slots);
    assertEquals(slots.map((slot) => column.at(slot)), ids);
    assertEquals(column.find(other), ids.indexOf(other));
    const sorted = slots.toSorted((a, b) => column.compare(a, b)).map((slot) => column.at(slot));
    assertEquals(sorted, ids.toSorted());
  }));
});

Deno.test("UuidColumn keeps ids apart that differ in few bits", () => {
  const ids = Array.from(
    { length: 5000 },
    (_, n) =>
      `${n.toString(16).padStart(8, "0")}-0000-7000-8000-${n.toString(16).padStart(12, "0")}`,
  );
  const column = new UuidColumn(100);
  for (const id of ids) column.add(id);

  assertEquals(ids.every((id, slot) => column.find(id) === slot), true);
});

Deno.test("UuidColumn takes nothing but UUIDs in lower case", () => {
  const column = new UuidColumn();

  for (const id of ["", "a", "0199A3C2-7B54-7C1E-9D0A-3F5B8E6A1C42", "0".repeat(36)]) {
    assertEquals(column.find(id), -1);
    assertThrows(() => column.add(id), RangeError);
  }
});
