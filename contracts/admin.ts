/** What operators and admins see of the running product. */

import { z } from "zod";
import { Id, Instant, PageQuery } from "./envelope.ts";

export const AuditRow = z.object({
  id: z.int(),
  at: Instant,
  actorKind: z.enum(["user", "api_key", "system"]),
  actorId: Id.nullable(),
  actorName: z.string().nullable(),
  action: z.string(),
  targetKind: z.string(),
  targetId: z.string().nullable(),
  before: z.unknown(),
  after: z.unknown(),
  reason: z.string().nullable(),
  address: z.string().nullable(),
  requestId: z.string().nullable(),
}).meta({ id: "AuditRow" });
export type AuditRow = z.infer<typeof AuditRow>;

export const AuditQuery = PageQuery.extend({
  action: z.string().max(80).optional(),
  targetKind: z.string().max(40).optional(),
  targetId: z.string().max(64).optional(),
  actorId: Id.optional(),
});
export type AuditQuery = z.infer<typeof AuditQuery>;

/** One second of the running process. */
export const OverviewPoint = z.object({
  at: Instant,
  updates: z.number(),
  requests: z.number(),
  errors: z.number(),
  viewers: z.int(),
}).meta({ id: "OverviewPoint" });
export type OverviewPoint = z.infer<typeof OverviewPoint>;

/** The live figures of the overview: the last minutes of this node, and today's competitions. */
export const Overview = z.object({
  updatesPerSecond: z.number(),
  requestsPerSecond: z.number(),
  errorRate: z.number(),
  viewers: z.int(),
  activeCompetitions: z.int(),
  participants: z.int(),
  users: z.int(),
  points: z.array(OverviewPoint),
  competitions: z.array(z.object({
    id: Id,
    slug: z.string(),
    name: z.string(),
    phase: z.string(),
    participantCount: z.int(),
    startsAt: Instant,
    endsAt: Instant,
    leader: z.object({ name: z.string(), score: z.number().nullable() }).nullable(),
  })),
}).meta({ id: "Overview" });
export type Overview = z.infer<typeof Overview>;
