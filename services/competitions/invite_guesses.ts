/** How often codes may be guessed: a short code of an organiser's own could be tried out otherwise. */

import type { Actor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import { HOUR_MS } from "@/domain/time.ts";
import type { RateLimiter, RateLimitPolicy } from "@/platform/rate_limit.ts";

/** Mistypings of a person in an hour; at this rate six letters last for centuries. */
const GUESSES: RateLimitPolicy = { name: "invite", count: 20, windowMs: HOUR_MS, burst: 10 };

/**
 * Runs what tries an invite code; only a code that does not match uses up the caller's guesses.
 * Fails with `RATE_LIMIT_EXCEEDED` before it runs.
 */
export async function takeInviteGuess<T>(
  limiter: RateLimiter,
  actor: Actor,
  { inviteCode }: { inviteCode?: string | undefined },
  run: () => Promise<T>,
): Promise<T> {
  if (inviteCode === undefined || inviteCode === "") return await run();
  const key = `invite:${actor.kind === "user" ? actor.userId : actor.address ?? "unknown"}`;
  // Taken beforehand, so that many at once cannot slip through.
  const decision = await limiter.take(key, GUESSES);
  if (!decision.isAllowed) {
    throw new DomainError(
      "RATE_LIMIT_EXCEEDED",
      "Cannot try another invite code: too many did not match, wait a little",
      { retryAfterSeconds: decision.retryAfterSeconds },
    );
  }
  let isGuess = false;
  try {
    return await run();
  } catch (error) {
    isGuess = isMismatch(error);
    throw error;
  } finally {
    if (!isGuess) await limiter.take(key, GUESSES, -1);
  }
}

function isMismatch(error: unknown): boolean {
  return error instanceof DomainError &&
    (error.details ?? []).some(({ field, code }) => field === "inviteCode" && code === "mismatch");
}
