/**
 * The metrics of one process, on a registry of its own, so that tests and apps in one process do
 * not share counters. Label values come from closed sets (route patterns, codes, table names),
 * never from what a caller sends: each new value is a new time series for ever.
 *
 * @module
 */

import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { registerProcessMetrics } from "./process_metrics.ts";
import { SeriesCounter, SeriesHistogram } from "./series.ts";

/** Seconds from a cached answer to a request that somebody gave up on. */
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Bytes from an empty answer to a large import. */
const SIZE_BUCKETS = [0, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 10_485_760];
/** Seconds of a query on an index up to one that needs a look. */
const QUERY_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5];
/** Events from one alone to the most that a transaction takes. */
const BATCH_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

const HTTP_LABELS = ["method", "route", "status"] as const;

function httpMetrics(registers: Registry[]) {
  const labelNames = HTTP_LABELS;
  return {
    httpRequests: new SeriesCounter({
      name: "http_requests_total",
      help: "Requests answered",
      labelNames,
      registers,
    }),
    httpDuration: new SeriesHistogram({
      name: "http_request_duration_seconds",
      help: "Time from a request's arrival to its answer's head",
      labelNames,
      buckets: DURATION_BUCKETS,
      registers,
    }),
    httpRequestSize: new SeriesHistogram({
      name: "http_request_size_bytes",
      help: "Declared size of request bodies",
      labelNames,
      buckets: SIZE_BUCKETS,
      registers,
    }),
    httpResponseSize: new SeriesHistogram({
      name: "http_response_size_bytes",
      help: "Size of answer bodies that is known when they are sent",
      labelNames,
      buckets: SIZE_BUCKETS,
      registers,
    }),
    rateLimited: new Counter({
      name: "rate_limited_total",
      help: "Requests refused by a rate limit",
      labelNames: ["policy"],
      registers,
    }),
  };
}

function liveMetrics(registers: Registry[]) {
  return {
    leaderboardUpdates: new Counter({
      name: "leaderboard_updates_total",
      help: "Score events stored",
      labelNames: ["source"],
      registers,
    }),
    leaderboardCommitBatchSize: new Histogram({
      name: "leaderboard_commit_batch_size",
      help: "Score events in one transaction of direct updates",
      buckets: BATCH_BUCKETS,
      registers,
    }),
    socketsActive: new Gauge({
      name: "websocket_connections_active",
      help: "Open sockets",
      registers,
    }),
    socketMessages: new Counter({
      name: "websocket_messages_sent_total",
      help: "Frames sent to viewers",
      labelNames: ["type"],
      registers,
    }),
    slowConsumers: new Counter({
      name: "websocket_slow_consumers_total",
      help: "Viewers that lost frames or were closed for being slow",
      labelNames: ["outcome"],
      registers,
    }),
    brokerMessages: new Counter({
      name: "broker_messages_total",
      help: "Messages to and from other nodes, by what became of them",
      labelNames: ["topic", "outcome"],
      registers,
    }),
  };
}

function databaseMetrics(registers: Registry[]) {
  return {
    dbConnectionsActive: new Gauge({
      name: "db_connections_active",
      help: "Database connections at work",
      registers,
    }),
    dbConnectionsIdle: new Gauge({
      name: "db_connections_idle",
      help: "Database connections at rest",
      registers,
    }),
    dbConnectionsMax: new Gauge({
      name: "db_connections_max",
      help: "Most database connections the pool opens",
      registers,
    }),
    dbQueryDuration: new Histogram({
      name: "db_query_duration_seconds",
      help: "Time of a database query or transaction",
      labelNames: ["operation"],
      buckets: QUERY_BUCKETS,
      registers,
    }),
    dbQueryErrors: new Counter({
      name: "db_query_errors_total",
      help: "Database queries that failed, by class of SQLSTATE",
      labelNames: ["class"],
      registers,
    }),
  };
}

function cacheMetrics(registers: Registry[]) {
  const labelNames = ["cache", "layer"] as const;
  return {
    cacheHits: new SeriesCounter({
      name: "cache_hits_total",
      help: "Values that a layer of a cache had",
      labelNames,
      registers,
    }),
    cacheMisses: new SeriesCounter({
      name: "cache_misses_total",
      help: "Values that a layer of a cache did not have",
      labelNames,
      registers,
    }),
  };
}

function businessMetrics(registers: Registry[]) {
  return {
    authenticationAttempts: new Counter({
      name: "authentication_attempts_total",
      help: "Sign-ins, refreshes and tokens presented",
      labelNames: ["method", "outcome"],
      registers,
    }),
    businessEvents: new Counter({
      name: "business_events_total",
      help: "What happened in the product: competitions created, entries, imports",
      labelNames: ["event"],
      registers,
    }),
    errors: new Counter({
      name: "errors_total",
      help: "Failures answered, by code",
      labelNames: ["type", "severity"],
      registers,
    }),
    activeUsers: new Gauge({
      name: "active_users",
      help: "People with a verified token in use",
      registers,
    }),
    breakerState: new Gauge({
      name: "circuit_breaker_state",
      help: "0 closed, 1 half open, 2 open",
      labelNames: ["breaker"],
      registers,
    }),
    breakerFailures: new Counter({
      name: "circuit_breaker_failures_total",
      help: "Calls that failed through a breaker",
      labelNames: ["breaker"],
      registers,
    }),
  };
}

/** Seconds from a single statement to an import of years. */
const JOB_BUCKETS = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300];

function jobMetrics(registers: Registry[]) {
  return {
    jobsQueueDepth: new Gauge({
      name: "jobs_queue_depth",
      help: "Background jobs in the queue, by state",
      labelNames: ["state"],
      registers,
    }),
    jobDuration: new Histogram({
      name: "job_duration_seconds",
      help: "Time of one try of a background job",
      labelNames: ["job", "outcome"],
      buckets: JOB_BUCKETS,
      registers,
    }),
  };
}

function moneyMetrics(registers: Registry[]) {
  return {
    gatewayEvents: new Counter({
      name: "gateway_events_total",
      help: "Events of the payment gateway, by what became of them",
      labelNames: ["outcome"],
      registers,
    }),
    booksBalanced: new Gauge({
      name: "ledger_books_balanced",
      help: "1 when the last check found all books true and the gateway agreeing, 0 when not",
      registers,
    }),
    booksCheckedAt: new Gauge({
      name: "ledger_books_checked_timestamp_seconds",
      help: "When this process last checked the books",
      registers,
    }),
  };
}

/** Makes the registry with every metric of the product at its start. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  registerProcessMetrics(registry);
  return {
    registry,
    ...httpMetrics(registers),
    ...liveMetrics(registers),
    ...databaseMetrics(registers),
    ...cacheMetrics(registers),
    ...businessMetrics(registers),
    ...jobMetrics(registers),
    ...moneyMetrics(registers),
  };
}

/** Every metric of the process, and the registry that prints them. */
export type Metrics = ReturnType<typeof createMetrics>;
