/**
 * Who acts: every use-case takes its actor first, and the audit log names it. An actor carries the
 * address and request id of its call, so that services need no HTTP context.
 *
 * @module
 */

import type { EpochMs } from "./time.ts";

/** What a person may do, from the least to the most; rights are decided by the services. */
export const ROLES = ["member", "organiser", "referee", "finance", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Where a call came from; null where there was no request. */
export interface CallOrigin {
  requestId: string | null;
  address: string | null;
}

/** Nobody signed in. */
export interface AnonymousActor extends CallOrigin {
  kind: "anonymous";
}

/** A signed-in person. */
export interface UserActor extends CallOrigin {
  kind: "user";
  userId: string;
  role: Role;
  sessionId: string;
  /** By token or by cookie; cookie-authenticated writes need a CSRF token. */
  via: "api" | "browser";
  /** When the access token or the session ends. */
  expiresAt: EpochMs;
}

/** An app with a key of its own. */
export interface ApiKeyActor extends CallOrigin {
  kind: "api_key";
  keyId: string;
  /** Who answers for the key and owns what it creates; their own rights are not the key's. */
  ownerId: string;
  scopes: readonly string[];
  /** Requests a minute that it may send. */
  quotaPerMinute: number;
}

/** The product itself: jobs, the first start, the simulator. */
export interface SystemActor extends CallOrigin {
  kind: "system";
  /** What ran, e.g. `demo` or `recompute`. */
  name: string;
}

export type Actor = AnonymousActor | UserActor | ApiKeyActor | SystemActor;

/** The identifier of the person or key that acts; null for nobody and for the product itself.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { actorIdOf } from "@/domain/actor.ts";
 *
 * assertEquals(actorIdOf({ kind: "system", name: "demo", requestId: null, address: null }), null);
 * ```
 */
export function actorIdOf(actor: Actor): string | null {
  if (actor.kind === "user") return actor.userId;
  return actor.kind === "api_key" ? actor.keyId : null;
}
