import { canonicalJson } from "@/domain/canonical_json.ts";
import { DomainError, type ErrorCode, invalid } from "@/domain/error.ts";
import { getLog } from "@/platform/log.ts";
import { sha256 } from "@/platform/sha256.ts";
import type { Claim, IdempotencyService, StoredAnswer } from "@/services/idempotency.ts";
import type { AppContext, AppMiddleware } from "../app_env.ts";
import { failureHeaders } from "../failure.ts";
import { isJsonBody } from "./json_guard.ts";

export interface IdempotencyOptions {
  idempotency: IdempotencyService;
  /** The operation, which a key belongs to. */
  operation: string;
}

/** As for scores. */
export const IDEMPOTENCY_KEY_MAX = 255;
/** What a header can carry without doubt. */
const KEY_SHAPE = /^[\x20-\x7e]+$/;
/** Tells a client that the answer is that of an earlier request. */
const REPLAYED_HEADER = "idempotent-replayed";

/**
 * Runs a POST that carries an `Idempotency-Key` once: the same request again gets the same answer
 * for 24 hours, by (actor, operation, key). Success and refusals of the use-case (402, 409) are
 * kept; whatever failed before it, or on our side, may be tried again with the same key. Fails with
 * `CONFLICT` for another body, `VALIDATION_ERROR` for a key that is none.
 */
export function idempotent({ idempotency, operation }: IdempotencyOptions): AppMiddleware {
  return async function idempotent(c, next) {
    const key = c.req.method === "POST" ? c.req.header("idempotency-key") : undefined;
    const { actor } = c.var;
    const mayClaim = actor.kind === "user" || actor.kind === "api_key";
    if (key === undefined || !mayClaim) return await next();
    checkKey(key);
    const requestHash = await hashOf(c);
    const claim = await idempotency.claim({ actor, route: operation, key, requestHash });
    if (claim.outcome === "answered") return replay(claim.answer);
    c.set("idempotencyId", claim.id);
    await settleAfter(c, claim, next);
  };
}

function checkKey(key: string): void {
  if (key.length <= IDEMPOTENCY_KEY_MAX && KEY_SHAPE.test(key)) return;
  throw invalid(
    "Idempotency-Key",
    "invalid_format",
    `Idempotency-Key must be 1 to ${IDEMPOTENCY_KEY_MAX} characters of ASCII`,
  );
}

/**
 * The address and the body; whether a space stands in the JSON makes no difference. What came
 * without a type, as HTTP/2 allows, is nobody's input and stays the text that it is.
 */
async function hashOf(c: AppContext): Promise<Uint8Array<ArrayBuffer>> {
  const { pathname, search } = new URL(c.req.url);
  const text = await c.req.text();
  const isJson = text !== "" && isJsonBody(c.req.raw);
  const body = isJson ? canonicalJson(await c.req.json()) : text;
  return sha256(`${pathname}${search}\n${body}`);
}

function replay({ status, contentType, body }: StoredAnswer): Response {
  return new Response(body, {
    status,
    headers: {
      "content-type": contentType,
      [REPLAYED_HEADER]: "true",
      ...(status >= 400 ? failureHeaders(failureOf(body)) : {}),
    },
  });
}

/** The refusal that was kept, for the head that goes with its code. */
function failureOf(body: string): DomainError {
  const { error } = JSON.parse(body) as { error: { code: ErrorCode; message: string } };
  return new DomainError(error.code, error.message);
}

async function settleAfter(
  c: AppContext,
  claim: Extract<Claim, { outcome: "claimed" }>,
  next: () => Promise<void>,
): Promise<void> {
  try {
    await next();
  } catch (error) {
    await claim.release();
    throw error;
  }
  const { status } = c.res;
  if (!isKept(status)) return await claim.release();
  const contentType = c.res.headers.get("content-type") ?? "application/json";
  const answer = { status, contentType, body: await c.res.clone().text() };
  // The effect stands; without its answer kept, the same request finds it by other means.
  await claim.finish(answer).catch((error) => {
    getLog("http").error("Cannot keep an idempotent answer", { error });
  });
}

const CONFLICT = 409;
const PAYMENT_REQUIRED = 402;

/** What the use-case decided about a request that was in order. */
function isKept(status: number): boolean {
  return (status >= 200 && status < 300) || status === PAYMENT_REQUIRED || status === CONFLICT;
}
