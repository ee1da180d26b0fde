/** The review queue: what is doubtful, its evidence, and what was decided. */

import { z } from "zod";
import { Activity } from "./activities.ts";
import { Id, Instant, PageQuery } from "./envelope.ts";
import { Finding } from "./fitness.ts";

export const REVIEW_STATUSES = ["open", "appealed", "accepted", "rejected"] as const;
export type ReviewStatus = (typeof REVIEW_STATUSES)[number];

const TEXT_MAX = 2000;
const Text = z.string().trim().min(1).max(TEXT_MAX);

/** One session or day that somebody has to look at, or has looked at. */
export const Review = z.object({
  id: Id.describe("The review's id"),
  competitionId: Id.describe("The competition it is about"),
  competitionName: z.string().meta({ description: "Its name", example: "Spring Distance Cup" }),
  participantId: Id.describe("The athlete's participation"),
  userId: Id.describe("The athlete"),
  name: z.string().meta({ description: "The athlete's shown name", example: "Mira K." }),
  activityId: Id.nullable().describe("The session; null for a day"),
  day: z.iso.date().nullable().describe("The local day; null for a session"),
  cause: z.enum(["implausible", "shared_file"])
    .describe("Doubtful figures, or the same file came from another account"),
  status: z.enum(REVIEW_STATUSES).describe("Open and appealed ones wait for a decision"),
  createdAt: Instant.describe("When it was flagged"),
  decidedAt: Instant.nullable().describe("When it was decided"),
  decidedBy: Id.nullable().describe("Who decided; null where the figures did"),
  reason: z.string().nullable().meta({ description: "Why it was decided so", example: null }),
  appeal: z.string().nullable().meta({ description: "What the athlete says", example: null }),
}).meta({ id: "Review", description: "A session or day that is doubtful" });
export type Review = z.infer<typeof Review>;

/** What both sides see. */
export const ReviewEvidence = Review.extend({
  findings: z.array(Finding).describe("Doubtful figures under the rules in force"),
  activity: Activity.nullable().describe("The session"),
  trace: z.object({
    bucketMs: z.int().meta({ description: "Length of a bucket in ms", example: 20_000 }),
    speeds: z.array(z.int()).describe("Mean speed of each bucket in cm/s"),
    peakMinute: z.int().nullable().meta({ description: "Fastest minute, cm/s", example: 402 }),
    peakTenMinutes: z.int().nullable().meta({ description: "Fastest ten, cm/s", example: 278 }),
  }).nullable().describe("How fast it went, without where; null where the device did not say"),
  doubles: z.array(Activity).describe("Other records of the same session"),
  daySteps: z.int().nullable().meta({ description: "Steps of the day, of a day", example: null }),
}).meta({ id: "ReviewEvidence", description: "A review with what speaks for and against it" });
export type ReviewEvidence = z.infer<typeof ReviewEvidence>;

export const ReviewQuery = PageQuery.extend({
  competitionId: Id.optional().describe("Only of this competition"),
  userId: Id.optional().describe("Only of this athlete"),
  status: z.enum([...REVIEW_STATUSES, "waiting"]).default("waiting")
    .describe("`waiting`: open and appealed"),
});
export type ReviewQuery = z.infer<typeof ReviewQuery>;

export const ReviewDecisionRequest = z.object({
  reason: Text.meta({ description: "Why; the athlete reads it", example: "A bus ride" }),
}).meta({ id: "ReviewDecisionRequest", description: "A decision with its reason" });

export const ReviewAppealRequest = z.object({
  text: Text.meta({
    description: "What the athlete says",
    example: "The watch was set to walking; it was a bicycle ride.",
  }),
}).meta({ id: "ReviewAppealRequest", description: "An appeal against a rejection" });
