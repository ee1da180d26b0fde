/** Who may read which board, decided from the board in memory. */

import type { Actor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import { canKeyRead, isStaff, type OwnedCompetition } from "../accounts/access.ts";
import type { Audience, BoardsService, BoardView } from "./boards.ts";
import { checkVisible } from "../competitions/competition_access.ts";

/**
 * Fails with `NOT_FOUND` for drafts of others; where an invitation is needed with `UNAUTHORIZED`
 * for nobody and `FORBIDDEN` for somebody without it.
 */
export function checkMayRead(actor: Actor, view: BoardView, asked = view.competitionId): void {
  if (view.visibility !== "invite" || view.status === "draft") {
    return checkVisible(actor, view, null, asked);
  }
  if (canKeyRead(actor)) return;
  const own = actor.kind === "user" ? view.own(actor.userId) : undefined;
  checkVisible(actor, view, own?.participantId ?? null, asked);
}

/** The audience that an actor belongs to: the competition's staff see its board live. */
export function audienceOf(actor: Actor, competition: OwnedCompetition): Audience {
  return isStaff(actor, competition) ? "staff" : "public";
}

/** The board as the actor may see it. Fails as `checkMayRead` and `BoardsService.view`. */
export async function viewFor(
  boards: Pick<BoardsService, "view">,
  actor: Actor,
  idOrSlug: string,
): Promise<BoardView> {
  const view = await boards.view(idOrSlug);
  checkMayRead(actor, view, idOrSlug);
  const audience = audienceOf(actor, view);
  return audience === view.audience ? view : await boards.view(view.competitionId, audience);
}

/** The same of a board that is at hand in memory; undefined where it is not. Fails as `checkMayRead`. */
export function viewForNow(
  boards: Pick<BoardsService, "viewNow">,
  actor: Actor,
  idOrSlug: string,
): BoardView | undefined {
  const view = boards.viewNow(idOrSlug);
  if (!view) return undefined;
  checkMayRead(actor, view, idOrSlug);
  const audience = audienceOf(actor, view);
  return audience === view.audience ? view : boards.viewNow(view.competitionId, audience);
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
