/**
 * The gateway of a first run: test money, so that topping up, paying and withdrawing work without
 * an account anywhere. It keeps records of its own and reports late, as a real one does; who pays
 * does so on its page (`routes/checkout/`).
 *
 * @module
 */

import type { PaymentGateway } from "@/services/payment_gateway.ts";
import type { TestTransfers } from "@/services/test_transfers.ts";

export interface LocalGatewayDeps {
  transfers: TestTransfers;
  /** Scheme and host of this server. */
  publicUrl: string;
}

/** Names its clearing account. */
export const LOCAL_GATEWAY = "test";

export function createLocalGateway({ transfers, publicUrl }: LocalGatewayDeps): PaymentGateway {
  return {
    name: LOCAL_GATEWAY,
    isTestMoney: true,
    async createPayment({ orderId, userId, currency, amountMinor, description }) {
      const reference = `test_pay_${orderId}`;
      await transfers.openPayment({
        ...{ reference, orderId, userId, currency, amountMinor, description },
      });
      return { reference, payUrl: `${publicUrl}/checkout/${reference}`, clientSecret: null };
    },
    async cancelPayment(reference) {
      await transfers.decide(reference, "cancelled");
    },
    async refund({ key, reference: payment, amountMinor }) {
      const reference = `test_refund_${key}`;
      await transfers.refund({ reference, payment, amountMinor });
      return { reference };
    },
    async payout({ orderId, userId, currency, amountMinor }) {
      const reference = `test_payout_${orderId}`;
      const description = "Withdrawal";
      await transfers.payOut({ reference, orderId, userId, currency, amountMinor, description });
      return { reference };
    },
    totals: () => transfers.totals(),
  };
}
