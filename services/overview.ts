/**
 * The live figures of the overview page: a ring of one-second readings of this node.
 *
 * @module
 */

import type { Overview } from "@/contracts/admin.ts";
import type { Database } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { phaseOf, type Schedule } from "@/domain/competition.ts";
import { DomainError } from "@/domain/error.ts";
import { DAY_MS, type EpochMs } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import { checkRole, hasRole } from "./accounts/access.ts";
import type { BoardsService } from "./boards/boards.ts";
import type { LiveService } from "./live/live.ts";
import type { Meter, Reading } from "./meter.ts";

export interface OverviewService {
  /** Organisers, referees, finance and admins. Fails with `UNAUTHORIZED`, `FORBIDDEN`. */
  get(actor: Actor): Promise<Overview>;
}

export interface OverviewDeps {
  database: Database;
  boards: BoardsService;
  live: Pick<LiveService, "viewerCount">;
  meter: Pick<Meter, "readings">;
  clock: Clock;
}

/** Rates are means over so many seconds: shorter ones jump, longer ones lag. */
const RATE_SECONDS = 10;
/** Errors are rare, so their share is looked at over a minute. */
const ERROR_SECONDS = 60;
/** Competitions on the page; the rest is in the list. */
const COMPETITIONS_MAX = 12;

export function createOverviewService(deps: OverviewDeps): OverviewService {
  return {
    async get(actor) {
      checkRole(actor, "organiser", "referee", "finance");
      const now = deps.clock.now();
      const [counts, rows] = await Promise.all([
        readCounts(deps.database, now),
        readCompetitions(deps.database, actor, now),
      ]);
      const competitions = await Promise.all(rows.map((row) => toCompetition(deps, row, now)));
      return {
        ...figures(deps.meter.readings()),
        viewers: deps.live.viewerCount,
        ...counts,
        competitions,
      };
    },
  };
}

function figures(readings: readonly Reading[]) {
  const recent = readings.slice(-RATE_SECONDS);
  const minute = readings.slice(-ERROR_SECONDS);
  const requests = sum(minute, "requests");
  return {
    updatesPerSecond: sum(recent, "updates") / RATE_SECONDS,
    requestsPerSecond: sum(recent, "requests") / RATE_SECONDS,
    errorRate: requests === 0 ? 0 : sum(minute, "errors") / requests,
    points: readings.map((reading) => ({ ...reading, at: new Date(reading.at).toISOString() })),
  };
}

function sum(readings: readonly Reading[], key: "requests" | "errors" | "updates"): number {
  return readings.reduce((total, reading) => total + reading[key], 0);
}

interface Counts {
  activeCompetitions: number;
  participants: number;
  users: number;
}

/** Participants are those of the competitions that run now. */
async function readCounts({ sql }: Database, now: EpochMs): Promise<Counts> {
  const [row] = await sql<Counts[]>`
    select count(*) as "activeCompetitions",
      coalesce(sum(coalesce(frozen_count, participant_count)), 0)::bigint as participants,
      (select count(*) from users where status = 'active') as users
    from competitions
    where status = 'published' and starts_at <= ${now} and ends_at > ${now}`;
  return row!;
}

interface CompetitionRow extends Schedule {
  id: string;
  slug: string;
  name: string;
  participantCount: number;
}

/** What runs, is about to start within a day, or ended within one; organisers see what they may. */
async function readCompetitions(
  { sql }: Database,
  actor: Actor,
  now: EpochMs,
): Promise<CompetitionRow[]> {
  const seesAll = hasRole(actor, "referee", "finance");
  const userId = actor.kind === "user" ? actor.userId : null;
  return await sql<CompetitionRow[]>`
    select id, slug, name, status, coalesce(frozen_count, participant_count) as "participantCount",
      registration_opens_at as "registrationOpensAt",
      registration_closes_at as "registrationClosesAt",
      starts_at as "startsAt", ends_at as "endsAt", grace_ms as "graceMs"
    from competitions
    where status in ('published', 'final')
      and starts_at < ${now + DAY_MS} and ends_at > ${now - DAY_MS}
      and (${seesAll}::boolean or visibility = 'public' or owner_id = ${userId}::uuid)
    order by (starts_at <= ${now} and ends_at > ${now}) desc, "participantCount" desc, id
    limit ${COMPETITIONS_MAX}`;
}

async function toCompetition(
  deps: OverviewDeps,
  row: CompetitionRow,
  now: EpochMs,
): Promise<Overview["competitions"][number]> {
  const { id, slug, name, participantCount, startsAt, endsAt } = row;
  return {
    id,
    slug,
    name,
    participantCount,
    phase: phaseOf(row, now),
    startsAt: new Date(startsAt).toISOString(),
    endsAt: new Date(endsAt).toISOString(),
    leader: await leaderOf(deps.boards, id),
  };
}

async function leaderOf(
  boards: BoardsService,
  competitionId: string,
): Promise<{ name: string; score: number | null } | null> {
  try {
    const [first] = (await boards.view(competitionId)).rows(0, 1);
    return first && first.rank !== null ? { name: first.name, score: first.score } : null;
  } catch (error) {
    // Removed since the list was read.
    if (error instanceof DomainError && error.code === "NOT_FOUND") return null;
    throw error;
  }
}
