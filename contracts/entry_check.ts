/** Whether somebody may enter a competition, condition by condition. */

import { z } from "zod";
import { Competition } from "./competitions.ts";

export const EntryVerdict = z.object({
  condition: z.string().meta({
    description:
      "Which condition: `registration`, `places`, `invitation`, `standing`, `age`, `country`, " +
      "`emailDomain`, `domainPlaces`, `rules` or `healthData`",
    example: "age",
  }),
  isAccepted: z.boolean().meta({ description: "Whether it is met", example: false }),
  code: z.string().meta({
    description: "The reason; `accepted` where it is met",
    example: "too_young",
  }),
  message: z.string().meta({
    description: "The same for people",
    example: "At least 16 years old",
  }),
}).meta({ id: "EntryVerdict", description: "What one condition says of somebody" });
export type EntryVerdict = z.infer<typeof EntryVerdict>;

export const EntryCheck = z.object({
  competition: Competition.describe("The competition; who is admitted may know of it"),
  isIn: z.boolean().meta({ description: "Whether the caller takes part already", example: false }),
  canJoin: z.boolean().meta({ description: "Whether everything is met", example: false }),
  verdicts: z.array(EntryVerdict).describe("Every condition, met or not"),
}).meta({ id: "EntryCheck", description: "Whether somebody may enter, and why not" });
export type EntryCheck = z.infer<typeof EntryCheck>;

export const EntryQuery = z.object({
  inviteCode: z.string().trim().max(64).optional().meta({
    description: "As `join` would be given it",
    example: "lynx-7421",
  }),
  acceptRules: z.enum(["true", "false"]).optional().describe("As if the rules were agreed to"),
  acceptHealthData: z.enum(["true", "false"]).optional().describe(
    "As if the use of health data were agreed to",
  ),
});
export type EntryQuery = z.infer<typeof EntryQuery>;
