/** What operators and admins see of the running product. */

import { z } from "zod";
import { Id, Instant, PageQuery } from "./envelope.ts";

export const AuditRow = z.object({
  id: z.int().meta({ description: "Rises with every row", example: 1041 }),
  at: Instant.describe("When it was done"),
  actorKind: z.enum(["user", "api_key", "system"]).describe("Who acted: a person, an app, we"),
  actorId: Id.nullable().describe("The person or key; null for the product itself"),
  actorName: z.string().nullable().meta({
    description: "Name of the person or key now; null when erased",
    example: "Ada Admin",
  }),
  action: z.string().meta({ description: "What was done", example: "user.change" }),
  targetKind: z.string().meta({ description: "What it was done to", example: "user" }),
  targetId: z.string().nullable().meta({
    description: "Id of what it was done to",
    example: "0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c42",
  }),
  before: z.unknown().meta({
    description: "The changed fields before",
    example: { role: "member" },
  }),
  after: z.unknown().meta({
    description: "The changed fields after",
    example: { role: "referee" },
  }),
  reason: z.string().nullable().meta({
    description: "Why, in the words of who did it",
    example: "Volunteered as a referee",
  }),
  address: z.string().nullable().meta({
    description: "IP address of the caller",
    example: "192.0.2.7",
  }),
  requestId: z.string().nullable().meta({
    description: "The request in the server's log",
    example: "0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c42",
  }),
}).meta({ id: "AuditRow", description: "One change by staff; rows are never altered" });
export type AuditRow = z.infer<typeof AuditRow>;

export const AuditQuery = PageQuery.extend({
  action: z.string().max(80).optional().meta({
    description: "Only this action",
    example: "user.change",
  }),
  targetKind: z.string().max(40).optional().meta({
    description: "Only changes of such things",
    example: "user",
  }),
  targetId: z.string().max(64).optional().meta({
    description: "Only changes of this one",
    example: "0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c42",
  }),
  actorId: Id.optional().describe("Only changes by this person or key"),
});
export type AuditQuery = z.infer<typeof AuditQuery>;

/** One second of the running process. */
export const OverviewPoint = z.object({
  at: Instant.describe("The second"),
  updates: z.number().meta({ description: "Score updates in it", example: 12 }),
  requests: z.number().meta({ description: "Requests in it", example: 57 }),
  errors: z.number().meta({ description: "Answers of 500 and more in it", example: 0 }),
  viewers: z.int().meta({ description: "Open sockets at its end", example: 8 }),
}).meta({ id: "OverviewPoint", description: "One second of this node" });
export type OverviewPoint = z.infer<typeof OverviewPoint>;

/** The live figures of the overview: the last minutes of this node, and today's competitions. */
export const Overview = z.object({
  updatesPerSecond: z.number().meta({ description: "Score updates lately", example: 11.4 }),
  requestsPerSecond: z.number().meta({ description: "Requests lately", example: 58.2 }),
  errorRate: z.number().meta({ description: "Share of answers of 500 and more", example: 0 }),
  viewers: z.int().meta({ description: "Open sockets", example: 8 }),
  activeCompetitions: z.int().meta({ description: "Competitions under way", example: 2 }),
  participants: z.int().meta({ description: "Active entries in all competitions", example: 61 }),
  users: z.int().meta({ description: "Accounts that are not deleted", example: 63 }),
  points: z.array(OverviewPoint).describe("The last minutes of this node, oldest first"),
  competitions: z.array(z.object({
    id: Id.describe("The competition's id"),
    slug: z.string().meta({ description: "Its name in addresses", example: "spring-distance-cup" }),
    name: z.string().meta({ description: "Its name", example: "Spring Distance Cup" }),
    phase: z.string().meta({ description: "Its phase now", example: "active" }),
    participantCount: z.int().meta({ description: "Active entries", example: 24 }),
    startsAt: Instant.describe("Its start"),
    endsAt: Instant.describe("Its end, excluded"),
    leader: z.object({
      name: z.string().meta({ description: "Shown name", example: "Lynx" }),
      score: z.number().nullable().meta({ description: "Score", example: 13843 }),
    }).nullable().describe("Who is first; null on an empty board"),
  })).describe("Competitions under way or starting today"),
}).meta({ id: "Overview", description: "The live figures of this node" });
export type Overview = z.infer<typeof Overview>;

/** What went with the demo data. */
export const RemovedDemo = z.object({
  users: z.int().meta({ description: "Removed athletes", example: 60 }),
  competitions: z.int().meta({ description: "Removed competitions", example: 3 }),
}).meta({ id: "RemovedDemo", description: "What went with the demo data" });
