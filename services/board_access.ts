/** Who may read which board, decided from the board in memory. */

import type { Actor, ApiKeyActor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import type { BoardView } from "./boards.ts";
import { checkVisible } from "./competition_access.ts";

/** Scopes whose holders serve the athletes of a competition, so that they may see it. */
const READING_SCOPES: readonly string[] = ["competitions:read", "scores:write"];

/**
 * Fails with `NOT_FOUND` for drafts of others; where an invitation is needed with `UNAUTHORIZED`
 * for nobody and `FORBIDDEN` for somebody without it.
 */
export function checkMayRead(actor: Actor, view: BoardView): void {
  if (view.visibility !== "invite" || view.status === "draft") {
    return checkVisible(actor, view, null);
  }
  if (actor.kind === "api_key" && canKeyRead(actor)) return;
  const own = actor.kind === "user" ? view.find({ userId: actor.userId }) : undefined;
  checkVisible(actor, view, own?.row.participantId ?? null);
}

/** Whether the actor may read the board. */
export function mayRead(actor: Actor, view: BoardView): boolean {
  try {
    checkMayRead(actor, view);
    return true;
  } catch (error) {
    if (error instanceof DomainError) return false;
    throw error;
  }
}

function canKeyRead(actor: ApiKeyActor): boolean {
  return READING_SCOPES.some((scope) => actor.scopes.includes(scope));
}
