/**
 * Heads of answers that go out often. To make one of pairs costs more than the rest of a request, so
 * all fields but those of the request are set once, and the two that are left on a copy.
 *
 * @module
 */

import type { RateLimitPolicy } from "@/platform/rate_limit.ts";
import { quotaOf, RATE_FIELD, RATE_POLICY_FIELD, rateLeft } from "../middleware/rate_limit.ts";
import { REQUEST_ID_FIELD } from "../middleware/request_id.ts";
import { API_SECURITY_FIELDS } from "../middleware/security_headers.ts";
import type { LaneCall } from "./call.ts";

/** The fields of an answer that are the same each time. */
function headOf(
  own: Readonly<Record<string, string>>,
  policy: RateLimitPolicy | undefined,
): Headers {
  const headers = new Headers(own);
  for (const [name, value] of API_SECURITY_FIELDS) {
    if (!headers.has(name)) headers.append(name, value);
  }
  if (policy) headers.set(RATE_POLICY_FIELD, quotaOf(policy));
  return headers;
}

function setOwn(headers: Headers, { requestId, taken }: LaneCall): void {
  const last = taken.at(-1);
  if (last) headers.set(RATE_FIELD, rateLeft(last.policy, last.decision));
  headers.set(REQUEST_ID_FIELD, requestId);
}

/** What callers are limited by differs, and is told in the head. */
class ByPolicy<T> {
  readonly #known = new Map<RateLimitPolicy | undefined, T>();
  readonly #make: (policy: RateLimitPolicy | undefined) => T;

  constructor(make: (policy: RateLimitPolicy | undefined) => T) {
    this.#make = make;
  }

  of({ taken }: LaneCall): T {
    const policy = taken.at(-1)?.policy;
    const known = this.#known.get(policy);
    if (known) return known;
    const made = this.#make(policy);
    this.#known.set(policy, made);
    return made;
  }
}

/** An answer of which only the request's own fields differ from call to call. */
export class RepeatedAnswer {
  readonly status: number;
  readonly #answers: ByPolicy<Response>;

  constructor(
    body: string | Uint8Array<ArrayBuffer> | null,
    { status, fields }: { status: number; fields: Readonly<Record<string, string>> },
  ) {
    this.status = status;
    this.#answers = new ByPolicy((policy) =>
      new Response(body, { status, headers: headOf(fields, policy) })
    );
  }

  to(call: LaneCall): Response {
    // A copy shares the body, and takes a fifth of the time of a new one with as many fields.
    const answer = this.#answers.of(call).clone();
    setOwn(answer.headers, call);
    return answer;
  }
}

/** A head for bodies that differ from call to call. */
export class RepeatedHead {
  readonly #heads: ByPolicy<Headers>;

  constructor(fields: Readonly<Record<string, string>>) {
    this.#heads = new ByPolicy((policy) => headOf(fields, policy));
  }

  /** An answer of status 200. */
  to(call: LaneCall, body: string): Response {
    const headers = this.#heads.of(call);
    // The answer copies them, so that they can be shared.
    setOwn(headers, call);
    return new Response(body, { headers });
  }
}
