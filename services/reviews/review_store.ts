/** What referees said, as scoring takes it, and what waits for them. */

import type { Tx } from "@/db/client.ts";
import type { ReviewDecision } from "@/domain/plausibility.ts";
import type { ActivityScore } from "@/domain/scoring.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { IdGenerator } from "@/platform/id.ts";

/** Of one participant, by activity and by local day. */
export interface Decisions {
  activities: ReadonlyMap<string, ReviewDecision>;
  days: ReadonlyMap<string, ReviewDecision>;
  /** Rows that wait because of their figures alone: id by subject. */
  waiting: ReadonlyMap<string, string>;
  /** Subjects that have a row in force. */
  known: ReadonlySet<string>;
}

/** Nothing was reviewed. */
export const NO_DECISIONS: Decisions = {
  activities: new Map(),
  days: new Map(),
  waiting: new Map(),
  known: new Set(),
};

interface ReviewRow {
  id: string;
  participantId: string;
  activityId: string | null;
  day: string | null;
  cause: "implausible" | "shared_file";
  status: "open" | "accepted" | "rejected" | "appealed";
  decidedBy: string | null;
}

/** Reads what was decided for participants; those without reviews are missing. */
export async function readDecisions(
  tx: Pick<Tx, "sql">,
  participantIds: readonly string[],
): Promise<Map<string, Decisions>> {
  if (participantIds.length === 0) return new Map();
  const rows = await tx.sql<ReviewRow[]>`
    select id, participant_id as "participantId", activity_id as "activityId", day::text as day,
      cause, status, decided_by as "decidedBy"
    from reviews where participant_id = any(${[...participantIds]}::uuid[])
      and status <> 'cleared'`;
  const groups = Map.groupBy(rows, ({ participantId }) => participantId);
  return new Map([...groups].map(([id, group]) => [id, decisionsOf(group)]));
}

function decisionsOf(rows: readonly ReviewRow[]): Decisions {
  const activities = new Map<string, ReviewDecision>();
  const days = new Map<string, ReviewDecision>();
  for (const row of rows) {
    const decision = decisionOf(row);
    if (!decision) continue;
    if (row.activityId !== null) activities.set(row.activityId, decision);
    if (row.day !== null) days.set(row.day, decision);
  }
  const waiting = rows.filter(({ status, cause }) => status === "open" && cause === "implausible");
  return {
    activities,
    days,
    waiting: new Map(waiting.map((row) => [subjectOf(row), row.id])),
    known: new Set(rows.map(subjectOf)),
  };
}

/** A person's word stands; where only figures spoke, they are asked again. */
function decisionOf({ cause, status, decidedBy }: ReviewRow): ReviewDecision | undefined {
  if (status === "accepted") return "accepted";
  if (decidedBy !== null) return "rejected";
  return cause === "shared_file" ? "open" : undefined;
}

function subjectOf({ activityId, day }: { activityId: string | null; day: string | null }): string {
  return activityId ?? day!;
}

/** Whom the held parts of a score belong to. */
export interface HeldScore {
  competitionId: string;
  participantId: string;
  computed: ActivityScore;
  decisions: Decisions;
  at: EpochMs;
}

interface Held {
  activityId: string | null;
  day: string | null;
  status: "open" | "rejected";
}

/**
 * Brings the queue to what a score holds back: what is new waits, or is rejected by its figures;
 * what waited for its figures alone and is not doubtful any more is cleared.
 */
export async function noteHeld(
  tx: Tx,
  newId: IdGenerator,
  { competitionId, participantId, computed, decisions, at }: HeldScore,
): Promise<void> {
  const held = heldOf(computed);
  const isNew = ([subject]: [string, Held]) => !decisions.known.has(subject);
  const rows = [...held].filter(isNew).map(([, row]) => ({ id: newId(), ...row }));
  const cleared = [...decisions.waiting].filter(([subject]) => !held.has(subject));
  if (cleared.length > 0) {
    await tx.sql`
      update reviews set status = 'cleared'
      where id = any(${cleared.map(([, id]) => id)}::uuid[])`;
  }
  if (rows.length === 0) return;
  await tx.sql`
    insert into reviews (id, competition_id, participant_id, user_id, activity_id, day, cause,
      status, created_at)
    select r.id, ${competitionId}, ${participantId}, p.user_id, r."activityId", r.day,
      'implausible', r.status, ${at}
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
      as r(id uuid, "activityId" uuid, day date, status text)
    join participants p on p.id = ${participantId}
    on conflict (participant_id, activity_id, day)
    do update set status = excluded.status, created_at = excluded.created_at
      where reviews.status = 'cleared'`;
}

/** Subjects that a score holds back, each once. */
function heldOf({ excluded }: ActivityScore): Map<string, Held> {
  const held = new Map<string, Held>();
  for (const { recordId, reason, day = null } of excluded) {
    if (reason !== "in_review" && reason !== "implausible") continue;
    const activityId = day === null ? recordId : null;
    const status = reason === "implausible" ? "rejected" : "open";
    held.set(subjectOf({ activityId, day }), { activityId, day, status });
  }
  return held;
}
