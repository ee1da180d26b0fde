import { assertEquals, assertThrows } from "@std/assert";
import { Hono } from "hono";
import type { ApiKeyActor, UserActor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import { keyActor } from "@/tests/support/board_fixture.ts";
import { userActor } from "@/tests/support/users.ts";
import type { AppEnv } from "../app_env.ts";
import { failure, toDomainError } from "../failure.ts";
import { authenticate, bearerToken } from "./authenticate.ts";

const MIRA = userActor("mira");

const APP = keyActor("scores:write");

const accounts = {
  authenticateToken(token: string): Promise<UserActor> {
    if (token === "good") return Promise.resolve(MIRA);
    throw new DomainError("TOKEN_EXPIRED", "Cannot use the access token: it has expired");
  },
  authenticateCookie: (cookie: string) =>
    Promise.resolve(cookie === "good" ? { ...MIRA, via: "browser" as const } : undefined),
};

const apiKeys = {
  authenticate(key: string): Promise<ApiKeyActor> {
    if (key === "pb_good") return Promise.resolve(APP);
    throw new DomainError("INVALID_TOKEN", "Cannot use the API key: it is not known");
  },
};

function ask(headers: Record<string, string>) {
  const app = new Hono<AppEnv>()
    .use((c, next) => {
      c.set("requestId", "r9");
      c.set("clientAddress", "203.0.113.5");
      return next();
    })
    .use(authenticate({ accounts, apiKeys, cookieName: "session" }))
    .get("/", (c) => c.json(c.var.actor))
    .onError((error, c) => failure(c, toDomainError(error)));
  return app.request("/", { headers });
}

Deno.test("authenticate() makes the bearer of a token the actor, with this request's origin", async () => {
  const actor = await (await ask({ authorization: "bearer good", cookie: "session=bad" })).json();

  assertEquals(actor, { ...MIRA, requestId: "r9", address: "203.0.113.5" });
});

Deno.test("authenticate() falls back to the cookie, then to nobody", async () => {
  const kindOf = async (headers: Record<string, string>) => {
    const { kind, via = "" } = await (await ask(headers)).json();
    return `${kind} ${via}`;
  };

  assertEquals(await kindOf({ cookie: "a=b; session=good" }), "user browser");
  assertEquals(
    await kindOf({ cookie: "session=good", authorization: "Basic Zm9v" }),
    "user browser",
  );
  assertEquals(await kindOf({ cookie: "session=bad" }), "anonymous ");
  assertEquals(await kindOf({}), "anonymous ");
});

Deno.test("authenticate() refuses a token that is not good, whatever the path", async () => {
  const expired = await ask({ authorization: "Bearer old", cookie: "session=good" });
  const empty = await ask({ authorization: "Bearer" });

  assertEquals([expired.status, (await expired.json()).error.code], [401, "TOKEN_EXPIRED"]);
  assertEquals(
    expired.headers.get("www-authenticate"),
    `Bearer realm="paceboard", error="invalid_token"`,
  );
  assertEquals([empty.status, (await empty.json()).error.code], [401, "INVALID_TOKEN"]);
});

Deno.test("authenticate() takes an API key as bearer token or in its own header", async () => {
  const here = { requestId: "r9", address: "203.0.113.5" };

  const bearer = await ask({ authorization: "Bearer pb_good" });
  const header = await ask({ "x-api-key": "pb_good", cookie: "session=good" });
  const both = await ask({ "x-api-key": "pb_good", authorization: "Bearer good" });
  const bad = await ask({ "x-api-key": "good", cookie: "session=good" });

  assertEquals(await bearer.json(), { ...APP, ...here });
  assertEquals(await header.json(), { ...APP, ...here });
  assertEquals(await both.json(), { ...MIRA, ...here });
  assertEquals([bad.status, (await bad.json()).error.code], [401, "INVALID_TOKEN"]);
});

Deno.test("bearerToken() takes the token of its own scheme only", () => {
  assertEquals(bearerToken("Bearer a.b-c_d"), "a.b-c_d");
  assertEquals(bearerToken("BEARER   abc="), "abc=");
  assertEquals(bearerToken("Basic abc"), undefined);
  assertEquals(bearerToken("Bearerabc"), undefined);
  assertEquals(bearerToken(undefined), undefined);
  for (const header of ["Bearer", "Bearer ", "Bearer a b", "Bearer a,b", 'Bearer "x"']) {
    assertThrows(() => bearerToken(header), DomainError);
  }
});
