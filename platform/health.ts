/**
 * Health: whether each part works, asked with a time limit and remembered for a moment, so that
 * probes of many load balancers together ask each part once.
 *
 * @module
 */

import type { EpochMs } from "@/domain/time.ts";
import type { Clock } from "./clock.ts";
import { withDeadline } from "./deadline.ts";
import { redactText } from "./redact.ts";

export const HEALTH_STATUSES = ["healthy", "degraded", "unhealthy"] as const;
export type HealthStatus = (typeof HEALTH_STATUSES)[number];

/** What a check found out; a check that throws found the part unhealthy. */
export interface CheckResult {
  /** Default: healthy. */
  status?: HealthStatus;
  message?: string;
  /** Figures such as `open_connections`. */
  metadata?: Record<string, string | number>;
}

/** One part of the system and how to ask it. */
export interface HealthCheck {
  name: string;
  /** Without it nothing works: its failure makes the whole unhealthy, another's only degraded. */
  isCritical: boolean;
  check(signal: AbortSignal): Promise<CheckResult>;
}

/** One part as operators see it. */
export interface ComponentHealth {
  status: HealthStatus;
  message: string;
  /** ISO 8601. */
  "last_checked": string;
  metadata: Record<string, string | number>;
}

/** The whole as operators see it. */
export interface HealthReport {
  status: HealthStatus;
  version: string;
  /** Seconds since the start. */
  uptime: number;
  /** ISO 8601. */
  timestamp: string;
  components: Record<string, ComponentHealth>;
}

export interface Health {
  /** Never fails: what cannot be asked is unhealthy. */
  check(): Promise<HealthReport>;
}

export interface HealthOptions {
  clock: Clock;
  version: string;
  startedAt: EpochMs;
  checks: readonly HealthCheck[];
  timeoutMs?: number;
  rememberMs?: number;
}

/** A part that needs longer is of no use to a request either. */
const TIMEOUT_MS = 2_000;
/** Fresh enough for a probe, rare enough for a database. */
const REMEMBER_MS = 1_000;

/** Makes the health of a system of parts. */
export function createHealth(options: HealthOptions): Health {
  const { clock, version, startedAt, checks, rememberMs = REMEMBER_MS } = options;
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  let asked: Promise<Record<string, ComponentHealth>> | undefined;
  let askedAt = -Infinity;
  return {
    async check() {
      if (asked === undefined || clock.now() - askedAt >= rememberMs) {
        askedAt = clock.now();
        asked = askAll(checks, { clock, timeoutMs });
      }
      const components = await asked;
      return {
        status: overallStatus(checks, components),
        version,
        uptime: Math.floor((clock.now() - startedAt) / 1000),
        timestamp: new Date(clock.now()).toISOString(),
        components,
      };
    },
  };
}

interface AskOptions {
  clock: Clock;
  timeoutMs: number;
}

async function askAll(
  checks: readonly HealthCheck[],
  options: AskOptions,
): Promise<Record<string, ComponentHealth>> {
  const answers = await Promise.all(checks.map((check) => ask(check, options)));
  return Object.fromEntries(checks.map((check, i) => [check.name, answers[i]!]));
}

async function ask(check: HealthCheck, options: AskOptions): Promise<ComponentHealth> {
  const { clock, timeoutMs } = options;
  const lastChecked = new Date(clock.now()).toISOString();
  const startedMs = performance.now();
  const action = `check the ${check.name}`;
  try {
    const result = await withDeadline((signal) => check.check(signal), { timeoutMs, action });
    const responseTimeMs = Math.round((performance.now() - startedMs) * 100) / 100;
    const { status = "healthy", message = "Works", metadata } = result;
    const figures = { "response_time_ms": responseTimeMs, ...metadata };
    return { status, message, "last_checked": lastChecked, metadata: figures };
  } catch (error) {
    const message = redactText(error instanceof Error ? error.message : String(error));
    return { status: "unhealthy", message, "last_checked": lastChecked, metadata: {} };
  }
}

function overallStatus(
  checks: readonly HealthCheck[],
  components: Record<string, ComponentHealth>,
): HealthStatus {
  const isDown = (check: HealthCheck) => components[check.name]?.status === "unhealthy";
  if (checks.some((check) => check.isCritical && isDown(check))) return "unhealthy";
  const isWhole = checks.every((check) => components[check.name]?.status === "healthy");
  return isWhole ? "healthy" : "degraded";
}
