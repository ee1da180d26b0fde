/** What users are told. */

import { z } from "zod";
import { Id, Instant, PageQuery } from "./envelope.ts";

/** What a notice can be about. */
export const NOTICE_KINDS = [
  "competition.started",
  "competition.ended",
  "competition.provisional",
  "competition.finalise_blocked",
  "competition.final",
  "competition.cancelled",
  "competition.announced",
  "competition.invited",
  "competition.carried_over",
  "competition.rules_changed",
  "participant.disqualified",
  "participant.reinstated",
  "participant.moved",
  "team.removed",
  "order.fulfilled",
  "order.failed",
  "order.cancelled",
  "order.refunded",
  "order.part_returned",
  "prize.paid",
  "prize.clawed_back",
  "withdrawal.requested",
  "withdrawal.approved",
  "withdrawal.sent",
  "debt.recovered",
  "wallet.adjusted",
  "payout_account.changed",
  "connection.needs_reconnect",
] as const;

export const Notice = z.object({
  id: z.int().meta({ description: "Rises with every notice", example: 71 }),
  userId: Id.describe("Who is told"),
  kind: z.string().meta({ description: "What it is about", example: "prize.paid" }),
  payload: z.record(z.string(), z.unknown()).meta({
    description: "What the message is made of; depends on the kind",
    example: { amount: "50.00", currency: "EUR" },
  }),
  createdAt: Instant.describe("When it was told"),
  readAt: Instant.nullable().describe("When the user read it; null: not yet"),
}).meta({ id: "Notice", description: "Something a user is told" });
export type Notice = z.infer<typeof Notice>;

export const NoticeQuery = PageQuery.extend({
  unread: z.enum(["true", "false"]).optional().meta({
    description: "`true`: only those that were not read",
    example: "true",
  }),
});
export type NoticeQuery = z.infer<typeof NoticeQuery>;

export const NoticesRead = z.object({
  upTo: z.int().min(1).meta({
    description: "Marks this notice and all before it",
    example: 71,
  }),
}).meta({ id: "NoticesRead", description: "How far the user has read" });
export type NoticesRead = z.infer<typeof NoticesRead>;

export const NoticesMarked = z.object({
  marked: z.int().meta({ description: "Notices that were unread until now", example: 3 }),
}).meta({ id: "NoticesMarked", description: "What was marked as read" });
