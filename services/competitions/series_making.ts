/**
 * Makes the next occurrence of a series: a competition of its own with the settings of the last
 * one, published as that was, and with its people where they are carried over. Made under the
 * series' row lock and unique by its number, so that two nodes make each once.
 *
 * @module
 */

import type { Tx } from "@/db/client.ts";
import { competitions } from "@/db/schema.ts";
import type { CompetitionStatus } from "@/domain/competition.ts";
import { nextOccurrence, type Occurrence } from "@/domain/recurrence.ts";
import { shiftLike } from "@/domain/shift.ts";
import type { EpochMs } from "@/domain/time.ts";
import { getRow } from "./competition_access.ts";
import type { LockedCompetition } from "../leaderboard/competition_log.ts";
import { lockAthlete } from "../activity/activity_scores.ts";
import type { CompetitionsDeps } from "./competitions.ts";
import type { CompetitionColumns, CompetitionRow } from "./competition_view.ts";
import { lockSeries, type StoredSeries } from "./series_edit.ts";
import { SYSTEM_SCHEDULE } from "../system_actor.ts";

export type SeriesMakingDeps = Pick<
  CompetitionsDeps,
  | "database"
  | "log"
  | "audit"
  | "activityScores"
  | "notices"
  | "timetable"
  | "directory"
  | "clock"
  | "newId"
>;

/** What is to be made next, if anything. */
export interface Upcoming {
  series: StoredSeries;
  last: CompetitionRow;
  occurrence: Occurrence;
}

/** Finds what follows the last occurrence; undefined in a draft, when stopped, at the end. */
export async function findUpcoming(
  tx: Tx,
  seriesId: string,
  now: EpochMs,
): Promise<Upcoming | undefined> {
  const series = await lockSeries(tx, seriesId);
  const last = await readLast(tx, seriesId);
  if (!last || series.stoppedAt !== null || last.status === "draft") return undefined;
  const { recurrence, skipped } = series;
  const after = { index: last.seriesIndex ?? 0, skipped, now };
  const occurrence = nextOccurrence(recurrence, series, after);
  return occurrence && { series, last, occurrence };
}

async function readLast(tx: Tx, seriesId: string): Promise<CompetitionRow | undefined> {
  const [row] = await tx.sql<{ id: string }[]>`
    select id from competitions where series_id = ${seriesId}
    order by series_index desc limit 1`;
  return row && await getRow(tx.db, row.id);
}

/** Makes it, published; gives its id. */
export async function makeOccurrence(
  deps: SeriesMakingDeps,
  tx: Tx,
  { series, last, occurrence }: Upcoming,
): Promise<CompetitionRow> {
  const now = deps.clock.now();
  const id = deps.newId();
  await tx.db.insert(competitions).values({
    ...columnsOf(last, occurrence),
    id,
    slug: await freeSlug(tx, series, { index: occurrence.index, id }),
    ownerId: last.ownerId,
    isDemo: last.isDemo,
    seriesId: series.id,
    seriesIndex: occurrence.index,
    status: "published" satisfies CompetitionStatus,
    publishedAt: now,
    epoch: deps.newId(),
    createdAt: now,
    updatedAt: now,
  });
  const locked = (await deps.log.lock(tx, [id])).get(id)!;
  await deps.log.append(tx, locked, [
    { entry: { kind: "rules", rules: locked.rules }, actor: SYSTEM_SCHEDULE },
    { entry: { kind: "status", status: "published" }, actor: SYSTEM_SCHEDULE },
  ]);
  await deps.audit.record(tx, SYSTEM_SCHEDULE, {
    action: "competition.repeat",
    targetKind: "competition",
    targetId: id,
    after: { seriesId: series.id, index: occurrence.index, like: last.id },
  });
  if (series.recurrence.carryOver && last.entryFee === null) {
    await carryOver(deps, tx, { from: last, locked });
  }
  const made = await getRow(tx.db, id);
  await deps.timetable.plan(tx, made);
  return made;
}

/** The moments of the last one, moved by as many local days as its start. */
function columnsOf(
  last: CompetitionRow,
  { startsAt, endsAt }: Occurrence,
): CompetitionColumns & { rulesVersion: number } {
  const zone = last.timeZone;
  const move = (at: EpochMs) => shiftLike(at, { from: last.startsAt, to: startsAt, zone });
  const closes = last.registrationClosesAt;
  const freezeAt = last.freezeAt === null ? null : move(last.freezeAt);
  return {
    ...copied(last),
    startsAt,
    endsAt,
    registrationOpensAt: last.registrationOpensAt === null ? null : move(last.registrationOpensAt),
    registrationClosesAt: closes === last.endsAt ? endsAt : Math.min(move(closes), endsAt),
    freezeAt: freezeAt !== null && freezeAt > startsAt ? freezeAt : null,
    rules: { ...last.rules, version: 1 },
    rulesVersion: 1,
  };
}

type Moved =
  | "startsAt"
  | "endsAt"
  | "registrationOpensAt"
  | "registrationClosesAt"
  | "freezeAt"
  | "rules";

/** Named one by one, so that a new setting does not compile before somebody thought of it here. */
function copied(last: CompetitionRow): Omit<CompetitionColumns, Moved> {
  return {
    name: last.name,
    description: last.description,
    visibility: last.visibility,
    inviteCode: last.inviteCode,
    timeZone: last.timeZone,
    graceMs: last.graceMs,
    finalization: last.finalization,
    entryConditions: last.entryConditions,
    capacity: last.capacity,
    minimumParticipants: last.minimumParticipants,
    divisions: last.divisions,
    entryFee: last.entryFee,
    prizePlan: last.prizePlan,
  };
}

/** Room for a hyphen and the number of an occurrence in the 80 characters of a slug. */
const BASE_SLUG_MAX = 74;

async function freeSlug(
  tx: Tx,
  { slug }: StoredSeries,
  { index, id }: { index: number; id: string },
): Promise<string> {
  const base = slug.slice(0, BASE_SLUG_MAX).replace(/-$/, "");
  const wanted = `${base}-${index + 1}`;
  const [taken] = await tx.sql`select 1 from competitions where slug = ${wanted}`;
  return taken ? `${base.slice(0, BASE_SLUG_MAX - 7)}-${id.slice(-6)}-${index + 1}` : wanted;
}

/** Entries of one statement; more would be a long text for the database to read at once. */
const CARRIED_AT_ONCE = 2_000;

interface Carried {
  id: string;
  userId: string;
}

/** Enters those who take part in the last one, the earliest first, as far as there are places. */
async function carryOver(
  deps: SeriesMakingDeps,
  tx: Tx,
  { from, locked }: { from: CompetitionRow; locked: LockedCompetition },
): Promise<void> {
  const rows = await tx.sql<{ userId: string; division: string | null }[]>`
    select p.user_id as "userId", p.division from participants p
    join users u on u.id = p.user_id and u.status = 'active'
    where p.competition_id = ${from.id} and p.status = 'active'
    order by p.joined_at, p.id limit ${locked.capacity ?? null}`;
  for (let done = 0; done < rows.length; done += CARRIED_AT_ONCE) {
    const people = rows.slice(done, done + CARRIED_AT_ONCE)
      .map((person) => ({ ...person, id: deps.newId() }));
    await enterAll(deps, tx, { from, locked, people });
  }
  await tx.sql`
    update competitions set participant_count = ${rows.length} where id = ${locked.id}`;
  locked.participantCount = rows.length;
  const { id, slug, name, startsAt } = locked;
  await deps.notices.tellParticipants(tx, id, {
    kind: "competition.carried_over",
    payload: { competitionId: id, slug, name, startsAt: new Date(startsAt).toISOString() },
  });
}

async function enterAll(
  deps: SeriesMakingDeps,
  tx: Tx,
  { from, locked, people }: {
    from: CompetitionRow;
    locked: LockedCompetition;
    people: readonly (Carried & { division: string | null })[];
  },
): Promise<void> {
  const now = deps.clock.now();
  await tx.sql`
    insert into participants (id, competition_id, user_id, division, joined_at, time_zone, consents)
    select r.id, ${locked.id}, r."userId", r.division, ${now}, p.time_zone, p.consents
    from jsonb_to_recordset(${JSON.stringify(people)}::text::jsonb)
      as r(id uuid, "userId" uuid, division text)
    join participants p on p.competition_id = ${from.id} and p.user_id = r."userId"`;
  const entries = await deps.log.append(
    tx,
    locked,
    people.map(({ id, division }) => ({
      entry: { kind: "join" as const, participantId: id, division },
      actor: SYSTEM_SCHEDULE,
    })),
  );
  // As the log has it, since a tie-break compares it.
  const joinedAt = entries[0]!.arrivedAt;
  if (joinedAt !== now) {
    await tx.sql`
      update participants set joined_at = ${joinedAt}
      where id = any(${people.map(({ id }) => id)}::uuid[])`;
  }
  // Only one that is made late can have activity already.
  if (joinedAt < locked.startsAt) return;
  for (const { id, userId } of people) {
    await lockAthlete(tx, userId);
    const cause = { actor: SYSTEM_SCHEDULE, reason: "join" };
    await deps.activityScores.rescore(tx, locked, { id, userId }, cause);
  }
}
