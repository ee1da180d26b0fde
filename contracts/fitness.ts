/** Activity on its way in, and what became of it. */

import { z } from "zod";
import { ACTIVITY_TYPES, EXCLUDE_REASONS, QUANTITIES, REJECT_REASONS } from "@/domain/activity.ts";
import { PLAUSIBILITY_RULES } from "@/domain/plausibility.ts";
import { Id, Instant } from "./envelope.ts";

/** Records of one sync, and workouts; a day's hourly steps are 24. */
export const SYNC_RECORDS_MAX = 5000;

export const PROVIDERS = [
  "health_connect",
  "apple_health",
  "google_fit",
  "strava",
  "manual",
  "other",
] as const;
export const Provider = z.enum(PROVIDERS).meta({
  id: "Provider",
  description: "Where the records come from; with their id it tells who they are",
});
export type Provider = z.infer<typeof Provider>;

/** Names are told apart by line breaks elsewhere, so they have none. */
const SourceName = z.string().max(1000).overwrite((text) =>
  text.toWellFormed().replace(/[\p{Cc}\s]+/gu, " ").trim().slice(0, 120).toWellFormed()
);

const Source = z.object({
  app: SourceName.optional().meta({
    description: "App that wrote the record",
    example: "com.example.steps",
  }),
  device: SourceName.optional().meta({
    description: "Maker and product",
    example: "Pixel Watch 3",
  }),
  recordingMethod: z.enum(["active", "automatic", "manual", "unknown"]).default("unknown").meta({
    description: "Started by the person, found by the device, or entered by hand",
    example: "automatic",
  }),
}).meta({ id: "RecordSource", description: "Where a record comes from" });

/** Whatever a platform has here, a record must not fail for it. */
const Metadata = z.record(z.string(), z.unknown()).meta({
  description: "The platform's own metadata; only `HKWasUserEntered` is read",
  example: { HKWasUserEntered: false },
});

/** Text that can be stored and shown as it is. */
function plainText(lengthMax: number) {
  return z.string().max(lengthMax).regex(/^[^\p{Cc}\p{Cs}]+$/u, "Text must be plain");
}

const RecordId = plainText(200).meta({
  description: "The provider's id: the same again is a duplicate, or replaces when it differs",
  example: "steps-2026-05-01T07",
});
const ZoneOffset = z.string()
  .regex(/^([+-](0\d|1[0-7]):[0-5]\d|[+-]18:00|Z)$/, "Offset must be like +02:00")
  .meta({ description: "Offset of the person's clock from UTC", example: "+03:00" });
const START = { description: "Start of the record", example: "2026-05-01T07:00:00.000Z" };
const END = { description: "End of the record", example: "2026-05-01T08:00:00.000Z" };

/** One reading over an interval, e.g. `{id, type: "steps", start, end, value: 812}`. */
export const SyncRecord = z.object({
  id: RecordId,
  type: plainText(120).meta({
    description: "steps, distance, active_energy, floors, elevation_gain, moving_time, or the " +
      "platform's own name (StepsRecord, HKQuantityTypeIdentifierStepCount, …). Records of other " +
      "types are kept as they are and count nowhere",
    example: "steps",
  }),
  start: Instant.meta(START),
  end: Instant.meta(END),
  zoneOffset: ZoneOffset.optional(),
  value: z.number().meta({ description: "The reading, in `unit`", example: 812 }),
  unit: plainText(20).optional().meta({
    description: "Absent: m, s, kcal, steps, floors",
    example: "count",
  }),
  source: Source.optional(),
  metadata: Metadata.optional(),
}).meta({ id: "SyncRecord", description: "One reading over an interval" });
export type SyncRecord = z.infer<typeof SyncRecord>;

/** What a record of any type has; those that no rule knows are kept as they are. */
export const OtherRecord = z.object({
  id: RecordId,
  type: plainText(120).meta({ description: "The platform's own name", example: "HeartRateRecord" }),
  start: Instant.meta(START),
  end: Instant.meta(END),
});

/** One recorded session. Distance in m, times in s, energy in kcal, elevation in m. */
export const SyncWorkout = z.object({
  id: RecordId,
  type: plainText(120).meta({
    description: "An activity type, or the platform's name",
    example: "running",
  }),
  start: Instant.meta(START),
  end: Instant.meta(END),
  zoneOffset: ZoneOffset.optional(),
  distance: z.number().optional().meta({ description: "Distance in m", example: 10012.4 }),
  movingTime: z.number().optional().meta({ description: "Time in motion, in s", example: 3120 }),
  activeEnergy: z.number().optional().meta({ description: "Energy in kcal", example: 640 }),
  elevationGain: z.number().optional().meta({ description: "Climb in m", example: 84 }),
  steps: z.number().optional().meta({ description: "Steps", example: 8920 }),
  floors: z.number().optional().meta({ description: "Floors climbed", example: 2 }),
  exerciseType: z.union([z.int(), z.string().max(120)]).optional().meta({
    description: "The activity, where the type is only `ExerciseSessionRecord` or `HKWorkout`: " +
      "Health Connect's number, or a name",
    example: 56,
  }),
  source: Source.optional(),
  metadata: Metadata.optional(),
}).meta({ id: "SyncWorkout", description: "One recorded session" });
export type SyncWorkout = z.infer<typeof SyncWorkout>;

const SYNC_EXAMPLE = {
  provider: "health_connect",
  records: [{
    id: "steps-2026-05-01T07",
    type: "StepsRecord",
    start: START.example,
    end: END.example,
    zoneOffset: "+03:00",
    value: 812,
    source: { app: "com.example.steps", recordingMethod: "automatic" },
  }],
  workouts: [{
    id: "run-118",
    type: "running",
    start: START.example,
    end: END.example,
    distance: 10012.4,
    movingTime: 3120,
    source: { device: "Pixel Watch 3", recordingMethod: "active" },
  }],
};

/** Records are checked one by one: a bad one is answered `rejected`, the others are imported. */
export const SyncRequest = z.object({
  provider: Provider,
  records: z.array(z.unknown()).max(SYNC_RECORDS_MAX).default([]).meta({
    description: "Readings over intervals",
    items: { $ref: "#/components/schemas/SyncRecord" },
  }),
  workouts: z.array(z.unknown()).max(SYNC_RECORDS_MAX).default([]).meta({
    description: "Recorded sessions",
    items: { $ref: "#/components/schemas/SyncWorkout" },
  }),
  competitionId: Id.optional().describe("Adds the standing there to the answer"),
  userId: Id.optional().describe("Whose activity it is: keys with fitness:write must tell"),
}).meta({
  id: "SyncRequest",
  description: "Records are checked one by one: a bad one is answered `rejected`, the others count",
  example: SYNC_EXAMPLE,
});
export type SyncRequest = z.infer<typeof SyncRequest>;

export const OUTCOMES = ["imported", "duplicate", "merged", "flagged", "rejected"] as const;
export const Outcome = z.enum(OUTCOMES).meta({
  id: "Outcome",
  description: "What became of a record; a flagged one counts when a referee accepts it",
});

export const Finding = z.object({
  rule: z.enum(PLAUSIBILITY_RULES).meta({ description: "What is doubtful", example: "mean_speed" }),
  verdict: z.enum(["flag", "reject"]).describe(
    "Waits for review, or does not count until accepted",
  ),
  observed: z.number().meta({
    description: "Observed figure: cm/s, m or kcal an hour, steps a minute or day, hours, s",
    example: 1111,
  }),
  limit: z.number().meta({ description: "Limit that it passed, in the same unit", example: 470 }),
}).meta({ id: "Finding", description: "One doubtful figure" });

const quantityNames = Object.keys(QUANTITIES) as [keyof typeof QUANTITIES];

const RECORD_EXAMPLE = {
  index: 0,
  kind: "activity",
  type: "running",
  startedAt: START.example,
  endedAt: END.example,
  values: { "distance": 10012.4, "moving_time": 3120 },
  outcome: "imported",
  activityId: "0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c42",
};

/** What became of one record. Values are in m, s, kcal, steps, floors. */
export const RecordResult = z.object({
  index: z.int().meta({ description: "Place in the file or list, from 0", example: 0 }),
  kind: z.enum(["activity", "sample", "unknown"]).describe("Session, reading, or not told"),
  type: z.string().nullable().meta({
    description: "Activity type or measured quantity",
    example: "running",
  }),
  startedAt: Instant.nullable().describe("Start of the record"),
  endedAt: Instant.nullable().describe("End of the record"),
  values: z.partialRecord(z.enum(quantityNames), z.number().describe("In its unit")).meta({
    description: "What it measured, in m, s, kcal, steps, floors",
    example: { "distance": 4835.38, "moving_time": 1622 },
  }),
  outcome: Outcome,
  reason: z.enum(Object.keys(REJECT_REASONS) as [keyof typeof REJECT_REASONS]).optional()
    .describe("Why it was rejected; explained at /docs/reasons"),
  message: z.string().optional().meta({
    description: "The same for people, of a rejected record",
    example: "The record ends in the future",
  }),
  file: z.string().optional().meta({
    description: "The file that held it, of an archive with several",
    example: "activities/10482.fit.gz",
  }),
  activityId: Id.optional().describe("The stored activity"),
  replaces: Id.optional().describe("The activity whose place it takes"),
  findings: z.array(Finding).optional().describe("What is doubtful, of a flagged record"),
  mergedWith: Id.optional().describe("Another record of the same session; one of them counts"),
}).meta({ id: "RecordResult", description: "What became of one record", example: RECORD_EXAMPLE });
export type RecordResult = z.infer<typeof RecordResult>;

const RECORD_INDEX = z.int().meta({ description: "Index of the record's result", example: 0 });

/** What an import did in one competition: which records counted, and why the rest did not. */
export const CompetitionEffect = z.object({
  competitionId: Id.describe("The competition"),
  slug: z.string().meta({ description: "Its name in addresses", example: "spring-distance-cup" }),
  name: z.string().meta({ description: "Its name", example: "Spring Distance Cup" }),
  scoreBefore: z.number().nullable().meta({
    description: "Score before the import; null: none",
    example: 3831,
  }),
  score: z.number().nullable().meta({ description: "Score after it", example: 13843 }),
  rank: z.int().nullable().meta({ description: "Rank after it; null where unranked", example: 3 }),
  counted: z.array(z.object({
    recordIndex: RECORD_INDEX,
    amount: z.number().meta({
      description: "What it adds, in the competition's unit",
      example: 10012.4,
    }),
  })).describe("Records that count"),
  excluded: z.array(z.object({
    recordIndex: RECORD_INDEX,
    reason: z.enum(Object.keys(EXCLUDE_REASONS) as [keyof typeof EXCLUDE_REASONS]).meta({
      description: "Why not; explained at /docs/reasons",
      example: "type_not_counted",
    }),
    amount: z.number().optional().meta({ description: "The part left out", example: 812 }),
  })).describe("Records that do not count, or not whole"),
}).meta({ id: "CompetitionEffect", description: "What an import did in one competition" });
export type CompetitionEffect = z.infer<typeof CompetitionEffect>;

export const ImportCounts = z.object({
  imported: z.int().meta({ description: "New records", example: 1 }),
  duplicate: z.int().meta({ description: "Records that were there already", example: 0 }),
  merged: z.int().meta({ description: "Sessions known from another source", example: 0 }),
  flagged: z.int().meta({ description: "Records that wait for review", example: 0 }),
  rejected: z.int().meta({ description: "Records that cannot be used", example: 0 }),
}).meta({ id: "ImportCounts", description: "Records by what became of them" });

export const ImportSummary = z.object({
  id: Id.describe("The import's id"),
  kind: z.enum(["file", "sync"]).describe("An uploaded file, or a sync"),
  provider: z.string().meta({ description: "Where the records come from", example: "other" }),
  format: z.string().nullable().meta({ description: "Format of the file", example: "fit" }),
  fileName: z.string().nullable().meta({
    description: "Name of the file",
    example: "morning_run.fit",
  }),
  sizeBytes: z.int().meta({ description: "Size of the file or body, in bytes", example: 48213 }),
  status: z.enum(["queued", "running", "done", "rejected", "failed"]).describe(
    "Queued and running: a long file is read as a job, ask again. Rejected: nothing in it could " +
      "be used. Failed: reading it broke off",
  ),
  reason: z.string().nullable().meta({
    description: "Why it was rejected; explained at /docs/reasons",
    example: null,
  }),
  counts: ImportCounts,
  progress: z.object({
    percent: z.int().min(0).max(100).meta({ description: "Of the file's bytes", example: 42 }),
    records: z.int().meta({ description: "Readings found so far", example: 1_203_400 }),
    workouts: z.int().meta({ description: "Workouts found so far", example: 812 }),
    skipped: z.array(z.object({
      type: z.string().meta({
        description: "Type as the file names it",
        example: "HKQuantityTypeIdentifierHeartRate",
      }),
      count: z.int().meta({ description: "How many", example: 402_311 }),
    })).describe("Readings of types that nobody competes in, which are not kept"),
  }).nullable().describe("How far the reading of a long file has come; null for others"),
  createdAt: Instant.describe("When it arrived"),
}).meta({ id: "Import", description: "One batch of activity" });
export type ImportSummary = z.infer<typeof ImportSummary>;

/** The answer to an import or sync. `standing` is given when the request named a competition. */
export const ImportResult = z.object({
  import: ImportSummary,
  records: z.array(RecordResult).describe("What became of each record, in their order"),
  competitions: z.array(CompetitionEffect).describe("What it did where the athlete takes part"),
  standing: z.object({
    competitionId: Id.describe("The competition the request named"),
    participantId: Id.describe("The athlete there"),
    score: z.number().nullable().meta({ description: "Score now", example: 13843 }),
    rank: z.int().nullable().meta({ description: "Rank now", example: 3 }),
    offset: z.int().nullable().meta({
      description: "Number of the log entry that brought it",
      example: 42,
    }),
  }).optional().describe("Given when the request named a competition"),
}).meta({ id: "ImportResult", description: "What an import held and did" });
export type ImportResult = z.infer<typeof ImportResult>;

/** Days that calendars of zones and the database agree on. */
const StatsDay = z.iso.date().refine(
  (day) => day >= "2000-01-01" && day <= "2999-12-31",
  "Date must be between 2000-01-01 and 2999-12-31",
);

export const StatsQuery = z.object({
  from: StatsDay.optional().meta({
    description: "First local day",
    example: "2026-05-01",
  }),
  to: StatsDay.optional().meta({
    description: "Last local day, included; absent: today",
    example: "2026-05-31",
  }),
  bucket: z.enum(["day", "week", "month"]).default("day").describe("Length of one bucket"),
});
export type StatsQuery = z.infer<typeof StatsQuery>;

const Totals = z.object({
  distance: z.number().meta({ description: "m", example: 13843.6 }),
  moving_time: z.number().meta({ description: "s", example: 4742 }),
  active_energy: z.number().meta({ description: "kcal", example: 911 }),
  elevation_gain: z.number().meta({ description: "m", example: 84 }),
  steps: z.number().meta({ description: "Steps", example: 12093 }),
  floors: z.number().meta({ description: "Floors climbed", example: 6 }),
  activities: z.int().meta({ description: "Recorded sessions", example: 2 }),
}).meta({ id: "ActivityTotals", description: "Sums of an interval" });
export const ActivityTotals = Totals;
export type ActivityTotals = z.infer<typeof Totals>;

/** Totals in the athlete's zone; `to` is the last day, included. */
export const Stats = z.object({
  userId: Id.describe("The athlete"),
  timeZone: z.string().meta({ description: "Zone of the days", example: "Europe/Helsinki" }),
  from: z.iso.date().describe("First day"),
  to: z.iso.date().describe("Last day, included"),
  bucket: z.enum(["day", "week", "month"]).describe("Length of one bucket"),
  totals: Totals,
  buckets: z.array(z.object({
    start: z.iso.date().describe("First day of the bucket"),
    totals: Totals,
  })).describe("Totals one after the other, oldest first"),
  bestDay: z.object({
    day: z.iso.date().describe("The day"),
    steps: z.number().meta({ description: "Its steps", example: 12093 }),
    distance: z.number().meta({ description: "Its distance in m", example: 9008.2 }),
  }).nullable().describe("Most steps, then most distance; null without activity"),
  longestStreakDays: z.int().meta({ description: "Longest run of active days", example: 9 }),
  currentStreakDays: z.int().meta({
    description: "Run of active days up to today or yesterday",
    example: 3,
  }),
  bySource: z.array(z.object({
    source: z.string().meta({ description: "Device or app", example: "garmin fr110" }),
    activities: z.int().meta({ description: "Its sessions", example: 2 }),
    samples: z.int().meta({ description: "Its readings", example: 0 }),
  })).describe("Records by device or app"),
  byType: z.array(z.object({
    type: z.enum(ACTIVITY_TYPES).meta({ description: "Activity type", example: "running" }),
    totals: Totals,
  })).describe("Totals by activity type"),
}).meta({ id: "Stats", description: "Totals of an athlete, in the athlete's zone" });
export type Stats = z.infer<typeof Stats>;
