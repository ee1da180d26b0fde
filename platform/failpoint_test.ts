import { assertEquals, assertThrows } from "@std/assert";
import { createFailpoint, type FailpointName, readFailpoint } from "./failpoint.ts";

Deno.test("createFailpoint() ends at the planned passing of the planned place only", () => {
  const passed: FailpointName[] = [];
  const failpoint = createFailpoint({ name: "score.flush", passing: 2 }, () => {
    throw new Error("ended");
  });
  const pass = (name: FailpointName) => {
    failpoint(name);
    passed.push(name);
  };

  pass("score.flush");
  pass("score.commit.after");
  pass("score.commit.after");
  assertThrows(() => pass("score.flush"), Error, "ended");
  pass("score.flush");

  assertEquals(passed.length, 4);
});

Deno.test("readFailpoint() takes a name alone for its first passing", () => {
  assertEquals(readFailpoint("score.commit.before"), { name: "score.commit.before", passing: 1 });
  for (const text of ["", "score", "score.flush:", "score.flush:0", "score.flush:-1"]) {
    assertEquals(readFailpoint(text), undefined, text);
  }
});
