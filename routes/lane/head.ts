/**
 * Heads of answers that go out often. To make one of pairs costs more than the rest of a request, so
 * all fields but those of the request are set once, and the two that are left on a copy.
 *
 * @module
 */

import type { RateLimitPolicy } from "@/platform/rate_limit.ts";
import { quotaOf, RATE_FIELD, RATE_POLICY_FIELD, rateLeft } from "../middleware/rate_limit.ts";
import { REQUEST_ID_FIELD } from "../middleware/request_id.ts";
import { apiSecurityFields } from "../middleware/security_headers.ts";
import type { LaneCall } from "./call.ts";

type Fields = Readonly<Record<string, string>>;

/** The fields of an answer that are the same each time. */
function headOf(
  status: number,
  own: Fields,
  policy: RateLimitPolicy | undefined,
): [string, string][] {
  const head = Object.entries(own);
  for (const [name, value] of apiSecurityFields(status)) {
    if (own[name] === undefined) head.push([name, value]);
  }
  if (policy) head.push([RATE_POLICY_FIELD, quotaOf(policy)]);
  return head;
}

/** One by one, which is faster than giving them to the answer's constructor. */
function appendAll(headers: Headers, fields: readonly (readonly [string, string])[]): void {
  for (const [name, value] of fields) headers.append(name, value);
}

/** The fields that are the request's own. */
function appendOwn(headers: Headers, { requestId, taken }: LaneCall): void {
  const last = taken.at(-1);
  if (last) headers.append(RATE_FIELD, rateLeft(last.policy, last.decision));
  headers.append(REQUEST_ID_FIELD, requestId);
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

/**
 * An answer of which only the request's own fields differ from call to call. Its body is bytes: a
 * text is made into bytes each time it is sent.
 */
export class RepeatedAnswer {
  readonly status: number;
  readonly #answers: ByPolicy<Response>;

  constructor(
    body: Uint8Array<ArrayBuffer> | null,
    { status, fields }: { status: number; fields: Fields },
  ) {
    this.status = status;
    this.#answers = new ByPolicy((policy) => {
      const answer = new Response(body, { status });
      appendAll(answer.headers, headOf(status, fields, policy));
      return answer;
    });
  }

  to(call: LaneCall): Response {
    // A copy shares the body, and takes a fifth of the time of a new one with as many fields.
    const answer = this.#answers.of(call).clone();
    appendOwn(answer.headers, call);
    return answer;
  }
}

/** Makes answers of JSON, of status 200, whose bodies differ from call to call. */
export function createJsonHead(): (call: LaneCall, body: string) => Response {
  const heads = new ByPolicy((policy) => headOf(200, {}, policy));
  return (call, body) => {
    // The server takes a text of this type the short way; fields that are given to it at once, it
    // copies into a registry of its own, which takes twice as long as adding them.
    const answer = new Response(body, { headers: JSON_TYPE });
    const { headers } = answer;
    appendAll(headers, heads.of(call));
    appendOwn(headers, call);
    return answer;
  };
}

const JSON_TYPE = { "content-type": "application/json" };
