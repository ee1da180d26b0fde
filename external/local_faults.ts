/**
 * Faults of the test gateway, for whoever wants to see what becomes of them: a call that fails, one
 * that times out after it took effect, an outcome that is reported late, or twice.
 *
 * @module
 */

import { DomainError } from "@/domain/error.ts";
import type { PaymentGateway } from "@/services/money/payment_gateway.ts";
import type { TestTransfers } from "@/services/money/test_transfers.ts";

export interface FaultsOptions {
  /** Of a hundred calls, how many go wrong. */
  percent: number;
  /** From 0 to 1. */
  random: () => number;
}

/** A gateway whose calls fail at times, before or after they did what was asked. */
export function withCallFaults(gateway: PaymentGateway, options: FaultsOptions): PaymentGateway {
  const { percent, random } = options;
  const faulty = <I, O>(call: (input: I) => Promise<O>) => async (input: I): Promise<O> => {
    const draw = random() * 200;
    if (draw < percent) throw away("it answered 503");
    const outcome = await call(input);
    if (draw < 2 * percent) throw away("it did not answer in time");
    return outcome;
  };
  return {
    ...gateway,
    createPayment: faulty(gateway.createPayment),
    cancelPayment: faulty(gateway.cancelPayment),
    refund: faulty(gateway.refund),
    payout: faulty(gateway.payout),
    openPayoutAccount: faulty(gateway.openPayoutAccount),
    readPayoutAccount: faulty(gateway.readPayoutAccount),
  };
}

/** Records whose outcomes are reported late at times: by the job, and of some once more. */
export function withReportFaults(
  transfers: TestTransfers,
  { percent, random }: FaultsOptions,
): TestTransfers {
  const happens = () => random() * 100 < percent;
  return {
    ...transfers,
    async decide(reference, state) {
      const decided = await transfers.decide(reference, state);
      return happens() ? undefined : decided;
    },
    async markReported(reference) {
      if (!happens()) await transfers.markReported(reference);
    },
  };
}

const RETRY_AFTER_SECONDS = 1;

function away(state: string): DomainError {
  return new DomainError("SERVICE_UNAVAILABLE", `Cannot reach the test gateway: ${state}`, {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}
