/** The configuration: read from the environment once, by main, and passed on as a value. */

import type { LogLevel } from "@logtape/logtape";
import type { Cidr } from "./cidr.ts";
import {
  describeProviders,
  providerFaults,
  type ProvidersConfig,
  providersOf,
} from "./config_providers.ts";
import {
  describePayments,
  type IdentityConfig,
  identityOf,
  paymentFaults,
  type PaymentsConfig,
  paymentsOf,
} from "./config_payments.ts";
import type { Rate } from "./config_values.ts";
import {
  ENVIRONMENT,
  type Environment,
  SECRET_VARIABLES,
  VARIABLE_NAMES,
} from "./config_variables.ts";
import type { FailpointPlan } from "./failpoint.ts";
import type { LogFormat } from "./log.ts";
import type { RateLimitPolicy } from "./rate_limit.ts";

export interface Config {
  mode: "development" | "production";
  /** Demo data and the simulator. */
  isDemo: boolean;
  dataDir: string;
  server: {
    host: string;
    port: number;
    /** The origin people use. */
    publicUrl: string;
    trustedProxies: readonly Cidr[];
    corsOrigins: readonly string[];
    drainTimeoutMs: number;
  };
  database: {
    /** Undefined: the embedded PostgreSQL. */
    url: string | undefined;
    poolMax: number;
  };
  redis: {
    /** Undefined: what nodes share stays within this process. */
    url: string | undefined;
    /** Boards with fewer members are not ranked there. */
    rankingMembersMin: number;
  };
  auth: {
    /** Empty in development without JWT_SECRETS: main then takes `loadOrCreateSecret`. */
    jwtSecrets: readonly string[];
    jwtIssuer: string;
    jwtAudience: string;
    accessTokenTtlMs: number;
    refreshTokenTtlMs: number;
    firstAdmin: { email: string; password: string } | undefined;
    /** What the key that signs results is made of; undefined: the first of `jwtSecrets`. */
    resultSecret: string | undefined;
  };
  session: {
    ttlMs: number;
    /** Whether cookies are `Secure`, which plain http to another machine cannot have. */
    isSecure: boolean;
  };
  bodyLimits: BodyLimits;
  rateLimits: RateLimits;
  sockets: {
    connectionsMax: number;
    connectionsPerCallerMax: number;
    messageBytesMax: number;
    bufferBytesMax: number;
    heartbeatMs: number;
  };
  payments: PaymentsConfig;
  /** Where accounts of the outside are, which buyers are looked up in; undefined: all are ours. */
  identity: IdentityConfig | undefined;
  log: { level: LogLevel; format: LogFormat };
  /** Opens `/metrics` and `/health/detailed` to others than the machine itself. */
  metricsToken: string | undefined;
  providers: ProvidersConfig;
  /** Where tests of crashes end the process. */
  failpoint: FailpointPlan | undefined;
  /** What an operator should know, though it works. */
  warnings: readonly string[];
}

/** Largest bodies by kind of request, and how long a slow one may take. */
export interface BodyLimits {
  jsonBytes: number;
  batchBytes: number;
  syncBytes: number;
  avatarBytes: number;
  importBytes: number;
  timeoutMs: number;
}

/** Policies by kind of request; undefined is no limit. */
export interface RateLimits {
  default: RateLimitPolicy | undefined;
  score: RateLimitPolicy | undefined;
  auth: RateLimitPolicy | undefined;
  authAddress: RateLimitPolicy | undefined;
}

/** One faulty variable. */
export interface ConfigFault {
  variable: string;
  /** What was given, `[redacted]` for secrets; undefined when it is absent. */
  given: string | undefined;
  expected: string;
}

/** All faults of the environment at once; the message lists them. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  constructor(readonly faults: readonly ConfigFault[]) {
    super(`Cannot start: the configuration has faults\n${faults.map(faultLine).join("\n")}`);
  }
}

function faultLine({ variable, given, expected }: ConfigFault): string {
  return `  ${variable}: expected ${expected}, got ${given === undefined ? "nothing" : given}`;
}

/** Reads the configuration; throws `ConfigError` with every fault. An empty variable is absent. */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(
    VARIABLE_NAMES.flatMap((name) => env[name]?.trim() ? [[name, env[name]]] : []),
  );
  const parsed = ENVIRONMENT.safeParse(given);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => {
      return faultOf(given, String(issue.path[0]), issue.message);
    }));
  }
  const faults = jointFaults(parsed.data).map(([variable, expected]) => {
    return faultOf(given, variable, expected);
  });
  if (faults.length > 0) throw new ConfigError(faults);
  return configOf(parsed.data);
}

function faultOf(given: Record<string, string>, variable: string, expected: string): ConfigFault {
  const isSecret = SECRET_VARIABLES.includes(variable);
  const text = given[variable];
  return {
    variable,
    given: text === undefined ? undefined : isSecret ? "[redacted]" : JSON.stringify(text),
    expected,
  };
}

type JointFault = [variable: string, expected: string];

/** Faults that only show when variables are read together. */
function jointFaults(env: Environment): JointFault[] {
  const faults: JointFault[] = [];
  if (env.DEMO && env.APP_ENV === "production") faults.push(["DEMO", "off in production"]);
  if (env.DEMO && env.DATABASE_URL) {
    faults.push(["DEMO", "off with DATABASE_URL: demo data belongs into the embedded database"]);
  }
  if (env.ADMIN_EMAIL && !env.ADMIN_PASSWORD) {
    faults.push(["ADMIN_PASSWORD", "a password besides ADMIN_EMAIL"]);
  }
  if (env.ADMIN_PASSWORD && !env.ADMIN_EMAIL) {
    faults.push(["ADMIN_EMAIL", "a mail address besides ADMIN_PASSWORD"]);
  }
  faults.push(...paymentFaults(env), ...providerFaults(env));
  if (env.APP_ENV === "production") faults.push(...productionFaults(env));
  return faults;
}

function productionFaults(env: Environment): JointFault[] {
  const faults: JointFault[] = [];
  if (env.PACEBOARD_FAILPOINT) {
    faults.push(["PACEBOARD_FAILPOINT", "nothing in production: it ends the process"]);
  }
  if (!env.JWT_SECRETS) faults.push(["JWT_SECRETS", "secrets of your own in production"]);
  if (env.JWT_SECRETS?.some(isKnownSecret)) {
    faults.push(["JWT_SECRETS", "random secrets (openssl rand -base64 48), not an example"]);
  }
  for (const name of ["ADMIN_PASSWORD", "METRICS_TOKEN"] as const) {
    const isKnown = env[name] !== undefined && isKnownSecret(env[name]);
    if (isKnown) faults.push([name, "a value of your own, not an example"]);
  }
  return faults;
}

const KNOWN_SECRETS =
  /change.?me|replace.?(me|this)|example|^secret|^password|^passw0rd|^admin|default|your.?secret|test.?secret|^postgres$|^paceboard$|^qwerty|^1234/i;
/** Random text of this length or more has more different characters than this. */
const DISTINCT_MIN = 5;

function isKnownSecret(value: string): boolean {
  return KNOWN_SECRETS.test(value) || new Set(value).size < DISTINCT_MIN;
}

function configOf(env: Environment): Config {
  const isProduction = env.APP_ENV === "production";
  const publicUrl = env.PUBLIC_URL ?? `http://localhost:${env.PORT}`;
  return {
    mode: env.APP_ENV,
    isDemo: env.DEMO ?? (!isProduction && !env.DATABASE_URL),
    dataDir: env.DATA_DIR,
    server: {
      host: env.HOST ?? (isProduction ? "0.0.0.0" : "127.0.0.1"),
      port: env.PORT,
      publicUrl,
      trustedProxies: env.TRUSTED_PROXIES ?? [],
      corsOrigins: env.CORS_ORIGINS ?? [],
      drainTimeoutMs: env.DRAIN_TIMEOUT,
    },
    database: { url: env.DATABASE_URL, poolMax: env.DATABASE_POOL_MAX },
    redis: { url: env.REDIS_URL, rankingMembersMin: env.RANKING_MEMBERS_MIN },
    auth: authOf(env),
    session: sessionOf(env, publicUrl),
    bodyLimits: bodyLimitsOf(env),
    rateLimits: rateLimitsOf(env),
    sockets: socketsOf(env),
    payments: paymentsOf(env),
    identity: identityOf(env),
    log: { level: env.LOG_LEVEL, format: env.LOG_FORMAT ?? (isProduction ? "json" : "pretty") },
    metricsToken: env.METRICS_TOKEN,
    providers: providersOf(env),
    failpoint: env.PACEBOARD_FAILPOINT,
    warnings: warningsOf(env),
  };
}

/** The configuration with the port that was got for `PORT=0`, also in the address people use. */
export function withPort(config: Config, port: number): Config {
  if (config.server.port === port) return config;
  const publicUrl = config.server.publicUrl.replace(/^(http:\/\/localhost):0$/, `$1:${port}`);
  return { ...config, server: { ...config.server, port, publicUrl } };
}

function authOf(env: Environment): Config["auth"] {
  const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = env;
  return {
    jwtSecrets: env.JWT_SECRETS ?? [],
    jwtIssuer: env.JWT_ISSUER,
    jwtAudience: env.JWT_AUDIENCE,
    accessTokenTtlMs: env.ACCESS_TOKEN_TTL,
    refreshTokenTtlMs: env.REFRESH_TOKEN_TTL,
    firstAdmin: email && password ? { email, password } : undefined,
    resultSecret: env.RESULT_SIGNING_SECRET,
  };
}

function sessionOf(env: Environment, publicUrl: string): Config["session"] {
  const isSecure = env.SESSION_COOKIE_SECURE ?? publicUrl.startsWith("https:");
  return { ttlMs: env.SESSION_TTL, isSecure };
}

function bodyLimitsOf(env: Environment): BodyLimits {
  return {
    jsonBytes: env.BODY_LIMIT_JSON,
    batchBytes: env.BODY_LIMIT_BATCH,
    syncBytes: env.BODY_LIMIT_SYNC,
    avatarBytes: env.BODY_LIMIT_AVATAR,
    importBytes: env.BODY_LIMIT_IMPORT,
    timeoutMs: env.BODY_TIMEOUT,
  };
}

function rateLimitsOf(env: Environment): RateLimits {
  const named = (name: string, rate: Rate | null) => rate ? { name, ...rate } : undefined;
  return {
    default: named("default", env.RATE_LIMIT_DEFAULT),
    score: named("score", env.RATE_LIMIT_SCORE),
    auth: named("auth", env.RATE_LIMIT_AUTH),
    authAddress: named("auth-address", env.RATE_LIMIT_AUTH_ADDRESS),
  };
}

function socketsOf(env: Environment): Config["sockets"] {
  return {
    connectionsMax: env.WS_CONNECTIONS_MAX,
    connectionsPerCallerMax: env.WS_CONNECTIONS_PER_CALLER_MAX,
    messageBytesMax: env.WS_MESSAGE_MAX,
    bufferBytesMax: env.WS_BUFFER_MAX,
    heartbeatMs: env.WS_HEARTBEAT,
  };
}

function warningsOf(env: Environment): string[] {
  if (env.APP_ENV !== "production") return [];
  const warnings: string[] = [];
  if (!env.PUBLIC_URL) {
    warnings.push("PUBLIC_URL is not set: links name localhost, and forms work from there only");
  } else if (!env.PUBLIC_URL.startsWith("https:")) {
    warnings.push("PUBLIC_URL is not https: passwords and cookies cross the network in clear");
  }
  if (!env.METRICS_TOKEN) {
    warnings.push("METRICS_TOKEN is not set: /metrics answers this machine only");
  }
  if (env.TEST_MONEY || env.STRIPE_SECRET_KEY?.includes("_test_")) {
    warnings.push("Money is made up: TEST_MONEY is on, or STRIPE_SECRET_KEY is of test mode");
  }
  const password = env.DATABASE_URL ? URL.parse(env.DATABASE_URL)?.password : undefined;
  if (password && isKnownSecret(password)) {
    warnings.push("DATABASE_URL has a password that anybody would try first");
  }
  return warnings;
}

/** The configuration as it may be shown or logged: secrets redacted. */
export function describeConfig(config: Config): Record<string, unknown> {
  const { auth, database, redis, server, payments, identity, providers, metricsToken, ...rest } =
    config;
  return {
    ...rest,
    server: { ...server, trustedProxies: server.trustedProxies.length },
    database: { ...database, url: database.url && withoutPassword(database.url) },
    redis: { ...redis, url: redis.url?.split(",").map(withoutPassword).join() },
    auth: {
      ...auth,
      jwtSecrets: `${auth.jwtSecrets.length} secrets`,
      firstAdmin: auth.firstAdmin && "[redacted]",
    },
    payments: describePayments(payments),
    identity: identity && { ...identity, serviceKey: "[redacted]" },
    providers: describeProviders(providers),
    metricsToken: metricsToken && "[redacted]",
  };
}

function withoutPassword(address: string): string {
  const url = new URL(address);
  if (url.password) url.password = "redacted";
  if (url.searchParams.has("password")) url.searchParams.set("password", "redacted");
  return url.href;
}
