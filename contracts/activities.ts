/** An athlete's recorded sessions: read, corrected, removed. */

import { z } from "zod";
import { ACTIVITY_TYPES, QUANTITIES, RECORDING_METHODS } from "@/domain/activity.ts";
import { Id, Instant, PageQuery } from "./envelope.ts";
import { CompetitionEffect } from "./fitness.ts";

const quantityNames = Object.keys(QUANTITIES) as [keyof typeof QUANTITIES];

const ActivityTypeName = z.enum(ACTIVITY_TYPES);

/** One stored session, as the athlete sees it. Values are in m, s, kcal, steps, floors. */
export const Activity = z.object({
  id: Id.describe("The activity's id"),
  userId: Id.describe("The athlete"),
  type: ActivityTypeName.meta({ description: "What it counts as", example: "running" }),
  recordedType: ActivityTypeName.meta({
    description: "What the device or app said it was",
    example: "running",
  }),
  startedAt: Instant.describe("Start of the session"),
  endedAt: Instant.describe("End of the session"),
  zoneOffsetMinutes: z.int().nullable().meta({
    description: "Minutes east of UTC, where the device said so",
    example: 180,
  }),
  values: z.partialRecord(z.enum(quantityNames), z.number().describe("In its unit")).meta({
    description: "What it measured, in m, s, kcal, steps, floors",
    example: { "distance": 4835.38, "moving_time": 1622 },
  }),
  provider: z.string().meta({ description: "Where the record came from", example: "file" }),
  app: z.string().nullable().meta({ description: "App that wrote it", example: null }),
  device: z.string().nullable().meta({
    description: "Maker and product of the device",
    example: "garmin fr110",
  }),
  recordingMethod: z.enum(RECORDING_METHODS).meta({
    description: "Started by the person, found by the device, or entered by hand",
    example: "active",
  }),
  importId: Id.describe("The import that brought it"),
  arrivedAt: Instant.describe("When it arrived"),
  isChosen: z.boolean().describe("The athlete said that this one counts of its doubles"),
}).meta({ id: "Activity", description: "One recorded session" });
export type Activity = z.infer<typeof Activity>;

/** What one session did in one competition. */
export const ActivityEffect = CompetitionEffect.pick({
  competitionId: true,
  slug: true,
  name: true,
}).extend({
  counted: z.number().meta({ description: "What of it counts, in the competition's unit" }),
  excluded: CompetitionEffect.shape.excluded.element.omit({ recordIndex: true }).array()
    .describe("Why the rest of it does not count"),
}).meta({ id: "ActivityEffect", description: "What one session did in one competition" });
export type ActivityEffect = z.infer<typeof ActivityEffect>;

/** A session with its doubles and its effects. */
export const ActivityDetail = Activity.extend({
  doubles: z.array(Activity).describe("Other records of the same session; one of all counts"),
  competitions: z.array(ActivityEffect).describe("What it did where the athlete takes part"),
}).meta({ id: "ActivityDetail", description: "A session, its doubles and what it did" });
export type ActivityDetail = z.infer<typeof ActivityDetail>;

/** What an athlete may say about a session; what a device measured stays as it is. */
export const ActivityChange = z.object({
  type: ActivityTypeName.optional().meta({
    description: "What it really was; counts everywhere anew",
    example: "hiking",
  }),
  isChosen: z.boolean().optional()
    .describe("Of the records of this session this one counts; false: the better one does"),
}).strict().refine(
  (change) => Object.keys(change).length > 0,
  "Give a type or isChosen",
).meta({ id: "ActivityChange", description: "What the athlete says about a session" });
export type ActivityChange = z.infer<typeof ActivityChange>;

export const ActivityQuery = PageQuery.extend({
  type: ActivityTypeName.optional().describe("Only these"),
  from: Instant.optional().describe("Ended at this instant or later"),
  to: Instant.optional().describe("Started before this instant"),
  provider: z.string().max(40).optional().meta({
    description: "Only from there",
    example: "file",
  }),
});
export type ActivityQuery = z.infer<typeof ActivityQuery>;
