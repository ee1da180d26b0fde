/**
 * The way to Stripe: its SDK over `fetch`, with our own time limit, breaker and repetitions around
 * each call, and its errors in our words.
 *
 * @module
 */

import Stripe from "stripe";
import { DomainError } from "@/domain/error.ts";
import { getLog } from "@/platform/log.ts";
import {
  createOutsideCall,
  isOutsideFault,
  type OutsideCallDeps,
  type OutsideCallOptions,
} from "@/platform/outside_call.ts";

/** Where Stripe is and who we are there. */
export interface StripeAccount {
  secretKey: string;
  /** Another server that speaks its protocol; for tests. */
  apiBase?: string | undefined;
}

export type StripeClientDeps =
  & StripeAccount
  & Pick<OutsideCallDeps, "metrics" | "sleep" | "random" | "timeoutMs" | "rule" | "resetMs">;

export interface StripeClient extends Disposable {
  /**
   * Calls Stripe; the call must be repeatable: a reading, or a write under a key of ours.
   * Fails with `PAYMENT_REFUSED` for good; with `SERVICE_UNAVAILABLE` or `CIRCUIT_OPEN` for now.
   */
  call<T>(
    action: string,
    work: (stripe: Stripe) => Promise<T>,
    options?: Pick<OutsideCallOptions, "triesMax">,
  ): Promise<T>;
}

/** Somebody waits for most calls, and a job makes them again within a minute. */
const TRIES_MAX = 2;

export function createStripeClient(deps: StripeClientDeps): StripeClient {
  const { secretKey, apiBase, ...rest } = deps;
  const outside = createOutsideCall({ ...rest, name: "stripe", isTransient });
  return {
    async call(action, work, { triesMax = TRIES_MAX } = {}) {
      try {
        return await outside.call(
          action,
          (signal) => work(connect({ secretKey, apiBase }, signal)),
          { isIdempotent: true, triesMax },
        );
      } catch (error) {
        throw inOurWords(action, error);
      }
    },
    [Symbol.dispose]: () => outside[Symbol.dispose](),
  };
}

/** A client for one call, since only `fetch` itself can be told to stop. */
function connect({ secretKey, apiBase }: StripeAccount, signal: AbortSignal): Stripe {
  const url = new URL(apiBase ?? "https://api.stripe.com");
  return new Stripe(secretKey, {
    host: url.hostname,
    port: url.port || (url.protocol === "https:" ? 443 : 80),
    protocol: url.protocol === "https:" ? "https" : "http",
    // Repeating is ours, under the same keys.
    maxNetworkRetries: 0,
    telemetry: false,
    httpClient: Stripe.createFetchHttpClient((input, init) => {
      const signals = init?.signal ? [init.signal, signal] : [signal];
      return fetch(input, { ...init, signal: AbortSignal.any(signals) });
    }),
  });
}

/** The same key is at work in another call, or the object is locked: passes within a moment. */
const CONFLICT = 409;

function isTransient(error: unknown): boolean {
  if (!(error instanceof Stripe.errors.StripeError)) return isOutsideFault(error);
  if (error.statusCode === undefined) {
    return error instanceof Stripe.errors.StripeConnectionError;
  }
  return error.statusCode === CONFLICT || isOutsideFault(error);
}

/** What the operator must mend: until then nothing is lost, everything waits. */
const OURS_TO_MEND: ReadonlySet<string> = new Set([
  "api_key_expired",
  "balance_insufficient",
  "insufficient_funds_in_balance",
  "platform_api_key_expired",
  "secret_key_required",
  "testmode_charges_only",
]);
const RETRY_AFTER_SECONDS = 60;

function inOurWords(action: string, error: unknown): unknown {
  if (!(error instanceof Stripe.errors.StripeError)) return error;
  const { statusCode, code, type, requestId } = error;
  const isOurs = statusCode === 401 || statusCode === 403 || OURS_TO_MEND.has(code ?? "");
  if (isOurs) {
    getLog("money").error("Stripe wants its operator", { action, code, type, requestId });
    const message = `Cannot ${action}: the payment gateway is not set up for it yet`;
    return new DomainError("SERVICE_UNAVAILABLE", message, {
      cause: error,
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    });
  }
  getLog("money").warning("Stripe refused", { action, code, type, statusCode, requestId });
  const reason = error.decline_code ?? code ?? type;
  return new DomainError(
    "PAYMENT_REFUSED",
    `Cannot ${action}: the gateway refuses it (${reason})`,
    {
      cause: error,
    },
  );
}
