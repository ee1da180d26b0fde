/** The competition of a public address, for pages beside its board. */

import type { Context } from "fresh";
import type { CompetitionView } from "@/contracts/competitions.ts";
import { DomainError } from "@/domain/error.ts";
import type { State } from "./define.ts";

/** Fails with `NOT_FOUND` (also for drafts, which have no public pages), `FORBIDDEN`. */
export async function shownCompetition(
  { state: { services, actor }, params }: Context<State>,
): Promise<CompetitionView> {
  const competition = await services.competitions.get(actor, params.slug!);
  if (competition.phase !== "draft") return competition;
  throw new DomainError("NOT_FOUND", `Cannot show "${competition.name}": it is a draft`);
}
