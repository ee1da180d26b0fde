/**
 * How often a password may be tried. An attempt takes a place before the password is looked at, so
 * that many at once cannot slip through, and gives it back when the password was right: only
 * failures count. Strangers share the places of an account; an address where its owner signed in
 * lately has places of its own, so that nobody is locked out at home by somebody who guesses.
 *
 * @module
 */

import { DomainError, type RefusingLimit } from "@/domain/error.ts";
import { SECOND_MS } from "@/domain/time.ts";
import type { RateLimiter, RateLimitPolicy } from "@/platform/rate_limit.ts";

/** How often passwords may be tried; undefined is no limit. */
export interface LoginLimits {
  /** Guesses at one account. */
  account: RateLimitPolicy | undefined;
  /** Failures from one address over all accounts. */
  address: RateLimitPolicy | undefined;
}

/** A place taken by an attempt. */
export interface Attempt {
  /** Gives the place back: the attempt was no guess. */
  succeeded(): Promise<void>;
}

/** Takes a place for an attempt. Fails with `RATE_LIMIT_EXCEEDED`. */
export async function takeAttempt(
  limiter: RateLimiter,
  policy: RateLimitPolicy | undefined,
  key: string,
): Promise<Attempt> {
  if (policy === undefined) return { succeeded: () => Promise.resolve() };
  const decision = await limiter.take(key, policy);
  if (!decision.isAllowed) {
    throw new DomainError(
      "RATE_LIMIT_EXCEEDED",
      "Cannot sign in: there were too many attempts, wait a little",
      { retryAfterSeconds: decision.retryAfterSeconds, limit: limitOf(policy) },
    );
  }
  return {
    async succeeded() {
      await limiter.take(key, policy, -1);
    },
  };
}

function limitOf({ name, burst, count, windowMs }: RateLimitPolicy): RefusingLimit {
  // A bucket of `burst` places fills within so many seconds.
  return { name, quota: burst, windowSeconds: Math.ceil(burst * windowMs / count / SECOND_MS) };
}

/** The key whose places an attempt at an account takes. */
export function accountKey(
  email: string,
  place: { address: string | null; isKnown: boolean },
): string {
  return place.isKnown && place.address !== null ? `${email} ${place.address}` : email;
}
