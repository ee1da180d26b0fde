/** What stands between the gateways and the orders, wired: reports of a real one, the page of the test one. */

import { z } from "zod";
import type { Database } from "@/db/client.ts";
import { MINUTE_MS } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import type { Metrics } from "@/platform/metrics.ts";
import { createGatewayEvents, type GatewayEventsService } from "./gateway_events.ts";
import { inTurn } from "../jobs/in_turn.ts";
import { jobKind } from "../jobs/job_kinds.ts";
import type { JobsService } from "../jobs/jobs.ts";
import type { GatewayWebhook, PaymentGateway } from "./payment_gateway.ts";
import type { PaymentsService } from "./payments.ts";
import type { PayoutAccountsService } from "./payout_accounts.ts";
import type { TestAccounts } from "./test_accounts.ts";
import { createTestCheckout, type TestCheckoutService } from "./test_checkout.ts";
import { createTestOnboarding, type TestOnboardingService } from "./test_onboarding.ts";
import type { TestTransfers } from "./test_transfers.ts";

export interface GatewayServices {
  /** Takes what the gateway reports. */
  gatewayEvents: GatewayEventsService;
  /** Where test money is paid; absent where money is real. */
  testCheckout: TestCheckoutService | undefined;
  /** Where test money goes; absent where money is real. */
  testOnboarding: TestOnboardingService | undefined;
  /** Books what was reported and got stuck; for jobs. */
  bookReports(): Promise<void>;
}

export interface GatewayServicesDeps {
  database: Database;
  clock: Clock;
  metrics: Metrics;
  payments: PaymentsService;
  payoutAccounts: PayoutAccountsService;
  gateway?: PaymentGateway | undefined;
  /** How the gateway reports; absent for the test gateway. */
  webhook?: GatewayWebhook | undefined;
  /** The test gateway's records; absent where money is real. */
  testTransfers?: TestTransfers | undefined;
  /** The test gateway's payees; absent where money is real. */
  testAccounts?: TestAccounts | undefined;
  jobs: Pick<JobsService, "handle" | "schedule">;
}

/** Books what was reported and got stuck, within a minute. */
const reportsJob = jobKind({ name: "money.gateway_reports", payload: z.object({}) });

export function createGatewayServices(deps: GatewayServicesDeps): GatewayServices {
  const { gateway, testTransfers: transfers, testAccounts: accounts, payments, jobs } = deps;
  const gatewayEvents = createGatewayEvents(deps);
  const testCheckout = transfers && gateway?.isTestMoney
    ? createTestCheckout({ transfers, payments, gateway: gateway.name })
    : undefined;
  const testOnboarding = accounts && gateway?.isTestMoney
    ? createTestOnboarding({ ...deps, accounts })
    : undefined;
  const bookReports = async () => {
    const steps = [() => gatewayEvents.resume(), async () => await testCheckout?.report()];
    await inTurn<() => Promise<unknown>, unknown>(steps, (step) => step());
  };
  jobs.handle(reportsJob, bookReports);
  jobs.schedule({ name: reportsJob.name, kind: reportsJob, payload: {}, everyMs: MINUTE_MS });
  return { gatewayEvents, testCheckout, testOnboarding, bookReports };
}
