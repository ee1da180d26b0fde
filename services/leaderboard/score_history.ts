/**
 * The stored score and void entries of participants, and the versions of the rules they were made
 * under: what folding somebody anew needs.
 *
 * @module
 */

import type { Tx } from "@/db/client.ts";
import type { ScoreEntry, VoidEntry } from "@/domain/log.ts";
import type { Rules } from "@/domain/rules.ts";
import type { LockedCompetition } from "./competition_log.ts";

/** What a participant's score is folded from. */
export type HistoryEntry = ScoreEntry | VoidEntry;

/** The entries of each participant in the order of their numbers; an empty list for those without. */
export async function readHistories(
  tx: Tx,
  competitionId: string,
  participantIds: readonly string[],
  options: { skipActivity: boolean },
): Promise<Map<string, HistoryEntry[]>> {
  const histories = new Map<string, HistoryEntry[]>(participantIds.map((id) => [id, []]));
  if (participantIds.length === 0) return histories;
  const rows = await tx.sql<HistoryEntry[]>`
    select seq, kind, arrived_at as "arrivedAt", participant_id as "participantId",
      event_id as "eventId", operator, value, occurred_at as "occurredAt", source,
      rules_version as "rulesVersion"
    from competition_log
    where competition_id = ${competitionId} and participant_id = any(${[...participantIds]}::uuid[])
      and kind in ('score', 'void_event', 'reinstate_event')
      and not (${options.skipActivity}::boolean and kind = 'score' and source = 'activity')
    order by seq`;
  for (const row of rows) histories.get(row.participantId)?.push(row);
  return histories;
}

/** The rules from the oldest that an entry needs to those in force. */
export async function readRuleVersions(
  tx: Tx,
  locked: LockedCompetition,
  entries: Iterable<HistoryEntry>,
): Promise<[Rules, ...Rules[]]> {
  const { rules } = locked;
  if (!needsOlderRules(entries, rules.version)) return [rules];
  const rows = await tx.sql<{ rules: Rules }[]>`
    select body -> 'rules' as rules from competition_log
    where competition_id = ${locked.id} and participant_id is null and kind = 'rules'
    order by seq`;
  const older = rows.map((row) => row.rules).filter((version) => version.version < rules.version);
  const [first, ...later] = [...older, rules];
  return [first!, ...later];
}

function needsOlderRules(entries: Iterable<HistoryEntry>, version: number): boolean {
  for (const entry of entries) {
    if (entry.kind === "score" && entry.rulesVersion !== version) return true;
  }
  return false;
}
