/**
 * Composition root: reads the configuration, opens resources, wires services, serves, and on
 * SIGTERM or SIGINT closes everything in reverse. The only module that reads the environment.
 *
 * @module
 */

import { join } from "node:path";
import freshConfig from "./fresh.config.ts";
import type { NodeConnection } from "@/cache/nodes.ts";
import type { SharedState, SharedStateDeps } from "@/cache/shared_state.ts";
import { type OpenGateway, openGateway } from "@/external/gateway.ts";
import { type OpenIdentities, openIdentities } from "@/external/identities.ts";
import { type OpenProviders, openProviders } from "@/external/providers.ts";
import { type Database, openDatabase } from "@/db/client.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@/db/embedded.ts";
import { EmbeddedPostgresError } from "@/db/embedded_error.ts";
import { databaseHealth, describeUndurable, readUndurable } from "@/db/health.ts";
import { readInstallationId } from "@/db/installation.ts";
import { migrateUp, MigrationError, migrationStatus } from "@/db/migrate.ts";
import { DomainError } from "@/domain/error.ts";
import { systemClock } from "@/platform/clock.ts";
import {
  type Config,
  ConfigError,
  describeConfig,
  parseConfig,
  withPort,
} from "@/platform/config.ts";
import { withDeadline } from "@/platform/deadline.ts";
import { monitorEventLoop } from "@/platform/event_loop.ts";
import { createFailpoint } from "@/platform/failpoint.ts";
import { createHealth } from "@/platform/health.ts";
import { createIdGenerator } from "@/platform/id.ts";
import { createAccessTokens } from "@/platform/jwt.ts";
import { getLog, startLog } from "@/platform/log.ts";
import { createMetrics, type Metrics } from "@/platform/metrics.ts";
import { createPasswords } from "@/platform/password.ts";
import { loadOrCreateSecret } from "@/platform/secrets.ts";
import { createSigner, deriveSigningKey } from "@/platform/signing.ts";
import { createRateLimiter } from "@/platform/rate_limit.ts";
import { ListenError, type Server, type ServerHandler, startServer } from "@/platform/server.ts";
import { systemTimers } from "@/platform/timers.ts";
import { VERSION } from "@/platform/version.ts";
import { createApp } from "@/routes/mod.ts";
import { opsAccess } from "@/routes/ops.ts";
import { answerMeanwhile } from "@/routes/meanwhile.ts";
import { createGatewayUsers } from "@/services/money/gateway_users.ts";
import { createServices, type Services } from "@/services/mod.ts";
import { createTestAccounts } from "@/services/money/test_accounts.ts";
import { createTestTransfers } from "@/services/money/test_transfers.ts";
import { startDemo } from "@/tools/demo/mod.ts";
import { writeBanner } from "@/tools/banner.ts";

/** Exit codes: 1 a fault, 2 a configuration or environment that cannot work. */
const EXIT_FAULT = 1;
const EXIT_UNUSABLE = 2;

async function main(): Promise<void> {
  const startedAt = systemClock.now();
  const given = parseConfig(Deno.env.toObject());
  const stop = awaitSignal();
  await using stack = new AsyncDisposableStack();
  stack.use(startLog({ ...given.log, hasColour: Deno.stdout.isTerminal() }));
  let answer: ServerHandler = (req) => answerMeanwhile(req, "is starting");
  // First of all, so that a port that is taken stops nothing and addresses name the real one.
  const server = listen(given, (req, info) => answer(req, info));
  const config = withPort(given, server.port);
  const log = getLog("main");
  log.debug("Configuration", describeConfig(config));
  for (const warning of config.warnings) log.warning(warning);
  const metrics = createMetrics();
  stack.use(monitorEventLoop({ registry: metrics.registry }));
  const embedded = await openEmbedded(stack, config);
  const database = stack.use(await openMigrated(config, metrics, embedded));
  const secrets = await jwtSecrets(config);
  const nodes = stack.use(await connected(config, metrics));
  const shared = stack.use(
    await sharedState({
      ...{ nodes, metrics, clock: systemClock, timers: systemTimers },
      installation: await readInstallationId(database),
    }),
  );
  const gateway = stack.use(await gatewayOf(config, { database, metrics }));
  const connections = stack.use(await providersOf(config, metrics));
  const people = stack.use(openIdentities({ config, metrics, clock: systemClock }));
  const ground = { database, metrics, secrets, nodes, shared, gateway, connections, people };
  const services = stack.use(wire(config, ground));
  const signInPath = await firstRun(stack, config, { database, services });
  const app = createApp({
    config,
    services,
    metrics,
    limiter: shared.limiter,
    clock: systemClock,
    newId,
    csrfSecret: secrets[0]!,
    ops: {
      health: healthOf({ database, nodes, startedAt }),
      isReady: () => server.isListening,
      access: opsAccess(config.metricsToken),
    },
    fresh: { ...freshConfig, mode: config.mode },
  });
  await app.ready();
  await embedded?.announce(`http://${config.server.host}:${server.port}`);
  answer = app.handle;
  await services.jobs.start();
  await writeBanner({ config, signInPath, hasAdmin: await services.accounts.hasAdmin() });
  const signal = await stop;
  answer = (req) => answerMeanwhile(req, "is stopping");
  log.info("Stopping after {signal}", { signal });
  await drain(server, services, config);
}

const newId = createIdGenerator(systemClock);

/** One Ctrl-C can come more than once: from the terminal, and passed on by what runs this process. */
const SAME_SIGNAL_MS = 500;

/** Resolves at the first signal; a later one ends the process at once. */
function awaitSignal(): Promise<Deno.Signal> {
  const { promise, resolve } = Promise.withResolvers<Deno.Signal>();
  let firstAt: number | undefined;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    if (signal === "SIGTERM" && Deno.build.os === "windows") continue;
    Deno.addSignalListener(signal, () => {
      const now = performance.now();
      firstAt ??= now;
      if (now - firstAt > SAME_SIGNAL_MS) Deno.exit(EXIT_FAULT);
      resolve(signal);
    });
  }
  return promise;
}

async function openEmbedded(
  stack: AsyncDisposableStack,
  config: Config,
): Promise<EmbeddedPostgres | undefined> {
  if (config.database.url !== undefined) return undefined;
  const log = getLog("db");
  return stack.use(
    await startEmbeddedPostgres({
      dataDir: config.dataDir,
      log: (message) => log.info(message),
    }),
  );
}

/** In production with a server of one's own, migrating is a step of the deployment. */
async function openMigrated(
  config: Config,
  metrics: Metrics,
  embedded: EmbeddedPostgres | undefined,
): Promise<Database> {
  const log = getLog("db");
  const database = await openDatabase({
    url: config.database.url ?? embedded!.url,
    poolMax: config.database.poolMax,
    applicationName: "paceboard",
    metrics,
    onQuery(operation, durationMs, error) {
      metrics.dbQueryDuration.observe({ operation }, durationMs / 1000);
      if (error !== undefined) metrics.dbQueryErrors.inc({ class: sqlClassOf(error) });
    },
    onRetry: (attempt) => log.warning("Database is not there yet, attempt {attempt}", { attempt }),
  });
  reportPool(metrics, database);
  const undurable = await readUndurable(database);
  if (undurable.length > 0) log.warning(describeUndurable(undurable));
  if (embedded || config.mode === "development") {
    for (const number of await migrateUp(database)) log.info("Migrated to {number}", { number });
    return database;
  }
  const pending = (await migrationStatus(database)).filter(({ appliedAt }) => !appliedAt);
  if (pending.length === 0) return database;
  await database.close();
  throw new MigrationError(
    `Cannot start: ${pending.length} migrations are pending; run \`deno task migrate\` first`,
  );
}

/** The two characters of SQLSTATE that name its class; few, so fit for a label. */
function sqlClassOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = (cause as { code?: unknown } | null)?.code;
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) ? code.slice(0, 2) : "other";
}

function reportPool(metrics: Metrics, database: Database): void {
  const read = { Max: "max", Active: "active", Idle: "idle" } as const;
  for (const [name, key] of Object.entries(read)) {
    const gauge = metrics[`dbConnections${name as keyof typeof read}`];
    Object.assign(gauge, { collect: () => gauge.set(database.stats()[key]) });
  }
}

async function jwtSecrets(config: Config): Promise<readonly string[]> {
  if (config.auth.jwtSecrets.length > 0) return config.auth.jwtSecrets;
  return [await loadOrCreateSecret(config.dataDir, "jwt_secret")];
}

/** The way to the other nodes; undefined without `REDIS_URL`, and then its 20 MB are not loaded. */
async function connected({ redis }: Config, metrics: Metrics): Promise<NodeConnection | undefined> {
  if (redis.url === undefined) return undefined;
  const { connectNodes } = await import("@/cache/nodes.ts");
  return connectNodes({
    ...{ url: redis.url, newId, metrics },
    clock: systemClock,
    timers: systemTimers,
  });
}

/** What nodes share; one that has neither Redis nor `Deno.openKv` keeps all in its own memory. */
async function sharedState(deps: SharedStateDeps): Promise<SharedState> {
  if (deps.nodes || "openKv" in Deno) {
    const { openSharedState } = await import("@/cache/shared_state.ts");
    return await openSharedState(deps);
  }
  const limiter = createRateLimiter({ clock: deps.clock });
  return { sharedCache: undefined, limiter, [Symbol.dispose]: () => {} };
}

/** What services stand on. */
interface Ground {
  database: Database;
  metrics: Metrics;
  secrets: readonly string[];
  nodes: NodeConnection | undefined;
  shared: SharedState;
  gateway: OpenGateway;
  connections: OpenProviders;
  people: OpenIdentities;
}

/** Who moves money in and out. */
async function gatewayOf(
  config: Config,
  { database, metrics }: Pick<Ground, "database" | "metrics">,
): Promise<OpenGateway> {
  const clock = systemClock;
  const users = createGatewayUsers({ database });
  const transfers = createTestTransfers({ database, clock });
  const accounts = createTestAccounts({ database, clock });
  const random = Math.random;
  return await openGateway({ config, metrics, clock, users, transfers, accounts, random });
}

/** Whose clouds people can connect. */
async function providersOf(config: Config, metrics: Metrics): Promise<OpenProviders> {
  const given = config.providers.keys;
  const keys = given.length > 0
    ? given
    : [await loadOrCreateSecret(config.dataDir, "connections_key")];
  return openProviders({ config, keys, metrics, clock: systemClock });
}

function wire(
  config: Config,
  { database, metrics, secrets, nodes, shared, gateway, connections, people }: Ground,
): Services & AsyncDisposable {
  const { auth, rateLimits, session, sockets } = config;
  return createServices({
    database,
    metrics,
    newId,
    ...(nodes ? { broker: nodes.broker, ranking: nodes.ranking } : {}),
    rankingMembersMin: config.redis.rankingMembersMin,
    clock: systemClock,
    timers: systemTimers,
    passwords: createPasswords(),
    tokens: createAccessTokens({
      secrets,
      issuer: auth.jwtIssuer,
      audience: auth.jwtAudience,
      ttlMs: auth.accessTokenTtlMs,
      clock: systemClock,
    }),
    ...shared,
    ...gateway,
    ...people,
    connections,
    failpoint: config.failpoint && createFailpoint(config.failpoint),
    loginLimits: { account: rateLimits.auth, address: rateLimits.authAddress },
    uploadsDir: join(config.dataDir, "uploads"),
    drainMs: config.server.drainTimeoutMs,
    sessionLives: { refreshMs: auth.refreshTokenTtlMs, browserMs: session.ttlMs },
    signer: createSigner(deriveSigningKey(auth.resultSecret ?? secrets[0]!)),
    liveLimits: {
      viewersMax: sockets.connectionsMax,
      viewersPerUserMax: sockets.connectionsPerCallerMax,
      frameCharsMax: sockets.messageBytesMax,
      bufferedBytesMax: sockets.bufferBytesMax,
    },
  });
}

/** Makes the first admin and, on a first run, the demo; gives the path of a one-time sign-in link. */
async function firstRun(
  stack: AsyncDisposableStack,
  config: Config,
  { database, services }: { database: Database; services: Services },
): Promise<string | undefined> {
  const { firstAdmin } = config.auth;
  if (firstAdmin && await services.accounts.ensureFirstAdmin(firstAdmin)) {
    getLog("main").info("Made the first admin");
  }
  if (!config.isDemo) return undefined;
  const demo = stack.use(
    await startDemo({
      database,
      services,
      newId,
      clock: systemClock,
      timers: systemTimers,
    }),
  );
  return demo.signInPath;
}

function healthOf(
  { database, nodes, startedAt }: Pick<Ground, "database" | "nodes"> & { startedAt: number },
) {
  return createHealth({
    clock: systemClock,
    version: VERSION,
    startedAt,
    checks: [databaseHealth(database), ...(nodes ? [nodes.health] : [])],
  });
}

function listen(config: Config, handler: ServerHandler): Server {
  return startServer({
    host: config.server.host,
    port: config.server.port,
    handler,
    timers: systemTimers,
    onAcceptFailure: (error) => getLog("main").error("Cannot accept connections", { error }),
  });
}

/** Viewers answer their close in a round trip; whoever does not is cut off. */
const FAREWELL_MS = 1_000;

/**
 * Ends the streams, which never would by themselves, and waits for requests and jobs. In this order: a
 * server that stops closes sockets with a code of its own.
 */
async function drain(server: Server, services: Services, config: Config): Promise<void> {
  const farewell = { timeoutMs: FAREWELL_MS, action: "close the sockets" };
  await withDeadline(() => services.live.closeAll(), farewell).catch(() => {});
  const [isDone] = await Promise.all([
    server.stop(config.server.drainTimeoutMs),
    services.jobs.stop(),
  ]);
  if (!isDone) getLog("main").warning("Some requests did not end in time");
}

/** A background failure is a bug to be seen, not a reason to drop everybody's requests. */
function reportStrays(): void {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    getLog("main").error("Nobody handled a failure", { error: event.reason });
  });
  // A driver's callback can throw outside of any promise, e.g. on a socket that is gone.
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    getLog("main").error("Nobody caught a failure", { error: event.error });
  });
}

/** What the operator can mend is told in a line; anything else with its stack. */
async function fail(error: unknown): Promise<never> {
  const reason = unusableReason(error);
  const text = reason ?? Deno.inspect(error);
  await Deno.stderr.write(new TextEncoder().encode(`${text}\n`));
  Deno.exit(reason === undefined ? EXIT_FAULT : EXIT_UNUSABLE);
}

const UNUSABLE = [ConfigError, ListenError, EmbeddedPostgresError, MigrationError];

function unusableReason(error: unknown): string | undefined {
  if (UNUSABLE.some((kind) => error instanceof kind)) return (error as Error).message;
  if (!(error instanceof DomainError) || error.code !== "SERVICE_UNAVAILABLE") return undefined;
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return `Cannot start without the database${cause}; see DATABASE_URL`;
}

if (import.meta.main) {
  reportStrays();
  await main().catch(fail);
  Deno.exit(0);
}
