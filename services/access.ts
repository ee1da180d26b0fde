/** Who may do what, in one place. */

import type { Actor, Role, UserActor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";

/** The competition facts that rights depend on. */
export interface OwnedCompetition {
  ownerId: string;
}

/** Returns the signed-in person. Fails with `UNAUTHORIZED`. */
export function checkSignedIn(actor: Actor): UserActor {
  if (actor.kind === "user") return actor;
  throw new DomainError("UNAUTHORIZED", "Cannot do this: sign in first");
}

/** Tells whether the actor has one of the roles; admins and the system have all. */
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

/** Tells whether the actor is the person itself, an admin or the system. */
export function isSelf(actor: Actor, userId: string): boolean {
  return actor.kind === "user" && actor.userId === userId;
}

/** Fails unless the actor is the person itself or an admin. */
export function checkSelfOrAdmin(actor: Actor, userId: string): void {
  if (isSelf(actor, userId)) return;
  checkRole(actor, "admin");
}

/** Tells whether the actor manages the competition: its owner while organiser, or an admin. */
export function canManage(actor: Actor, competition: OwnedCompetition): boolean {
  if (hasRole(actor, "admin")) return true;
  return actor.kind === "user" && actor.role === "organiser" &&
    actor.userId === competition.ownerId;
}

/** Tells whether the actor is staff of the competition: its organiser, a referee or an admin. */
export function isStaff(actor: Actor, competition: OwnedCompetition): boolean {
  return canManage(actor, competition) || hasRole(actor, "referee");
}

/** Fails with `UNAUTHORIZED` or `FORBIDDEN` unless the actor manages the competition. */
export function checkManages(actor: Actor, competition: OwnedCompetition): void {
  if (canManage(actor, competition)) return;
  checkSignedIn(actor);
  throw new DomainError("FORBIDDEN", "Cannot change this competition: it is another organiser's");
}
