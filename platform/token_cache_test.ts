import { assertEquals } from "@std/assert";
import { createTokenCache } from "./token_cache.ts";

function cacheOf(capacity: number) {
  const clock = { nowMs: 0, now: () => clock.nowMs };
  const cache = createTokenCache<{ expiresAt: number; sessionId: string }>({ clock, capacity });
  return { clock, cache };
}

Deno.test("createTokenCache() checks the expiry at each hit", () => {
  const { clock, cache } = cacheOf(10);
  cache.set("a", { expiresAt: 1000, sessionId: "s" });

  clock.nowMs = 999;
  assertEquals(cache.get("a")?.sessionId, "s");
  clock.nowMs = 1000;
  assertEquals(cache.get("a"), undefined);
  assertEquals(cache.size, 0);
});

Deno.test("createTokenCache() drops the least recently used past its capacity", () => {
  const { cache } = cacheOf(2);
  cache.set("a", { expiresAt: 1000, sessionId: "a" });
  cache.set("b", { expiresAt: 1000, sessionId: "b" });
  cache.get("a");

  cache.set("c", { expiresAt: 1000, sessionId: "c" });

  assertEquals(["a", "b", "c"].map((token) => cache.get(token)?.sessionId), ["a", undefined, "c"]);
  assertEquals(cache.size, 2);
});

Deno.test("createTokenCache() setting a token again keeps the others", () => {
  const { cache } = cacheOf(2);
  cache.set("a", { expiresAt: 1000, sessionId: "a" });
  cache.set("b", { expiresAt: 1000, sessionId: "b" });

  cache.set("b", { expiresAt: 2000, sessionId: "b2" });

  assertEquals(cache.get("a")?.sessionId, "a");
  assertEquals(cache.get("b")?.sessionId, "b2");
});

Deno.test("createTokenCache() forgets one token, or all of a session", () => {
  const { cache } = cacheOf(10);
  for (const token of ["a", "b", "c"]) cache.set(token, { expiresAt: 1000, sessionId: "s" });
  cache.set("d", { expiresAt: 1000, sessionId: "other" });

  cache.delete("a");
  assertEquals(cache.size, 3);
  cache.deleteWhere((value) => value.sessionId === "s");

  assertEquals(cache.get("b"), undefined);
  assertEquals(cache.get("d")?.sessionId, "other");
});
