/** The fields of the competition form as text, the way a browser posts them. */

import { type EntryFormValues, NO_ENTRY_FORM } from "./entry_form.ts";
import { NO_RECURRENCE_FORM, type RecurrenceFormValues } from "./recurrence_form.ts";
import { NO_TEAMS_FORM, type TeamFormValues } from "../team/group_form.ts";
import { type MoneyFormValues, NO_MONEY_FORM } from "./money_form.ts";

/** By field name; a group of values under its one name. */
export interface CompetitionFormValues {
  name: string;
  description: string;
  slug: string;
  visibility: string;
  inviteCode: string;
  timeZone: string;
  /** Local date and time in `timeZone`, `2026-05-01T09:00`. */
  startsAt: string;
  endsAt: string;
  registrationOpensAt: string;
  registrationClosesAt: string;
  graceHours: string;
  freezeAt: string;
  capacity: string;
  minimumParticipants: string;
  entry: EntryFormValues;
  /** `automatic`, or empty. */
  finalization: string;
  recurrence: RecurrenceFormValues;
  /** One a line. */
  divisions: string;
  teams: TeamFormValues;
  money: MoneyFormValues;
  scoring: ScoringFormValues;
  rankMethod: string;
  tieBreaks: string[];
}

/** Limits of activity scoring, whole numbers as text; empty: none. */
export const SCORING_LIMITS = [
  "dailyGoal",
  "target",
  "dailyMinimum",
  "dailyCap",
  "activityMinimum",
  "activityCap",
  "manualDailyCap",
  "backfillDays",
] as const;
export type ScoringLimit = (typeof SCORING_LIMITS)[number];

/** The fields of the scoring rule; those of the kind that is not chosen are ignored. */
export interface ScoringFormValues extends Record<ScoringLimit, string> {
  kind: string;
  operator: string;
  direction: string;
  decimals: string;
  selfReport: boolean;
  metric: string;
  aggregate: string;
  activityTypes: string[];
  manualPolicy: string;
  overlap: string;
  dayZone: string;
  /** By activity type; types without a number get no points. */
  points: Record<string, { points: string; per: string }>;
  /** Own limits of plausibility as JSON, kept as the API gave them; empty: the usual ones. */
  plausibility: string;
}

/** What a new competition starts from. */
export const EMPTY_COMPETITION: CompetitionFormValues = {
  name: "",
  description: "",
  slug: "",
  visibility: "public",
  inviteCode: "",
  timeZone: "UTC",
  startsAt: "",
  endsAt: "",
  registrationOpensAt: "",
  registrationClosesAt: "",
  graceHours: "24",
  freezeAt: "",
  capacity: "",
  minimumParticipants: "",
  entry: NO_ENTRY_FORM,
  finalization: "",
  recurrence: NO_RECURRENCE_FORM,
  divisions: "",
  teams: NO_TEAMS_FORM,
  money: NO_MONEY_FORM,
  scoring: {
    kind: "activity",
    operator: "set",
    direction: "higher",
    decimals: "0",
    selfReport: false,
    metric: "distance",
    aggregate: "total",
    activityTypes: [],
    manualPolicy: "exclude",
    overlap: "largest_source",
    dayZone: "competition",
    points: {},
    plausibility: "",
    dailyGoal: "",
    target: "",
    dailyMinimum: "",
    dailyCap: "",
    activityMinimum: "",
    activityCap: "",
    manualDailyCap: "",
    backfillDays: "",
  },
  rankMethod: "standard",
  tieBreaks: [],
};
