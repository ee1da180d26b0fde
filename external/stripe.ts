/**
 * Payments by Stripe: Checkout or PaymentIntents in, transfers to connected accounts out. Stripe
 * learns the id of an order and of a user, no name or address of ours.
 *
 * @module
 */

import type Stripe from "stripe";
import { DomainError } from "@/domain/error.ts";
import type { PayoutState } from "@/domain/order.ts";
import type {
  AcceptedTransfer,
  Onboarding,
  OnboardingRequest,
  PaymentGateway,
  PaymentRequest,
  PayoutRequest,
  RefundRequest,
  StartedPayment,
} from "@/services/money/payment_gateway.ts";
import type { GatewayUsers } from "@/services/money/gateway_users.ts";
import { toStripe } from "./stripe_amounts.ts";
import type { StripeClient } from "./stripe_client.ts";
import { createStripeTotals } from "./stripe_totals.ts";

/** Names the clearing account, in the ledger for ever. */
export const STRIPE_GATEWAY = "stripe";

/** `checkout` sends the payer to Stripe's page; `intent` gives the client a secret to pay with. */
export const STRIPE_FLOWS = ["checkout", "intent"] as const;
export type StripeFlow = (typeof STRIPE_FLOWS)[number];

export interface StripeGatewayDeps {
  client: StripeClient;
  users: GatewayUsers;
  flow: StripeFlow;
  /** Whether the key is one of Stripe's test mode. */
  isTestMoney: boolean;
  /** Where the payer goes on afterwards, unless the payment says so. */
  returnUrl: string;
  /** Where somebody goes on who told where their money goes, or left the page. */
  payoutReturnUrl: string;
}

export function createStripeGateway(deps: StripeGatewayDeps): PaymentGateway {
  const { client, isTestMoney } = deps;
  const totals = createStripeTotals(client);
  return {
    name: STRIPE_GATEWAY,
    isTestMoney,
    createPayment: (request) =>
      withCustomer(
        deps,
        request.userId,
        (customer) =>
          deps.flow === "checkout"
            ? startCheckout(deps, request, customer)
            : startIntent(deps, request, customer),
      ),
    cancelPayment: (reference) => giveUp(deps, reference),
    refund: (request) => refund(deps, request),
    payout: (request) => payOut(client, request),
    openPayoutAccount: (request) => openAccount(deps, request),
    readPayoutAccount: (account) => readAccount(client, account),
    totals,
  };
}

/**
 * Calls with the customer of a user, made at their first payment. One that Stripe does not know any
 * more, as all of test mode once the key is a live one, gives way to a new one.
 */
async function withCustomer<T>(
  deps: StripeGatewayDeps,
  userId: string,
  work: (customer: string) => Promise<T>,
): Promise<T> {
  const { customer } = await deps.users.find(STRIPE_GATEWAY, userId);
  const known = customer ?? await makeCustomer(deps, userId, null);
  try {
    return await work(known);
  } catch (error) {
    if (!isCustomerGone(error)) throw error;
    return await work(await makeCustomer(deps, userId, known));
  }
}

async function makeCustomer(
  { client, users }: StripeGatewayDeps,
  userId: string,
  gone: string | null,
): Promise<string> {
  const idempotencyKey = gone === null ? `customer:${userId}` : `customer:${userId}:${gone}`;
  const { id: customer } = await client.call(
    "register the payer",
    (stripe) => stripe.customers.create({ metadata: { userId } }, { idempotencyKey }),
  );
  if (gone !== null) await users.forgetCustomer(STRIPE_GATEWAY, userId, gone);
  return (await users.set(STRIPE_GATEWAY, userId, { customer })).customer!;
}

function isCustomerGone(error: unknown): boolean {
  if (!(error instanceof DomainError) || !(error.cause instanceof Object)) return false;
  const { code, param } = error.cause as { code?: unknown; param?: unknown };
  return code === "resource_missing" && param === "customer";
}

async function startCheckout(
  deps: StripeGatewayDeps,
  request: PaymentRequest,
  customer: string,
): Promise<StartedPayment> {
  const { orderId, description } = request;
  const { currency, amount } = toStripe(request);
  const metadata = { orderId };
  const url = request.returnUrl ?? deps.returnUrl;
  const session = await deps.client.call(
    "start the payment",
    (stripe) =>
      stripe.checkout.sessions.create({
        mode: "payment",
        customer,
        client_reference_id: orderId,
        metadata,
        payment_intent_data: { metadata, description },
        line_items: [{
          quantity: 1,
          price_data: { currency, unit_amount: amount, product_data: { name: description } },
        }],
        success_url: url,
        cancel_url: url,
      }, { idempotencyKey: `payment:${orderId}:${customer}` }),
  );
  return { reference: session.id, payUrl: session.url, clientSecret: null };
}

async function startIntent(
  deps: StripeGatewayDeps,
  request: PaymentRequest,
  customer: string,
): Promise<StartedPayment> {
  const { orderId, description } = request;
  const intent = await deps.client.call(
    "start the payment",
    (stripe) =>
      stripe.paymentIntents.create({
        ...toStripe(request),
        customer,
        description,
        metadata: { orderId },
        automatic_payment_methods: { enabled: true },
      }, { idempotencyKey: `payment:${orderId}:${customer}` }),
  );
  return { reference: intent.id, payUrl: null, clientSecret: intent.client_secret };
}

/** What was paid a moment ago cannot be given up, and is reported as paid. */
async function giveUp({ client }: StripeGatewayDeps, reference: string): Promise<void> {
  const idempotencyKey = `cancel:${reference}`;
  try {
    await client.call("give up the payment", async (stripe) => {
      if (isSession(reference)) {
        await stripe.checkout.sessions.expire(reference, {}, { idempotencyKey });
      } else await stripe.paymentIntents.cancel(reference, {}, { idempotencyKey });
    });
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "PAYMENT_REFUSED") throw error;
  }
}

function isSession(reference: string): boolean {
  return reference.startsWith("cs_");
}

async function refund(
  { client }: StripeGatewayDeps,
  { key, reference, ...money }: RefundRequest,
): Promise<AcceptedTransfer> {
  const { amount } = toStripe(money);
  const paymentIntent = isSession(reference) ? await intentOf(client, reference) : reference;
  const { id } = await client.call(
    "give the payment back",
    (stripe) =>
      stripe.refunds.create({ payment_intent: paymentIntent, amount }, {
        idempotencyKey: `refund:${key}`,
      }),
  );
  return { reference: id };
}

async function intentOf(client: StripeClient, sessionId: string): Promise<string> {
  const session = await client.call(
    "read the payment",
    (stripe) => stripe.checkout.sessions.retrieve(sessionId),
  );
  const id = idOf(session.payment_intent);
  if (id !== null) return id;
  throw new DomainError("PAYMENT_REFUSED", `Cannot refund "${sessionId}": it was never paid`);
}

/** The id of something that Stripe names by its id, or gives whole. */
export function idOf(thing: string | { id: string } | null | undefined): string | null {
  return typeof thing === "string" ? thing : thing?.id ?? null;
}

async function payOut(client: StripeClient, request: PayoutRequest): Promise<AcceptedTransfer> {
  const { orderId, account: destination } = request;
  const sent = await client.call(
    "look for the payout",
    (stripe) => stripe.transfers.list({ transfer_group: orderId, limit: 1 }),
  );
  // Stripe forgets keys after a day; an outage may last longer, and nobody is paid twice.
  const before: Stripe.Transfer | undefined = sent.data[0];
  const transfer = before ??
    await client.call("send the payout", (stripe) =>
      stripe.transfers.create({
        ...toStripe(request),
        destination,
        transfer_group: orderId,
        metadata: { orderId },
      }, { idempotencyKey: `payout:${orderId}` }));
  return { reference: transfer.id };
}

/** A connected account whose owner tells Stripe, on its own pages, who they are and where they bank. */
async function openAccount(
  { client, payoutReturnUrl: url }: StripeGatewayDeps,
  { userId, account: before }: OnboardingRequest,
): Promise<Onboarding> {
  const account = before ??
    (await client.call("open the payout account", (stripe) =>
      stripe.accounts.create({
        type: "express",
        metadata: { userId },
        capabilities: { transfers: { requested: true } },
      }, { idempotencyKey: `account:${userId}` }))).id;
  // A link is good once and for minutes; one that nobody follows does nothing.
  const link = await client.call("open the payout account", (stripe) =>
    stripe.accountLinks.create({
      ...{ account, type: "account_onboarding" },
      refresh_url: url,
      return_url: url,
    }));
  return { account, url: link.url };
}

async function readAccount(client: StripeClient, accountId: string): Promise<PayoutState> {
  const account = await client.call(
    "read the payout account",
    (stripe) => stripe.accounts.retrieve(accountId),
  );
  if (account.capabilities?.transfers === "active" && account.payouts_enabled) return "ready";
  return account.requirements?.disabled_reason?.startsWith("rejected") ? "restricted" : "pending";
}
