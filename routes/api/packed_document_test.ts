import { assertEquals, assertNotEquals } from "@std/assert";
import { PackedDocument } from "./packed_document.ts";

Deno.test("PackedDocument gives back what it was made of, and tells others apart", () => {
  const document = { title: "Läufe – 京都", paths: Array(1000).fill({ get: null }) };
  const packed = new PackedDocument<typeof document>(document);

  assertEquals(packed.read(), document);
  assertEquals(packed.text(), JSON.stringify(document));
  assertEquals(packed.etag, new PackedDocument({ ...document }).etag);
  assertNotEquals(packed.etag, new PackedDocument({ ...document, title: "" }).etag);
});
