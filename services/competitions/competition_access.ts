/** Who may see which competition; the same rule for one row in code and for lists in SQL. */

import { and, eq, exists, ne, or, type SQL, sql } from "drizzle-orm";
import type { QueryBuilder } from "@/db/client.ts";
import { competitions, participants } from "@/db/schema.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import { canKeyRead, hasRole, hasScope, isStaff } from "../accounts/access.ts";
import type { CompetitionRow } from "./competition_view.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Tells an id from a slug. */
export function isCompetitionId(idOrSlug: string): boolean {
  return UUID.test(idOrSlug);
}

/** Finds a competition by id or slug. Fails with `NOT_FOUND`. */
export async function getRow(db: QueryBuilder, idOrSlug: string): Promise<CompetitionRow> {
  const match = isCompetitionId(idOrSlug)
    ? eq(competitions.id, idOrSlug.toLowerCase())
    : eq(competitions.slug, idOrSlug);
  const [row] = await db.select().from(competitions).where(match).limit(1);
  if (!row) throw noCompetition(idOrSlug);
  return row;
}

/** The actor's own active entry in the competition, if any. */
export async function findOwnEntry(
  db: QueryBuilder,
  actor: Actor,
  competitionId: string,
): Promise<string | null> {
  if (actor.kind !== "user") return null;
  const [row] = await db.select({ id: participants.id }).from(participants).where(and(
    eq(participants.competitionId, competitionId),
    eq(participants.userId, actor.userId),
    ne(participants.status, "withdrawn"),
  )).limit(1);
  return row?.id ?? null;
}

/** Reads a competition the actor may see. Drafts of others do not exist for it. */
export async function getVisible(
  db: QueryBuilder,
  actor: Actor,
  idOrSlug: string,
): Promise<{ row: CompetitionRow; participantId: string | null }> {
  const row = await getRow(db, idOrSlug);
  const participantId = await findOwnEntry(db, actor, row.id);
  checkVisible(actor, row, participantId, idOrSlug);
  return { row, participantId };
}

/**
 * Fails with `NOT_FOUND` for drafts of others; where an invitation is needed with `UNAUTHORIZED`
 * for nobody, who may hold one, and `FORBIDDEN` for somebody without it. They name the competition
 * as it was asked for: whoever may not see it learns no other name of it.
 */
export function checkVisible(
  actor: Actor,
  row: Pick<CompetitionRow, "status" | "visibility" | "ownerId">,
  participantId: string | null,
  asked: string,
): void {
  if (isStaff(actor, row) || hasRole(actor, "finance")) return;
  if (row.status === "draft") throw noCompetition(asked);
  if (row.visibility === "invite" && participantId === null && !canKeyRead(actor)) {
    if (actor.kind === "anonymous") {
      throw new DomainError("UNAUTHORIZED", `Cannot see competition "${asked}": sign in first`);
    }
    throw new DomainError(
      "FORBIDDEN",
      `Cannot see competition "${asked}": it needs an invitation`,
    );
  }
}

/** The rows of a list the actor may see: public ones, own ones, joined ones; staff see all. */
export function visibleCondition(db: QueryBuilder, actor: Actor): SQL | undefined {
  if (hasRole(actor, "admin") || hasScope(actor, "competitions:write")) return undefined;
  const published = ne(competitions.status, "draft");
  if (hasRole(actor, "referee", "finance") || canKeyRead(actor)) return published;
  const open = and(published, eq(competitions.visibility, "public"));
  if (actor.kind !== "user") return open;
  return or(open, eq(competitions.ownerId, actor.userId), joinedCondition(db, actor.userId));
}

/** The competitions the user takes part in. */
export function joinedCondition(db: QueryBuilder, userId: string): SQL {
  return exists(
    db.select({ one: sql`1` }).from(participants).where(and(
      eq(participants.competitionId, competitions.id),
      eq(participants.userId, userId),
      ne(participants.status, "withdrawn"),
    )),
  );
}

/** The failure of whoever asks for a competition that is not there for them. */
export function noCompetition(idOrSlug: string): DomainError {
  return new DomainError("NOT_FOUND", `Cannot find competition "${idOrSlug}": there is none`);
}
