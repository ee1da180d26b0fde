/**
 * Accounts at Supabase Auth, asked over its administration: whether somebody who signed in there is
 * still somebody. Only the subject of the account travels.
 *
 * @module
 */

import { z } from "zod";
import { DomainError } from "@/domain/error.ts";
import type { Clock } from "@/platform/clock.ts";
import { getLog } from "@/platform/log.ts";
import { createOutsideCall, type OutsideCallDeps } from "@/platform/outside_call.ts";
import type { IdentityProvider, IdentityState } from "@/services/money/buyers.ts";

export interface SupabaseAuthDeps
  extends Pick<OutsideCallDeps, "metrics" | "sleep" | "random" | "timeoutMs" | "rule" | "resetMs"> {
  /** The project's address, `https://….supabase.co`. */
  url: string;
  /** Reads every account: for servers alone. */
  serviceKey: string;
  clock: Clock;
}

/** Names it in `user_identities`. */
export const SUPABASE_AUTH = "supabase";

/** Somebody waits for the answer, and a job asks again within a minute. */
const TRIES_MAX = 2;

/** An account is smaller. */
const ANSWER_CHARS_MAX = 64 * 1024;

const Account = z.object({
  id: z.string(),
  banned_until: z.iso.datetime({ offset: true }).nullish(),
  deleted_at: z.string().nullish(),
});

export function createSupabaseAuth(deps: SupabaseAuthDeps): IdentityProvider & Disposable {
  const { url, serviceKey, clock, ...rest } = deps;
  const outside = createOutsideCall({ ...rest, name: "supabase" });
  return {
    name: SUPABASE_AUTH,
    async stateOf(subject) {
      const address = `${url}/auth/v1/admin/users/${encodeURIComponent(subject)}`;
      const headers = { apikey: serviceKey, authorization: `Bearer ${serviceKey}` };
      const answer = await outside.call(
        "look the buyer up",
        (signal) => ask(address, { headers, signal, redirect: "error" }),
        { isIdempotent: true, triesMax: TRIES_MAX },
      );
      return stateIn(answer, clock.now());
    },
    [Symbol.dispose]: () => outside[Symbol.dispose](),
  };
}

interface Answer {
  status: number;
  text: string;
}

const TOO_MANY = 429;

/** Fails as an outside call for what another try may change. */
async function ask(address: string, init: RequestInit): Promise<Answer> {
  const res = await fetch(address, init);
  const text = await res.text();
  const isAway = res.status >= 500 || res.status === 408 || res.status === TOO_MANY;
  if (!isAway) return { status: res.status, text };
  throw Object.assign(new Error(`Supabase answered ${res.status}`), { status: res.status });
}

/** An account that is not there, or whose name is not one of theirs. */
const UNKNOWN: ReadonlySet<number> = new Set([400, 404, 422]);
const OK = 200;

function stateIn({ status, text }: Answer, now: number): IdentityState {
  if (UNKNOWN.has(status)) return "unknown";
  if (status !== OK) throw unusable(`it answered ${status}`);
  const parsed = Account.safeParse(jsonOf(text));
  if (!parsed.success) throw unusable("its answer is not understood");
  const { banned_until: bannedUntil, deleted_at: deletedAt } = parsed.data;
  if (deletedAt) return "unknown";
  return bannedUntil && Date.parse(bannedUntil) > now ? "suspended" : "active";
}

function jsonOf(text: string): unknown {
  try {
    return text.length > ANSWER_CHARS_MAX ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

const RETRY_AFTER_SECONDS = 60;

/** The key, or the address, is the operator's to mend: until then buyers wait. */
function unusable(state: string): DomainError {
  getLog("money").error("Supabase wants its operator: {state}", { state });
  const message = "Cannot look the buyer up: the identity provider is not set up for it yet";
  return new DomainError("SERVICE_UNAVAILABLE", message, {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}
