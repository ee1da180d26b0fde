/** The tables of series and invites as Drizzle sees them. */

import { integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import type { Recurrence } from "@/domain/recurrence.ts";
import { instant } from "./schema_columns.ts";

export const competitionSeries = pgTable("competition_series", {
  id: uuid().primaryKey(),
  recurrence: jsonb().$type<Recurrence>().notNull(),
  timeZone: text("time_zone").notNull(),
  startsAt: instant("starts_at").notNull(),
  endsAt: instant("ends_at").notNull(),
  slug: text().notNull(),
  skipped: integer().array().notNull().default([]),
  stoppedAt: instant("stopped_at"),
  createdAt: instant("created_at").notNull(),
});

export const competitionInvites = pgTable("competition_invites", {
  id: uuid().primaryKey(),
  competitionId: uuid("competition_id").notNull(),
  handle: text().notNull(),
  label: text(),
  division: text(),
  email: text(),
  usesMax: integer("uses_max"),
  uses: integer().notNull().default(0),
  expiresAt: instant("expires_at"),
  createdBy: uuid("created_by"),
  createdAt: instant("created_at").notNull(),
  revokedAt: instant("revoked_at"),
});
