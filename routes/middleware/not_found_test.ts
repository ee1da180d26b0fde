import { assertEquals } from "@std/assert";
import { Hono } from "hono";
import type { AppEnv } from "../app_env.ts";
import { notFound } from "./not_found.ts";

function createApp() {
  const app = new Hono<AppEnv>();
  app.use(async (_c, next) => await next());
  app.get("/api/v1/things", (c) => c.text("list"));
  app.post("/api/v1/things", (c) => c.text("made"));
  app.delete("/api/v1/things/:id", (c) => c.text("gone"));
  app.notFound(notFound({
    app,
    page: (c, error) => c.req.path === "/page" ? c.html(error.code, 404) : undefined,
  }));
  return app;
}

Deno.test("notFound() answers 405 with the methods the path has", async (t) => {
  const cases: [string, string, string][] = [
    ["PUT", "/api/v1/things", "GET, HEAD, POST"],
    ["GET", "/api/v1/things/5", "DELETE"],
  ];
  for (const [method, path, allow] of cases) {
    await t.step(`${method} ${path}`, async () => {
      const response = await createApp().request(path, { method });
      assertEquals(response.status, 405);
      assertEquals(response.headers.get("allow"), allow);
      assertEquals((await response.json()).error.code, "METHOD_NOT_ALLOWED");
    });
  }
});

Deno.test("notFound() answers OPTIONS with the methods the path has", async () => {
  const response = await createApp().request("/api/v1/things", { method: "OPTIONS" });
  const nothing = await createApp().request("/api/v1/nothing", { method: "OPTIONS" });

  assertEquals([response.status, response.headers.get("allow")], [204, "GET, HEAD, OPTIONS, POST"]);
  assertEquals(nothing.status, 404);
});

Deno.test("notFound() answers 404 in the envelope where nothing is", async () => {
  const response = await createApp().request("/api/v1/nothing");

  assertEquals(response.status, 404);
  assertEquals((await response.json()).error, {
    code: "NOT_FOUND",
    message: 'Cannot find "/api/v1/nothing": there is no such path',
    requestId: "",
  });
});

Deno.test("notFound() renders a page outside /api where there is one", async () => {
  const app = createApp();

  assertEquals(await (await app.request("/page")).text(), "NOT_FOUND");
  assertEquals((await app.request("/other")).headers.get("content-type"), "application/json");
  assertEquals((await app.request("/api/page")).headers.get("content-type"), "application/json");
});
