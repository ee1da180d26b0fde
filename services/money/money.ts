/** The services about money, wired: first what others build on, then what routes and pages call. */

import { z } from "zod";
import type { Database } from "@/db/client.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import type { IdGenerator } from "@/platform/id.ts";
import { type BooksService, createBooksService } from "./books.ts";
import { checkBooksAloud } from "./books_alert.ts";
import type { CompetitionsService } from "../competitions/competitions.ts";
import { createEntryFees, type EntryFees } from "./entry_fees.ts";
import {
  createGatewayServices,
  type GatewayServices,
  type GatewayServicesDeps,
} from "./gateway_services.ts";
import { inTurn } from "../jobs/in_turn.ts";
import { jobKind } from "../jobs/job_kinds.ts";
import type { JobsService } from "../jobs/jobs.ts";
import { createLedger, type LedgerService } from "./ledger.ts";
import { cancelBelowMinimum, type MinimumDeps } from "../competitions/minimum.ts";
import { createNoticesService, type NoticesService } from "../notices.ts";
import { createOrdersService, type OrdersService } from "./orders.ts";
import type { PaymentGateway } from "./payment_gateway.ts";
import { createPaymentRefunds, type PaymentRefundsService } from "./payment_refunds.ts";
import { type BuyerCheck, createPayments, type PaymentsService } from "./payments.ts";
import { createPayoutAccounts, type PayoutAccountsService } from "./payout_accounts.ts";
import { createPrizesService, type PrizesService } from "./prizes.ts";
import { createSettlement, type Settlement } from "./settlement.ts";
import { createWithdrawals, type WithdrawalsService } from "./withdrawals.ts";

export interface MoneyCoreDeps {
  database: Database;
  clock: Clock;
  newId: IdGenerator;
  /** Absent where no jobs run. */
  jobs?: Pick<JobsService, "enqueue" | "handle">;
}

/** What moves money inside other use-cases. */
export interface MoneyCore {
  ledger: LedgerService;
  notices: NoticesService;
  entryFees: EntryFees;
  settlement: Settlement;
}

/** Wires what joining, leaving and cancelling need of the money. */
export function createMoneyCore(deps: MoneyCoreDeps): MoneyCore {
  const ledger = createLedger(deps);
  const notices = createNoticesService(deps);
  const shared = { ...deps, ledger, notices };
  return {
    ledger,
    notices,
    entryFees: createEntryFees(shared),
    settlement: createSettlement(shared),
  };
}

/** What runs by itself, from jobs: each may run again at any time, and on any node. */
export interface MoneySweeps {
  /** Refunds what cancelled competitions still hold; gives the number of orders closed. */
  refundAllCancelled(): Promise<number>;
  /** Cancels what started with fewer people than its minimum; gives the ids. */
  cancelBelowMinimum(): Promise<string[]>;
  /** Asks the gateway again for what it did not answer, refunds too, and finishes paid entries. */
  resumePayments(): Promise<number>;
}

/** What routes, pages and jobs call. */
export interface MoneyServices extends GatewayServices {
  notices: NoticesService;
  orders: OrdersService;
  /** Books what the payment gateway reports. */
  payments: PaymentsService;
  prizes: PrizesService;
  withdrawals: WithdrawalsService;
  payoutAccounts: PayoutAccountsService;
  paymentRefunds: PaymentRefundsService;
  books: BooksService;
  money: MoneySweeps;
}

export type MoneyDeps = MoneyCore & MinimumDeps & {
  newId: IdGenerator;
  competitions: CompetitionsService;
  gateway?: PaymentGateway | undefined;
  buyers?: BuyerCheck | undefined;
  jobs: Pick<JobsService, "handle" | "schedule">;
} & Pick<GatewayServicesDeps, "metrics" | "webhook" | "testTransfers" | "testAccounts">;

/** What was left undone is done within a minute: refunds, payments, prizes, minimums. */
const sweepJob = jobKind({ name: "money.sweep", payload: z.object({}) });

/**
 * Compares all books, nightly. What the gateway has and we do not may be a report under way: only
 * the last try, some minutes later, is the alert.
 */
const booksJob = jobKind({ name: "money.check_books", payload: z.object({}), attemptsMax: 6 });
const BOOKS_CHECKED_AT_MS = 3 * HOUR_MS;

/** Wires the rest of the money. */
export function createMoney(given: MoneyDeps): MoneyServices {
  const payoutAccounts = createPayoutAccounts(given);
  const deps = { ...given, gateway: given.gateway, payoutAccounts };
  const payments = createPayments(deps);
  const prizes = createPrizesService(deps);
  const books = createBooksService(deps);
  const paymentRefunds = createPaymentRefunds(deps);
  const money: MoneySweeps = {
    refundAllCancelled: () => deps.entryFees.refundAllCancelled(),
    cancelBelowMinimum: () => cancelBelowMinimum(deps),
    async resumePayments() {
      const counts = await inTurn(
        [payments.resume, paymentRefunds.resumeRefunds],
        (resume) => resume(),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    },
  };
  deps.jobs.handle(sweepJob, async () => {
    const steps = [
      money.cancelBelowMinimum,
      money.refundAllCancelled,
      prizes.resumeDistributions,
      money.resumePayments,
    ];
    await inTurn<() => Promise<unknown>, unknown>(steps, (step) => step());
  });
  const gateways = createGatewayServices({ ...deps, payments });
  deps.jobs.handle(booksJob, async (_payload, { isLastAttempt }) => {
    await gateways.bookReports();
    await checkBooksAloud({ ...deps, books }, { isLastAttempt });
  });
  deps.jobs.schedule({ name: sweepJob.name, kind: sweepJob, payload: {}, everyMs: MINUTE_MS });
  deps.jobs.schedule({
    name: booksJob.name,
    kind: booksJob,
    payload: {},
    everyMs: DAY_MS,
    offsetMs: BOOKS_CHECKED_AT_MS,
  });
  return {
    notices: deps.notices,
    orders: createOrdersService({ ...deps, payments }),
    payments,
    prizes,
    withdrawals: createWithdrawals({ ...deps, payments }),
    payoutAccounts,
    paymentRefunds,
    books,
    money,
    ...gateways,
  };
}
