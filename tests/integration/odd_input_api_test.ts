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
