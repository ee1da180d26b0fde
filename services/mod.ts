/** All services, wired: the only place that knows which service needs which. */

import type { Database } from "@/db/client.ts";
import type { Clock } from "@/platform/clock.ts";
import type { Failpoint } from "@/platform/failpoint.ts";
import type { IdGenerator } from "@/platform/id.ts";
import type { AccessTokens } from "@/platform/jwt.ts";
import type { Metrics } from "@/platform/metrics.ts";
import type { Passwords } from "@/platform/password.ts";
import type { RateLimiter } from "@/platform/rate_limit.ts";
import type { Signer } from "@/platform/signing.ts";
import type { Timers } from "@/platform/timers.ts";
import { createToken } from "@/platform/token.ts";
import { createAccessCache } from "./accounts/access_cache.ts";
import { type KeyAccess, readKeyChanges } from "./accounts/api_key_access.ts";
import { type ApiKeysService, createApiKeysService } from "./accounts/api_keys.ts";
import {
  type AccountEvents,
  type AccountsService,
  createAccountsService,
} from "./accounts/accounts.ts";
import { createActivityScores } from "./activity/activity_scores.ts";
import { readAnnouncementsSince } from "./steering/announcements.ts";
import { type AuditService, createAuditService } from "./audit.ts";
import { type BoardsService, createBoardsService } from "./boards/boards.ts";
import type { Broker } from "./boards/broker.ts";
import { createBuyerCheck, type IdentityProvider } from "./money/buyers.ts";
import type { SharedCache } from "./cached.ts";
import {
  createCompetitionDirectory,
  forgetOnCommit,
} from "./competitions/competition_directory.ts";
import { createCompetitionLog } from "./leaderboard/competition_log.ts";
import {
  type CompetitionsService,
  createCompetitionsService,
} from "./competitions/competitions.ts";
import { registerDayScores } from "./activity/day_scores.ts";
import {
  type ConnectionsService,
  type ConnectionsSetup,
  createConnectionsService,
  noProviders,
} from "./connections/connections.ts";
import { createDashboardService, type DashboardService } from "./dashboard.ts";
import { createDemoService, type DemoService } from "./demo.ts";
import { createFileReader } from "./activity/file_reader.ts";
import { createFitnessService, type FitnessService } from "./activity/fitness.ts";
import { createIdempotencyService, type IdempotencyService } from "./idempotency.ts";
import { createInviteCodes } from "./competitions/invite_codes.ts";
import { createInvitesService, type InvitesService } from "./competitions/invites.ts";
import { createJobsService, type JobsService } from "./jobs/jobs.ts";
import { createLeaderboardService, type LeaderboardService } from "./leaderboard/leaderboard.ts";
import { createLiveService, type LiveLimits, type LiveService } from "./live/live.ts";
import type { LoginLimits } from "./accounts/login_throttle.ts";
import { createMoneyNames, type MoneyNamesService } from "./money/money_names.ts";
import { createMoney, createMoneyCore, type MoneyServices } from "./money/money.ts";
import { createLonelyBroker } from "./boards/local_broker.ts";
import { createMeter, type Meter } from "./meter.ts";
import { createOverviewService, type OverviewService } from "./overview.ts";
import { paymentBlockers } from "./money/payment_blockers.ts";
import type { GatewayWebhook, PaymentGateway } from "./money/payment_gateway.ts";
import type { BuyerCheck } from "./money/payments.ts";
import { createProfileCache } from "./accounts/profiles.ts";
import { createProgressService, type ProgressService } from "./activity/progress.ts";
import type { Ranking } from "./boards/ranking.ts";
import { createRankingFeed, RANKING_MEMBERS_MIN, type RankingFeed } from "./boards/ranking_feed.ts";
import { createScoresWriter } from "./leaderboard/scores.ts";
import { shareBoards } from "./boards/shared_boards.ts";
import { createReviewsService, reviewBlockers, type ReviewsService } from "./reviews/reviews.ts";
import { readAccessChanges, type SessionLives } from "./accounts/sessions.ts";
import {
  createSeriesPlan,
  createSeriesService,
  type SeriesService,
} from "./competitions/series.ts";
import { createSettingsService, type SettingsService } from "./settings.ts";
import { createSteeringServices, type SteeringServices } from "./steering/steering_services.ts";
import type { TestAccounts } from "./money/test_accounts.ts";
import type { TestTransfers } from "./money/test_transfers.ts";
import { createTimetable } from "./competitions/timetable.ts";
import { createUploadsService, type UploadsService } from "./activity/uploads.ts";
import { createUsersService, type UsersDeps, type UsersService } from "./accounts/users.ts";

/** What routes and pages call. */
export interface Services extends MoneyServices, SteeringServices {
  accounts: AccountsService;
  users: UsersService;
  apiKeys: ApiKeysService;
  settings: SettingsService;
  idempotency: IdempotencyService;
  audit: AuditService;
  competitions: CompetitionsService;
  leaderboard: LeaderboardService;
  boards: BoardsService;
  live: LiveService;
  fitness: FitnessService;
  connections: ConnectionsService;
  dashboard: DashboardService;
  reviews: ReviewsService;
  progress: ProgressService;
  invites: InvitesService;
  series: SeriesService;
  overview: OverviewService;
  moneyNames: MoneyNamesService;
  demo: DemoService;
  /** Runs nothing until it is started. */
  jobs: JobsService;
  uploads: UploadsService;
  /** Counts what this node does; the request middleware feeds it. */
  meter: Meter;
}

export interface ServicesDeps {
  database: Database;
  clock: Clock;
  timers: Timers;
  newId: IdGenerator;
  metrics: Metrics;
  passwords: Passwords;
  tokens: AccessTokens;
  limiter: RateLimiter;
  loginLimits: LoginLimits;
  sessionLives: SessionLives;
  liveLimits: Partial<LiveLimits>;
  /** Signs results. */
  signer: Signer;
  /** The way to the other nodes; absent for a node alone. Closed by whoever made it. */
  broker?: Broker;
  /** What the nodes keep together between memory and database; absent for a node alone. */
  sharedCache?: SharedCache | undefined;
  /** Answers for boards that a node does not hold; absent for a node alone. */
  ranking?: Ranking | undefined;
  /** Boards with fewer members are not ranked there. */
  rankingMembersMin?: number;
  /** Where tests of crashes end the process; absent otherwise. */
  failpoint?: Failpoint | undefined;
  /** Who moves money in and out; absent where none does. */
  gateway?: PaymentGateway | undefined;
  /** How the gateway reports what happened there; absent for test money. */
  webhook?: GatewayWebhook | undefined;
  /** The test gateway's own records; absent where money is real. */
  testTransfers?: TestTransfers | undefined;
  /** The test gateway's payees; absent where money is real. */
  testAccounts?: TestAccounts | undefined;
  /** Who knows accounts that are not built in, and whether they may still buy; absent where all are. */
  identities?: IdentityProvider | undefined;
  /** Who knows whether somebody may buy; their account, and `identities`, when absent. */
  buyers?: BuyerCheck | undefined;
  /** Whose clouds can be connected; absent where none can. */
  connections?: ConnectionsSetup | undefined;
  /** Where uploads wait for their jobs. */
  uploadsDir: string;
  /** Longest wait for running jobs at a stop; 30 s when absent. */
  drainMs?: number;
}

/** Wires the services; disposing stops what they wait for, once queued scores are stored. */
export function createServices(deps: ServicesDeps): Services & AsyncDisposable {
  const { broker, profiles, rankingFeed, ...built } = createFoundation(deps);
  const { jobs, boards } = built;
  const shared = { ...deps, ...createMoneyCore({ ...deps, jobs }), ...built };
  const competitions = createCompetitionsService({ ...shared, newInviteCode });
  const leaderboard = createLeaderboardService(shared);
  const live = createLiveService({
    ...shared,
    broker,
    limits: deps.liveLimits,
    announcementsSince: (id, since) => readAnnouncementsSince(deps.database, id, since),
  });
  const fitness = createFitness(shared);
  registerDayScores(shared, jobs);
  return {
    ...people(deps, { ...built, profiles }),
    settings: built.settings,
    idempotency: createIdempotencyService(deps),
    audit: built.audit,
    boards,
    jobs,
    uploads: built.uploads,
    live,
    meter: built.meter,
    competitions,
    leaderboard,
    ...createMoney({ ...shared, competitions, buyers: deps.buyers ?? createBuyerCheck(deps) }),
    ...createSteeringServices({ ...shared, live, blockers: [paymentBlockers, reviewBlockers] }),
    reviews: createReviewsService(shared),
    progress: createProgressService(shared),
    invites: createInvitesService(shared),
    series: createSeriesService(shared, jobs),
    fitness,
    dashboard: createDashboardService({ ...shared, fitness }),
    connections: createConnectionsService({
      ...shared,
      ...deps.connections ?? noProviders(),
      fitness,
    }),
    moneyNames: createMoneyNames(deps),
    overview: createOverviewService({ ...shared, live }),
    demo: createDemoService(shared),
    async [Symbol.asyncDispose]() {
      await jobs.stop();
      live.closeAll();
      await leaderboard[Symbol.asyncDispose]();
      boards.clear();
      rankingFeed?.[Symbol.dispose]();
    },
  };
}

/** What the services stand on: the log with its boards, jobs, audit, settings, and what signs. */
function createFoundation(deps: ServicesDeps) {
  const { database, clock, newId, metrics } = deps;
  const audit = createAuditService({ database, clock });
  const jobs = createJobsService({ ...deps, audit });
  const log = createCompetitionLog({ database, clock });
  const scores = createScoresWriter({ log });
  const broker = deps.broker ?? createLonelyBroker();
  const cacheDeps = { database, clock, metrics, broker, shared: deps.sharedCache };
  const directory = createCompetitionDirectory(cacheDeps);
  const rankingFeed = rankingFeedOf(deps);
  const boards = forgetOnCommit(
    shareBoards(createBoardsService({ ...deps, rankingFeed }), { ...deps, broker }),
    directory,
  );
  return {
    audit,
    jobs,
    log,
    scores,
    broker,
    directory,
    rankingFeed,
    boards,
    meter: createMeter({ clock }),
    activityScores: createActivityScores({ log, scores, clock, newId }),
    settings: createSettingsService({ ...cacheDeps, audit }),
    profiles: createProfileCache(cacheDeps),
    uploads: createUploadsService({ directory: deps.uploadsDir, newId }),
    timetable: createTimetable({ jobs, clock }),
    seriesPlan: createSeriesPlan({ jobs, clock }),
    inviteCodes: createInviteCodes({ signer: deps.signer, newToken: createToken }),
  };
}

type Foundation = ReturnType<typeof createFoundation>;

/** What devices send, counted as it comes in. */
function createFitness(
  shared: ServicesDeps & Omit<Foundation, "broker" | "profiles" | "rankingFeed">,
): FitnessService {
  const { metrics, meter } = shared;
  return createFitnessService({
    ...shared,
    files: createFileReader(shared),
    onImport(kind, outcome) {
      const event = outcome === "done" ? `${kind}_imported` : `${kind}_rejected`;
      metrics.businessEvents.inc({ event });
    },
    onScores(count) {
      meter.updates(count);
      metrics.leaderboardUpdates.inc({ source: "activity" }, count);
    },
  });
}

/** Keeps the ranking at the boards of this node. */
function rankingFeedOf(deps: ServicesDeps): RankingFeed | undefined {
  const { ranking, timers, rankingMembersMin: membersMin = RANKING_MEMBERS_MIN } = deps;
  return ranking && createRankingFeed({ ranking, timers, membersMin });
}

/** Accounts and users forget a session at the same moment, so they share what they remember. */
function people(
  deps: ServicesDeps,
  built: Pick<UsersDeps, "audit" | "log" | "boards" | "profiles"> & { settings: SettingsService },
): Pick<Services, "accounts" | "users" | "apiKeys"> {
  const { database, metrics } = deps;
  const access = createAccessCache({
    ...deps,
    readChanges: (since) => readAccessChanges(database, since),
  });
  Object.assign(metrics.activeUsers, {
    collect: () => metrics.activeUsers.set(access.countUsers()),
  });
  const events = accountEvents(metrics);
  const shared = { ...deps, ...built, access };
  return {
    accounts: createAccountsService({
      ...shared,
      limits: deps.loginLimits,
      lives: deps.sessionLives,
      events,
    }),
    users: createUsersService(shared),
    apiKeys: apiKeys(deps, built),
  };
}

function apiKeys(deps: ServicesDeps, { audit }: { audit: AuditService }): ApiKeysService {
  const { database, metrics } = deps;
  return createApiKeysService({
    ...deps,
    audit,
    access: createAccessCache<KeyAccess>({
      ...deps,
      readChanges: (since) => readKeyChanges(database, since),
    }),
    onAuthentication: (outcome) =>
      metrics.authenticationAttempts.inc({ method: "api_key", outcome }),
  });
}

function accountEvents(metrics: Metrics): AccountEvents {
  return {
    authentication: (method, outcome) => metrics.authenticationAttempts.inc({ method, outcome }),
    business: (event) => metrics.businessEvents.inc({ event }),
  };
}

/** Ten characters of a random token: more than anybody tries. */
const INVITE_CODE_LENGTH = 10;

function newInviteCode(): string {
  return createToken().replace(/[^A-Za-z0-9]/g, "").slice(0, INVITE_CODE_LENGTH);
}
