import { assertEquals } from "@std/assert";
import { Hono } from "hono";
import { ok, okPage } from "./answer.ts";

Deno.test("ok() wraps the value and turns bigint and Date into strings", async () => {
  const app = new Hono().get("/", (c) => ok(c, { amountMinor: 5n, at: new Date(0), n: [1n] }, 201));

  const response = await app.request("/");

  assertEquals(response.status, 201);
  assertEquals(response.headers.get("content-type"), "application/json");
  assertEquals(await response.json(), {
    success: true,
    data: { amountMinor: "5", at: "1970-01-01T00:00:00.000Z", n: ["1"] },
  });
});

Deno.test("ok() answers 200 without meta unless told otherwise", async () => {
  const app = new Hono()
    .get("/plain", (c) => ok(c, null))
    .get("/stale", (c) => ok(c, [], 200, { stale: true as const }));

  assertEquals(await (await app.request("/plain")).text(), `{"success":true,"data":null}`);
  assertEquals(
    await (await app.request("/stale")).text(),
    `{"success":true,"data":[],"meta":{"stale":true}}`,
  );
});

Deno.test("okPage() answers the items with where the page stands", async () => {
  const page = { items: ["a"], page: 2, pageSize: 1, total: 3 };
  const app = new Hono().get("/", (c) => okPage(c, page));

  const response = await app.request("/");

  assertEquals(await response.json(), {
    success: true,
    data: ["a"],
    meta: { page: 2, pageSize: 1, total: 3, totalPages: 3 },
  });
});
