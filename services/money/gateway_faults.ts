/** What a gateway's refusals mean: away for now, or no for good. */

import { DomainError } from "@/domain/error.ts";

/** Null where the gateway cannot be reached; what it refuses is thrown. */
export async function whenThere<T>(call: () => Promise<T>): Promise<T | null> {
  try {
    return await call();
  } catch (error) {
    const isAway = error instanceof DomainError &&
      (error.code === "CIRCUIT_OPEN" || error.code === "SERVICE_UNAVAILABLE");
    if (isAway) return null;
    throw error;
  }
}

/** Whether asking again is of no use. */
export function isRefused(error: unknown): error is DomainError {
  return error instanceof DomainError && error.code === "PAYMENT_REFUSED";
}
