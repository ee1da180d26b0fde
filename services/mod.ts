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
import { createAccessCache } from "./access_cache.ts";
import { type KeyAccess, readKeyChanges } from "./api_key_access.ts";
import { type ApiKeysService, createApiKeysService } from "./api_keys.ts";
import { type AccountEvents, type AccountsService, createAccountsService } from "./accounts.ts";
import { createActivityScores } from "./activity_scores.ts";
import { readAnnouncementsSince } from "./announcements.ts";
import { type AuditService, createAuditService } from "./audit.ts";
import { type BoardsService, createBoardsService } from "./boards.ts";
import type { Broker } from "./broker.ts";
import { createBuyerCheck, type IdentityProvider } from "./buyers.ts";
import type { SharedCache } from "./cached.ts";
import { createCompetitionDirectory, forgetOnCommit } from "./competition_directory.ts";
import { createCompetitionLog } from "./competition_log.ts";
import { type CompetitionsService, createCompetitionsService } from "./competitions.ts";
import { registerDayScores } from "./day_scores.ts";
import {
  type ConnectionsService,
  type ConnectionsSetup,
  createConnectionsService,
  noProviders,
} from "./connections.ts";
import { createDashboardService, type DashboardService } from "./dashboard.ts";
import { createDemoService, type DemoService } from "./demo.ts";
import { createFileReader } from "./file_reader.ts";
import { createFitnessService, type FitnessService } from "./fitness.ts";
import { createIdempotencyService, type IdempotencyService } from "./idempotency.ts";
import { createInviteCodes } from "./invite_codes.ts";
import { createInvitesService, type InvitesService } from "./invites.ts";
import { createJobsService, type JobsService } from "./jobs.ts";
import { createLeaderboardService, type LeaderboardService } from "./leaderboard.ts";
import { createLiveService, type LiveLimits, type LiveService } from "./live.ts";
import type { LoginLimits } from "./login_throttle.ts";
import { createMoneyNames, type MoneyNamesService } from "./money_names.ts";
import { createMoney, createMoneyCore, type MoneyServices } from "./money.ts";
import { createLonelyBroker } from "./local_broker.ts";
import { createMeter, type Meter } from "./meter.ts";
import { createOverviewService, type OverviewService } from "./overview.ts";
import { paymentBlockers } from "./payment_blockers.ts";
import type { GatewayWebhook, PaymentGateway } from "./payment_gateway.ts";
import type { BuyerCheck } from "./payments.ts";
import { createProfileCache } from "./profiles.ts";
import { createProgressService, type ProgressService } from "./progress.ts";
import type { Ranking } from "./ranking.ts";
import { createRankingFeed, RANKING_MEMBERS_MIN, type RankingFeed } from "./ranking_feed.ts";
import { createScoresWriter } from "./scores.ts";
import { shareBoards } from "./shared_boards.ts";
import { createReviewsService, reviewBlockers, type ReviewsService } from "./reviews.ts";
import { readAccessChanges, type SessionLives } from "./sessions.ts";
import { createSeriesPlan, createSeriesService, type SeriesService } from "./series.ts";
import { createSettingsService, type SettingsService } from "./settings.ts";
import { createSteeringServices, type SteeringServices } from "./steering_services.ts";
import type { TestAccounts } from "./test_accounts.ts";
import type { TestTransfers } from "./test_transfers.ts";
import { createTimetable } from "./timetable.ts";
import { createUploadsService, type UploadsService } from "./uploads.ts";
import { createUsersService, type UsersDeps, type UsersService } from "./users.ts";

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
  const { database, clock, newId, metrics } = deps;
  const meter = createMeter({ clock });
  const audit = createAuditService({ database, clock });
  const jobs = createJobsService({ ...deps, audit });
  const log = createCompetitionLog({ database, clock });
  const scores = createScoresWriter({ log });
  const activityScores = createActivityScores({ log, scores, clock, newId });
  const broker = deps.broker ?? createLonelyBroker();
  const cacheDeps = { database, clock, metrics, broker, shared: deps.sharedCache };
  const directory = createCompetitionDirectory(cacheDeps);
  const settings = createSettingsService({ ...cacheDeps, audit });
  const rankingFeed = rankingFeedOf(deps);
  const boards = forgetOnCommit(
    shareBoards(createBoardsService({ ...deps, rankingFeed }), { ...deps, broker }),
    directory,
  );
  const money = createMoneyCore({ ...deps, jobs });
  const uploads = createUploadsService({ directory: deps.uploadsDir, newId });
  const built = {
    audit,
    jobs,
    log,
    scores,
    activityScores,
    boards,
    directory,
    settings,
    meter,
    uploads,
    timetable: createTimetable({ jobs, clock }),
    seriesPlan: createSeriesPlan({ jobs, clock }),
    inviteCodes: createInviteCodes({ signer: deps.signer, newToken: createToken }),
  };
  const shared = { ...deps, ...money, ...built };
  const competitions = createCompetitionsService({ ...shared, newInviteCode });
  const leaderboard = createLeaderboardService(shared);
  const live = createLiveService({
    ...shared,
    broker,
    limits: deps.liveLimits,
    announcementsSince: (id, since) => readAnnouncementsSince(database, id, since),
  });
  const fitness = createFitnessService({
    ...shared,
    files: createFileReader(deps),
    onImport(kind, outcome) {
      const event = outcome === "done" ? `${kind}_imported` : `${kind}_rejected`;
      metrics.businessEvents.inc({ event });
    },
    onScores(count) {
      meter.updates(count);
      metrics.leaderboardUpdates.inc({ source: "activity" }, count);
    },
  });
  registerDayScores(shared, jobs);
  return {
    ...people(deps, { ...built, profiles: createProfileCache(cacheDeps) }),
    settings,
    idempotency: createIdempotencyService(deps),
    audit,
    boards,
    jobs,
    uploads,
    live,
    meter,
    competitions,
    leaderboard,
    ...createMoney({
      ...shared,
      competitions,
      buyers: deps.buyers ?? createBuyerCheck(deps),
    }),
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
