/** The tables of money as Drizzle sees them. */

import { sql } from "drizzle-orm";
import {
  boolean,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import type { OrderedEntry } from "@/domain/entry_condition.ts";
import { ACCOUNT_KINDS, TRANSACTION_PHASES } from "@/domain/ledger.ts";
import { ORDER_KINDS, ORDER_STATUSES, PAYMENT_METHODS, PAYOUT_STATES } from "@/domain/order.ts";
import { bytes, instant, minorUnits, safeInteger } from "./schema_columns.ts";

export const orders = pgTable("orders", {
  id: uuid().primaryKey(),
  userId: uuid("user_id").notNull(),
  kind: text({ enum: ORDER_KINDS }).notNull(),
  status: text({ enum: ORDER_STATUSES }).notNull().default("pending"),
  method: text({ enum: PAYMENT_METHODS }).notNull(),
  currency: text().notNull(),
  amountMinor: minorUnits("amount_minor").notNull(),
  competitionId: uuid("competition_id"),
  gateway: text(),
  gatewayReference: text("gateway_reference"),
  payoutAccount: text("payout_account"),
  refundHoldId: uuid("refund_hold_id"),
  idempotencyKey: text("idempotency_key"),
  requestHash: bytes("request_hash"),
  note: text(),
  entryRequest: jsonb("entry_request").$type<OrderedEntry>(),
  failure: text(),
  createdAt: instant("created_at").notNull(),
  updatedAt: instant("updated_at").notNull(),
  paidAt: instant("paid_at"),
  settledAt: instant("settled_at"),
});

export const ledgerAccounts = pgTable("ledger_accounts", {
  id: safeInteger("id").primaryKey().generatedAlwaysAsIdentity(),
  kind: text({ enum: ACCOUNT_KINDS }).notNull(),
  currency: text().notNull(),
  userId: uuid("user_id"),
  competitionId: uuid("competition_id"),
  orderId: uuid("order_id"),
  gateway: text(),
  owner: text().notNull().generatedAlwaysAs(sql`coalesce(user_id::text, …)`),
  createdAt: instant("created_at").notNull(),
});

export const ledgerBalances = pgTable("ledger_balances", {
  accountId: safeInteger("account_id").primaryKey(),
  balanceMinor: minorUnits("balance_minor").notNull().default(0n),
  reservedMinor: minorUnits("reserved_minor").notNull().default(0n),
  postingCount: safeInteger("posting_count").notNull().default(0),
  hasFloor: boolean("has_floor").notNull(),
});

export const ledgerTransactions = pgTable("ledger_transactions", {
  id: uuid().primaryKey(),
  at: instant().notNull(),
  kind: text().notNull(),
  phase: text({ enum: TRANSACTION_PHASES }).notNull(),
  reference: text().notNull(),
  lineCount: smallint("line_count").notNull(),
  resolvesId: uuid("resolves_id"),
  reversesId: uuid("reverses_id"),
  competitionId: uuid("competition_id"),
  orderId: uuid("order_id"),
  actorKind: text("actor_kind", { enum: ["user", "api_key", "system"] }).notNull(),
  actorId: uuid("actor_id"),
  requestId: text("request_id"),
  reason: text(),
});

export const ledgerPostings = pgTable("ledger_postings", {
  transactionId: uuid("transaction_id").notNull(),
  line: smallint().notNull(),
  accountId: safeInteger("account_id").notNull(),
  amountMinor: minorUnits("amount_minor").notNull(),
  id: safeInteger("id").notNull(),
  balanceAfterMinor: minorUnits("balance_after_minor").notNull(),
}, (table) => [primaryKey({ columns: [table.transactionId, table.line] })]);

export const ledgerHolds = pgTable("ledger_holds", {
  transactionId: uuid("transaction_id").notNull(),
  line: smallint().notNull(),
  accountId: safeInteger("account_id").notNull(),
  amountMinor: minorUnits("amount_minor").notNull(),
}, (table) => [primaryKey({ columns: [table.transactionId, table.line] })]);

export const prizeDistributions = pgTable("prize_distributions", {
  competitionId: uuid("competition_id").primaryKey(),
  status: text({ enum: ["requested", "paying", "settled"] }).notNull(),
  currency: text().notNull(),
  poolMinor: minorUnits("pool_minor").notNull(),
  restMinor: minorUnits("rest_minor").notNull(),
  logSeq: safeInteger("log_seq").notNull(),
  explanation: jsonb().$type<string[]>().notNull(),
  requestedBy: uuid("requested_by"),
  requestedAt: instant("requested_at").notNull(),
  approvedBy: uuid("approved_by"),
  approvedAt: instant("approved_at"),
  settledAt: instant("settled_at"),
});

export const prizePayouts = pgTable("prize_payouts", {
  competitionId: uuid("competition_id").notNull(),
  participantId: uuid("participant_id").notNull(),
  division: text().notNull(),
  userId: uuid("user_id").notNull(),
  rank: integer().notNull(),
  firstPlace: integer("first_place").notNull(),
  lastPlace: integer("last_place").notNull(),
  amountMinor: minorUnits("amount_minor").notNull(),
  transactionId: uuid("transaction_id"),
  reversalId: uuid("reversal_id"),
}, (table) => [
  primaryKey({ columns: [table.competitionId, table.participantId, table.division] }),
]);

export const gatewayEvents = pgTable("gateway_events", {
  gateway: text().notNull(),
  eventId: text("event_id").notNull(),
  type: text().notNull(),
  events: jsonb().$type<unknown[]>().notNull(),
  receivedAt: instant("received_at").notNull(),
  handledAt: instant("handled_at"),
  failure: text(),
  payoutAccount: text("payout_account"),
}, (table) => [primaryKey({ columns: [table.gateway, table.eventId] })]);

export const gatewayUsers = pgTable("gateway_users", {
  gateway: text().notNull(),
  userId: uuid("user_id").notNull(),
  customer: text(),
  payoutAccount: text("payout_account"),
  payoutState: text("payout_state", { enum: PAYOUT_STATES }).notNull().default("pending"),
  payoutCheckedAt: instant("payout_checked_at"),
}, (table) => [primaryKey({ columns: [table.gateway, table.userId] })]);

export const testAccounts = pgTable("test_accounts", {
  account: text().primaryKey(),
  userId: uuid("user_id").notNull(),
  state: text({ enum: PAYOUT_STATES }).notNull(),
  createdAt: instant("created_at").notNull(),
  decidedAt: instant("decided_at"),
});

export const testTransfers = pgTable("test_transfers", {
  reference: text().primaryKey(),
  kind: text({ enum: ["payment", "refund", "payout"] }).notNull(),
  state: text({ enum: ["open", "done", "failed", "cancelled"] }).notNull(),
  orderId: uuid("order_id").notNull(),
  userId: uuid("user_id").notNull(),
  currency: text().notNull(),
  amountMinor: minorUnits("amount_minor").notNull(),
  description: text().notNull(),
  payment: text(),
  createdAt: instant("created_at").notNull(),
  decidedAt: instant("decided_at"),
  reportedAt: instant("reported_at"),
});
