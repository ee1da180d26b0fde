/**
 * Who may do what, in one place. People may what their role allows, keys what their scopes name
 * (`domain/scope.ts`), the product itself everything.
 *
 * @module
 */

import type { Actor, ApiKeyActor, Role, UserActor } from "@/domain/actor.ts";
import { DomainError, invalid } from "@/domain/error.ts";
import type { Scope } from "@/domain/scope.ts";

/** The competition facts that rights depend on. */
export interface OwnedCompetition {
  ownerId: string;
}

/** Returns the signed-in person. Fails with `UNAUTHORIZED`, for keys with `FORBIDDEN`. */
export function checkSignedIn(actor: Actor): UserActor {
  if (actor.kind === "user") return actor;
  if (actor.kind === "api_key") {
    throw new DomainError("FORBIDDEN", "Cannot do this with an API key: it takes a person");
  }
  throw new DomainError("UNAUTHORIZED", "Cannot do this: sign in first");
}

/** Tells whether the actor is a key with one of the scopes. */
export function hasScope(actor: Actor, ...scopes: readonly Scope[]): boolean {
  return actor.kind === "api_key" && scopes.some((scope) => actor.scopes.includes(scope));
}

/** Tells whether the actor has one of the roles; admins and the system have all, keys none. */
export function hasRole(actor: Actor, ...roles: readonly Role[]): boolean {
  if (actor.kind === "system") return true;
  if (actor.kind !== "user") return false;
  return actor.role === "admin" || roles.includes(actor.role);
}

/** Fails with `UNAUTHORIZED` for nobody and `FORBIDDEN` for somebody without one of the roles. */
export function checkRole(actor: Actor, ...roles: readonly Role[]): void {
  if (hasRole(actor, ...roles)) return;
  checkSignedIn(actor);
  throw new DomainError("FORBIDDEN", `Cannot do this: it needs the role ${roles.join(" or ")}`);
}

/** As `checkRole` for people; a key needs the scope. */
export function checkRoleOrScope(actor: Actor, scope: Scope, ...roles: readonly Role[]): void {
  if (hasScope(actor, scope)) return;
  checkNoKey(actor, scope);
  checkRole(actor, ...roles);
}

/** Tells whether the actor is the person itself. */
export function isSelf(actor: Actor, userId: string): boolean {
  return actor.kind === "user" && actor.userId === userId;
}

/** Fails unless the actor is the person itself, an admin, or a key with the scope where one is named. */
export function checkSelfOrAdmin(actor: Actor, userId: string, scope?: Scope): void {
  if (isSelf(actor, userId)) return;
  if (scope !== undefined) return checkRoleOrScope(actor, scope, "admin");
  checkRole(actor, "admin");
}

/** Who owns what the actor creates: the person, or the owner of the key. Fails with `UNAUTHORIZED`. */
export function ownerIdOf(actor: Actor): string {
  return actor.kind === "api_key" ? actor.ownerId : checkSignedIn(actor).userId;
}

/** Somebody whose activity is written: by the person itself, or by a key in their name. */
export type AthleteActor = (UserActor | ApiKeyActor) & { userId: string };

/**
 * The athlete that activity is for: the person itself, or whom a key with `fitness:write` names.
 * Fails with `UNAUTHORIZED`, `FORBIDDEN`, `VALIDATION_ERROR` (a key that names nobody).
 */
export function checkAthlete(actor: Actor, userId: string | undefined): AthleteActor {
  if (actor.kind !== "api_key") {
    const user = checkSignedIn(actor);
    if (userId === undefined || userId === user.userId) return user;
    throw new DomainError("FORBIDDEN", "Cannot send the activity of another person");
  }
  if (!hasScope(actor, "fitness:write")) checkNoKey(actor, "fitness:write");
  if (userId === undefined) {
    throw invalid("userId", "required", "Whose activity it is must be told");
  }
  return { ...actor, userId };
}

/** Tells whether the actor manages the competition: its owner while organiser, an admin, or a key with `competitions:write`. */
export function canManage(actor: Actor, competition: OwnedCompetition): boolean {
  if (hasRole(actor, "admin") || hasScope(actor, "competitions:write")) return true;
  return actor.kind === "user" && actor.role === "organiser" &&
    actor.userId === competition.ownerId;
}

/** Tells whether the actor is staff of the competition: who manages it, or a referee. */
export function isStaff(actor: Actor, competition: OwnedCompetition): boolean {
  return canManage(actor, competition) || hasRole(actor, "referee");
}

/** Tells whether the actor is a key that serves the athletes of competitions, so that it may see published ones. */
export function canKeyRead(actor: Actor): boolean {
  return hasScope(actor, "competitions:read", "competitions:write", "scores:write");
}

/** Fails with `UNAUTHORIZED` or `FORBIDDEN` unless the actor manages the competition. */
export function checkManages(actor: Actor, competition: OwnedCompetition): void {
  if (canManage(actor, competition)) return;
  checkNoKey(actor, "competitions:write");
  checkSignedIn(actor);
  throw new DomainError("FORBIDDEN", "Cannot change this competition: it is another organiser's");
}

function checkNoKey(actor: Actor, missing: Scope): void {
  if (actor.kind !== "api_key") return;
  throw new DomainError("FORBIDDEN", `Cannot do this with this API key: it lacks ${missing}`);
}
