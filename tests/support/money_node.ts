/**
 * A node of the product in a process of its own, with the gateway of `money_bank.ts`: started and
 * killed by tests through `startMoneyNode`. Besides the product's own paths it takes the bank's
 * reports, and runs at once what the job about money does each minute.
 *
 *     DATABASE_URL=… BANK_URL=… deno run … tests/support/money_node.ts
 *
 * @module
 */

import { openDatabase } from "@/db/client.ts";
import { DomainError } from "@/domain/error.ts";
import freshConfig from "@/fresh.config.ts";
import { systemClock } from "@/platform/clock.ts";
import { parseConfig } from "@/platform/config.ts";
import { createHealth } from "@/platform/health.ts";
import { createIdGenerator } from "@/platform/id.ts";
import { createMetrics } from "@/platform/metrics.ts";
import { createRateLimiter } from "@/platform/rate_limit.ts";
import { systemTimers } from "@/platform/timers.ts";
import { createApp } from "@/routes/mod.ts";
import { opsAccess } from "@/routes/ops.ts";
import type { Services } from "@/services/mod.ts";
import type { GatewayWebhook, PaymentGateway } from "@/services/money/payment_gateway.ts";
import { BANK, type BankRequest } from "./money_bank.ts";
import { createTestServices } from "./services.ts";

const time = { ...systemClock, ...systemTimers };

/** Where the bank reports, and where a test runs what a job does. */
export const REPORT_PATH = "/test/reports";
export const SWEEP_PATH = "/test/sweep";

const NO_LIMITS = {
  "RATE_LIMIT_DEFAULT": "off",
  "RATE_LIMIT_SCORE": "off",
  "RATE_LIMIT_AUTH": "off",
  "RATE_LIMIT_AUTH_ADDRESS": "off",
};

const POOL_MAX = 8;

async function main(): Promise<void> {
  const env = Deno.env.toObject();
  const metrics = createMetrics();
  const database = await openDatabase({ url: env["DATABASE_URL"]!, poolMax: POOL_MAX, metrics });
  const limiter = createRateLimiter({ clock: systemClock });
  const services = createTestServices(database, time, metrics, {
    gateway: bankGateway(env["BANK_URL"]!),
    webhook,
    limiter,
  });
  const config = parseConfig(NO_LIMITS);
  const startedAt = systemClock.now();
  const app = createApp({
    ...{ config, services, metrics, limiter, clock: systemClock },
    newId: createIdGenerator(systemClock),
    csrfSecret: "a secret of this test",
    ops: {
      health: createHealth({ clock: systemClock, version: "test", startedAt, checks: [] }),
      isReady: () => true,
      access: opsAccess(config.metricsToken),
    },
    fresh: freshConfig,
  });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (req, info) => {
    const { pathname } = new URL(req.url);
    if (pathname === REPORT_PATH) return outcomeOf(receive(services, req));
    if (pathname === SWEEP_PATH) return outcomeOf(sweep(services));
    return app.fetch(req, { info });
  });
  const line = `http://127.0.0.1:${server.addr.port}\n`;
  await Deno.stdout.write(new TextEncoder().encode(line));
}

async function receive({ gatewayEvents }: Services, req: Request): Promise<void> {
  await gatewayEvents.receive(await req.text(), null);
}

async function sweep({ money, prizes }: Services): Promise<void> {
  await money.cancelBelowMinimum();
  await money.refundAllCancelled();
  await prizes.resumeDistributions();
  await money.resumePayments();
}

/** As a webhook answers: what is not booked is to be sent again. */
async function outcomeOf(work: Promise<void>): Promise<Response> {
  try {
    await work;
    return new Response(null, { status: 204 });
  } catch (error) {
    const isAway = error instanceof DomainError && error.status === 503;
    return new Response(Deno.inspect(error), { status: isAway ? 503 : 500 });
  }
}

/** The bank signs nothing: it is trusted to be itself. */
const webhook: GatewayWebhook = {
  read(body) {
    const report = JSON.parse(body);
    const event = { ...report, amountMinor: BigInt(report.amountMinor) };
    const { eventId, kind } = event;
    return Promise.resolve({ gateway: BANK, eventId, type: kind, events: [event] });
  },
};

/** Longer than an answer of a bank that answers. */
const CALL_TIMEOUT_MS = 1_500;

function bankGateway(url: string): PaymentGateway {
  const call = async (asked: Partial<BankRequest>) => {
    const body = JSON.stringify(asked);
    const signal = AbortSignal.timeout(CALL_TIMEOUT_MS);
    const answer = await fetch(url, { method: "POST", body, signal })
      .then(async (response) => ({ status: response.status, text: await response.text() }))
      .catch(() => undefined);
    if (answer?.status === 200) return JSON.parse(answer.text);
    if (answer?.status === 402) {
      throw new DomainError("PAYMENT_REFUSED", "Cannot send money: the bank refuses");
    }
    throw new DomainError("SERVICE_UNAVAILABLE", "Cannot reach the bank: it does not answer");
  };
  return {
    name: BANK,
    isTestMoney: true,
    async createPayment({ orderId, currency, amountMinor }) {
      const asked = { orderId, currency, amountMinor: `${amountMinor}` };
      const { reference } = await call({ kind: "payment", ...asked });
      return { reference, payUrl: null, clientSecret: null };
    },
    cancelPayment: (reference) => call({ kind: "cancel", orderId: reference }),
    refund: ({ reference, currency, amountMinor }) =>
      call({ kind: "refund", orderId: reference, currency, amountMinor: `${amountMinor}` }),
    payout: ({ orderId, currency, amountMinor }) =>
      call({ kind: "payout", orderId, currency, amountMinor: `${amountMinor}` }),
    openPayoutAccount: ({ userId }) => Promise.resolve({ account: `acct_${userId}`, url }),
    readPayoutAccount: () => Promise.resolve("ready"),
    async totals() {
      const totals: { currency: string; amountMinor: string }[] = await call({ kind: "totals" });
      return totals.map(({ currency, amountMinor }) => ({
        currency,
        amountMinor: BigInt(amountMinor),
      }));
    },
  };
}

if (import.meta.main) await main();
