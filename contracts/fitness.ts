/** Activity on its way in, and what became of it. */

import { z } from "zod";
import { ACTIVITY_TYPES, EXCLUDE_REASONS, QUANTITIES, REJECT_REASONS } from "@/domain/activity.ts";
import { Id, Instant, PageQuery } from "./envelope.ts";

/** Records and workouts of one sync together; a day's hourly steps are 24. */
export const SYNC_RECORDS_MAX = 5000;

export const PROVIDERS = [
  "health_connect",
  "apple_health",
  "google_fit",
  "strava",
  "manual",
  "other",
] as const;
export const Provider = z.enum(PROVIDERS).meta({ id: "Provider" });
export type Provider = z.infer<typeof Provider>;

const Source = z.object({
  app: z.string().trim().max(120).optional(),
  device: z.string().trim().max(120).optional(),
  recordingMethod: z.enum(["active", "automatic", "manual", "unknown"]).default("unknown"),
}).meta({ id: "RecordSource" });

/** The platform's own metadata; only `HKWasUserEntered` is read. */
const Metadata = z.record(z.string().max(120), z.union([z.string(), z.number(), z.boolean()]));

const RecordId = z.string().min(1).max(200);
const ZoneOffset = z.string().regex(/^([+-](0\d|1[0-8]):[0-5]\d|Z)$/, "Offset must be like +02:00");

/** One reading over an interval, e.g. `{id, type: "steps", start, end, value: 812}`. */
export const SyncRecord = z.object({
  id: RecordId,
  type: z.string().min(1).max(120).meta({
    description: "steps, distance, active_energy, floors, elevation_gain, moving_time, or the " +
      "platform's own name (StepsRecord, HKQuantityTypeIdentifierStepCount, …)",
  }),
  start: Instant,
  end: Instant,
  zoneOffset: ZoneOffset.optional(),
  value: z.number(),
  unit: z.string().max(20).optional(),
  source: Source.optional(),
  metadata: Metadata.optional(),
}).meta({ id: "SyncRecord" });
export type SyncRecord = z.infer<typeof SyncRecord>;

/** One recorded session. Distance in m, times in s, energy in kcal, elevation in m. */
export const SyncWorkout = z.object({
  id: RecordId,
  type: z.string().min(1).max(120).meta({
    description: "An activity type, or the platform's name",
  }),
  start: Instant,
  end: Instant,
  zoneOffset: ZoneOffset.optional(),
  distance: z.number().optional(),
  movingTime: z.number().optional(),
  activeEnergy: z.number().optional(),
  elevationGain: z.number().optional(),
  steps: z.number().optional(),
  source: Source.optional(),
  metadata: Metadata.optional(),
}).meta({ id: "SyncWorkout" });
export type SyncWorkout = z.infer<typeof SyncWorkout>;

/** Records are checked one by one: a bad one is answered `rejected`, the others are imported. */
export const SyncRequest = z.object({
  provider: Provider,
  records: z.array(z.unknown()).max(SYNC_RECORDS_MAX).default([]),
  workouts: z.array(z.unknown()).max(SYNC_RECORDS_MAX).default([]),
  competitionId: Id.optional(),
}).meta({ id: "SyncRequest" });
export type SyncRequest = z.infer<typeof SyncRequest>;

export const OUTCOMES = ["imported", "duplicate", "merged", "flagged", "rejected"] as const;
export const Outcome = z.enum(OUTCOMES).meta({ id: "Outcome" });

const quantityNames = Object.keys(QUANTITIES) as [keyof typeof QUANTITIES];

/** What became of one record. Values are in m, s, kcal, steps, floors. */
export const RecordResult = z.object({
  index: z.int(),
  kind: z.enum(["activity", "sample", "unknown"]),
  type: z.string().nullable(),
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  values: z.partialRecord(z.enum(quantityNames), z.number()),
  outcome: Outcome,
  reason: z.enum(Object.keys(REJECT_REASONS) as [keyof typeof REJECT_REASONS]).optional(),
  message: z.string().optional(),
  activityId: Id.optional(),
  replaces: Id.optional(),
}).meta({ id: "RecordResult" });
export type RecordResult = z.infer<typeof RecordResult>;

/** What an import did in one competition: which records counted, and why the rest did not. */
export const CompetitionEffect = z.object({
  competitionId: Id,
  slug: z.string(),
  name: z.string(),
  scoreBefore: z.number().nullable(),
  score: z.number().nullable(),
  rank: z.int().nullable(),
  counted: z.array(z.object({
    recordIndex: z.int(),
    amount: z.number().meta({ description: "What it adds, in the competition's unit" }),
  })),
  excluded: z.array(z.object({
    recordIndex: z.int(),
    reason: z.enum(Object.keys(EXCLUDE_REASONS) as [keyof typeof EXCLUDE_REASONS]),
    amount: z.number().optional(),
  })),
}).meta({ id: "CompetitionEffect" });
export type CompetitionEffect = z.infer<typeof CompetitionEffect>;

export const ImportCounts = z.object({
  imported: z.int(),
  duplicate: z.int(),
  merged: z.int(),
  flagged: z.int(),
  rejected: z.int(),
}).meta({ id: "ImportCounts" });

export const ImportSummary = z.object({
  id: Id,
  kind: z.enum(["file", "sync"]),
  provider: z.string(),
  format: z.string().nullable(),
  fileName: z.string().nullable(),
  sizeBytes: z.int(),
  status: z.enum(["done", "rejected"]),
  reason: z.string().nullable(),
  counts: ImportCounts,
  createdAt: Instant,
}).meta({ id: "Import" });
export type ImportSummary = z.infer<typeof ImportSummary>;

/** The answer to an import or sync. `standing` is given when the request named a competition. */
export const ImportResult = z.object({
  import: ImportSummary,
  records: z.array(RecordResult),
  competitions: z.array(CompetitionEffect),
  standing: z.object({
    competitionId: Id,
    participantId: Id,
    score: z.number().nullable(),
    rank: z.int().nullable(),
    offset: z.int().nullable(),
  }).optional(),
}).meta({ id: "ImportResult" });
export type ImportResult = z.infer<typeof ImportResult>;

export const ImportQuery = PageQuery;

export const StatsQuery = z.object({
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
  bucket: z.enum(["day", "week", "month"]).default("day"),
});
export type StatsQuery = z.infer<typeof StatsQuery>;

const Totals = z.object({
  distance: z.number(),
  moving_time: z.number(),
  active_energy: z.number(),
  elevation_gain: z.number(),
  steps: z.number(),
  floors: z.number(),
  activities: z.int(),
}).meta({ id: "ActivityTotals", description: "m, s, kcal, m, steps, floors, sessions" });
export type ActivityTotals = z.infer<typeof Totals>;

/** Totals in the athlete's zone; `to` is the last day, included. */
export const Stats = z.object({
  userId: Id,
  timeZone: z.string(),
  from: z.iso.date(),
  to: z.iso.date(),
  bucket: z.enum(["day", "week", "month"]),
  totals: Totals,
  buckets: z.array(z.object({ start: z.iso.date(), totals: Totals })),
  bestDay: z.object({ day: z.iso.date(), steps: z.number(), distance: z.number() }).nullable(),
  longestStreakDays: z.int(),
  currentStreakDays: z.int(),
  bySource: z.array(z.object({ source: z.string(), activities: z.int(), samples: z.int() })),
  byType: z.array(z.object({ type: z.enum(ACTIVITY_TYPES), totals: Totals })),
}).meta({ id: "Stats" });
export type Stats = z.infer<typeof Stats>;
