/** Calls to providers of activity: JSON over HTTP, through the breaker, with faults told apart. */

import type { z } from "zod";
import { ProviderFault, type ProviderFaultKind } from "@/domain/provider_fault.ts";
import { type EpochMs, SECOND_MS } from "@/domain/time.ts";
import type { OutsideCall } from "@/platform/outside_call.ts";

/** What a driver knows about its provider's answers. */
export interface ProviderAnswers {
  /** What people call it; in messages. */
  title: string;
  /** What an answer of 400 to 499 means, other than 429. */
  faultOf(status: number, body: string): ProviderFaultKind;
  /** When the app may ask again, by what the provider says of its quota; undefined: any time. */
  quotaUntil?(headers: Headers, now: EpochMs, share: number): EpochMs | undefined;
}

/** One call. */
export interface ProviderRequest<T> {
  /** Completes "Cannot …" in errors. */
  action: string;
  url: string;
  init?: RequestInit;
  schema: z.ZodType<T>;
  now: EpochMs;
  isIdempotent?: boolean;
  signal?: AbortSignal | undefined;
}

/** A job asks again later anyway, so a pull holds its place for one more try only. */
const TRIES_MAX = 2;

/** Where a provider says "too many" and not for how long. */
const PAUSE_MS = 15 * 60 * SECOND_MS;

/** Nobody's answer to a page of records is longer. */
const ANSWER_CHARS_MAX = 16 * 1024 * 1024;

/** Asks, and reads the answer by its schema. Fails with `ProviderFault`, or as outside calls do. */
export async function askProvider<T>(
  outside: OutsideCall,
  answers: ProviderAnswers,
  request: ProviderRequest<T>,
): Promise<{ body: T; headers: Headers }> {
  const { action, url, init, signal, isIdempotent = true } = request;
  const { res, text } = await outside.call(action, async (signal) => {
    const res = await fetch(url, { ...init, signal, redirect: "error" });
    const text = await res.text();
    if (isAway(res.status)) {
      throw Object.assign(new Error(`${answers.title} answered ${res.status}`), {
        status: res.status,
      });
    }
    return { res, text };
  }, { isIdempotent, triesMax: TRIES_MAX, ...(signal ? { signal } : {}) });
  if (!res.ok) throw refusal(answers, request, res, text);
  return { body: read(answers, request, text), headers: res.headers };
}

function isAway(status: number): boolean {
  return status >= 500 || status === 408 || status === 425;
}

function refusal<T>(
  answers: ProviderAnswers,
  { action, now }: ProviderRequest<T>,
  { status, headers }: Response,
  text: string,
): ProviderFault {
  const kind = status === 429 ? "quota" : answers.faultOf(status, text);
  const message = `Cannot ${action}: ${answers.title} answered ${status}`;
  if (kind !== "quota") return new ProviderFault(kind, message);
  const until = retryAfter(headers, now) ?? answers.quotaUntil?.(headers, now, 1);
  return new ProviderFault("quota", message, until ?? now + PAUSE_MS);
}

/** `Retry-After` as seconds or as a date. */
function retryAfter(headers: Headers, now: EpochMs): EpochMs | undefined {
  const given = headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,9}$/.test(given)) return now + Number(given) * SECOND_MS;
  const at = Date.parse(given);
  return Number.isNaN(at) ? undefined : Math.max(at, now);
}

function read<T>(answers: ProviderAnswers, request: ProviderRequest<T>, text: string): T {
  const parsed = request.schema.safeParse(
    text.length > ANSWER_CHARS_MAX ? undefined : jsonOf(text),
  );
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join(".") || "the answer";
  throw new ProviderFault(
    "refused",
    `Cannot ${request.action}: ${answers.title} sent what is not understood (${where})`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A form, as OAuth wants its parameters. */
export function formBody(fields: Record<string, string>): RequestInit {
  return { method: "POST", body: new URLSearchParams(fields) };
}

/** A request with the person's token. */
export function bearer(accessToken: string): RequestInit {
  return { headers: { authorization: `Bearer ${accessToken}` } };
}
