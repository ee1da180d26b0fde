/**
 * What an app's key may do. Scopes are the whole of its rights: a key is not its owner, and public
 * boards and competitions it reads as anybody does.
 *
 * @module
 */

/** Scope → what it allows, in the words of the panel and the documents. */
export const SCOPES = {
  "competitions:read":
    "Read every published competition, its board, participants and log, invite-only ones too",
  "competitions:write":
    "Create competitions for the key's owner; run every competition: change, publish, cancel, freeze, finalise, announce, correct scores, disqualify. No wallets, orders or prizes",
  "scores:write": "Send scores for everybody, and read the boards they are on",
  "fitness:read": "Read the activity and totals of every athlete",
  "fitness:write": "Sync activity in the name of an athlete; change and remove it",
  "users:read": "List people, read their accounts and profiles",
  "audit:read": "Read the audit log",
} as const;

export type Scope = keyof typeof SCOPES;

/** All scopes, in the order of the table. */
export const SCOPE_NAMES = Object.keys(SCOPES) as [Scope, ...Scope[]];

/** Tells whether the text names a scope.
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { isScope } from "@/domain/scope.ts";
 *
 * assert(isScope("scores:write"));
 * assert(!isScope("scores:*"));
 * ```
 */
export function isScope(text: string): text is Scope {
  return Object.hasOwn(SCOPES, text);
}
