/** How far an athlete has come in a competition whose scores are computed; for the athlete alone. */

import type { ProgressOfAthlete } from "@/contracts/progress.ts";
import type { Database } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import { checkSignedIn } from "../accounts/access.ts";
import type { ActivityScores } from "./activity_scores.ts";
import { getVisible } from "../competitions/competition_access.ts";

export interface ProgressService {
  /** The actor's own progress; null where scores are not computed from activity. Fails with `NOT_A_PARTICIPANT`, `NOT_FOUND`, `FORBIDDEN`. */
  own(actor: Actor, idOrSlug: string): Promise<ProgressOfAthlete | null>;
}

export interface ProgressDeps {
  database: Database;
  activityScores: Pick<ActivityScores, "ask">;
}

export function createProgressService({ database, activityScores }: ProgressDeps): ProgressService {
  return {
    async own(actor, idOrSlug) {
      const { userId } = checkSignedIn(actor);
      const { row, participantId } = await getVisible(database.db, actor, idOrSlug);
      if (participantId === null) {
        const message = `Cannot tell the progress in "${row.name}": you do not take part`;
        throw new DomainError("NOT_A_PARTICIPANT", message);
      }
      if (row.rules.scoring.kind !== "activity") return null;
      const progress = await database.transaction(
        (tx) => activityScores.ask(tx, "progress", row, userId),
        { name: "progress" },
      );
      return { competitionId: row.id, participantId, ...progress };
    },
  };
}
