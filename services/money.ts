/** The services about money, wired: first what others build on, then what routes and pages call. */

import type { Database } from "@/db/client.ts";
import type { Clock } from "@/platform/clock.ts";
import type { IdGenerator } from "@/platform/id.ts";
import type { CompetitionsService } from "./competitions.ts";
import { createEntryFees, type EntryFees } from "./entry_fees.ts";
import { createLedger, type LedgerService } from "./ledger.ts";
import { cancelBelowMinimum, type MinimumDeps } from "./minimum.ts";
import { createNoticesService, type NoticesService } from "./notices.ts";
import { createOrdersService, type OrdersService } from "./orders.ts";
import type { PaymentGateway } from "./payment_gateway.ts";
import { createPayments, type PaymentsService } from "./payments.ts";

export interface MoneyCoreDeps {
  database: Database;
  clock: Clock;
  newId: IdGenerator;
}

/** What moves money inside other use-cases. */
export interface MoneyCore {
  ledger: LedgerService;
  notices: NoticesService;
  entryFees: EntryFees;
}

/** Wires what joining, leaving and cancelling need of the money. */
export function createMoneyCore(deps: MoneyCoreDeps): MoneyCore {
  const ledger = createLedger(deps);
  const notices = createNoticesService(deps);
  return { ledger, notices, entryFees: createEntryFees({ ...deps, ledger, notices }) };
}

/** What runs by itself, from jobs: each may run again at any time, and on any node. */
export interface MoneySweeps {
  /** Refunds what cancelled competitions still hold; gives the number of orders closed. */
  refundAllCancelled(): Promise<number>;
  /** Cancels what started with fewer people than its minimum; gives the ids. */
  cancelBelowMinimum(): Promise<string[]>;
  /** Asks the gateway again for what it did not answer, and finishes paid entries. */
  resumePayments(): Promise<number>;
}

/** What routes, pages and jobs call. */
export interface MoneyServices {
  notices: NoticesService;
  orders: OrdersService;
  /** Books what the payment gateway reports. */
  payments: PaymentsService;
  money: MoneySweeps;
}

export type MoneyDeps = MoneyCore & MinimumDeps & {
  newId: IdGenerator;
  competitions: CompetitionsService;
  gateway?: PaymentGateway | undefined;
};

/** Wires the rest of the money. */
export function createMoney(given: MoneyDeps): MoneyServices {
  const deps = { ...given, gateway: given.gateway };
  const payments = createPayments(deps);
  return {
    notices: deps.notices,
    orders: createOrdersService({ ...deps, payments }),
    payments,
    money: {
      refundAllCancelled: () => deps.entryFees.refundAllCancelled(),
      cancelBelowMinimum: () => cancelBelowMinimum(deps),
      resumePayments: () => payments.resume(),
    },
  };
}
