/**
 * The gateway of a first run: test money, so that topping up, paying and withdrawing work without
 * an account anywhere. It keeps records of its own and reports late, as a real one does; who pays
 * does so on its page (`routes/checkout/`).
 *
 * @module
 */

import { DomainError } from "@/domain/error.ts";
import { TEST_GATEWAY } from "@/domain/order.ts";
import type { PaymentGateway } from "@/services/money/payment_gateway.ts";
import type { TestAccounts } from "@/services/money/test_accounts.ts";
import type { TestTransfers } from "@/services/money/test_transfers.ts";

export interface LocalGatewayDeps {
  transfers: TestTransfers;
  accounts: TestAccounts;
  /** Scheme and host of this server. */
  publicUrl: string;
}

export function createLocalGateway(deps: LocalGatewayDeps): PaymentGateway {
  const { transfers, accounts, publicUrl } = deps;
  return {
    name: TEST_GATEWAY,
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
    async payout({ orderId, userId, account, currency, amountMinor }) {
      if (await stateOf(accounts, account) !== "ready") {
        throw new DomainError("PAYMENT_REFUSED", "Cannot send money: the account takes none");
      }
      const reference = `test_payout_${orderId}`;
      const description = "Withdrawal";
      await transfers.payOut({ reference, orderId, userId, currency, amountMinor, description });
      return { reference };
    },
    async openPayoutAccount({ userId }) {
      const { account } = await accounts.open(userId);
      return { account, url: `${publicUrl}/checkout/accounts/${account}` };
    },
    readPayoutAccount: (account) => stateOf(accounts, account),
    totals: () => transfers.totals(),
  };
}

async function stateOf(accounts: TestAccounts, account: string) {
  const found = await accounts.find(account);
  if (found) return found.state;
  throw new DomainError("PAYMENT_REFUSED", `Cannot read account "${account}": there is none`);
}
