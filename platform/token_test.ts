import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { createToken, hashToken, isSameSecret } from "./token.ts";

Deno.test("createToken() gives 43 URL-safe characters, never the same twice", () => {
  const tokens = Array.from({ length: 100 }, createToken);

  for (const token of tokens) assertMatch(token, /^[A-Za-z0-9_-]{43}$/);
  assertEquals(new Set(tokens).size, 100);
});

Deno.test("hashToken() is stable and differs by token", () => {
  assertEquals(hashToken("a"), hashToken("a"));
  assertNotEquals(hashToken("a"), hashToken("b"));
  assertMatch(hashToken("a"), /^[0-9a-f]{64}$/);
});

Deno.test("isSameSecret() compares whole values of any length", () => {
  assert(isSameSecret("", ""));
  assert(isSameSecret("clé", "clé"));
  assert(!isSameSecret("a", ""));
  assert(!isSameSecret("abc", "abd"));
});
