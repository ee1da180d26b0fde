/** Chooses who moves money in and out, from the configuration. */

import type { Clock } from "@/platform/clock.ts";
import type { Config } from "@/platform/config.ts";
import type { Metrics } from "@/platform/metrics.ts";
import type { GatewayUsers } from "@/services/money/gateway_users.ts";
import type { GatewayWebhook, PaymentGateway } from "@/services/money/payment_gateway.ts";
import type { TestAccounts } from "@/services/money/test_accounts.ts";
import type { TestTransfers } from "@/services/money/test_transfers.ts";
import { withCallFaults, withReportFaults } from "./local_faults.ts";
import { createLocalGateway } from "./local_gateway.ts";

export interface GatewayDeps {
  config: Pick<Config, "payments" | "server">;
  metrics: Metrics;
  clock: Clock;
  users: GatewayUsers;
  transfers: TestTransfers;
  accounts: TestAccounts;
  /** From 0 to 1: draws the faults of test money. */
  random: () => number;
}

/** What the services are given; disposing stops its timers. */
export interface OpenGateway extends Disposable {
  gateway?: PaymentGateway;
  webhook?: GatewayWebhook;
  testTransfers?: TestTransfers;
  testAccounts?: TestAccounts;
}

/** Opens the configured gateway; nothing but the timers of its breaker is opened. */
export async function openGateway(deps: GatewayDeps): Promise<OpenGateway> {
  const { config, transfers, accounts } = deps;
  const { publicUrl } = config.server;
  if (config.payments.stripe) return await openStripe(deps, config.payments.stripe);
  const nothing = { [Symbol.dispose]() {} };
  if (!config.payments.hasTestMoney) return nothing;
  const gateway = createLocalGateway({ transfers, accounts, publicUrl });
  const faults = { percent: config.payments.testFaultsPercent, random: deps.random };
  return {
    ...nothing,
    gateway: withCallFaults(gateway, faults),
    testTransfers: withReportFaults(transfers, faults),
    testAccounts: accounts,
  };
}

async function openStripe(
  { config, metrics, clock, users }: GatewayDeps,
  stripe: NonNullable<Config["payments"]["stripe"]>,
): Promise<OpenGateway> {
  // The SDK is large, and most installations start without it.
  const [{ createStripeClient }, { createStripeGateway }, { createStripeWebhook }] = await Promise
    .all([import("./stripe_client.ts"), import("./stripe.ts"), import("./stripe_webhook.ts")]);
  const { isTestMoney, flow, webhookSecrets: secrets } = stripe;
  const client = createStripeClient({ ...stripe, metrics });
  const returnUrl = `${config.server.publicUrl}/me/wallet`;
  const payoutReturnUrl = `${returnUrl}/payouts`;
  return {
    gateway: createStripeGateway({
      ...{ client, users, flow, isTestMoney, returnUrl, payoutReturnUrl },
    }),
    webhook: createStripeWebhook({ client, clock, secrets, isTestMoney }),
    [Symbol.dispose]: () => client[Symbol.dispose](),
  };
}
