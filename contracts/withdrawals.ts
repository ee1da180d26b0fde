/** Money that leaves: withdrawals sent by hand, accounts that others go to, payments given back. */

import { z } from "zod";
import { PAYOUT_STATES } from "@/domain/order.ts";
import { Id } from "./envelope.ts";

export const WithdrawalSent = z.object({
  reference: z.string().trim().min(1).max(200).meta({
    description: "The bank's name of the transfer",
    example: "SEPA 2026-05-04 0017",
  }),
}).meta({ id: "WithdrawalSent", description: "A withdrawal that a person sent" });
export type WithdrawalSent = z.infer<typeof WithdrawalSent>;

export const WithdrawalReturned = z.object({
  reason: z.string().trim().min(1).max(500).meta({
    description: "Why; the user reads it",
    example: "The account was closed",
  }),
}).meta({ id: "WithdrawalReturned", description: "A withdrawal that came back" });
export type WithdrawalReturned = z.infer<typeof WithdrawalReturned>;

export const PayoutAccountChange = z.object({
  account: z.string().regex(/^acct_[A-Za-z0-9]{1,200}$/, "Like acct_1032D82eZvKYlo2C").nullable()
    .meta({
      description: "The user's connected account at the gateway; null: a person sends the money",
      example: "acct_1032D82eZvKYlo2C",
    }),
}).meta({ id: "PayoutAccountChange", description: "Where a user's withdrawals go" });
export type PayoutAccountChange = z.infer<typeof PayoutAccountChange>;

export const PayoutAccount = z.object({
  userId: Id.describe("Whose withdrawals"),
  account: z.string().nullable().meta({
    description: "The connected account; null: a person sends the money",
    example: "acct_1032D82eZvKYlo2C",
  }),
  state: z.enum(["none", ...PAYOUT_STATES]).meta({
    description:
      "`ready`: the gateway sends withdrawals there; `pending`: its owner has something to do at " +
      "the gateway; `restricted`: it takes no money; `none`: there is no account. Unless ready, " +
      "a person sends them",
    example: "ready",
  }),
  gateway: z.string().nullable().meta({
    description: "The gateway that the account is at; null where none is set up",
    example: "stripe",
  }),
  isTestMoney: z.boolean().meta({ description: "Whether the money is made up", example: false }),
}).meta({ id: "PayoutAccount", description: "Where a user's withdrawals go" });
export type PayoutAccount = z.infer<typeof PayoutAccount>;

export const PayoutOnboarding = z.object({
  account: z.string().meta({
    description: "The account that was opened, or was there",
    example: "acct_1032D82eZvKYlo2C",
  }),
  url: z.string().meta({
    description: "Page of the gateway where its owner completes it; good once, for minutes",
    example: "https://connect.stripe.com/setup/e/acct_1032D82eZvKYlo2C/8m2c",
  }),
}).meta({ id: "PayoutOnboarding", description: "The way to an account that is ready" });
export type PayoutOnboarding = z.infer<typeof PayoutOnboarding>;

export const PaymentRefund = z.object({
  reason: z.string().trim().min(1).max(500).meta({
    description: "Why; kept in the audit log",
    example: "Paid twice by mistake",
  }),
}).meta({ id: "PaymentRefund", description: "A payment that is given back" });
export type PaymentRefund = z.infer<typeof PaymentRefund>;

export const RefundOutcome = z.object({
  outcome: z.enum(["returned", "kept"]).meta({
    description: "`returned`: the payer has the money again; `kept`: it stays in the wallet",
    example: "returned",
  }),
  reason: z.string().trim().min(1).max(500).meta({
    description: "How one knows; the buyer reads it",
    example: "In the statement of the old gateway, 4 May",
  }),
}).meta({ id: "RefundOutcome", description: "What became of a refund that nobody reports" });
export type RefundOutcome = z.infer<typeof RefundOutcome>;
