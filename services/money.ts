/** The services about money, wired: first what others build on, then what routes and pages call. */

import type { Database } from "@/db/client.ts";
import type { Clock } from "@/platform/clock.ts";
import type { IdGenerator } from "@/platform/id.ts";
import { createEntryFees, type EntryFees } from "./entry_fees.ts";
import { createLedger, type LedgerService } from "./ledger.ts";
import { cancelBelowMinimum, type MinimumDeps } from "./minimum.ts";
import { createNoticesService, type NoticesService } from "./notices.ts";

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
}

/** What routes, pages and jobs call. */
export interface MoneyServices {
  notices: NoticesService;
  money: MoneySweeps;
}

export type MoneyDeps = MoneyCore & MinimumDeps;

/** Wires the rest of the money. */
export function createMoney(deps: MoneyDeps): MoneyServices {
  return {
    notices: deps.notices,
    money: {
      refundAllCancelled: () => deps.entryFees.refundAllCancelled(),
      cancelBelowMinimum: () => cancelBelowMinimum(deps),
    },
  };
}
