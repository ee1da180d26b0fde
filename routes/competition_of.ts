/** The competition of a page's address, and what its viewer must be. */

import { type Context, HttpError } from "fresh";
import type { CompetitionView } from "@/contracts/competitions.ts";
import type { State } from "./define.ts";

/** Fails with `NOT_FOUND`, `FORBIDDEN`. */
export async function competitionOf(
  { state: { services, actor }, params }: Context<State>,
): Promise<CompetitionView> {
  return await services.competitions.get(actor, params.id!);
}

/** For pages of its organiser and admins. */
export async function managedCompetition(ctx: Context<State>): Promise<CompetitionView> {
  const competition = await competitionOf(ctx);
  if (competition.canManage) return competition;
  throw new HttpError(403, "Cannot manage this competition: it is another organiser's");
}

/** For pages of its organiser, referees and admins. */
export async function staffedCompetition(ctx: Context<State>): Promise<CompetitionView> {
  const competition = await competitionOf(ctx);
  if (competition.isStaff) return competition;
  throw new HttpError(403, "Cannot steer this competition: it takes its staff");
}
