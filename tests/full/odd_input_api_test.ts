/** Input that is well-formed but would deceive, hide or get lost. */

import { assertEquals, assertMatch } from "@std/assert";
import { SignJWT } from "jose";
import { openTestApp, TEST_PASSWORD, type TestApp } from "@/tests/support/app.ts";

/** What `openTestServices` signs with. */
const SECRET = "a test secret of at least thirty-two characters";

function register(test: TestApp, name: string) {
  const email = `${crypto.randomUUID()}@example.org`;
  return test.call("POST", "/auth/register", { body: { email, name, password: TEST_PASSWORD } });
}

Deno.test("names are one line of visible characters", async () => {
  await using test = await openTestApp();

  for (const name of ["\u200B", "first\nsecond", "bell\u0007", "\u202Ename", "a\u2028b"]) {
    const { status, body } = await register(test, name);
    assertEquals([name, status, body.error?.details[0].field], [name, 400, "name"]);
  }
  for (const name of ["Ñandú 李", "سباق", "👩‍👩‍👧", "O'Neill-Å", "<b>"]) {
    const { status, body } = await register(test, name);
    assertEquals([status, body.data?.user.name], [201, name]);
  }
});

Deno.test("an alias and the name of a competition are plain lines too", async () => {
  await using test = await openTestApp();
  const { token, userId } = await test.person("organiser");
  const at = new Date(test.time.now()).toISOString();
  const scoring = { kind: "direct" };

  const alias = await test.call("PUT", `/users/${userId}/profile`, {
    token,
    body: { alias: "\u202Exyl" },
  });
  const competition = await test.call("POST", "/competitions", {
    token,
    body: { name: "Cup\nof all", startsAt: at, endsAt: "2099-01-01T00:00:00Z", scoring },
  });

  assertEquals([alias.status, alias.body.error.details[0].field], [400, "alias"]);
  assertEquals([competition.status, competition.body.error.details[0].field], [400, "name"]);
});

Deno.test("a slug that looks like an id is refused, since paths take both", async () => {
  await using test = await openTestApp();
  const { token } = await test.person("organiser");
  const startsAt = new Date(test.time.now()).toISOString();
  const body = { name: "Cup", startsAt, endsAt: "2099-01-01T00:00:00Z" };

  const answer = await test.call("POST", "/competitions", {
    token,
    body: { ...body, scoring: { kind: "direct" }, slug: "0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c42" },
  });

  assertEquals([answer.status, answer.body.error.details[0].field], [400, "slug"]);
});

Deno.test("a token of another subject under the shared secret is not ours", async () => {
  await using test = await openTestApp();
  const now = test.time.now() / 1000;
  const sign = (claims: Record<string, string>) =>
    new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).setIssuer("paceboard")
      .setAudience("paceboard").setIssuedAt(now).setExpirationTime(now + 300)
      .sign(new TextEncoder().encode(SECRET));

  for (const sub of ["auth0|5f7c8ec7c33c6c004bbafe82", "x' or 1=1"]) {
    const token = await sign({ sub, sid: crypto.randomUUID(), role: "admin" });
    const { status, body } = await test.call("GET", "/auth/me", { token });
    assertEquals([status, body.error.code], [401, "INVALID_TOKEN"]);
  }
});

Deno.test("a wrong present password is told beside its field", async () => {
  await using test = await openTestApp();
  const { token } = await test.person();

  const { status, body } = await test.call("POST", "/auth/password", {
    token,
    body: { currentPassword: "not this one", newPassword: "glacier-violin-77-maple" },
  });

  assertEquals([status, body.error.code], [401, "INVALID_CREDENTIALS"]);
  assertEquals(body.error.details[0].field, "currentPassword");
  assertMatch(body.error.message, /^Cannot change the password/);
});

Deno.test("a browser gets a page where the server's edge refuses it, a program the envelope", async () => {
  await using test = await openTestApp({
    env: { "BODY_LIMIT_IMPORT": "1MiB", "RATE_LIMIT_DEFAULT": "1/m:1" },
  });
  const upload = (accept: string) => {
    const body = new FormData();
    body.append("file", new File([new Uint8Array(2 * 1024 * 1024)], "long.fit"));
    const headers = { accept, "content-length": `${2 * 1024 * 1024 + 200}` };
    const url = "http://localhost/me/upload";
    return test.app.fetch(new Request(url, { method: "POST", body, headers }));
  };

  const forBrowser = await upload("text/html,*/*;q=0.8");
  const page = await forBrowser.text();
  assertEquals(forBrowser.status, 413);
  assertMatch(forBrowser.headers.get("content-type") ?? "", /^text\/html/);
  assertMatch(page, /Too large[\s\S]*larger than 1 MiB/);
  assertMatch(forBrowser.headers.get("content-security-policy") ?? "", /script-src 'self'/);

  const forProgram = await upload("application/json");
  assertEquals(forProgram.status, 413);
  assertEquals((await forProgram.json()).error.code, "PAYLOAD_TOO_LARGE");

  const asked = { headers: { accept: "text/html" } };
  const visits = await Promise.all(
    Array.from({ length: 12 }, () => test.app.fetch(new Request("http://localhost/", asked))),
  );
  const refused = visits.find((res) => res.status === 429);
  assertMatch(await refused!.text(), /A moment, please/);
  assertMatch(refused!.headers.get("retry-after") ?? "", /^\d+$/);
  await Promise.all(visits.map((res) => res.body && !res.bodyUsed ? res.body.cancel() : undefined));
});

Deno.test("HEAD tells the length that GET has, and leaves no stream open", async () => {
  await using test = await openTestApp();
  const { token } = await test.person("organiser");
  const body = { name: "Cup", startsAt: "2020-01-01T00:00:00Z", endsAt: "2099-01-01T00:00:00Z" };
  const created = await test.call("POST", "/competitions", {
    token,
    body: { ...body, scoring: { kind: "direct" } },
  });
  const { id } = created.body.data;
  await test.call("POST", `/competitions/${id}/publish`, { token });
  const viewers = async () => {
    const { body } = await test.call("GET", "//metrics");
    return /^websocket_connections_active\S* (\d+)/m.exec(body)?.[1];
  };
  const before = await viewers();

  for (const path of [`/api/v1/competitions/${id}`, `/api/v1/leaderboard/${id}`, "/health"]) {
    const head = await ask(test, "HEAD", path);
    const { byteLength } = await (await ask(test, "GET", path)).arrayBuffer();
    assertEquals([path, head.headers.get("content-length")], [path, String(byteLength)]);
    assertEquals(head.body, null);
  }
  const stream = await ask(test, "HEAD", `/api/v1/leaderboard/${id}/stream`);
  assertEquals([stream.status, stream.body], [200, null]);
  assertEquals(await viewers(), before);
});

async function ask(test: TestApp, method: string, path: string): Promise<Response> {
  return await test.app.fetch(new Request(`http://localhost${path}`, { method }));
}
