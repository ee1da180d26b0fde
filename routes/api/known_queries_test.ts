import { assertEquals } from "@std/assert";
import { KnownQueries } from "./known_queries.ts";

Deno.test("KnownQueries gives what was validated for the same text, and nothing for others", () => {
  const known = new KnownQueries<{ top?: number }>({});
  known.remember("http://a/x?top=5", { top: 5 });
  known.remember(`http://a/x?cursor=${"c".repeat(100)}`, { top: 7 });

  assertEquals(known.of("http://a/y"), {});
  assertEquals(known.of("http://a/y?top=5"), { top: 5 });
  assertEquals(known.of("http://a/y?top=6"), undefined);
  assertEquals(known.of(`http://a/x?cursor=${"c".repeat(100)}`), undefined);
});
