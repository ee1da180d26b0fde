/**
 * The port to whoever moves money in and out of this server. Drivers stand in `external/`; the
 * ledger books what they report, never what was asked of them.
 *
 * Every call carries a `key` made by us: called again with it, a driver does nothing twice and
 * answers the same. A driver may fail with `CIRCUIT_OPEN` or `SERVICE_UNAVAILABLE`: the order then
 * stays pending and a job asks again; `PAYMENT_REFUSED` says that asking again is of no use.
 *
 * @module
 */

import type { Money } from "@/domain/money.ts";
import type { PayoutState } from "@/domain/order.ts";
import type { EpochMs } from "@/domain/time.ts";

/** A payment to ask for. */
export interface PaymentRequest extends Money {
  /** Also the key of the call: one order, one payment. */
  orderId: string;
  userId: string;
  /** What the payer reads, e.g. `Entry: Spring Distance Cup`. */
  description: string;
  /** Where the payer's browser goes on afterwards. */
  returnUrl?: string;
}

/** A payment that the gateway knows; the payer still has to act. */
export interface StartedPayment {
  /** The gateway's name of the payment. */
  reference: string;
  /** Page where the payer pays; null where the client does it with the secret. */
  payUrl: string | null;
  clientSecret: string | null;
}

/** Gives back a captured payment, whole or in part. */
export interface RefundRequest extends Money {
  key: string;
  /** The payment's reference. */
  reference: string;
}

/** Sends money to a user. */
export interface PayoutRequest extends Money {
  /** Also the key of the call: one withdrawal, one payout. */
  orderId: string;
  userId: string;
  /** Where to; the same at each try. */
  account: string;
}

/** Asks for the page where a user tells the gateway where their money goes. */
export interface OnboardingRequest {
  /** Also the key of the call: one user, one account. */
  userId: string;
  /** The account that is there already. */
  account: string | null;
}

/** An account, and the page where its owner completes it. */
export interface Onboarding {
  account: string;
  url: string;
}

/** What the gateway took on; the event that reports the outcome carries the same reference. */
export interface AcceptedTransfer {
  reference: string;
}

/**
 * Something that happened at the gateway; the same event may come again, and in any order. A refund,
 * a dispute and `payout_returned` may be of a part, and there may be several.
 */
export interface PaymentEvent extends Money {
  kind:
    | "captured"
    | "payment_failed"
    | "refunded"
    | "refund_failed"
    | "disputed"
    | "dispute_won"
    | "payout_paid"
    | "payout_failed"
    | "payout_returned";
  gateway: string;
  /** The gateway's name of the event; unique there. */
  eventId: string;
  /** The payment, refund or payout that it is about. */
  reference: string;
  /** The order that asked for it. */
  orderId: string;
  at: EpochMs;
  /** Why it failed, for people. */
  reason?: string;
}

/** What the gateway says it holds for us, to compare with the clearing account. */
export interface GatewayTotal extends Money {
  /** Payments captured less what was given back and paid out. */
  amountMinor: bigint;
}

/** An event of a gateway as it came over its webhook. */
export interface GatewayNews {
  gateway: string;
  /** The gateway's name of the event; unique there. */
  eventId: string;
  /** The gateway's own word for it. */
  type: string;
  /** What it means for orders, in the order to be booked; empty where nothing. */
  events: PaymentEvent[];
  /** The account of a payee that may be another by now: asked for, since events come in any order. */
  payoutAccount?: string | undefined;
}

/** The port to how a gateway reports: knows whether a message is the gateway's, and what it says. */
export interface GatewayWebhook {
  /**
   * Reads a message. Fails with `INVALID_SIGNATURE` where it is not the gateway's or too old,
   * and like the gateway where that must be asked about it.
   */
  read(body: string, signature: string | null): Promise<GatewayNews>;
}

export interface PaymentGateway {
  /** Names the clearing account; never changes. */
  readonly name: string;
  /** Whether its money is made up: shown wherever it appears. */
  readonly isTestMoney: boolean;
  createPayment(request: PaymentRequest): Promise<StartedPayment>;
  /** Gives up a payment that nobody has made; does nothing when it is captured already. */
  cancelPayment(reference: string): Promise<void>;
  refund(request: RefundRequest): Promise<AcceptedTransfer>;
  /** Sends money to an account that is ready. */
  payout(request: PayoutRequest): Promise<AcceptedTransfer>;
  /** Opens a user's account, or goes on with the one that is there. */
  openPayoutAccount(request: OnboardingRequest): Promise<Onboarding>;
  /** What the gateway says of an account now. Fails with `PAYMENT_REFUSED` for one that is not ours. */
  readPayoutAccount(account: string): Promise<PayoutState>;
  /** One total a currency. */
  totals(): Promise<GatewayTotal[]>;
}
