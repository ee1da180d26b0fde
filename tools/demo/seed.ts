/**
 * Fills an empty database with the demo: sixty athletes with three weeks behind them, and five
 * competitions, whole or not at all. The past is written at its own times by a clock that is set
 * back, so that logs, imports and ages look as they would have.
 *
 * @module
 */

import type postgres from "postgres";
import { SETTINGS_DEFAULT } from "@/contracts/settings.ts";
import type { Database, Tx } from "@/db/client.ts";
import type { UserActor } from "@/domain/actor.ts";
import { DAY_MS, type EpochMs, HOUR_MS } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import { createIdGenerator, type IdGenerator } from "@/platform/id.ts";
import type { Logger } from "@/platform/log.ts";
import { systemTimers } from "@/platform/timers.ts";
import { createToken } from "@/platform/token.ts";
import { createActivityScores } from "@/services/activity/activity_scores.ts";
import { createAuditService } from "@/services/audit.ts";
import { createBoardsService } from "@/services/boards/boards.ts";
import { createPlainDirectory } from "@/services/competitions/competition_directory.ts";
import { createCompetitionLog } from "@/services/leaderboard/competition_log.ts";
import { createRateLimiter } from "@/platform/rate_limit.ts";
import { createCompetitionsService } from "@/services/competitions/competitions.ts";
import { createMoneyCore } from "@/services/money/money.ts";
import { createScoresWriter } from "@/services/leaderboard/scores.ts";
import { ensureDemoAdmin } from "./admin.ts";
import { type Athlete, athleteActor, demoAthletes } from "./athletes.ts";
import { type DemoCompetition, demoCompetitions } from "./competitions.ts";
import { pastSyncs } from "./history.ts";
import { type PaidPastDeps, payAndLeave, payEntries } from "./paid_past.ts";
import { type PastParticipant, replay } from "./replay.ts";
import { insertTold, tell, type ToldSync } from "./told.ts";

export interface SeedDeps {
  database: Database;
  clock: Clock;
  newId: IdGenerator;
  log: Logger;
}

/** What was there or made. */
export interface Seeded {
  /** Owns the demo's competitions and is no demo data. */
  adminId: string;
  /** False when the database held anything already, and nothing was added. */
  isNew: boolean;
}

/** How far back the athletes' activity goes. */
const HISTORY_MS = 20 * DAY_MS;
/** Accounts are a little older than all they did. */
const ACCOUNT_AGE_MS = 34 * DAY_MS;

/** Seeds the demo into a database without competitions and members; else only finds the admin. */
export async function seedDemo(deps: SeedDeps): Promise<Seeded> {
  const startedAt = performance.now();
  const seeded = await deps.database.transaction(async (tx) => {
    await tx.sql`select pg_advisory_xact_lock(hashtextextended('paceboard.demo', 0))`;
    const now = deps.clock.now();
    const isNew = await isEmpty(tx);
    const adminId = await ensureDemoAdmin(tx, { now, newId: deps.newId });
    if (isNew) await seed(deps.database, tx, { adminId, now });
    return { adminId, isNew };
  }, { name: "demo.seed" });
  const tookMs = Math.round(performance.now() - startedAt);
  if (seeded.isNew) deps.log.info("Made the demo data", { tookMs });
  return seeded;
}

/** Whoever removed the demo does not want it back at the next start. */
async function isEmpty(tx: Tx): Promise<boolean> {
  const rows = await tx.sql`
    select 1 from competitions
    union all select 1 from users where role <> 'admin'
    union all select 1 from audit_log where action = 'demo.remove' limit 1`;
  return rows.length === 0;
}

/** The parts that write the past. */
interface Past extends PaidPastDeps {
  log: ReturnType<typeof createCompetitionLog>;
  scores: ReturnType<typeof createScoresWriter>;
  competitions: ReturnType<typeof createCompetitionsService>;
}

async function seed(
  database: Database,
  tx: Tx,
  { adminId, now }: { adminId: string; now: EpochMs },
): Promise<void> {
  const past = createPast(withinTransaction(database, tx), now);
  const people = demoAthletes().map((athlete) => ({ ...athlete, userId: past.newId() }));
  await insertPeople(tx, people, now - ACCOUNT_AGE_MS);
  const span = { from: now - HISTORY_MS, until: now };
  const syncsByUser = new Map(people.map((person) => {
    const syncs = pastSyncs(person, span);
    return [person.userId, syncs.map((sync) => tell(person.userId, sync, past.newId))];
  }));
  for (const plan of demoCompetitions(people, now)) {
    const id = await createCompetition(past, adminId, plan);
    await tx.sql`update competitions set is_demo = true where id = ${id}`;
    const teamIds = await insertTeams(past, tx, id, plan);
    const participants = participantsOf(past, plan, { people, syncsByUser, teamIds });
    if (plan.input.entryFee && participants.length > 0) {
      const locked = (await past.log.lock(tx, [id])).get(id)!;
      const userId = someoneElse(people, participants);
      await payAndLeave(past, tx, { locked, userId, publishedAt: plan.publishedAt });
    }
    await insertParticipants(tx, id, { people, participants });
    const locked = (await past.log.lock(tx, [id])).get(id)!;
    await payEntries(past, tx, locked, participants);
    await replay(past, tx, locked, participants);
  }
  await insertTold(tx, [...syncsByUser.values()].flat());
}

interface Person extends Athlete {
  userId: string;
}

/** Who does not take part. */
function someoneElse(people: readonly Person[], participants: readonly PastParticipant[]): string {
  const inIt = new Set(participants.map(({ userId }) => userId));
  return people.find(({ userId }) => !inIt.has(userId))!.userId;
}

function createPast(database: Database, now: EpochMs): Past {
  let time = now;
  const clock = { now: () => time };
  const newId = createIdGenerator(clock);
  const log = createCompetitionLog({ database, clock });
  const scores = createScoresWriter({ log });
  const money = createMoneyCore({ database, clock, newId });
  const competitions = createCompetitionsService({
    ...{ database, clock, newId, log },
    boards: createBoardsService({ database, clock, timers: systemTimers }),
    directory: createPlainDirectory(database),
    audit: createAuditService({ database, clock }),
    activityScores: createActivityScores({ log, scores, clock, newId }),
    ...money,
    // The seeded past has happened; the running product plans what is ahead.
    seriesPlan: { plan: () => Promise.resolve() },
    timetable: { plan: () => Promise.resolve(), finaliseSoon: () => Promise.resolve() },
    settings: { current: () => Promise.resolve(SETTINGS_DEFAULT) },
    newInviteCode: createToken,
    // Nobody is invited while the past is made.
    limiter: createRateLimiter({ clock }),
    inviteCodes: { newHandle: createToken, codeOf: (handle) => handle, handleOf: () => undefined },
  });
  const setTime = (at: EpochMs) => void (time = at);
  return { database, now: clock.now, setTime, newId, log, scores, competitions, money };
}

/** The database as services see it from inside a transaction: what they begin takes part in it. */
function withinTransaction(database: Database, tx: Tx): Database {
  return {
    ...database,
    sql: tx.sql as unknown as postgres.Sql,
    db: tx.db,
    transaction: (run) => run(tx),
  };
}

async function createCompetition(
  past: Past,
  adminId: string,
  { input, createdAt, publishedAt }: DemoCompetition,
): Promise<string> {
  const admin: UserActor = { ...athleteActor(adminId, past.now()), role: "admin" };
  past.setTime(createdAt);
  const { id } = await past.competitions.create(admin, input);
  past.setTime(publishedAt);
  await past.competitions.publish(admin, id);
  return id;
}

function participantsOf(
  past: Past,
  plan: DemoCompetition,
  given: {
    people: readonly Person[];
    syncsByUser: ReadonlyMap<string, ToldSync[]>;
    teamIds: readonly string[];
  },
): PastParticipant[] {
  return plan.entries.map(({ athlete, joinedAt, division = null, team }) => {
    const { userId } = given.people[athlete.index]!;
    past.setTime(joinedAt);
    return {
      participantId: past.newId(),
      userId,
      joinedAt,
      division,
      teamId: team === undefined ? null : given.teamIds[team]!,
      syncs: given.syncsByUser.get(userId) ?? [],
    };
  });
}

/** The teams of a competition, made by its organiser; gives their ids. */
async function insertTeams(
  past: Past,
  tx: Tx,
  competitionId: string,
  { teams = [], publishedAt }: DemoCompetition,
): Promise<string[]> {
  const rows = teams.map((name) => ({ id: past.newId(), name }));
  await tx.sql`
    insert into teams (id, competition_id, name, created_at)
    select id, ${competitionId}::uuid, name, ${publishedAt}
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(id uuid, name text)`;
  return rows.map(({ id }) => id);
}

async function insertPeople(tx: Tx, people: readonly Person[], bornAt: EpochMs): Promise<void> {
  const rows = people.map(({ userId, name, email, country, timeZone, units, index }) => ({
    ...{ id: userId, name, email, country, units },
    time_zone: timeZone,
    at: new Date(bornAt + index * HOUR_MS).toISOString(),
  }));
  await tx.sql`
    with people as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(id uuid,
        name text, email text, country text, units text, time_zone text, at timestamptz)
    ), inserted as (
      insert into users (id, email, name, is_demo, access_changed_at, created_at, updated_at)
      select id, email, name, true, at, at, at from people returning id
    )
    insert into profiles (user_id, country, time_zone, units, updated_at)
    select id, country, time_zone, units, at from people join inserted using (id)`;
}

async function insertParticipants(
  tx: Tx,
  competitionId: string,
  given: { people: readonly Person[]; participants: readonly PastParticipant[] },
): Promise<void> {
  const zones = new Map(given.people.map(({ userId, timeZone }) => [userId, timeZone]));
  const rows = given.participants.map(({ participantId, userId, joinedAt, division, teamId }) => ({
    ...{ id: participantId, division, team_id: teamId },
    user_id: userId,
    joined_at: new Date(joinedAt).toISOString(),
    time_zone: zones.get(userId),
  }));
  await tx.sql`
    insert into participants (id, competition_id, user_id, division, team_id, joined_at, time_zone)
    select id, ${competitionId}::uuid, user_id, division, team_id, joined_at, time_zone
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(id uuid, user_id uuid,
      division text, team_id uuid, joined_at timestamptz, time_zone text)`;
  await tx.sql`
    update competitions set participant_count = ${rows.length} where id = ${competitionId}`;
}
