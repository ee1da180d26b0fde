/** The score events of a competition as its staff see them: who wrote what, and what is voided. */

import type { EventQuery, EventRow } from "@/contracts/corrections.ts";
import type { Page } from "@/contracts/envelope.ts";
import type { Database } from "@/db/client.ts";
import { decimalsOf, type Rules } from "@/domain/rules.ts";
import { formatScore } from "@/domain/score.ts";
import type { EpochMs } from "@/domain/time.ts";
import { DELETED_NAME } from "../accounts/erasure.ts";

type StoredRow = Omit<EventRow, "occurredAt" | "arrivedAt"> & {
  occurredAt: EpochMs;
  arrivedAt: EpochMs;
};

/** One page, newest first. */
export async function listEvents(
  { sql }: Database,
  competition: { id: string; rules: Rules },
  query: EventQuery,
): Promise<Page<EventRow>> {
  const { page, page_size: pageSize, participantId, source, voided } = query;
  const events = sql`
    from competition_log l
    left join lateral (
      select kind, reason from competition_log c
      where c.competition_id = l.competition_id and c.participant_id = l.participant_id
        and c.event_id = l.event_id and c.kind in ('void_event', 'reinstate_event')
      order by c.seq desc limit 1
    ) v on true
    where l.competition_id = ${competition.id} and l.kind = 'score'
      and (${participantId ?? null}::uuid is null or l.participant_id = ${participantId ?? null})
      and (${source ?? null}::text is null or l.source = ${source ?? null})
      and (${voided ?? null}::boolean is null
        or (v.kind is not distinct from 'void_event') = ${voided ?? null})`;
  const [rows, [count]] = await Promise.all([
    sql<StoredRow[]>`
      select e.*, case u.status when 'deleted' then ${DELETED_NAME}
          else coalesce(f.alias, u.name) end as name,
        coalesce(a.name, k.name) as "actorName"
      from (
        select l.event_id as "eventId", l.seq, l.participant_id as "participantId", l.operator,
          l.value, l.occurred_at as "occurredAt", l.arrived_at as "arrivedAt", l.source,
          v.kind is not distinct from 'void_event' as voided, l.actor_kind as "actorKind",
          l.actor_id, case v.kind when 'void_event' then v.reason else l.reason end as reason
        ${events} order by l.seq desc limit ${pageSize} offset ${(page - 1) * pageSize}
      ) e
      join participants p on p.id = e."participantId"
      join users u on u.id = p.user_id
      left join profiles f on f.user_id = p.user_id
      left join users a on a.id = e.actor_id and e."actorKind" = 'user' and a.status <> 'deleted'
      left join api_keys k on k.id = e.actor_id and e."actorKind" = 'api_key'
      order by e.seq desc`,
    sql<{ total: number }[]>`select count(*) as total ${events}`,
  ]);
  const decimals = decimalsOf(competition.rules.scoring);
  return {
    items: rows.map((row) => toRow(row, decimals)),
    page,
    pageSize,
    total: count?.total ?? 0,
  };
}

function toRow(stored: StoredRow, decimals: number): EventRow {
  const { eventId, seq, participantId, name, operator, value, source, voided } = stored;
  const { actorKind, actorName, reason, occurredAt, arrivedAt } = stored;
  return {
    ...{ eventId, seq, participantId, name, operator, source, voided },
    value: value === null ? null : formatScore(value, decimals),
    occurredAt: new Date(occurredAt).toISOString(),
    arrivedAt: new Date(arrivedAt).toISOString(),
    ...{ actorKind, actorName, reason },
  };
}
