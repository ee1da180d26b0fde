/** The fields of the competition form as text, the way a browser posts them. */

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
  capacity: string;
  minimumParticipants: string;
  kind: string;
  operator: string;
  direction: string;
  decimals: string;
  selfReport: boolean;
  metric: string;
  aggregate: string;
  activityTypes: string[];
  dailyCap: string;
  manualPolicy: string;
  rankMethod: string;
  tieBreaks: string[];
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
  capacity: "",
  minimumParticipants: "",
  kind: "activity",
  operator: "set",
  direction: "higher",
  decimals: "0",
  selfReport: false,
  metric: "distance",
  aggregate: "total",
  activityTypes: [],
  dailyCap: "",
  manualPolicy: "exclude",
  rankMethod: "standard",
  tieBreaks: [],
};
