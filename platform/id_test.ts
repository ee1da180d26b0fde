import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { createIdGenerator } from "./id.ts";

Deno.test("createIdGenerator() makes UUIDs of version 7 that carry their millisecond", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (nowMs) => {
    const id = createIdGenerator({ now: () => nowMs })();

    assertMatch(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assertEquals(parseInt(id.replaceAll("-", "").slice(0, 12), 16), nowMs);
  }));
});

Deno.test("createIdGenerator() never repeats within a millisecond, and sorts by time", () => {
  let nowMs = 1_700_000_000_000;
  const newId = createIdGenerator({ now: () => nowMs });

  const same = Array.from({ length: 10_000 }, newId);
  nowMs += 1;
  const later = newId();

  assertEquals(new Set(same).size, 10_000);
  assert(same.every((id) => id < later));
});
