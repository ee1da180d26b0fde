/** Teams as Drizzle sees them. */

import { pgTable, text, uuid } from "drizzle-orm/pg-core";
import { instant } from "./schema_columns.ts";

export const teams = pgTable("teams", {
  id: uuid().primaryKey(),
  competitionId: uuid("competition_id").notNull(),
  name: text().notNull(),
  createdBy: uuid("created_by"),
  createdAt: instant("created_at").notNull(),
  removedAt: instant("removed_at"),
});
