/** The tables as Drizzle sees them; the migrations are the truth, a test compares the two. */

import { sql } from "drizzle-orm";
import {
  boolean,
  date,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import type { Consents, EntryConditions } from "@/domain/entry_condition.ts";
import type { StoredEntryFee } from "@/domain/entry_fee.ts";
import type { StoredPrizePlan } from "@/domain/prize_plan.ts";
import type { Rules } from "@/domain/rules.ts";
import { bytes, instant, safeInteger } from "./schema_columns.ts";

export * from "./schema_activity.ts";
export * from "./schema_money.ts";
export * from "./schema_teams.ts";
export * from "./schema_series.ts";

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

export const userIdentities = pgTable("user_identities", {
  provider: text().notNull(),
  subject: text().notNull(),
  userId: uuid("user_id").notNull(),
  createdAt: instant("created_at").notNull(),
}, (table) => [primaryKey({ columns: [table.provider, table.subject] })]);

export const profiles = pgTable("profiles", {
  userId: uuid("user_id").primaryKey(),
  alias: text(),
  bio: text().notNull().default(""),
  country: text(),
  timeZone: text("time_zone").notNull().default("UTC"),
  units: text({ enum: ["metric", "imperial"] }).notNull().default("metric"),
  locale: text().notNull().default("en"),
  avatarUrl: text("avatar_url"),
  birthDate: date("birth_date"),
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
  divisions: text().array().notNull().default([]),
  minimumCheckedAt: instant("minimum_checked_at"),
  phaseNoted: text("phase_noted", {
    enum: ["upcoming", "registration", "active", "grace", "provisional"],
  }),
  finalization: text({ enum: ["manual", "automatic"] }).notNull().default("manual"),
  entryConditions: jsonb("entry_conditions").$type<EntryConditions>(),
  seriesId: uuid("series_id"),
  seriesIndex: integer("series_index"),
  isDemo: boolean("is_demo").notNull().default(false),
  removedAt: instant("removed_at"),
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
  teamId: uuid("team_id"),
  status: text({ enum: ["active", "withdrawn", "disqualified"] }).notNull().default("active"),
  joinedAt: instant("joined_at").notNull(),
  leftAt: instant("left_at"),
  timeZone: text("time_zone").notNull(),
  inviteId: uuid("invite_id"),
  consents: jsonb().$type<Consents>(),
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
      "team",
      "team_removal",
      "course",
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
  teamsHash: bytes("teams_hash"),
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

/** What a long import found in its file. */
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

export const notices = pgTable("notices", {
  id: safeInteger("id").primaryKey().generatedAlwaysAsIdentity(),
  userId: uuid("user_id").notNull(),
  kind: text().notNull(),
  payload: jsonb().$type<Record<string, unknown>>().notNull(),
  createdAt: instant("created_at").notNull(),
  readAt: instant("read_at"),
  sentAt: instant("sent_at"),
});
