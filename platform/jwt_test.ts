import { assert, assertEquals, assertRejects } from "@std/assert";
import { SignJWT } from "jose";
import { DomainError, type ErrorCode } from "@/domain/error.ts";
import { createAccessTokens } from "./jwt.ts";

const OLD = "an old secret of more than 32 characters";
const NEW = "a new secret of more than 32 characters!";
const CLAIMS = { userId: "user-1", sessionId: "session-1", role: "member" as const };
const START_MS = Date.UTC(2026, 0, 1);

function tokensAt(secrets: string[], nowMs = START_MS, audience = "paceboard") {
  return createAccessTokens({
    secrets,
    issuer: "https://example.org",
    audience,
    ttlMs: 900_000,
    clock: { now: () => nowMs },
  });
}

/** A token signed by hand, to try what our signer never makes. */
function forge(
  payload: Record<string, unknown>,
  options: { alg?: string; secret?: string; kid?: string } = {},
): Promise<string> {
  const seconds = START_MS / 1000;
  const usual = {
    sub: "user-1",
    sid: "session-1",
    role: "member",
    iss: "https://example.org",
    aud: "paceboard",
    iat: seconds,
    exp: seconds + 60,
  };
  return new SignJWT({ ...usual, ...payload })
    .setProtectedHeader({
      alg: options.alg ?? "HS256",
      ...(options.kid ? { kid: options.kid } : {}),
    })
    .sign(new TextEncoder().encode((options.secret ?? NEW).padEnd(64, "x").slice(0, 64)));
}

async function codeOf(token: string, tokens = tokensAt([NEW.padEnd(64, "x")])): Promise<ErrorCode> {
  return (await assertRejects(() => tokens.verify(token), DomainError)).code;
}

Deno.test("createAccessTokens() verifies what it signed", async () => {
  const tokens = tokensAt([NEW]);

  const verified = await tokens.verify(await tokens.sign(CLAIMS));

  assertEquals(verified, { ...CLAIMS, expiresAt: START_MS + 900_000 });
});

Deno.test("createAccessTokens() signs with the first secret and verifies with all", async () => {
  const before = await tokensAt([OLD]).sign(CLAIMS);
  const rotated = tokensAt([NEW, OLD]);

  assertEquals((await rotated.verify(before)).userId, "user-1");
  const after = await rotated.sign(CLAIMS);
  assertEquals((await tokensAt([NEW]).verify(after)).userId, "user-1");
  assertEquals(await codeOf(after, tokensAt([OLD])), "INVALID_TOKEN");
});

Deno.test("createAccessTokens() tells an expired token from an invalid one", async () => {
  const token = await tokensAt([NEW]).sign(CLAIMS);

  assert(await tokensAt([NEW], START_MS + 899_999).verify(token));
  assertEquals(await codeOf(token, tokensAt([NEW], START_MS + 900_000)), "TOKEN_EXPIRED");
  assertEquals(await codeOf(token, tokensAt([OLD], START_MS + 900_000)), "INVALID_TOKEN");
});

Deno.test("createAccessTokens() refuses what is not from here, for here, of now", async (t) => {
  const seconds = START_MS / 1000;
  const cases: [string, Record<string, unknown>][] = [
    ["another issuer", { iss: "https://elsewhere.example" }],
    ["another audience", { aud: "another" }],
    ["no audience", { aud: undefined }],
    ["no expiry", { exp: undefined }],
    ["not valid yet", { nbf: seconds + 60 }],
    ["no subject", { sub: undefined }],
    ["no session", { sid: undefined }],
    ["an unknown role", { role: "root" }],
  ];
  assert(await tokensAt([NEW.padEnd(64, "x")]).verify(await forge({})));
  for (const [name, payload] of cases) {
    await t.step(
      name,
      async () => assertEquals(await codeOf(await forge(payload)), "INVALID_TOKEN"),
    );
  }
});

Deno.test("createAccessTokens() pins the algorithm and the key", async () => {
  assertEquals(await codeOf(await forge({}, { alg: "HS512" })), "INVALID_TOKEN");
  assertEquals(await codeOf(await forge({}, { kid: "unknown" })), "INVALID_TOKEN");
  assertEquals(await codeOf(await forge({}, { secret: OLD })), "INVALID_TOKEN");
  const [, payload] = (await forge({})).split(".");
  const none = btoa(JSON.stringify({ alg: "none" })).replaceAll("=", "");
  assertEquals(await codeOf(`${none}.${payload}.`), "INVALID_TOKEN");
});

Deno.test("createAccessTokens() answers every text with INVALID_TOKEN", async () => {
  for (const text of ["", ".", "..", "a.b.c", "\u0000", "x".repeat(10_000), "e30.e30.e30"]) {
    assertEquals(await codeOf(text), "INVALID_TOKEN");
  }
});
