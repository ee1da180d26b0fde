/** What a competition is exported as. */

import { z } from "zod";
import { GROUP_NAME_MAX } from "@/domain/team_rule.ts";

export const ExportQuery = z.object({
  what: z.enum(["standings", "teams", "log"]).default("standings").describe(
    "The standings, those of the teams, or the whole log with its results, as `result:verify` takes it",
  ),
  division: z.string().min(1).max(GROUP_NAME_MAX).optional()
    .describe("Of standings: only this division, with the ranks in it"),
  format: z.enum(["csv", "json"]).default("csv")
    .describe("Of standings; text that a spreadsheet would run gets an apostrophe in front"),
  board: z.enum(["live", "frozen"]).optional().describe(
    "While the board is frozen: the live rows, for its staff only, or those that the public sees; absent: what the caller sees",
  ),
});
export type ExportQuery = z.infer<typeof ExportQuery>;
