import { assertEquals, assertThrows } from "@std/assert";
import { comparePatterns, coveredSegments, toPattern } from "./pattern.ts";

const ROUTES: [id: string, pattern: string][] = [
  ["index", "/"],
  ["about", "/about"],
  ["users/index", "/users"],
  ["users/[id]", "/users/:id"],
  ["users/[id]/index", "/users/:id"],
  ["docs/[...path]", "/docs/:path{.+}"],
  ["list/[[page]]", "/list/:page?"],
  ["(panel)/orders/(list)/index", "/orders"],
  ["(panel)/index", "/"],
];

Deno.test("toPattern() gives the URL of each kind of route", () => {
  for (const [id, pattern] of ROUTES) assertEquals(toPattern(id), pattern, id);
});

Deno.test("toPattern() refuses what the router would read in another way", () => {
  for (const id of ["[id].json", "[a-b]", "x[id]", "[[...rest]]", "a:b"]) {
    assertThrows(() => toPattern(id), TypeError, "is not understood");
  }
});

Deno.test("comparePatterns() tries the more particular pattern first, at the first segment that differs", () => {
  const patterns = [
    "/:all{.+}",
    "/c/:slug?",
    "/c/:slug",
    "/:x/new",
    "/c/new",
    "/",
    "/c",
    "/c/:slug/log",
  ];

  patterns.sort(comparePatterns);

  assertEquals(patterns, [
    "/",
    "/c",
    "/c/new",
    "/c/:slug",
    "/c/:slug/log",
    "/c/:slug?",
    "/:x/new",
    "/:all{.+}",
  ]);
});

Deno.test("coveredSegments() counts whole segments only", () => {
  assertEquals(coveredSegments("/", "/a/b"), 0);
  assertEquals(coveredSegments("/a", "/a/b"), 1);
  assertEquals(coveredSegments("/a", "/ab"), -1);
  assertEquals(coveredSegments("/a/:id/x", "/a/7/x/y"), 3);
  assertEquals(coveredSegments("/a/b", "/a"), -1);
});
