/** A payment gateway in the hand of a test: it remembers what it was asked, and does nothing. */

import { DomainError } from "@/domain/error.ts";
import type {
  PaymentEvent,
  PaymentGateway,
  PaymentRequest,
  PayoutRequest,
} from "@/services/money/payment_gateway.ts";

export interface FakeGateway extends PaymentGateway {
  payments: PaymentRequest[];
  payouts: PayoutRequest[];
  cancelled: string[];
  /** While true every call fails as a breaker does. */
  isAway: boolean;
  /** The event that it would report about an order. */
  event(
    kind: PaymentEvent["kind"],
    order: { id: string; amountMinor: string },
    part?: Partial<PaymentEvent>,
  ): PaymentEvent;
}

export function createFakeGateway(): FakeGateway {
  const check = () => {
    if (fake.isAway) throw new DomainError("CIRCUIT_OPEN", "Cannot reach the gateway: it is away");
  };
  const fake: FakeGateway = {
    name: "test",
    isTestMoney: true,
    payments: [],
    payouts: [],
    cancelled: [],
    isAway: false,
    // deno-lint-ignore require-await -- the port is asynchronous
    async createPayment(request) {
      check();
      if (!fake.payments.some(({ orderId }) => orderId === request.orderId)) {
        fake.payments.push(request);
      }
      const reference = `pay_${request.orderId}`;
      return { reference, payUrl: `https://pay.example/${reference}`, clientSecret: null };
    },
    // deno-lint-ignore require-await -- the port is asynchronous
    async cancelPayment(reference) {
      check();
      fake.cancelled.push(reference);
    },
    refund: ({ key }) => Promise.resolve({ reference: `refund_${key}` }),
    // deno-lint-ignore require-await -- the port is asynchronous
    async payout(request) {
      check();
      if (!fake.payouts.some(({ orderId }) => orderId === request.orderId)) {
        fake.payouts.push(request);
      }
      return { reference: `out_${request.orderId}` };
    },
    openPayoutAccount: ({ userId }) => {
      const account = `acct_${userId}`;
      return Promise.resolve({ account, url: `https://pay.example/${account}` });
    },
    readPayoutAccount: () => Promise.resolve("ready"),
    totals: () => Promise.resolve([]),
    event: (kind, { id, amountMinor }, part = {}) => ({
      kind,
      gateway: "test",
      eventId: crypto.randomUUID(),
      reference: kind.startsWith("payout") ? `out_${id}` : `pay_${id}`,
      orderId: id,
      currency: "EUR",
      amountMinor: BigInt(amountMinor),
      at: 0,
      ...part,
    }),
  };
  return fake;
}
