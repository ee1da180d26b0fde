/** The tables as Drizzle sees them; the migrations are the truth, a test compares the two. */

import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  customType,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import type { StoredEntryFee } from "@/domain/entry_fee.ts";
import { ACCOUNT_KINDS, TRANSACTION_PHASES } from "@/domain/ledger.ts";
import { ORDER_KINDS, ORDER_STATUSES, PAYMENT_METHODS } from "@/domain/order.ts";
import type { StoredPrizePlan } from "@/domain/prize_plan.ts";
import type { Rules } from "@/domain/rules.ts";
import type { EpochMs } from "@/domain/time.ts";

/** `timestamptz(3)` as epoch milliseconds, the form the domain uses. */
const instant = customType<{ data: EpochMs; driverData: string | number | Date }>({
  dataType: () => "timestamptz(3)",
  toDriver: (at) => new Date(at).toISOString(),
  fromDriver: (value) => typeof value === "number" ? value : new Date(value).getTime(),
});

/** `bytea` as bytes. */
const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => "bytea",
});

/** `bigint` holding minor units of money. */
const minorUnits = (name: string) => bigint(name, { mode: "bigint" });

/** `bigint` holding a safe integer (scores, millimetres, sizes). */
const safeInteger = (name: string) => bigint(name, { mode: "number" });

export const users = pgTable("users", {
  id: uuid().primaryKey(),
  email: text().notNull(),
  name: text().notNull(),
  role: text({ enum: ["member", "organiser", "referee", "finance", "admin"] }).notNull().default(
    "member",
  ),
  status: text({ enum: ["active", "suspended", "deleted"] }).notNull().default("active"),
  passwordHash: text("password_hash"),
  accessChangedAt: instant("access_changed_at").notNull(),
  isDemo: boolean("is_demo").notNull().default(false),
  createdAt: instant("created_at").notNull(),
  updatedAt: instant("updated_at").notNull(),
  deletedAt: instant("deleted_at"),
});

export const profiles = pgTable("profiles", {
  userId: uuid("user_id").primaryKey(),
  alias: text(),
  bio: text().notNull().default(""),
  country: text(),
  timeZone: text("time_zone").notNull().default("UTC"),
  units: text({ enum: ["metric", "imperial"] }).notNull().default("metric"),
  locale: text().notNull().default("en"),
  avatarUrl: text("avatar_url"),
  updatedAt: instant("updated_at").notNull(),
});

export const sessions = pgTable("sessions", {
  id: uuid().primaryKey(),
  userId: uuid("user_id").notNull(),
  kind: text({ enum: ["api", "browser"] }).notNull(),
  cookieHash: bytes("cookie_hash"),
  userAgent: text("user_agent"),
  address: text(),
  createdAt: instant("created_at").notNull(),
  expiresAt: instant("expires_at").notNull(),
  revokedAt: instant("revoked_at"),
  revokeReason: text("revoke_reason"),
});

export const refreshTokens = pgTable("refresh_tokens", {
  tokenHash: bytes("token_hash").primaryKey(),
  sessionId: uuid("session_id").notNull(),
  issuedAt: instant("issued_at").notNull(),
  expiresAt: instant("expires_at").notNull(),
  usedAt: instant("used_at"),
});

export const signInLinks = pgTable("sign_in_links", {
  tokenHash: bytes("token_hash").primaryKey(),
  userId: uuid("user_id").notNull(),
  createdAt: instant("created_at").notNull(),
  expiresAt: instant("expires_at").notNull(),
  usedAt: instant("used_at"),
});

export const auditLog = pgTable("audit_log", {
  id: safeInteger("id").primaryKey().generatedAlwaysAsIdentity(),
  at: instant().notNull(),
  actorKind: text("actor_kind", { enum: ["user", "api_key", "system"] }).notNull(),
  actorId: uuid("actor_id"),
  action: text().notNull(),
  targetKind: text("target_kind").notNull(),
  targetId: text("target_id"),
  before: jsonb(),
  after: jsonb(),
  reason: text(),
  address: text(),
  requestId: text("request_id"),
});

export const competitions = pgTable("competitions", {
  id: uuid().primaryKey(),
  slug: text().notNull(),
  name: text().notNull(),
  description: text().notNull().default(""),
  visibility: text({ enum: ["public", "unlisted", "invite"] }).notNull(),
  inviteCode: text("invite_code"),
  ownerId: uuid("owner_id").notNull(),
  status: text({ enum: ["draft", "published", "final", "settled", "cancelled"] }).notNull().default(
    "draft",
  ),
  timeZone: text("time_zone").notNull(),
  registrationOpensAt: instant("registration_opens_at"),
  registrationClosesAt: instant("registration_closes_at").notNull(),
  startsAt: instant("starts_at").notNull(),
  endsAt: instant("ends_at").notNull(),
  graceMs: safeInteger("grace_ms").notNull(),
  capacity: integer(),
  minimumParticipants: integer("minimum_participants"),
  rules: jsonb().$type<Rules>().notNull(),
  rulesVersion: integer("rules_version").notNull().default(1),
  participantCount: integer("participant_count").notNull().default(0),
  freezeAt: instant("freeze_at"),
  frozenAt: instant("frozen_at"),
  frozenSeq: safeInteger("frozen_seq"),
  frozenCount: integer("frozen_count"),
  announcementCount: integer("announcement_count").notNull().default(0),
  epoch: uuid().notNull(),
  lastSeq: safeInteger("last_seq").notNull().default(0),
  lastArrivedAt: instant("last_arrived_at"),
  lastHash: bytes("last_hash").notNull().default(sql`decode(repeat('00', 32), 'hex')`),
  entryFee: jsonb("entry_fee").$type<StoredEntryFee>(),
  prizePlan: jsonb("prize_plan").$type<StoredPrizePlan>(),
  minimumCheckedAt: instant("minimum_checked_at"),
  isDemo: boolean("is_demo").notNull().default(false),
  publishedAt: instant("published_at"),
  cancelledAt: instant("cancelled_at"),
  cancelReason: text("cancel_reason"),
  createdAt: instant("created_at").notNull(),
  updatedAt: instant("updated_at").notNull(),
});

export const participants = pgTable("participants", {
  id: uuid().primaryKey(),
  competitionId: uuid("competition_id").notNull(),
  userId: uuid("user_id").notNull(),
  division: text(),
  status: text({ enum: ["active", "withdrawn", "disqualified"] }).notNull().default("active"),
  joinedAt: instant("joined_at").notNull(),
  leftAt: instant("left_at"),
  timeZone: text("time_zone").notNull(),
});

export const competitionLog = pgTable("competition_log", {
  competitionId: uuid("competition_id").notNull(),
  seq: safeInteger("seq").notNull(),
  kind: text({
    enum: [
      "score",
      "void_event",
      "reinstate_event",
      "join",
      "leave",
      "disqualify",
      "reinstate",
      "profile",
      "rules",
      "status",
      "freeze",
      "unfreeze",
    ],
  }).notNull(),
  arrivedAt: instant("arrived_at").notNull(),
  participantId: uuid("participant_id"),
  eventId: uuid("event_id"),
  operator: text({ enum: ["set", "best", "increment", "decrement"] }),
  value: safeInteger("value"),
  occurredAt: instant("occurred_at"),
  source: text({ enum: ["direct", "activity", "staff"] }),
  rulesVersion: integer("rules_version"),
  division: text(),
  body: jsonb().$type<Record<string, unknown>>(),
  scoreAfter: safeInteger("score_after"),
  idempotencyKey: text("idempotency_key"),
  requestHash: bytes("request_hash"),
  actorKind: text("actor_kind", { enum: ["user", "api_key", "system"] }).notNull(),
  actorId: uuid("actor_id"),
  requestId: text("request_id"),
  reason: text(),
  metadata: jsonb().$type<Record<string, unknown>>(),
  hash: bytes().notNull(),
}, (table) => [primaryKey({ columns: [table.competitionId, table.seq] })]);

export const standings = pgTable("standings", {
  competitionId: uuid("competition_id").notNull(),
  participantId: uuid("participant_id").notNull(),
  score: safeInteger("score"),
  reachedAt: instant("reached_at"),
  eventCount: integer("event_count").notNull().default(0),
  bestEvent: safeInteger("best_event"),
  lastOccurredAt: instant("last_occurred_at"),
  lastEventSeq: safeInteger("last_event_seq"),
}, (table) => [primaryKey({ columns: [table.competitionId, table.participantId] })]);

export const results = pgTable("results", {
  competitionId: uuid("competition_id").notNull(),
  revision: integer().notNull(),
  cause: text({ enum: ["finalise", "disqualify", "reinstate"] }).notNull(),
  seq: safeInteger("seq").notNull(),
  hash: bytes().notNull(),
  standingsHash: bytes("standings_hash").notNull(),
  approvedKind: text("approved_kind", { enum: ["user", "api_key", "system"] }).notNull(),
  approvedBy: uuid("approved_by"),
  approvedAt: instant("approved_at").notNull(),
  reason: text(),
  publicKey: bytes("public_key").notNull(),
  signature: bytes().notNull(),
}, (table) => [primaryKey({ columns: [table.competitionId, table.revision] })]);

export const announcements = pgTable("announcements", {
  id: uuid().primaryKey(),
  competitionId: uuid("competition_id").notNull(),
  number: integer().notNull(),
  kind: text({ enum: ["news", "rules"] }).notNull(),
  text: text().notNull(),
  authorKind: text("author_kind", { enum: ["user", "api_key", "system"] }).notNull(),
  authorId: uuid("author_id"),
  at: instant().notNull(),
});

export const imports = pgTable("imports", {
  id: uuid().primaryKey(),
  userId: uuid("user_id").notNull(),
  kind: text({ enum: ["file", "sync"] }).notNull(),
  provider: text().notNull(),
  format: text(),
  fileName: text("file_name"),
  fileHash: bytes("file_hash"),
  sizeBytes: safeInteger("size_bytes").notNull(),
  status: text({ enum: ["queued", "running", "done", "rejected", "failed"] }).notNull(),
  reason: text(),
  importedCount: integer("imported_count").notNull().default(0),
  duplicateCount: integer("duplicate_count").notNull().default(0),
  mergedCount: integer("merged_count").notNull().default(0),
  flaggedCount: integer("flagged_count").notNull().default(0),
  rejectedCount: integer("rejected_count").notNull().default(0),
  records: jsonb().$type<unknown[]>().notNull(),
  competitions: jsonb().$type<unknown[]>().notNull().default([]),
  createdAt: instant("created_at").notNull(),
  readBytes: safeInteger("read_bytes").notNull().default(0),
  totalBytes: safeInteger("total_bytes").notNull().default(0),
  totals: jsonb().$type<ImportTotals>(),
  endedAt: instant("ended_at"),
});

/** What a long import found in its file. */
export interface ImportTotals {
  records: number;
  workouts: number;
  /** Readings of types that do not count, by type. */
  skipped: [type: string, count: number][];
}

export const activities = pgTable("activities", {
  id: uuid().primaryKey(),
  userId: uuid("user_id").notNull(),
  importId: uuid("import_id").notNull(),
  provider: text().notNull(),
  identity: text().notNull(),
  contentHash: bytes("content_hash").notNull(),
  type: text().notNull(),
  startedAt: instant("started_at").notNull(),
  endedAt: instant("ended_at").notNull(),
  zoneOffsetMinutes: smallint("zone_offset_minutes"),
  distanceMm: safeInteger("distance_mm"),
  movingTimeMs: safeInteger("moving_time_ms"),
  activeEnergyCal: safeInteger("active_energy_cal"),
  elevationGainMm: safeInteger("elevation_gain_mm"),
  steps: safeInteger("steps"),
  floors: safeInteger("floors"),
  recordingMethod: text("recording_method", {
    enum: ["active", "automatic", "manual", "unknown"],
  }).notNull(),
  sourceApp: text("source_app"),
  sourceDevice: text("source_device"),
  arrivedAt: instant("arrived_at").notNull(),
  deletedAt: instant("deleted_at"),
  replacedAt: instant("replaced_at"),
  chosenAt: instant("chosen_at"),
  correctedType: text("corrected_type"),
  peakMinuteCms: integer("peak_minute_cms"),
  peakTenMinutesCms: integer("peak_ten_minutes_cms"),
  traceBucketMs: integer("trace_bucket_ms"),
  traceSpeeds: integer("trace_speeds").array(),
});

export const samples = pgTable("samples", {
  id: uuid().primaryKey(),
  userId: uuid("user_id").notNull(),
  importId: uuid("import_id").notNull(),
  provider: text().notNull(),
  identity: text().notNull(),
  contentHash: bytes("content_hash").notNull(),
  quantity: text().notNull(),
  value: safeInteger("value").notNull(),
  startedAt: instant("started_at").notNull(),
  endedAt: instant("ended_at").notNull(),
  zoneOffsetMinutes: smallint("zone_offset_minutes"),
  recordingMethod: text("recording_method", {
    enum: ["active", "automatic", "manual", "unknown"],
  }).notNull(),
  sourceApp: text("source_app"),
  sourceDevice: text("source_device"),
  arrivedAt: instant("arrived_at").notNull(),
  deletedAt: instant("deleted_at"),
  replacedAt: instant("replaced_at"),
});

export const apiKeys = pgTable("api_keys", {
  id: uuid().primaryKey(),
  name: text().notNull(),
  prefix: text().notNull(),
  secretHash: bytes("secret_hash").notNull(),
  scopes: text().array().notNull(),
  ownerId: uuid("owner_id").notNull(),
  quotaPerMinute: integer("quota_per_minute").notNull(),
  expiresAt: instant("expires_at"),
  lastUsedAt: instant("last_used_at"),
  revokedAt: instant("revoked_at"),
  changedAt: instant("changed_at").notNull(),
  createdAt: instant("created_at").notNull(),
});

export const settings = pgTable("settings", {
  key: text().primaryKey(),
  value: jsonb().notNull(),
  updatedAt: instant("updated_at").notNull(),
});

export const idempotencyKeys = pgTable("idempotency_keys", {
  id: uuid().primaryKey(),
  actorKind: text("actor_kind", { enum: ["user", "api_key"] }).notNull(),
  actorId: uuid("actor_id").notNull(),
  route: text().notNull(),
  key: text().notNull(),
  requestHash: bytes("request_hash").notNull(),
  heldUntil: instant("held_until").notNull(),
  holder: uuid().notNull(),
  status: smallint(),
  contentType: text("content_type"),
  body: text(),
  createdAt: instant("created_at").notNull(),
  expiresAt: instant("expires_at").notNull(),
});

export const jobNodes = pgTable("job_nodes", {
  id: text().primaryKey(),
  seenAt: instant("seen_at").notNull(),
});

export const jobSchedules = pgTable("job_schedules", {
  name: text().primaryKey(),
  dueAt: instant("due_at").notNull(),
});

export const orders = pgTable("orders", {
  id: uuid().primaryKey(),
  userId: uuid("user_id").notNull(),
  kind: text({ enum: ORDER_KINDS }).notNull(),
  status: text({ enum: ORDER_STATUSES }).notNull().default("pending"),
  method: text({ enum: PAYMENT_METHODS }).notNull(),
  currency: text().notNull(),
  amountMinor: minorUnits("amount_minor").notNull(),
  competitionId: uuid("competition_id"),
  gateway: text(),
  gatewayReference: text("gateway_reference"),
  idempotencyKey: text("idempotency_key"),
  requestHash: bytes("request_hash"),
  note: text(),
  failure: text(),
  createdAt: instant("created_at").notNull(),
  updatedAt: instant("updated_at").notNull(),
  paidAt: instant("paid_at"),
  settledAt: instant("settled_at"),
});

export const ledgerAccounts = pgTable("ledger_accounts", {
  id: safeInteger("id").primaryKey().generatedAlwaysAsIdentity(),
  kind: text({ enum: ACCOUNT_KINDS }).notNull(),
  currency: text().notNull(),
  userId: uuid("user_id"),
  competitionId: uuid("competition_id"),
  orderId: uuid("order_id"),
  gateway: text(),
  owner: text().notNull().generatedAlwaysAs(sql`coalesce(user_id::text, …)`),
  createdAt: instant("created_at").notNull(),
});

export const ledgerBalances = pgTable("ledger_balances", {
  accountId: safeInteger("account_id").primaryKey(),
  balanceMinor: minorUnits("balance_minor").notNull().default(0n),
  reservedMinor: minorUnits("reserved_minor").notNull().default(0n),
  postingCount: safeInteger("posting_count").notNull().default(0),
  hasFloor: boolean("has_floor").notNull(),
});

export const ledgerTransactions = pgTable("ledger_transactions", {
  id: uuid().primaryKey(),
  at: instant().notNull(),
  kind: text().notNull(),
  phase: text({ enum: TRANSACTION_PHASES }).notNull(),
  reference: text().notNull(),
  lineCount: smallint("line_count").notNull(),
  resolvesId: uuid("resolves_id"),
  reversesId: uuid("reverses_id"),
  competitionId: uuid("competition_id"),
  orderId: uuid("order_id"),
  actorKind: text("actor_kind", { enum: ["user", "api_key", "system"] }).notNull(),
  actorId: uuid("actor_id"),
  requestId: text("request_id"),
  reason: text(),
});

export const ledgerPostings = pgTable("ledger_postings", {
  transactionId: uuid("transaction_id").notNull(),
  line: smallint().notNull(),
  accountId: safeInteger("account_id").notNull(),
  amountMinor: minorUnits("amount_minor").notNull(),
  id: safeInteger("id").notNull(),
  balanceAfterMinor: minorUnits("balance_after_minor").notNull(),
}, (table) => [primaryKey({ columns: [table.transactionId, table.line] })]);

export const ledgerHolds = pgTable("ledger_holds", {
  transactionId: uuid("transaction_id").notNull(),
  line: smallint().notNull(),
  accountId: safeInteger("account_id").notNull(),
  amountMinor: minorUnits("amount_minor").notNull(),
}, (table) => [primaryKey({ columns: [table.transactionId, table.line] })]);

export const prizeDistributions = pgTable("prize_distributions", {
  competitionId: uuid("competition_id").primaryKey(),
  status: text({ enum: ["requested", "paying", "settled"] }).notNull(),
  currency: text().notNull(),
  poolMinor: minorUnits("pool_minor").notNull(),
  restMinor: minorUnits("rest_minor").notNull(),
  logSeq: safeInteger("log_seq").notNull(),
  explanation: jsonb().$type<string[]>().notNull(),
  requestedBy: uuid("requested_by"),
  requestedAt: instant("requested_at").notNull(),
  approvedBy: uuid("approved_by"),
  approvedAt: instant("approved_at"),
  settledAt: instant("settled_at"),
});

export const prizePayouts = pgTable("prize_payouts", {
  competitionId: uuid("competition_id").notNull(),
  participantId: uuid("participant_id").notNull(),
  division: text().notNull(),
  userId: uuid("user_id").notNull(),
  rank: integer().notNull(),
  firstPlace: integer("first_place").notNull(),
  lastPlace: integer("last_place").notNull(),
  amountMinor: minorUnits("amount_minor").notNull(),
  transactionId: uuid("transaction_id"),
  reversalId: uuid("reversal_id"),
}, (table) => [
  primaryKey({ columns: [table.competitionId, table.participantId, table.division] }),
]);

export const notices = pgTable("notices", {
  id: safeInteger("id").primaryKey().generatedAlwaysAsIdentity(),
  userId: uuid("user_id").notNull(),
  kind: text().notNull(),
  payload: jsonb().$type<Record<string, unknown>>().notNull(),
  createdAt: instant("created_at").notNull(),
  readAt: instant("read_at"),
  sentAt: instant("sent_at"),
});

export const dayScores = pgTable("day_scores", {
  competitionId: uuid("competition_id").primaryKey(),
  doneUntil: instant("done_until").notNull(),
});

export const reviews = pgTable("reviews", {
  id: uuid().primaryKey(),
  competitionId: uuid("competition_id").notNull(),
  participantId: uuid("participant_id").notNull(),
  userId: uuid("user_id").notNull(),
  activityId: uuid("activity_id"),
  day: text(),
  cause: text({ enum: ["implausible", "shared_file"] }).notNull(),
  status: text({ enum: ["open", "accepted", "rejected", "appealed", "cleared"] }).notNull(),
  createdAt: instant("created_at").notNull(),
  decidedAt: instant("decided_at"),
  decidedBy: uuid("decided_by"),
  reason: text(),
  appeal: text(),
  appealedAt: instant("appealed_at"),
});

export const otherRecords = pgTable("other_records", {
  id: uuid().primaryKey(),
  userId: uuid("user_id").notNull(),
  importId: uuid("import_id").notNull(),
  provider: text().notNull(),
  identity: text().notNull(),
  type: text().notNull(),
  startedAt: instant("started_at").notNull(),
  endedAt: instant("ended_at").notNull(),
  content: jsonb().$type<Record<string, unknown>>().notNull(),
  arrivedAt: instant("arrived_at").notNull(),
});

export const gatewayEvents = pgTable("gateway_events", {
  gateway: text().notNull(),
  eventId: text("event_id").notNull(),
  type: text().notNull(),
  events: jsonb().$type<unknown[]>().notNull(),
  receivedAt: instant("received_at").notNull(),
  handledAt: instant("handled_at"),
  failure: text(),
}, (table) => [primaryKey({ columns: [table.gateway, table.eventId] })]);

export const gatewayUsers = pgTable("gateway_users", {
  gateway: text().notNull(),
  userId: uuid("user_id").notNull(),
  customer: text(),
  payoutAccount: text("payout_account"),
}, (table) => [primaryKey({ columns: [table.gateway, table.userId] })]);

export const testTransfers = pgTable("test_transfers", {
  reference: text().primaryKey(),
  kind: text({ enum: ["payment", "refund", "payout"] }).notNull(),
  state: text({ enum: ["open", "done", "failed", "cancelled"] }).notNull(),
  orderId: uuid("order_id").notNull(),
  userId: uuid("user_id").notNull(),
  currency: text().notNull(),
  amountMinor: minorUnits("amount_minor").notNull(),
  description: text().notNull(),
  payment: text(),
  createdAt: instant("created_at").notNull(),
  decidedAt: instant("decided_at"),
  reportedAt: instant("reported_at"),
});

export const connections = pgTable("connections", {
  id: uuid().primaryKey(),
  userId: uuid("user_id").notNull(),
  provider: text({ enum: ["strava", "google_fit"] }).notNull(),
  accountId: text("account_id"),
  scopes: text().array().notNull(),
  status: text({ enum: ["active", "needs_reconnect", "revoking"] }).notNull(),
  tokens: bytes("tokens"),
  keyId: text("key_id"),
  expiresAt: instant("expires_at").notNull(),
  cursor: jsonb().$type<Record<string, string | number | null>>(),
  pullFrom: instant("pull_from").notNull(),
  connectedAt: instant("connected_at").notNull(),
  lastPullAt: instant("last_pull_at"),
  nextPullAt: instant("next_pull_at").notNull(),
  failures: integer().notNull().default(0),
  fault: text(),
});

export const connectionAttempts = pgTable("connection_attempts", {
  stateHash: text("state_hash").primaryKey(),
  userId: uuid("user_id").notNull(),
  provider: text().notNull(),
  verifier: bytes("verifier").notNull(),
  keyId: text("key_id").notNull(),
  expiresAt: instant("expires_at").notNull(),
});

export const providerPauses = pgTable("provider_pauses", {
  provider: text().primaryKey(),
  until: instant().notNull(),
});
