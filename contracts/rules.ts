/** Versions of the rules, and copies of a competition. */

import { z } from "zod";
import { Competition, fields, RuleSet } from "./competitions.ts";
import { Reason } from "./corrections.ts";
import { Instant } from "./envelope.ts";
import { RankMethod, ScoringRule, TieBreaks } from "./scoring.ts";

/** A new version of the rules of a published competition; absent parts stay. */
export const RulesChange = z.object({
  scoring: ScoringRule.optional(),
  rankMethod: RankMethod.optional(),
  tieBreaks: TieBreaks.optional(),
  teams: fields.teams.describe("How teams score; null: no teams any more"),
  reason: Reason.meta({
    description: "Why, told to every participant",
    example: "The daily cap was too low for the long stage",
  }),
}).meta({
  id: "RulesChange",
  description: "A new version of the rules; absent parts stay",
  example: { rankMethod: "dense", reason: "As told at the briefing" },
});
export type RulesChange = z.infer<typeof RulesChange>;

export const RuleVersion = RuleSet.extend({
  enteredAt: Instant.nullable().describe("Since when it holds; null: the draft is not published"),
  reason: z.string().nullable().meta({
    description: "Why it took the place of the one before",
    example: null,
  }),
}).meta({ id: "RuleVersion", description: "One version of the rules, and when it came" });
export type RuleVersion = z.infer<typeof RuleVersion>;

export const RuleVersions = z.array(RuleVersion).meta({
  id: "RuleVersions",
  description: "Every version of the rules, newest first; the first is in force",
});

export const RulesChanged = z.object({
  competition: Competition.describe("The competition under its new rules"),
  version: RuleVersion.describe("The version that is in force now"),
}).meta({ id: "RulesChanged", description: "A competition whose rules changed" });
export type RulesChanged = z.infer<typeof RulesChanged>;

/** What a copy differs in. */
export const CloneRequest = z.object({
  name: fields.name.optional(),
  slug: fields.slug.optional(),
  startsAt: fields.startsAt.optional().meta({
    description: "Start of the copy; absent: the next same weekday. All times move along",
    example: "2027-04-30T21:00:00.000Z",
  }),
}).meta({ id: "CloneRequest", description: "What the copy differs in" });
export type CloneRequest = z.infer<typeof CloneRequest>;
