/**
 * The participants of a competition whose public board is frozen, as they stood at the freeze: who
 * joined since, who left, who was judged and what anybody scored stays unknown.
 */

import type { Participant, ParticipantQuery } from "@/contracts/competitions.ts";
import type { Page } from "@/contracts/envelope.ts";
import type { Tx } from "@/db/client.ts";
import type { EpochMs } from "@/domain/time.ts";
import { listParticipants } from "../competitions/competition_participants.ts";
import type { CompetitionsDeps } from "../competitions/competitions.ts";
import type { ShownRow } from "../competitions/competition_view.ts";
import { DELETED_NAME } from "../accounts/erasure.ts";
import { likePattern } from "../like_pattern.ts";

interface FrozenRow {
  participantId: string;
  userId: string;
  name: string;
  status: Participant["status"];
  division: string | null;
  teamId: string | null;
  teamName: string | null;
  joinedAt: EpochMs;
  leftAt: EpochMs | null;
}

/** One page of the participants as the public may know them, by join time. */
export async function listForPublic(
  { database, boards }: Pick<CompetitionsDeps, "database" | "boards">,
  competition: Pick<ShownRow, "id" | "rules">,
  query: ParticipantQuery,
): Promise<Page<Participant>> {
  const { id } = competition;
  // Of one moment, or a freeze between the two questions would let through what comes after it.
  const listed = await database.transaction(async (tx) => {
    await tx.sql`set transaction isolation level repeatable read read only`;
    const [row] = await tx.sql<{ frozenSeq: number | null }[]>`
      select frozen_seq as "frozenSeq" from competitions where id = ${id}`;
    const frozenSeq = row?.frozenSeq ?? null;
    if (frozenSeq === null) return await listParticipants(tx, competition, query, false);
    return await listFrozen(tx, { id, frozenSeq }, query);
  }, { name: "participants" });
  if ("items" in listed) return listed;
  return await withScores(boards, id, { ...listed, query });
}

interface FrozenPage {
  rows: FrozenRow[];
  total: number;
}

async function listFrozen(
  { sql }: Tx,
  competition: { id: string; frozenSeq: number },
  query: ParticipantQuery,
): Promise<FrozenPage> {
  const { page, page_size: pageSize } = query;
  const listed = listedAt(sql, competition, query);
  const rows = await sql<FrozenRow[]>`${listed}
    select * from listed order by "joinedAt", "participantId"
    limit ${pageSize} offset ${(page - 1) * pageSize}`;
  const [count] = await sql<{ total: number }[]>`${listed}
    select count(*) as total from listed`;
  return { rows, total: count?.total ?? 0 };
}

/** The scores are those of the board that the public sees. */
async function withScores(
  boards: CompetitionsDeps["boards"],
  competitionId: string,
  { rows, total, query }: FrozenPage & { query: ParticipantQuery },
): Promise<Page<Participant>> {
  const { page, page_size: pageSize } = query;
  const view = await boards.view(competitionId);
  const items = rows.map(({ teamId, teamName, ...row }) => ({
    ...row,
    team: teamId === null ? null : { id: teamId, name: teamName! },
    joinedAt: new Date(row.joinedAt).toISOString(),
    leftAt: row.leftAt === null ? null : new Date(row.leftAt).toISOString(),
    score: view.find({ participantId: row.participantId })?.row.score ?? null,
  }));
  return { items, page, pageSize, total };
}

/** Everybody who had joined by the freeze, by what the log said of them until then. */
function listedAt(
  sql: Tx["sql"],
  { id, frozenSeq }: { id: string; frozenSeq: number },
  { q, status, division, team }: ParticipantQuery,
) {
  const until = sql`l.competition_id = p.competition_id and l.participant_id = p.id
    and l.seq <= ${frozenSeq}`;
  const pattern = q ? likePattern(q) : null;
  return sql`
    with known as (
      select p.id as "participantId", p.user_id as "userId", p.joined_at as "joinedAt",
        case u.status when 'deleted' then ${DELETED_NAME} else coalesce(f.alias, u.name) end as name,
        entered.division, t.id as "teamId", t.name as "teamName",
        case when judged.kind = 'disqualify' then 'disqualified'
          when stay.kind = 'leave' then 'withdrawn' else 'active' end as status,
        case when stay.kind = 'leave' then stay.arrived_at end as "leftAt"
      from participants p
      join users u on u.id = p.user_id
      left join profiles f on f.user_id = p.user_id
      join lateral (select l.division from competition_log l
        where ${until} and l.kind in ('join', 'profile') order by l.seq desc limit 1) entered on true
      join lateral (select l.kind, l.arrived_at from competition_log l
        where ${until} and l.kind in ('join', 'leave') order by l.seq desc limit 1) stay on true
      left join lateral (select l.kind from competition_log l
        where ${until} and l.kind in ('disqualify', 'reinstate') order by l.seq desc limit 1) judged
        on true
      left join lateral (select l.body, l.kind from competition_log l
        where ${until} and l.kind in ('team', 'leave') order by l.seq desc limit 1) placed on true
      left join teams t on t.id = (placed.body ->> 'teamId')::uuid and not exists (
        select from competition_log l where l.competition_id = p.competition_id
          and l.participant_id is null and l.kind = 'team_removal' and l.seq <= ${frozenSeq}
          and l.body ->> 'teamId' = placed.body ->> 'teamId')
      where p.competition_id = ${id}),
    listed as (
      select * from known where (${status ?? null}::text is null or status = ${status ?? null})
        and (${pattern}::text is null or name ilike ${pattern})
        and (${division ?? null}::text is null or division = ${division ?? null})
        and (${team ?? null}::text is null or coalesce("teamId"::text, 'none') = ${team ?? null}))`;
}
