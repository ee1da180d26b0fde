import { assertMatch, assertThrows } from "@std/assert";
import { fileURLToPath } from "node:url";
import { resolveBare } from "./npm_resolver.ts";

const HERE = fileURLToPath(import.meta.url);

Deno.test("resolveBare() follows the import map to the project's files and to packages", () => {
  assertMatch(resolveBare("fresh/runtime", HERE), /fresh[/\\]runtime\.ts$/);
  assertMatch(resolveBare("preact", HERE), /preact[/\\][\d.]+[/\\]dist[/\\]preact\.mjs$/);
  assertMatch(resolveBare("preact/hooks", HERE), /hooks\.mjs$/);
});

Deno.test("resolveBare() finds the ES module of a package's own dependency", () => {
  const signals = resolveBare("@preact/signals", HERE);

  assertMatch(resolveBare("@preact/signals-core", signals), /signals-core.*\.m(odule\.)?js$/);
});

Deno.test("resolveBare() throws for what nobody depends on", () => {
  assertThrows(() => resolveBare("left-pad", HERE), Error, "left-pad");
});
