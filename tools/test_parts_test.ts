import { assertEquals } from "@std/assert";
import { splitTests } from "./test_parts.ts";

Deno.test("splitTests() has every file once, and no empty part", () => {
  const files = ["a", "b", "c"].map((path) => ({ path, text: "Deno.test(path, () => {});" }));

  assertEquals(splitTests(files, 8), { alone: [], parts: [["a"], ["b"], ["c"]] });
  assertEquals(splitTests(files, 1), { alone: [], parts: [["a", "b", "c"]] });
});

Deno.test("splitTests() leaves files with hooks by themselves", () => {
  const files = [
    { path: "a", text: "Deno.test.beforeAll(() => {});" },
    { path: "b", text: "Deno.test.afterEach(() => {});" },
    { path: "c", text: "Deno.test.ignore(name, () => {});" },
  ];

  assertEquals(splitTests(files, 2), { alone: ["a", "b"], parts: [["c"]] });
});
