/** The tables of activity as Drizzle sees them. */

import { integer, jsonb, pgTable, smallint, text, uuid } from "drizzle-orm/pg-core";
import { bytes, instant, safeInteger } from "./schema_columns.ts";

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
