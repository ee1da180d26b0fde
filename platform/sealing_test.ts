import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { createSealer, SealError } from "./sealing.ts";

const OLD = "an old secret of the operator, long enough";
const NEW = "a new secret of the operator, long enough";

Deno.test("createSealer() opens what any of its keys sealed, and seals with the first", () => {
  const before = createSealer([OLD]);
  const after = createSealer([NEW, OLD]);
  const sealed = before.seal("täglich", "row 1");

  assertEquals(after.open(sealed, "row 1"), "täglich");
  assertEquals([before.isCurrent(sealed.keyId), after.isCurrent(sealed.keyId)], [true, false]);
  assertEquals(createSealer([NEW]).open(after.seal("x", "row 1"), "row 1"), "x");
});

Deno.test("Sealer.seal() shows neither the text nor that two are equal", () => {
  const sealer = createSealer([OLD]);
  const [one, two] = [sealer.seal("token-123", "row 1"), sealer.seal("token-123", "row 1")];

  assertNotEquals(one.bytes, two.bytes);
  assertEquals(new TextDecoder().decode(one.bytes).includes("token"), false);
});

Deno.test("Sealer.open() refuses another place, a changed byte, a short value and an unknown key", () => {
  const sealer = createSealer([OLD]);
  const sealed = sealer.seal("token", "row 1");
  const changed = Uint8Array.from(sealed.bytes, (byte, at) => at === 14 ? byte ^ 1 : byte);

  assertThrows(() => sealer.open(sealed, "row 2"), SealError);
  assertThrows(() => sealer.open({ ...sealed, bytes: changed }, "row 1"), SealError);
  assertThrows(() => sealer.open({ ...sealed, bytes: sealed.bytes.slice(0, 5) }, "row 1"));
  assertThrows(() => createSealer([NEW]).open(sealed, "row 1"), SealError);
  assertThrows(() => createSealer([]), RangeError);
});
