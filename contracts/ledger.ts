/** The ledger on the wire: accounts, statements, transactions, reconciliation. */

import { z } from "zod";
import { ACCOUNT_KINDS, TRANSACTION_KINDS, TRANSACTION_PHASES } from "@/domain/ledger.ts";
import { Id, Instant, PageMeta, PageQuery } from "./envelope.ts";
import { Currency, Decimal, EntryFeeInput, MinorUnits } from "./money.ts";

const AccountKind = z.enum(ACCOUNT_KINDS).meta({
  id: "AccountKind",
  description: "What the account is for; only receivable, sponsor and clearing go below zero",
});
const TransactionKind = z.enum(TRANSACTION_KINDS).meta({
  id: "TransactionKind",
  description: "Why money moved",
});

export const LedgerAccount = z.object({
  id: z.int().meta({ description: "The account's id", example: 12 }),
  kind: AccountKind,
  currency: Currency,
  userId: Id.nullable().describe("Of a wallet or receivable: whose"),
  competitionId: Id.nullable().describe("Of escrow, pool, organiser, sponsor: of which"),
  orderId: Id.nullable().describe("Of a payable: the withdrawal"),
  gateway: z.string().nullable().meta({
    description: "Of clearing: the payment gateway",
    example: null,
  }),
  balanceMinor: MinorUnits.describe("Sum of all postings, in minor units"),
  balance: Decimal.describe("The same with the currency's decimals"),
  reservedMinor: MinorUnits.describe("What pending transactions may still take"),
  postingCount: z.int().meta({ description: "Postings there are", example: 3 }),
}).meta({ id: "LedgerAccount", description: "An account with its balance" });
export type LedgerAccount = z.infer<typeof LedgerAccount>;

export const AccountQuery = PageQuery.extend({
  kind: AccountKind.optional().describe("Only accounts of this kind"),
  currency: Currency.optional().describe("Only accounts in this currency"),
  user: Id.optional().describe("Only accounts of this user"),
  competition: Id.optional().describe("Only accounts of this competition"),
});
export type AccountQuery = z.infer<typeof AccountQuery>;

export const StatementLine = z.object({
  id: z.int().meta({ description: "Rises along the statement", example: 812 }),
  transactionId: Id.describe("The transaction that it is a part of"),
  at: Instant.describe("When it was posted"),
  kind: TransactionKind,
  account: AccountKind,
  currency: Currency,
  amountMinor: MinorUnits.describe("Above zero received, below zero given; in minor units"),
  amount: Decimal.describe("The same with the currency's decimals"),
  balanceAfterMinor: MinorUnits.describe("What the account held afterwards, in minor units"),
  balanceAfter: Decimal.describe("The same with the currency's decimals"),
  orderId: Id.nullable().describe("The order behind it"),
  competitionId: Id.nullable().describe("The competition behind it"),
  reason: z.string().nullable().meta({ description: "Why, where somebody said", example: null }),
}).meta({ id: "StatementLine", description: "One posting, with the balance after it" });
export type StatementLine = z.infer<typeof StatementLine>;

const filters = {
  kind: TransactionKind.optional().describe("Only this kind"),
  from: Instant.optional().describe("Not before"),
  to: Instant.optional().describe("Before"),
};
/** The number of a posting, from `nextCursor`. */
const Cursor = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional().meta({
  description: "Lines before this one: `nextCursor` of the page before",
  example: 812,
});

export const StatementQuery = z.object({
  cursor: Cursor,
  limit: z.coerce.number().int().min(1).max(100).default(50).describe("Most lines to give"),
  ...filters,
});
export type StatementQuery = z.infer<typeof StatementQuery>;

export const Statement = z.object({
  account: LedgerAccount,
  lines: z.array(StatementLine).describe("Newest first"),
  nextCursor: z.int().nullable().meta({
    description: "For the lines before these; null: there are none",
    example: null,
  }),
}).meta({ id: "Statement", description: "A part of an account's statement" });
export type Statement = z.infer<typeof Statement>;

export const TransactionQuery = PageQuery.extend({
  ...filters,
  cursor: Cursor,
  currency: Currency.optional().describe("Only this currency"),
  format: z.enum(["json", "csv"]).default("json").describe("`csv`: all that matches, as a file"),
});
export type TransactionQuery = z.infer<typeof TransactionQuery>;

export const TransactionsMeta = PageMeta.extend({
  nextCursor: z.int().nullable().meta({
    description: "For the lines before these; null: there are none",
    example: null,
  }),
}).meta({ id: "TransactionsMeta", description: "Where the page stands in its list" });
export type TransactionsMeta = z.infer<typeof TransactionsMeta>;

export const LedgerLine = z.object({
  line: z.int().meta({ description: "1, 2, 3, …", example: 1 }),
  account: LedgerAccount.pick({
    id: true,
    kind: true,
    currency: true,
    userId: true,
    competitionId: true,
    orderId: true,
    gateway: true,
  }).describe("The account that it changes"),
  amountMinor: MinorUnits,
  amount: Decimal,
}).meta({ id: "LedgerLine", description: "One line of a transaction" });

export const LedgerTransaction = z.object({
  id: Id.describe("The transaction's id"),
  at: Instant.describe("When it was written"),
  kind: TransactionKind,
  phase: z.enum(TRANSACTION_PHASES).meta({
    description: "Counts at once, reserves, makes count what was reserved, or lets it go",
    example: "posted",
  }),
  state: z.enum(["pending", "posted", "voided"]).meta({
    description: "What became of it by now",
    example: "posted",
  }),
  reference: z.string().meta({
    description: "Names the event; no event moves money twice",
    example: "entry:0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c42",
  }),
  resolvesId: Id.nullable().describe("The pending transaction that this one posts or voids"),
  reversesId: Id.nullable().describe("The transaction that this one takes back"),
  reversedById: Id.nullable().describe("The transaction that took this one back"),
  competitionId: Id.nullable().describe("The competition behind it"),
  orderId: Id.nullable().describe("The order behind it"),
  actorKind: z.enum(["user", "api_key", "system"]).describe("Who moved it: a person, an app, we"),
  actorId: Id.nullable().describe("The person or key; null for the product itself"),
  reason: z.string().nullable().meta({ description: "Why, where somebody said", example: null }),
  lines: z.array(LedgerLine).describe("What it moved; they sum to zero"),
}).meta({ id: "LedgerTransaction", description: "A move of money, for ever" });
export type LedgerTransaction = z.infer<typeof LedgerTransaction>;

export const ReversalRequest = z.object({
  reason: z.string().trim().min(1).max(500).meta({
    description: "Why; kept in the ledger and the audit log",
    example: "Booked to the wrong wallet",
  }),
}).meta({ id: "ReversalRequest", description: "Why a transaction is taken back" });
export type ReversalRequest = z.infer<typeof ReversalRequest>;

const AccountChoice = z.object({
  kind: AccountKind,
  userId: Id.optional().describe("Of a wallet or receivable"),
  competitionId: Id.optional().describe("Of escrow, pool, organiser, sponsor"),
  orderId: Id.optional().describe("Of a payable"),
  gateway: z.string().min(1).max(40).optional().meta({
    description: "Of clearing, e.g. `manual` for a bank transfer",
    example: "manual",
  }),
}).meta({ id: "AccountChoice", description: "An account, named by its kind and whose it is" });

export const AdjustmentRequest = z.object({
  currency: Currency,
  amountMinor: EntryFeeInput.shape.amountMinor,
  amount: EntryFeeInput.shape.amount,
  from: AccountChoice.describe("The account that gives"),
  to: AccountChoice.describe("The account that receives"),
  reference: z.string().trim().min(1).max(200).meta({
    description: "Your own name of the event; the same name moves money once",
    example: "bank-2026-05-31-17",
  }),
  reason: ReversalRequest.shape.reason,
}).meta({
  id: "AdjustmentRequest",
  description: "A move by hand: a sponsor's bank transfer, the organiser's share to a wallet",
});
export type AdjustmentRequest = z.infer<typeof AdjustmentRequest>;

const Books = z.object({
  currency: Currency,
  sumMinor: MinorUnits.describe("Sum of all accounts; zero where the books balance"),
  accounts: z.array(z.object({
    kind: AccountKind,
    count: z.int().meta({ description: "Accounts of the kind", example: 240 }),
    balanceMinor: MinorUnits.describe("Sum of their balances, in minor units"),
    balance: Decimal.describe("The same with the currency's decimals"),
  })).describe("By kind"),
}).meta({ id: "Books", description: "All accounts in one currency" });

const GatewayBooks = z.object({
  gateway: z.string().meta({ description: "The payment gateway", example: "test" }),
  currency: Currency,
  ledgerMinor: MinorUnits.describe("What the gateway must hold for us by our books"),
  gatewayMinor: MinorUnits.nullable().describe("What it says it holds; null: it did not answer"),
  agrees: z.boolean().nullable().meta({
    description: "Whether both are the same; null: it did not answer",
    example: true,
  }),
}).meta({ id: "GatewayBooks", description: "Our books beside those of a payment gateway" });

export const Reconciliation = z.object({
  at: Instant.describe("When it was looked at"),
  balanced: z.boolean().meta({
    description: "All books sum to zero, no account is wrong, and no gateway disagrees",
    example: true,
  }),
  books: z.array(Books).describe("One a currency"),
  gateways: z.array(GatewayBooks).describe("One a gateway and currency"),
  transactionCount: z.int().meta({ description: "Transactions there are", example: 1204 }),
  unbalancedCount: z.int().meta({ description: "Transactions that do not sum to zero" }),
  driftedCount: z.int().meta({
    description: "Accounts whose checkpoint is not the sum of their postings",
  }),
  overdrawnCount: z.int().meta({ description: "Accounts below their floor" }),
}).meta({ id: "Reconciliation", description: "Whether the books are true" });
export type Reconciliation = z.infer<typeof Reconciliation>;
