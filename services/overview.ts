/**
 * The live figures of the overview page: the readings of this node, and today's competitions.
 *
 * @module
 */

import type { Overview } from "@/contracts/admin.ts";
import type { Database } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { type EpochMs, SECOND_MS } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import { checkRole } from "./access.ts";
import type { BoardsService } from "./boards.ts";
import type { Meter, Reading } from "./meter.ts";

export interface OverviewService {
  /** Organisers, referees, finance and admins. */
  get(actor: Actor): Promise<Overview>;
}

export interface OverviewDeps {
  database: Database;
  boards: BoardsService;
  meter: Pick<Meter, "readings">;
  live: { readonly viewerCount: number };
  clock: Clock;
}

/** What "a second" means in the headline figures: the mean of the last few, so that they are calm. */
const RATE_SECONDS = 10;
/** The page shows the competitions that run, start or end within a day of now. */
const NEARBY_MS = 24 * 3600 * SECOND_MS;
const COMPETITIONS_MAX = 8;

export function createOverviewService(deps: OverviewDeps): OverviewService {
  return {
    async get(actor) {
      checkRole(actor, "organiser", "referee", "finance");
      const [totals, competitions] = await Promise.all([readTotals(deps), readNearby(deps)]);
      const readings = deps.meter.readings();
      return {
        ...rates(readings.slice(-RATE_SECONDS)),
        ...totals,
        viewers: deps.live.viewerCount,
        points: readings.map(toPoint),
        competitions,
      };
    },
  };
}

function rates(readings: readonly Reading[]) {
  const seconds = Math.max(1, readings.length);
  const sum = (pick: (reading: Reading) => number) =>
    readings.reduce((total, reading) => total + pick(reading), 0);
  const requests = sum((reading) => reading.requests);
  return {
    updatesPerSecond: sum((reading) => reading.updates) / seconds,
    requestsPerSecond: requests / seconds,
    errorRate: requests === 0 ? 0 : sum((reading) => reading.errors) / requests,
  };
}

function toPoint({ at, updates, requests, errors, viewers }: Reading): Overview["points"][number] {
  return { at: new Date(at).toISOString(), updates, requests, errors, viewers };
}

async function readTotals(deps: OverviewDeps) {
  const now = deps.clock.now();
  const [row] = await deps.database.sql<
    [{ activeCompetitions: number; participants: number; users: number }]
  >`
    select
      (select count(*)::int from competitions where status = 'published'
        and starts_at <= ${now} and ends_at > ${now}) as "activeCompetitions",
      (select coalesce(sum(participant_count), 0)::int from competitions
        where status = 'published') as participants,
      (select count(*)::int from users where status <> 'deleted') as users`;
  return row;
}

interface NearbyRow {
  id: string;
  slug: string;
  name: string;
  participantCount: number;
  startsAt: EpochMs;
  endsAt: EpochMs;
}

async function readNearby(deps: OverviewDeps): Promise<Overview["competitions"]> {
  const now = deps.clock.now();
  const rows = await deps.database.sql<NearbyRow[]>`
    select id, slug, name, participant_count as "participantCount", starts_at as "startsAt",
      ends_at as "endsAt"
    from competitions where status = 'published'
      and starts_at < ${now + NEARBY_MS} and ends_at > ${now - NEARBY_MS}
    order by ends_at, id limit ${COMPETITIONS_MAX}`;
  return await Promise.all(rows.map((row) => toNearby(deps, row)));
}

async function toNearby(deps: OverviewDeps, row: NearbyRow) {
  const view = await deps.boards.view(row.id);
  const [first] = view.rows(0, 1);
  return {
    ...row,
    phase: view.phase,
    startsAt: new Date(row.startsAt).toISOString(),
    endsAt: new Date(row.endsAt).toISOString(),
    leader: first && first.rank !== null ? { name: first.name, score: first.score } : null,
  };
}
