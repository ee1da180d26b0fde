/**
 * The test gateway's other half: the page where somebody pays with test money, and the reports that
 * a real gateway would send as webhooks. A report that was lost is made again by a job.
 *
 * @module
 */

import { amountOf } from "@/contracts/money.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import { checkSignedIn, hasRole, isSelf } from "../accounts/access.ts";
import { inTurn } from "../jobs/in_turn.ts";
import type { PaymentEvent } from "./payment_gateway.ts";
import type { PaymentsService } from "./payments.ts";
import type { TestTransfer, TestTransfers } from "./test_transfers.ts";

/** What the payer does on the page. */
export const CHECKOUT_CHOICES = ["pay", "fail", "cancel"] as const;
export type CheckoutChoice = (typeof CHECKOUT_CHOICES)[number];

/** A payment as its page shows it. */
export interface TestCheckout {
  reference: string;
  orderId: string;
  description: string;
  currency: string;
  /** With the point of its currency. */
  amount: string;
  state: TestTransfer["state"];
}

export interface TestCheckoutService {
  /** By the payer, finance and admins. Fails with `NOT_FOUND`, `UNAUTHORIZED`, `FORBIDDEN`. */
  find(actor: Actor, reference: string): Promise<TestCheckout>;
  /** Pays, fails or gives up; a payment that is decided stays as it is. */
  decide(actor: Actor, reference: string, choice: CheckoutChoice): Promise<TestCheckout>;
  /** Reports to the books what they have not heard of; gives the number. */
  report(): Promise<number>;
}

export interface TestCheckoutDeps {
  transfers: TestTransfers;
  payments: Pick<PaymentsService, "handle">;
  /** The gateway's name. */
  gateway: string;
}

export function createTestCheckout(deps: TestCheckoutDeps): TestCheckoutService {
  const { transfers } = deps;
  return {
    async find(actor, reference) {
      return toCheckout(await findPayment(deps, actor, reference));
    },
    async decide(actor, reference, choice) {
      const before = await findPayment(deps, actor, reference);
      const decided = await transfers.decide(before.reference, STATES[choice]);
      if (decided) await reportOne(deps, decided);
      return toCheckout(decided ?? await findPayment(deps, actor, reference));
    },
    async report() {
      const waiting = await transfers.unreported();
      await inTurn(waiting, (transfer) => reportOne(deps, transfer));
      return waiting.length;
    },
  };
}

const STATES = { pay: "done", fail: "failed", cancel: "cancelled" } as const;

async function findPayment(
  { transfers }: TestCheckoutDeps,
  actor: Actor,
  reference: string,
): Promise<TestTransfer> {
  const payment = await transfers.find(reference);
  if (payment?.kind !== "payment") {
    throw new DomainError("NOT_FOUND", `Cannot find payment "${reference}": there is none`);
  }
  if (isSelf(actor, payment.userId) || hasRole(actor, "finance")) return payment;
  checkSignedIn(actor);
  throw new DomainError("FORBIDDEN", "Cannot see this payment: it is somebody else's");
}

function toCheckout(payment: TestTransfer): TestCheckout {
  const { reference, orderId, description, currency, amountMinor, state } = payment;
  const { amount } = amountOf(currency, amountMinor);
  return { reference, orderId, description, currency, amount, state };
}

/** Marked after it is booked: a crash between makes it come again, which books nothing twice. */
async function reportOne(deps: TestCheckoutDeps, transfer: TestTransfer): Promise<void> {
  await deps.payments.handle(eventOf(deps.gateway, transfer));
  await deps.transfers.markReported(transfer.reference);
}

function eventOf(gateway: string, transfer: TestTransfer): PaymentEvent {
  const { reference, orderId, currency, amountMinor, kind, state } = transfer;
  const event = { gateway, eventId: reference, reference, orderId, currency, amountMinor };
  const at = transfer.decidedAt ?? transfer.createdAt;
  if (kind === "refund") return { ...event, kind: "refunded", at };
  if (kind === "payout") return { ...event, kind: "payout_paid", at };
  if (state === "done") return { ...event, kind: "captured", at };
  const reason = state === "failed" ? "The test payment was declined" : "The payer gave up";
  return { ...event, kind: "payment_failed", at, reason };
}
