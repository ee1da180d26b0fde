/**
 * Access tokens of the built-in accounts: HS256 with several secrets in rotation. The first secret
 * signs, all verify; the key id picks the secret, and the algorithm is pinned by the key, never
 * taken from the token.
 *
 * @module
 */

import { createHmac } from "node:crypto";
import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { type Role, ROLES } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import { type EpochMs, SECOND_MS } from "@/domain/time.ts";
import type { Clock } from "./clock.ts";

/** What an access token says about its bearer. */
export interface AccessClaims {
  userId: string;
  sessionId: string;
  role: Role;
}

/** The claims of a token that was verified, and the instant it ends. */
export interface VerifiedToken extends AccessClaims {
  expiresAt: EpochMs;
}

/** Signs and verifies access tokens. */
export interface AccessTokens {
  /** Signs a token that lives `ttlMs` from now. */
  sign(claims: AccessClaims): Promise<string>;
  /** Fails with `TOKEN_EXPIRED`, or with `INVALID_TOKEN` for every other fault. */
  verify(token: string): Promise<VerifiedToken>;
  /** The life of a new token. */
  readonly ttlMs: number;
}

export interface AccessTokensOptions {
  /** At least one; the first signs. */
  secrets: readonly string[];
  issuer: string;
  audience: string;
  ttlMs: number;
  clock: Clock;
}

const ALGORITHM = "HS256";
/** Our tokens have about 400 characters; longer ones are not worth decoding. */
const TOKEN_LENGTH_MAX = 4_096;

interface Key {
  id: string;
  secret: Uint8Array;
}

/** Makes the signer and verifier of access tokens. */
export function createAccessTokens(options: AccessTokensOptions): AccessTokens {
  const { issuer, audience, ttlMs, clock } = options;
  const keys = options.secrets.map(keyOf);
  const [signing] = keys;
  if (!signing) throw new RangeError("Cannot create access tokens: there is no secret");
  return {
    ttlMs,
    sign(claims) {
      const issuedAt = Math.floor(clock.now() / SECOND_MS);
      return new SignJWT({ sid: claims.sessionId, role: claims.role })
        .setProtectedHeader({ alg: ALGORITHM, typ: "JWT", kid: signing.id })
        .setSubject(claims.userId).setIssuer(issuer).setAudience(audience)
        .setIssuedAt(issuedAt).setNotBefore(issuedAt)
        .setExpirationTime(issuedAt + Math.floor(ttlMs / SECOND_MS))
        .sign(signing.secret);
    },
    async verify(token) {
      if (token.length > TOKEN_LENGTH_MAX) throw invalidToken();
      const payload = await verifyWithAny(
        candidates(keys, token),
        (key) =>
          jwtVerify(token, key.secret, {
            algorithms: [ALGORITHM],
            issuer,
            audience,
            requiredClaims: ["exp", "sub", "iat"],
            currentDate: new Date(clock.now()),
          }),
      );
      return claimsOf(payload);
    },
  };
}

/** The id is derived one way, so that it names the secret without telling anything about it. */
function keyOf(secret: string): Key {
  const id = createHmac("sha256", secret).update("kid").digest("base64url").slice(0, 12);
  return { id, secret: new TextEncoder().encode(secret) };
}

function candidates(keys: readonly Key[], token: string): readonly Key[] {
  const keyId = keyIdOf(token);
  return keyId === undefined ? keys : keys.filter((key) => key.id === keyId);
}

function keyIdOf(token: string): string | undefined {
  try {
    const { kid } = decodeProtectedHeader(token);
    return typeof kid === "string" ? kid : undefined;
  } catch (cause) {
    throw invalidToken(cause);
  }
}

async function verifyWithAny(
  keys: readonly Key[],
  verify: (key: Key) => Promise<{ payload: JWTPayload }>,
): Promise<JWTPayload> {
  let cause: unknown;
  for (const key of keys) {
    try {
      return (await verify(key)).payload;
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw expiredToken(error);
      cause = error;
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) break;
    }
  }
  throw invalidToken(cause);
}

function claimsOf(payload: JWTPayload): VerifiedToken {
  const { sub: userId, sid: sessionId, role, exp } = payload;
  if (typeof userId !== "string" || typeof sessionId !== "string" || !isRole(role)) {
    throw invalidToken();
  }
  return { userId, sessionId, role, expiresAt: exp! * SECOND_MS };
}

function isRole(value: unknown): value is Role {
  return ROLES.some((role) => role === value);
}

function expiredToken(cause?: unknown): DomainError {
  return new DomainError("TOKEN_EXPIRED", "Cannot use the access token: it has expired", { cause });
}

function invalidToken(cause?: unknown): DomainError {
  return new DomainError("INVALID_TOKEN", "Cannot use the access token: it is not valid", {
    cause,
  });
}
