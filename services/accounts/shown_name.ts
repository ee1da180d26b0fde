/** A new name on boards is an entry of their logs, so that every viewer sees it in its place. */

import type { Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import type { CompetitionLogService } from "../leaderboard/competition_log.ts";

/** Appends a `profile` entry to every running competition of the user; returns their ids. */
export async function logShownName(
  tx: Tx,
  log: Pick<CompetitionLogService, "lock" | "append">,
  { userId, actor }: { userId: string; actor: Actor },
): Promise<string[]> {
  const entries = await tx.sql<
    { competitionId: string; participantId: string; division: string | null }[]
  >`
    select p.competition_id as "competitionId", p.id as "participantId", p.division
    from participants p join competitions c on c.id = p.competition_id
    where p.user_id = ${userId} and p.status <> 'withdrawn'
      and c.status in ('draft', 'published')
    order by p.competition_id`;
  if (entries.length === 0) return [];
  const competitions = await log.lock(tx, entries.map(({ competitionId }) => competitionId));
  for (const { competitionId, participantId, division } of entries) {
    // The entry tells the division from now on, so that without it a replay would take it away.
    const entry = { kind: "profile", participantId, division } as const;
    await log.append(tx, competitions.get(competitionId)!, [{ entry, actor }]);
  }
  return entries.map(({ competitionId }) => competitionId);
}
