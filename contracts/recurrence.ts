/** Competitions that come again. */

import { z } from "zod";
import { INTERVAL_MAX, OCCURRENCES_MAX, RECURRENCE_UNITS } from "@/domain/recurrence.ts";
import { Id, Instant } from "./envelope.ts";

const Index = z.int().min(0).max(OCCURRENCES_MAX).meta({
  description: "Number of the occurrence; 0 for the first",
  example: 3,
});

/** How a competition comes again; the first occurrence is the competition itself. */
export const Recurrence = z.object({
  every: z.enum(RECURRENCE_UNITS).meta({
    description: "How often, in the local calendar of the competition's zone",
    example: "weekly",
  }),
  interval: z.int().min(1).max(INTERVAL_MAX).optional().meta({
    description: "Each so many days, weeks or months; 1 when absent",
    example: 1,
  }),
  count: z.int().min(2).max(OCCURRENCES_MAX).optional().meta({
    description: "Occurrences in all, the first included; absent: no end by number",
    example: 12,
  }),
  until: z.iso.date().optional().meta({
    description: "The last local day on which an occurrence may start; absent: no end by date",
    example: "2026-12-31",
  }),
  carryOver: z.boolean().optional().meta({
    description: "Whether the participants of an occurrence are entered in the next one",
    example: true,
  }),
}).meta({
  id: "Recurrence",
  description: "How a competition comes again; each occurrence is a competition with its own board",
  example: { every: "weekly", count: 12 },
});
export type Recurrence = z.infer<typeof Recurrence>;

/** Where a competition stands in its series. */
export const SeriesPlace = z.object({
  id: Id.describe("The series; `GET /competitions?series=` lists its occurrences"),
  index: Index,
}).meta({ id: "SeriesPlace", description: "Where a competition stands in its series" });
export type SeriesPlace = z.infer<typeof SeriesPlace>;

const Neighbour = z.object({
  id: Id.describe("The competition"),
  slug: z.string().meta({ description: "Its name in addresses", example: "park-run-4" }),
  index: Index,
  startsAt: Instant.describe("When it starts"),
});

export const PlannedOccurrence = z.object({
  index: Index,
  startsAt: Instant.describe("When it starts"),
  endsAt: Instant.describe("When it ends"),
  madeAt: Instant.describe("When it is made and published"),
  isSkipped: z.boolean().meta({ description: "Whether it is left out", example: false }),
}).meta({ id: "PlannedOccurrence", description: "An occurrence that is not made yet" });
export type PlannedOccurrence = z.infer<typeof PlannedOccurrence>;

export const Series = z.object({
  id: Id.describe("The series"),
  recurrence: Recurrence,
  stoppedAt: Instant.nullable().meta({
    description: "Since when no more are made; null: it goes on",
    example: null,
  }),
  made: z.int().meta({ description: "Occurrences that are competitions by now", example: 4 }),
  previous: Neighbour.nullable().describe("The occurrence before the one asked for"),
  next: Neighbour.nullable().describe("The one after it"),
  planned: z.array(PlannedOccurrence).describe("The next ones that are not made yet"),
}).meta({ id: "Series", description: "A series as seen from one of its occurrences" });
export type Series = z.infer<typeof Series>;

export const OccurrenceChoice = z.object({
  index: Index.min(1),
}).meta({ id: "OccurrenceChoice", description: "An occurrence that is not made yet" });
export type OccurrenceChoice = z.infer<typeof OccurrenceChoice>;
