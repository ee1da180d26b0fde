/** The life of a competition: its stored status, and the phase that follows from it and the clock. */

import type { EpochMs } from "./time.ts";

export const COMPETITION_STATUSES = [
  "draft",
  "published",
  "final",
  "settled",
  "cancelled",
] as const;
export type CompetitionStatus = (typeof COMPETITION_STATUSES)[number];

export const PHASES = [
  "draft",
  "upcoming",
  "registration",
  "active",
  "grace",
  "provisional",
  "final",
  "settled",
  "cancelled",
] as const;
export type Phase = (typeof PHASES)[number];

export const VISIBILITIES = ["public", "unlisted", "invite"] as const;
export type Visibility = (typeof VISIBILITIES)[number];

/** The times that decide the phase. All intervals are half-open: the end is excluded. */
export interface Schedule {
  status: CompetitionStatus;
  registrationOpensAt: EpochMs;
  registrationClosesAt: EpochMs;
  startsAt: EpochMs;
  endsAt: EpochMs;
  /** How long after the end late data still scores. */
  graceMs: number;
}
