/**
 * Every environment variable, with how it is written and its default. `.env.example` and
 * `docs/operations/configuration.md` describe the same list; a test compares them.
 *
 * @module
 */

import { z } from "zod";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "@/domain/time.ts";
import {
  databaseUrl,
  duration,
  failpoint,
  integer,
  mailAddress,
  networks,
  oneOf,
  onOff,
  origins,
  publicUrl,
  rate,
  redisUrl,
  secret,
  secrets,
  size,
  stripeKey,
  text,
} from "./config_values.ts";
import { LOG_FORMATS, LOG_LEVELS } from "./log.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

/** RFC 7518: an HS256 key has at least the 256 bits of its hash. */
export const JWT_SECRET_LENGTH_MIN = 32;
/** As for every other account. */
export const ADMIN_PASSWORD_LENGTH_MIN = 10;
const METRICS_TOKEN_LENGTH_MIN = 16;
const WEBHOOK_SECRET_LENGTH_MIN = 16;

/** Shorter ones are typing errors. */
const PROVIDER_SECRET_LENGTH_MIN = 10;

/** The schema of the environment; absent variables without a default are decided by `parseConfig`. */
export const ENVIRONMENT = z.object({
  APP_ENV: oneOf(["development", "production"]).prefault("development"),
  PORT: integer(0, 65_535).prefault("8080"),
  HOST: text(253).optional(),
  PUBLIC_URL: publicUrl.optional(),
  DATA_DIR: text(1000).prefault(".data"),
  DATABASE_URL: databaseUrl.optional(),
  DATABASE_POOL_MAX: integer(1, 500).prefault("10"),
  REDIS_URL: redisUrl.optional(),
  RANKING_MEMBERS_MIN: integer(0, 100_000_000).prefault("10000"),
  DEMO: onOff.optional(),

  JWT_SECRETS: secrets(JWT_SECRET_LENGTH_MIN).optional(),
  JWT_ISSUER: text(200).prefault("paceboard"),
  JWT_AUDIENCE: text(200).prefault("paceboard"),
  ACCESS_TOKEN_TTL: duration(MINUTE_MS, DAY_MS).prefault("15m"),
  REFRESH_TOKEN_TTL: duration(HOUR_MS, 365 * DAY_MS).prefault("30d"),
  ADMIN_EMAIL: mailAddress.optional(),
  ADMIN_PASSWORD: secret(ADMIN_PASSWORD_LENGTH_MIN).optional(),
  RESULT_SIGNING_SECRET: secret(JWT_SECRET_LENGTH_MIN).optional(),
  SESSION_TTL: duration(5 * MINUTE_MS, 365 * DAY_MS).prefault("14d"),
  SESSION_COOKIE_SECURE: onOff.optional(),

  CORS_ORIGINS: origins.optional(),
  TRUSTED_PROXIES: networks.optional(),
  BODY_LIMIT_JSON: size(KIB, 10 * MIB).prefault("64KiB"),
  BODY_LIMIT_BATCH: size(KIB, 64 * MIB).prefault("1MiB"),
  BODY_LIMIT_SYNC: size(KIB, 64 * MIB).prefault("10MiB"),
  BODY_LIMIT_AVATAR: size(KIB, 64 * MIB).prefault("5MiB"),
  BODY_LIMIT_IMPORT: size(KIB, 2 * GIB).prefault("2GiB"),
  BODY_TIMEOUT: duration(SECOND_MS, HOUR_MS).prefault("30s"),
  RATE_LIMIT_DEFAULT: rate.prefault("100/s:200"),
  RATE_LIMIT_SCORE: rate.prefault("10/s:20"),
  RATE_LIMIT_AUTH: rate.prefault("5/m:5"),
  RATE_LIMIT_AUTH_ADDRESS: rate.prefault("60/m:120"),

  WS_CONNECTIONS_MAX: integer(1, 1_000_000).prefault("20000"),
  WS_CONNECTIONS_PER_CALLER_MAX: integer(1, 1_000_000).prefault("10000"),
  WS_MESSAGE_MAX: size(128, MIB).prefault("4KiB"),
  WS_BUFFER_MAX: size(64 * KIB, 64 * MIB).prefault("1MiB"),
  WS_HEARTBEAT: duration(SECOND_MS, 5 * MINUTE_MS).prefault("25s"),

  STRIPE_SECRET_KEY: stripeKey.optional(),
  STRIPE_WEBHOOK_SECRETS: secrets(WEBHOOK_SECRET_LENGTH_MIN).optional(),
  STRIPE_FLOW: oneOf(["checkout", "intent"]).prefault("checkout"),
  STRIPE_API_BASE: publicUrl.optional(),

  STRAVA_CLIENT_ID: text(200).optional(),
  STRAVA_CLIENT_SECRET: secret(PROVIDER_SECRET_LENGTH_MIN).optional(),
  STRAVA_VERIFY_TOKEN: secret(PROVIDER_SECRET_LENGTH_MIN).optional(),
  STRAVA_URL: publicUrl.optional(),
  GOOGLE_FIT_CLIENT_ID: text(200).optional(),
  GOOGLE_FIT_CLIENT_SECRET: secret(PROVIDER_SECRET_LENGTH_MIN).optional(),
  GOOGLE_FIT_URL: publicUrl.optional(),
  CONNECTIONS_KEYS: secrets(JWT_SECRET_LENGTH_MIN).optional(),
  TEST_MONEY: onOff.optional(),
  TEST_MONEY_FAULTS: integer(0, 100).prefault("0"),
  SUPABASE_URL: publicUrl.optional(),
  SUPABASE_SERVICE_KEY: secret(PROVIDER_SECRET_LENGTH_MIN).optional(),

  LOG_LEVEL: oneOf(LOG_LEVELS).prefault("info"),
  LOG_FORMAT: oneOf(LOG_FORMATS).optional(),
  METRICS_TOKEN: secret(METRICS_TOKEN_LENGTH_MIN).optional(),
  DRAIN_TIMEOUT: duration(0, 10 * MINUTE_MS).prefault("30s"),
  PACEBOARD_FAILPOINT: failpoint.optional(),
});

export type Environment = z.infer<typeof ENVIRONMENT>;
export type VariableName = keyof Environment;

/** The names of all variables. */
export const VARIABLE_NAMES = Object.keys(ENVIRONMENT.shape) as VariableName[];

/** Variables whose value is never shown. */
export const SECRET_VARIABLES: readonly string[] = [
  "DATABASE_URL",
  "REDIS_URL",
  "JWT_SECRETS",
  "ADMIN_PASSWORD",
  "RESULT_SIGNING_SECRET",
  "STRIPE_SECRET_KEY",
  "STRIPE_WEBHOOK_SECRETS",
  "SUPABASE_SERVICE_KEY",
  "STRAVA_CLIENT_SECRET",
  "STRAVA_VERIFY_TOKEN",
  "GOOGLE_FIT_CLIENT_SECRET",
  "CONNECTIONS_KEYS",
  "METRICS_TOKEN",
];
