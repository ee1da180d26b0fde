/** What concerns one person now: today, standings, news, and where they take part. */

import { z } from "zod";
import { COMPETITION_STATUSES, PHASES } from "@/domain/competition.ts";
import { Competition } from "./competitions.ts";
import { Id, Instant, PageQuery } from "./envelope.ts";
import { ActivityTotals, ImportSummary } from "./fitness.ts";
import { Notice } from "./notices.ts";
import { Review } from "./reviews.ts";

const Participation = z.enum(["active", "withdrawn", "disqualified"]).meta({
  description: "Takes part, has left, or was taken out by a referee",
  example: "active",
});

/** Who is to be caught up with. */
const Ahead = z.object({
  rank: z.int().meta({ description: "The nearest better rank", example: 2 }),
  name: z.string().meta({ description: "Who holds it, as the board shows it", example: "Heron" }),
  gap: z.number().meta({ description: "How far the scores are apart, 0 or more", example: 277 }),
}).meta({ id: "RankAhead", description: "The nearest better rank, and what is missing to it" });

/** Where somebody stands in one competition. While the board is frozen ranks and gaps are null. */
export const OwnStanding = z.object({
  score: z.number().nullable().meta({
    description: "Own score of now, also while the board is frozen; null: none yet",
    example: 13843,
  }),
  rank: z.int().nullable().meta({
    description: "Rank; null without one and while the board is frozen",
    example: 3,
  }),
  total: z.int().meta({ description: "Rows of the board as the asker may see it", example: 24 }),
  next: Ahead.nullable().describe("Null for the first, the unranked and while it is frozen"),
  gapToLeader: z.number().nullable().meta({
    description: "How far the leader is away; 0 for the leader, null as `next`",
    example: 2410,
  }),
}).meta({ id: "OwnStanding", description: "Where somebody stands in one competition" });
export type OwnStanding = z.infer<typeof OwnStanding>;

/** An entry of a person: the competition, and how it goes there. */
export const UserCompetition = z.object({
  competition: Competition,
  participantId: Id.describe("The person in this competition"),
  participation: Participation,
  division: z.string().nullable().meta({ description: "Division; null: none", example: null }),
  joinedAt: Instant.describe("When the person joined"),
  leftAt: Instant.nullable().meta({ description: "When the person left", example: null }),
  timeLeftMs: z.int().nullable().meta({
    description: "Until its end, in milliseconds; null once it is over",
    example: 864_000_000,
  }),
  timeElapsed: z.number().min(0).max(1).meta({
    description: "Share of its time that is over, from 0 to 1",
    example: 0.42,
  }),
  me: OwnStanding,
}).meta({ id: "UserCompetition", description: "A competition that a person entered" });
export type UserCompetition = z.infer<typeof UserCompetition>;

/** Filters of a person's competitions; those that were left are given only when asked for. */
export const UserCompetitionQuery = PageQuery.extend({
  phase: z.enum(PHASES).optional().meta({ description: "Only this phase", example: "active" }),
  status: z.enum(COMPETITION_STATUSES).optional().meta({
    description: "Only competitions of this status",
    example: "published",
  }),
  participation: Participation.optional().describe(
    "Only entries of this kind; absent: all that were not left",
  ),
});
export type UserCompetitionQuery = z.infer<typeof UserCompetitionQuery>;

/** What one page needs to tell a person where they are. */
export const Dashboard = z.object({
  userId: Id.describe("Whose it is"),
  timeZone: z.string().meta({ description: "Zone of the days", example: "Europe/Helsinki" }),
  today: z.object({
    day: z.iso.date().describe("The local day"),
    totals: ActivityTotals,
  }).describe("Activity of the local day"),
  week: z.object({
    from: z.iso.date().describe("Its Monday"),
    to: z.iso.date().describe("Today"),
    totals: ActivityTotals,
    days: z.array(z.object({
      day: z.iso.date().describe("The local day"),
      totals: ActivityTotals,
    })).describe("Day by day, Monday first"),
  }).describe("Activity since Monday"),
  currentStreakDays: z.int().meta({
    description: "Run of active days up to today or yesterday, at most 30",
    example: 3,
  }),
  competitions: z.array(UserCompetition).describe(
    "Published competitions that are not final, the next to end first; at most 20",
  ),
  imports: z.array(ImportSummary).describe("The latest uploads and syncs, newest first"),
  notices: z.array(Notice).describe("The latest notices, newest first"),
  noticesUnread: z.int().meta({ description: "Notices that were not read", example: 1 }),
  reviews: z.array(Review).describe("Own results that wait for review or an appeal's answer"),
  reviewsWaiting: z.int().meta({ description: "How many there are in all", example: 0 }),
}).meta({ id: "Dashboard", description: "Today, standings and news of one person" });
export type Dashboard = z.infer<typeof Dashboard>;
