/**
 * What concerns one person now. The number of queries does not grow with the competitions: they
 * are read at once, and standings come from the boards in memory.
 *
 * @module
 */

import { and, asc, count, desc, eq, ne, type SQL } from "drizzle-orm";
import type { Dashboard, UserCompetition, UserCompetitionQuery } from "@/contracts/dashboard.ts";
import { type Page, PageQuery } from "@/contracts/envelope.ts";
import type { ActivityTotals, Stats } from "@/contracts/fitness.ts";
import { ReviewQuery } from "@/contracts/reviews.ts";
import type { Database } from "@/db/client.ts";
import { competitions, participants } from "@/db/schema.ts";
import type { Actor } from "@/domain/actor.ts";
import { bucketStart } from "@/domain/stats.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import { checkSelfOrAdmin, isStaff } from "./accounts/access.ts";
import { audienceOf } from "./boards/board_access.ts";
import { standingOf } from "./boards/board_neighbours.ts";
import type { BoardsService } from "./boards/boards.ts";
import { visibleCondition } from "./competitions/competition_access.ts";
import { phaseCondition } from "./competitions/competition_reader.ts";
import { type CompetitionRow, toCompetition } from "./competitions/competition_view.ts";
import type { FitnessService } from "./activity/fitness.ts";
import type { NoticesService } from "./notices.ts";
import { listReviews } from "./reviews/review_list.ts";

export interface DashboardService {
  /** Today, standings and news. Oneself or an admin; fails with `NOT_FOUND`, `FORBIDDEN`. */
  dashboard(actor: Actor, userId: string): Promise<Dashboard>;
  /** The competitions somebody entered, the latest to end first. Oneself or an admin. */
  competitions(
    actor: Actor,
    userId: string,
    query: UserCompetitionQuery,
  ): Promise<Page<UserCompetition>>;
}

export interface DashboardDeps {
  database: Database;
  clock: Clock;
  boards: Pick<BoardsService, "view">;
  fitness: Pick<FitnessService, "stats" | "imports">;
  notices: Pick<NoticesService, "list">;
}

/** Competitions shown at once: more than anybody takes part in at the same time. */
const COMPETITIONS_MAX = 20;
/** Entries of each list; the whole lists have paths of their own. */
const LATEST = 5;

export function createDashboardService(deps: DashboardDeps): DashboardService {
  return {
    dashboard: (actor, userId) => readDashboard(deps, actor, userId),
    competitions: (actor, userId, query) => listEntered(deps, actor, userId, query),
  };
}

async function readDashboard(deps: DashboardDeps, actor: Actor, userId: string) {
  checkSelfOrAdmin(actor, userId);
  // First, as it tells whether there is such a person.
  const stats = await deps.fitness.stats(actor, userId, { bucket: "day" });
  const latest = PageQuery.parse({ page_size: LATEST });
  const waiting = ReviewQuery.parse({ userId, page_size: LATEST });
  const [running, imports, notices, unread, reviews] = await Promise.all([
    readRunning(deps, actor, userId),
    deps.fitness.imports(actor, { ...latest, userId }),
    deps.notices.list(actor, userId, latest),
    deps.notices.list(actor, userId, { page: 1, page_size: 1, unread: "true" }),
    listReviews(deps.database, actor, waiting),
  ]);
  return {
    userId,
    timeZone: stats.timeZone,
    ...daysOf(stats),
    currentStreakDays: stats.currentStreakDays,
    competitions: running,
    imports: imports.items,
    notices: notices.items,
    noticesUnread: unread.total,
    reviews: reviews.items,
    reviewsWaiting: reviews.total,
  };
}

/** The last day of the stats, and its week. */
function daysOf({ buckets, to }: Stats): Pick<Dashboard, "today" | "week"> {
  const from = bucketStart(to, "week");
  const days = buckets.filter(({ start }) => start >= from)
    .map(({ start, totals }) => ({ day: start, totals }));
  return {
    today: days.at(-1)!,
    week: { from, to, totals: sumOf(days.map(({ totals }) => totals)), days },
  };
}

function sumOf([first, ...rest]: readonly ActivityTotals[]): ActivityTotals {
  const sum = { ...first! };
  for (const totals of rest) {
    for (const key of Object.keys(sum) as (keyof ActivityTotals)[]) sum[key] += totals[key];
  }
  return sum;
}

async function readRunning(
  deps: DashboardDeps,
  actor: Actor,
  userId: string,
): Promise<UserCompetition[]> {
  const where = enteredBy(deps, actor, userId, { status: "published" });
  const rows = await selectEntered(deps, where)
    .orderBy(asc(competitions.endsAt), asc(competitions.id)).limit(COMPETITIONS_MAX);
  return await toEntered(deps, actor, rows);
}

async function listEntered(
  deps: DashboardDeps,
  actor: Actor,
  userId: string,
  query: UserCompetitionQuery,
): Promise<Page<UserCompetition>> {
  checkSelfOrAdmin(actor, userId);
  const { page, page_size: pageSize } = query;
  const where = enteredBy(deps, actor, userId, query);
  const [rows, [counted]] = await Promise.all([
    selectEntered(deps, where).orderBy(desc(competitions.endsAt), asc(competitions.id))
      .limit(pageSize).offset((page - 1) * pageSize),
    deps.database.db.select({ total: count() }).from(participants)
      .innerJoin(competitions, eq(competitions.id, participants.competitionId)).where(where),
  ]);
  return { items: await toEntered(deps, actor, rows), page, pageSize, total: counted?.total ?? 0 };
}

/** The entries asked for, as far as the actor may see their competitions. */
function enteredBy(
  { database, clock }: DashboardDeps,
  actor: Actor,
  userId: string,
  { phase, status, participation }: Partial<UserCompetitionQuery>,
): SQL | undefined {
  return and(
    eq(participants.userId, userId),
    participation ? eq(participants.status, participation) : ne(participants.status, "withdrawn"),
    visibleCondition(database.db, actor),
    status ? eq(competitions.status, status) : undefined,
    phase ? phaseCondition(phase, clock.now()) : undefined,
  );
}

function selectEntered({ database }: DashboardDeps, where: SQL | undefined) {
  return database.db.select({ competition: competitions, entry: participants }).from(participants)
    .innerJoin(competitions, eq(competitions.id, participants.competitionId)).where(where)
    .$dynamic();
}

interface EnteredRow {
  competition: CompetitionRow;
  entry: typeof participants.$inferSelect;
}

async function toEntered(
  deps: DashboardDeps,
  actor: Actor,
  rows: readonly EnteredRow[],
): Promise<UserCompetition[]> {
  const at = deps.clock.now();
  return await Promise.all(rows.map(async ({ competition, entry }) => {
    const view = await deps.boards.view(competition.id, audienceOf(actor, competition));
    return {
      competition: toCompetition(competition, { at, isStaff: isStaff(actor, competition) }),
      participantId: entry.id,
      participation: entry.status,
      division: entry.division,
      joinedAt: new Date(entry.joinedAt).toISOString(),
      leftAt: entry.leftAt === null ? null : new Date(entry.leftAt).toISOString(),
      ...timeOf(competition, at),
      me: standingOf(view, entry.userId),
    };
  }));
}

/** How much of its time a competition has left; one that was cancelled has none. */
function timeOf(
  { startsAt, endsAt, status }: CompetitionRow,
  at: EpochMs,
): Pick<UserCompetition, "timeLeftMs" | "timeElapsed"> {
  const isOver = at >= endsAt || (status !== "published" && status !== "draft");
  const elapsed = (at - startsAt) / (endsAt - startsAt);
  return {
    timeLeftMs: isOver ? null : endsAt - at,
    timeElapsed: Math.min(1, Math.max(0, elapsed)),
  };
}
