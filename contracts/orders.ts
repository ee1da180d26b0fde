/** Orders: what is paid into, from and out of a wallet. */

import { z } from "zod";
import { ORDER_KINDS, ORDER_STATUSES, PAYMENT_METHODS } from "@/domain/order.ts";
import { JoinRequest } from "./competitions.ts";
import { Id, Instant, PageQuery } from "./envelope.ts";
import { Currency, Decimal, EntryFeeInput, MinorUnits } from "./money.ts";

const Kind = z.enum(ORDER_KINDS).meta({
  id: "OrderKind",
  description:
    "`entry` pays a competition's fee, `top_up` fills the wallet, `withdrawal` empties it",
});
const Status = z.enum(ORDER_STATUSES).meta({
  id: "OrderStatus",
  description: "Where the order is in its life",
});
const Method = z.enum(PAYMENT_METHODS).meta({
  description: "Paid from the wallet, or through the payment gateway",
  example: "wallet",
});
const NOTE = { description: "The buyer's own words", example: "For the spring season" };
const Note = z.string().trim().max(500);

const amount = {
  currency: Currency,
  amountMinor: EntryFeeInput.shape.amountMinor,
  amount: EntryFeeInput.shape.amount,
};

const entryInput = z.object({
  kind: z.literal("entry").describe("Pays the fee of a competition and joins it"),
  competitionId: z.string().min(1).max(80).meta({
    description: "Id or slug of the competition",
    example: "spring-distance-cup",
  }),
  method: Method.default("wallet"),
  ...JoinRequest.shape,
  note: Note.optional().meta(NOTE),
});
const topUpInput = z.object({
  kind: z.literal("top_up").describe("Fills the wallet through the payment gateway"),
  ...amount,
  note: Note.optional().meta(NOTE),
});
const withdrawalInput = z.object({
  kind: z.literal("withdrawal").describe("Sends money of the wallet to its owner"),
  ...amount,
  note: Note.optional().meta(NOTE),
});

export const OrderInput = z.discriminatedUnion("kind", [entryInput, topUpInput, withdrawalInput])
  .meta({
    id: "OrderInput",
    description: "A new order of the caller",
    example: { kind: "top_up", currency: "EUR", amount: "20.00" },
  });
export type OrderInput = z.infer<typeof OrderInput>;

export const Order = z.object({
  id: Id.describe("The order's id"),
  userId: Id.describe("Whose order it is"),
  kind: Kind,
  status: Status,
  method: Method,
  currency: Currency,
  amountMinor: MinorUnits,
  amount: Decimal,
  competitionId: Id.nullable().describe("The competition that an entry is for"),
  gateway: z.string().nullable().meta({
    description: "The payment gateway; null where the wallet pays",
    example: "test",
  }),
  sentBy: z.enum(["gateway", "person"]).nullable().meta({
    description:
      "Who sends a withdrawal: the gateway to the user's account, or a person of finance; null " +
      "where nothing is sent",
    example: null,
  }),
  isRefunding: z.boolean().meta({
    description: "Whether the payment is being given back: asked for, and not reported yet",
    example: false,
  }),
  note: z.string().nullable().meta(NOTE),
  failure: z.string().nullable().meta({ description: "Why it failed", example: null }),
  createdAt: Instant.describe("When it was made"),
  updatedAt: Instant.describe("When it last changed"),
  paidAt: Instant.nullable().describe("When it was paid"),
  settledAt: Instant.nullable().describe("When nothing more was to happen"),
}).meta({ id: "Order", description: "Something paid into, from or out of a wallet" });
export type Order = z.infer<typeof Order>;

/** An order just made, with what the payer needs to pay it. */
export const PlacedOrder = Order.extend({
  payment: z.object({
    payUrl: z.string().nullable().meta({
      description: "Page where the payer pays",
      example: "https://pay.example.org/p/8m2c",
    }),
    clientSecret: z.string().nullable().meta({
      description: "For paying in the app, as the gateway's own client wants it",
      example: null,
    }),
    isTestMoney: z.boolean().meta({ description: "Whether the money is made up", example: true }),
  }).nullable().describe("How to pay; null where nothing is to be paid, or the gateway is away"),
}).meta({ id: "PlacedOrder", description: "An order just made, with what the payer needs" });
export type PlacedOrder = z.infer<typeof PlacedOrder>;

export const OrderQuery = PageQuery.extend({
  status: Status.optional().describe("Only orders in this state"),
  kind: Kind.optional().describe("Only orders of this kind"),
  user: Id.optional().describe("Only orders of this user; members see their own"),
  competition: Id.optional().describe("Only entries of this competition"),
});
export type OrderQuery = z.infer<typeof OrderQuery>;

export const OrderChange = z.object({
  note: Note.optional().meta(NOTE),
  status: z.enum(["paid", "failed", "cancelled", "refunded"]).optional().meta({
    description:
      "`cancelled` by the buyer while pending; by finance: `paid` approves a withdrawal, " +
      "`failed` rejects it, `refunded` gives an entry back",
    example: "cancelled",
  }),
  reason: z.string().trim().min(1).max(500).optional().meta({
    description: "Why; staff must give it, the buyer reads it",
    example: "Injured before the start",
  }),
}).meta({ id: "OrderChange", description: "A change of an order" });
export type OrderChange = z.infer<typeof OrderChange>;
