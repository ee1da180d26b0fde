/** Keys of apps: what admins give out, list and take back. */

import { z } from "zod";
import { SCOPE_NAMES } from "@/domain/scope.ts";
import { Id, Instant, isPlainLine, PageQuery, PLAIN_LINE_FAULT } from "./envelope.ts";

export const ApiKeyScope = z.enum(SCOPE_NAMES).meta({
  id: "ApiKeyScope",
  description: "What a key may do; /docs/api-keys has the table",
  example: "scores:write",
});

export const ApiKeyStatus = z.enum(["active", "expired", "revoked"]).meta({
  id: "ApiKeyStatus",
  description: "Only active keys work",
});
export type ApiKeyStatus = z.infer<typeof ApiKeyStatus>;

/** Requests a minute of a key that was given no quota: the 100 a second that people have. */
export const KEY_QUOTA_DEFAULT = 6_000;
/** Ten thousand a second: more than one node answers. */
export const KEY_QUOTA_MAX = 600_000;

const KEY_NAME = { description: "What the key is for", example: "Gym app, production" };
const QUOTA = {
  description: "Requests a minute that the key may send",
  example: KEY_QUOTA_DEFAULT,
};

/** A key as admins see it; its secret is not in here. */
export const ApiKey = z.object({
  id: Id.describe("The key's id, which audit rows and score events name"),
  name: z.string().meta(KEY_NAME),
  prefix: z.string().meta({
    description: "How the key begins, to tell it from others",
    example: "pb_k3x9Qa2bTz",
  }),
  scopes: z.array(ApiKeyScope).describe("What the key may do"),
  owner: z.object({
    id: Id.describe("The person's id"),
    name: z.string().meta({ description: "The person's name", example: "Ada Admin" }),
  }).describe("Who answers for the key and owns what it creates"),
  quotaPerMinute: z.int().meta(QUOTA),
  status: ApiKeyStatus,
  expiresAt: Instant.nullable().describe("When it stops working; null: never by itself"),
  lastUsedAt: Instant.nullable().describe("When it was used last, to the minute; null: never"),
  revokedAt: Instant.nullable().describe("When it was revoked; null: it was not"),
  createdAt: Instant.describe("When it was made"),
}).meta({ id: "ApiKey", description: "A key of an app, without its secret" });
export type ApiKey = z.infer<typeof ApiKey>;

/** The answer that has the key itself, once. */
export const IssuedApiKey = ApiKey.extend({
  key: z.string().meta({
    description: "The key, shown this once: only its hash is kept",
    example: "pb_k3x9Qa2bTz_F0nKs1c2yWJfTq0rVhXg8mQeZb4uLd7oPiA5tYwRj3E",
  }),
}).meta({
  id: "IssuedApiKey",
  description: "A new key with its secret, which nobody can read again",
});
export type IssuedApiKey = z.infer<typeof IssuedApiKey>;

export const ApiKeyInput = z.object({
  name: z.string().trim().min(1).max(80).refine(isPlainLine, PLAIN_LINE_FAULT).meta(KEY_NAME),
  scopes: z.array(ApiKeyScope).min(1).max(SCOPE_NAMES.length).describe("What the key may do"),
  ownerId: Id.optional().describe("Who answers for the key; absent: you"),
  quotaPerMinute: z.int().min(1).max(KEY_QUOTA_MAX).default(KEY_QUOTA_DEFAULT).meta(QUOTA),
  expiresAt: Instant.optional().describe("When it stops working; absent: never by itself"),
}).meta({ id: "ApiKeyInput", description: "A key to be made" });
export type ApiKeyInput = z.infer<typeof ApiKeyInput>;

export const ApiKeyQuery = PageQuery.extend({
  status: ApiKeyStatus.optional().describe("Only keys of this status"),
});
export type ApiKeyQuery = z.infer<typeof ApiKeyQuery>;

export const ApiKeyRevocation = z.object({
  reason: z.string().trim().max(500).optional().meta({
    description: "Why; kept in the audit log",
    example: "Left in a public repository",
  }),
}).meta({ id: "ApiKeyRevocation", description: "Why a key is taken back" });
export type ApiKeyRevocation = z.infer<typeof ApiKeyRevocation>;
