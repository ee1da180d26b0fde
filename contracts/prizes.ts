/** Prizes: previewed, distributed, and shown with the proof of their split. */

import { z } from "zod";
import { REST_RULES } from "@/domain/prize_plan.ts";
import { Id, Instant, PageQuery } from "./envelope.ts";
import { Currency, Decimal, MinorUnits } from "./money.ts";

export const PrizePayout = z.object({
  participantId: Id.describe("Who gets it, in this competition"),
  userId: Id.describe("The user"),
  name: z.string().meta({ description: "Name as boards show it", example: "Lynx" }),
  division: z.string().nullable().meta({
    description: "The division whose prize it is; null: over all divisions",
    example: null,
  }),
  rank: z.int().meta({ description: "Rank on the board", example: 1 }),
  firstPlace: z.int().meta({ description: "First of the places that are shared", example: 1 }),
  lastPlace: z.int().meta({ description: "Last of them; the same without a tie", example: 1 }),
  amountMinor: MinorUnits,
  amount: Decimal,
  status: z.enum(["planned", "pending", "paid", "taken_back"]).meta({
    description: "Only computed, decided, in the wallet, or taken back after a disqualification",
    example: "paid",
  }),
}).meta({ id: "PrizePayout", description: "What one participant gets" });
export type PrizePayout = z.infer<typeof PrizePayout>;

const split = {
  competitionId: Id.describe("The competition"),
  currency: Currency,
  poolMinor: MinorUnits.describe("All there is to give, in minor units"),
  paidMinor: MinorUnits.describe("The sum of all prizes, in minor units"),
  restMinor: MinorUnits.describe("What no place takes, in minor units"),
  rest: z.enum(REST_RULES).describe("Where the rest goes"),
  logSeq: z.int().meta({
    description: "Number of the log entry whose standings are paid: the proof starts here",
    example: 4211,
  }),
  explanation: z.array(z.string()).meta({
    description: "How the split came to be, line by line",
    example: ["Pool: 500.00 EUR"],
  }),
};

export const PrizePreview = z.object({
  ...split,
  provisional: z.boolean().meta({
    description: "The result, or the pool, may still change",
    example: true,
  }),
  payouts: z.array(PrizePayout).describe("All prizes, in the order of the board"),
}).meta({ id: "PrizePreview", description: "What distributing would pay" });
export type PrizePreview = z.infer<typeof PrizePreview>;

export const PrizeDistribution = z.object({
  ...split,
  status: z.enum(["requested", "paying", "settled"]).meta({
    description: "Waits for a second approver, is being paid, is done",
    example: "settled",
  }),
  payoutCount: z.int().meta({ description: "Prizes in all", example: 3 }),
  paidCount: z.int().meta({ description: "Prizes in their wallets", example: 3 }),
  requestedAt: Instant.describe("When somebody asked to distribute"),
  requestedBy: Id.nullable().describe("Who asked"),
  approvedBy: Id.nullable().describe("The second approver, where the plan wants one"),
  settledAt: Instant.nullable().describe("When everything was paid"),
}).meta({ id: "PrizeDistribution", description: "How the prizes were given" });
export type PrizeDistribution = z.infer<typeof PrizeDistribution>;

export const PrizeResult = PrizeDistribution.extend({
  payouts: z.array(PrizePayout).describe("One page of the prizes, in the order of the board"),
}).meta({ id: "PrizeResult", description: "The prizes with the proof of their split" });
export type PrizeResult = z.infer<typeof PrizeResult>;

export const PrizeQuery = PageQuery;
export type PrizeQuery = z.infer<typeof PrizeQuery>;

export const PrizeDecision = z.object({
  reason: z.string().trim().min(1).max(500).optional().meta({
    description: "Why; kept in the audit log",
    example: "Approved by the board on 2 June",
  }),
}).meta({ id: "PrizeDecision", description: "Why prizes are distributed or taken back" });
export type PrizeDecision = z.infer<typeof PrizeDecision>;

export const PrizesTakenBack = z.object({
  takenBack: z.int().meta({ description: "Prizes that were taken back now", example: 1 }),
}).meta({ id: "PrizesTakenBack", description: "What a claw-back did" });
