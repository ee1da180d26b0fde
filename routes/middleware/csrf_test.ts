import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { Hono } from "hono";
import { userActor } from "@/tests/support/users.ts";
import type { AppEnv } from "../app_env.ts";
import { failure, toDomainError } from "../failure.ts";
import { csrf, csrfTokenOf, isCsrfToken } from "./csrf.ts";

const SECRET = "a secret of the server";
const ACTOR = userActor("mira", { via: "browser", sessionId: "s1" });
const TOKEN = csrfTokenOf(SECRET, "s1");
const OWN = { origin: "https://board.example", "x-csrf-token": TOKEN };

async function statusOf(
  headers: Record<string, string>,
  { method = "POST", via = "browser" as "browser" | "api" } = {},
): Promise<number> {
  const app = new Hono<AppEnv>()
    .use((c, next) => {
      c.set("actor", { ...ACTOR, via });
      return next();
    })
    .use(csrf({ secret: SECRET, trustedOrigins: ["https://public.example"] }))
    .all("/", (c) => c.text("written"))
    .onError((error, c) => failure(c, toDomainError(error)));
  // Plain http, as behind a proxy that ends TLS.
  return (await app.request("http://board.example/", { method, headers })).status;
}

Deno.test("csrf() lets a write of our own page with the session's token through", async () => {
  assertEquals(await statusOf(OWN), 200);
  assertEquals(await statusOf({ ...OWN, origin: "https://public.example" }), 200);
  assertEquals(
    await statusOf({ ...OWN, "sec-fetch-site": "same-origin" }, { method: "DELETE" }),
    200,
  );
});

Deno.test("csrf() refuses a write without the token, or with another session's", async () => {
  const { origin } = OWN;

  assertEquals(await statusOf({ origin }), 403);
  assertEquals(await statusOf({ origin, "x-csrf-token": "" }), 403);
  assertEquals(await statusOf({ origin, "x-csrf-token": csrfTokenOf(SECRET, "s2") }), 403);
  assertEquals(await statusOf({ origin, "x-csrf-token": csrfTokenOf("other", "s1") }), 403);
});

Deno.test("csrf() refuses a write from another site, even with the token", async () => {
  const token = { "x-csrf-token": TOKEN };

  assertEquals(await statusOf({ ...OWN, origin: "https://evil.example" }), 403);
  assertEquals(await statusOf({ ...OWN, origin: "https://board.example.evil.example" }), 403);
  assertEquals(await statusOf({ ...OWN, origin: "null" }), 403);
  assertEquals(await statusOf({ ...token, referer: "https://evil.example/board.example" }), 403);
  assertEquals(await statusOf({ ...token, referer: "not an address" }), 403);
  assertEquals(await statusOf({ ...token, "sec-fetch-site": "cross-site" }), 403);
  assertEquals(await statusOf({ ...token, "sec-fetch-site": "same-site" }), 403);
});

Deno.test("csrf() accepts a write that names no origin, which only programs send", async () => {
  assertEquals(await statusOf({ "x-csrf-token": TOKEN }), 200);
  assertEquals(await statusOf({ "x-csrf-token": TOKEN, referer: "http://board.example/x" }), 200);
});

Deno.test("csrf() leaves reads and tokens alone", async () => {
  assertEquals(await statusOf({ origin: "https://evil.example" }, { method: "GET" }), 200);
  assertEquals(await statusOf({ origin: "https://evil.example" }, { via: "api" }), 200);
});

Deno.test("csrfTokenOf() differs by session and secret", () => {
  assertNotEquals(csrfTokenOf(SECRET, "s1"), csrfTokenOf(SECRET, "s2"));
  assertNotEquals(csrfTokenOf(SECRET, "s1"), csrfTokenOf("other", "s1"));
  assert(isCsrfToken(SECRET, "s1", TOKEN));
  assert(!isCsrfToken(SECRET, "s1", `${TOKEN}a`));
});
