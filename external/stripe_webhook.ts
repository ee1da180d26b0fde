/**
 * Stripe's webhook: whether a message is Stripe's, and what it means for our orders. Reading is
 * independent of the order in which messages come: one that says how something ended says its
 * beginning too, and the ledger books each once.
 *
 * @module
 */

import Stripe from "stripe";
import { DomainError } from "@/domain/error.ts";
import type { Clock } from "@/platform/clock.ts";
import type {
  GatewayNews,
  GatewayWebhook,
  PaymentEvent,
} from "@/services/money/payment_gateway.ts";
import { idOf, STRIPE_GATEWAY } from "./stripe.ts";
import { fromStripe } from "./stripe_amounts.ts";
import type { StripeClient } from "./stripe_client.ts";

export interface StripeWebhookDeps {
  client: StripeClient;
  clock: Clock;
  /** Signing secrets of the endpoint; more than one while they change. */
  secrets: readonly string[];
  /** Whether the account's key is one of test mode: events of the other are not ours. */
  isTestMoney: boolean;
}

/** As Stripe advises: older messages may be replays. */
export const SIGNATURE_TOLERANCE_SECONDS = 300;

export function createStripeWebhook(deps: StripeWebhookDeps): GatewayWebhook {
  return {
    async read(body, signature) {
      const event = await verified(deps, body, signature);
      const news = { gateway: STRIPE_GATEWAY, eventId: event.id, type: event.type };
      if (event.livemode === deps.isTestMoney) return { ...news, events: [] };
      const payoutAccount = event.type === "account.updated" ? event.data.object.id : undefined;
      return { ...news, payoutAccount, events: await eventsOf(deps, event) };
    },
  };
}

const signatures = Stripe.createSubtleCryptoProvider();

async function verified(
  { secrets, clock }: StripeWebhookDeps,
  body: string,
  signature: string | null,
): Promise<Stripe.Event> {
  let cause: unknown;
  for (const secret of signature === null ? [] : secrets) {
    try {
      return await Stripe.webhooks.constructEventAsync(
        body,
        signature!,
        secret,
        SIGNATURE_TOLERANCE_SECONDS,
        signatures,
        clock.now(),
      );
    } catch (error) {
      cause = error;
    }
  }
  const message = "Cannot take the event: it has no signature of ours from the last five minutes";
  throw new DomainError("INVALID_SIGNATURE", message, { cause });
}

/** A booking without what all of an event share. */
type Meaning = Pick<PaymentEvent, "kind" | "reference" | "currency" | "amountMinor" | "reason">;

interface Meanings {
  orderId: string | null;
  meanings: Meaning[];
}

const NOTHING: Meanings = { orderId: null, meanings: [] };

async function eventsOf(
  { client }: StripeWebhookDeps,
  event: Stripe.Event,
): Promise<GatewayNews["events"]> {
  const { orderId, meanings } = await meaningsOf(client, event);
  if (orderId === null || !ORDER_ID.test(orderId)) return [];
  const shared = { gateway: STRIPE_GATEWAY, eventId: event.id, orderId, at: event.created * 1000 };
  return meanings.map((meaning) => ({ ...shared, ...meaning }));
}

/** Other apps of the same account put other things there. */
const ORDER_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function meaningsOf(client: StripeClient, event: Stripe.Event): Promise<Meanings> {
  switch (event.type) {
    case "checkout.session.completed":
    case "checkout.session.async_payment_succeeded":
    case "checkout.session.async_payment_failed":
    case "checkout.session.expired":
      return ofSession(event.type, event.data.object);
    case "payment_intent.succeeded":
    case "payment_intent.canceled":
      return ofIntent(event.data.object);
    case "refund.created":
    case "refund.updated":
    case "refund.failed":
      return await ofRefund(client, event.data.object);
    case "charge.dispute.created":
    case "charge.dispute.funds_withdrawn":
    case "charge.dispute.funds_reinstated":
    case "charge.dispute.closed":
      return await ofDispute(client, event.type, event.data.object);
    case "transfer.created":
    case "transfer.reversed":
      return await ofTransfer(client, event.data.object);
    default:
      return NOTHING;
  }
}

/** A card that is declined is no end: the payer may take another until the session ends. */
function ofSession(type: string, session: Stripe.Checkout.Session): Meanings {
  const orderId = session.metadata?.["orderId"] ?? null;
  const money = fromStripe(session.currency ?? "", session.amount_total ?? 0);
  const intent = idOf(session.payment_intent);
  if (type === "checkout.session.expired" || type === "checkout.session.async_payment_failed") {
    const reason = type === "checkout.session.expired"
      ? "The payment was not made in time"
      : "The payment failed";
    return {
      orderId,
      meanings: [{ ...money, kind: "payment_failed", reference: session.id, reason }],
    };
  }
  // One that is paid later says so in another event.
  if (session.payment_status !== "paid" || intent === null) return NOTHING;
  return { orderId, meanings: [{ ...money, kind: "captured", reference: intent }] };
}

function ofIntent(intent: Stripe.PaymentIntent): Meanings {
  const orderId = intent.metadata["orderId"] ?? null;
  const reference = intent.id;
  if (intent.status === "canceled") {
    const money = fromStripe(intent.currency, intent.amount);
    const reason = "The payment was given up";
    return { orderId, meanings: [{ ...money, kind: "payment_failed", reference, reason }] };
  }
  const money = fromStripe(intent.currency, intent.amount_received);
  return { orderId, meanings: [{ ...money, kind: "captured", reference }] };
}

async function ofRefund(client: StripeClient, refund: Stripe.Refund): Promise<Meanings> {
  const { id: reference, status, currency, amount } = refund;
  const money = fromStripe(currency, amount);
  const refunded: Meaning = { ...money, kind: "refunded", reference };
  const failed: Meaning = {
    ...{ ...money, kind: "refund_failed", reference },
    reason: "The refund did not arrive and came back",
  };
  const isOver = status === "failed" || status === "canceled";
  if (status !== "succeeded" && !isOver) return NOTHING;
  const orderId = await orderOf(client, idOf(refund.payment_intent));
  return { orderId, meanings: isOver ? [refunded, failed] : [refunded] };
}

async function ofDispute(
  client: StripeClient,
  type: string,
  dispute: Stripe.Dispute,
): Promise<Meanings> {
  const { id: reference, status, currency, amount } = dispute;
  const isBack = status === "won" || type === "charge.dispute.funds_reinstated";
  // An inquiry takes no money.
  const isInquiry = status.startsWith("warning_") && type !== "charge.dispute.funds_withdrawn";
  if (isInquiry) return NOTHING;
  const money = fromStripe(currency, amount);
  const reason = `The payment is disputed (${dispute.reason})`;
  const disputed: Meaning = { ...money, kind: "disputed", reference, reason };
  const won: Meaning = { ...money, kind: "dispute_won", reference };
  const orderId = await orderOf(client, idOf(dispute.payment_intent));
  return { orderId, meanings: isBack ? [disputed, won] : [disputed] };
}

/** The order that a payment was for; refunds and disputes do not say. Null for a payment that is not there. */
async function orderOf(client: StripeClient, intentId: string | null): Promise<string | null> {
  if (intentId === null) return null;
  try {
    const intent = await client.call(
      "read the payment",
      (stripe) => stripe.paymentIntents.retrieve(intentId),
    );
    return intent.metadata["orderId"] ?? null;
  } catch (error) {
    if (error instanceof DomainError && error.code === "PAYMENT_REFUSED") return null;
    throw error;
  }
}

/** What came back came in reversals, of a part or the whole, each with a name of its own. */
async function ofTransfer(client: StripeClient, transfer: Stripe.Transfer): Promise<Meanings> {
  const { id: reference, currency, amount } = transfer;
  const orderId = transfer.metadata["orderId"] ?? null;
  const paid: Meaning = { ...fromStripe(currency, amount), kind: "payout_paid", reference };
  const returned = (await reversalsOf(client, transfer)).map((reversal): Meaning => ({
    ...fromStripe(currency, reversal.amount),
    kind: "payout_returned",
    reference: reversal.id,
    reason: "The payout came back",
  }));
  return { orderId, meanings: [paid, ...returned] };
}

/** More than the ten newest that an event carries are asked for. */
async function reversalsOf(
  client: StripeClient,
  { id, amount_reversed: sum, reversals }: Stripe.Transfer,
): Promise<readonly Stripe.TransferReversal[]> {
  const known = reversals.data;
  if (known.reduce((total, { amount }) => total + amount, 0) === sum) return known;
  const page = await client.call(
    "read what came back",
    (stripe) => stripe.transfers.listReversals(id, { limit: REVERSALS_MAX }),
  );
  return page.data;
}

/** As many as one page of Stripe holds; nobody takes a payout back in more parts. */
const REVERSALS_MAX = 100;
