/** Sends a request of the reference page's form, and reads what comes back. */

import {
  type ParameterValues,
  requestHeaders,
  requestPath,
  type RequestShape,
} from "./api_request.ts";

/** What the form holds. */
export interface CallInput {
  shape: RequestShape;
  values: ParameterValues;
  /** JSON text or a form; null without a body. */
  body: string | FormData | null;
  /** A pasted access token; empty: the session of the page. */
  token: string;
  /** Vouches for writes by the page's session; empty for visitors. */
  csrfToken: string;
}

/** An answer, ready to show. */
export interface CallResult {
  status: number;
  statusText: string;
  elapsedMs: number;
  headers: [string, string][];
  text: string;
  /** The access token that the answer gives, if it is a sign-in. */
  accessToken: string | null;
}

/** Longer answers are cut: a page is not the place for them. */
const TEXT_MAX = 200_000;
/** Whoever waits longer has something else to look into. */
const TIMEOUT_MS = 30_000;

/** The parts of the browser that a call needs. */
export interface CallEnvironment {
  fetch(path: string, init: RequestInit): Promise<Response>;
  now(): number;
}

/** Sends the request; rejects where no answer comes. */
export async function sendCall(
  input: CallInput,
  environment: CallEnvironment,
): Promise<CallResult> {
  const init = callInit(input);
  const startedAt = environment.now();
  const response = await environment.fetch(requestPath(input.shape, input.values), init);
  const text = await response.text();
  const elapsedMs = environment.now() - startedAt;
  const parsed = parseJson(text);
  return {
    status: response.status,
    statusText: response.statusText,
    elapsedMs,
    headers: [...response.headers],
    text: (parsed === undefined ? text : JSON.stringify(parsed, null, 2)).slice(0, TEXT_MAX),
    accessToken: accessTokenIn(parsed),
  };
}

function callInit({ shape, values, body, token, csrfToken }: CallInput): RequestInit {
  const headers = new Headers(requestHeaders(shape, values));
  if (typeof body === "string") headers.set("content-type", "application/json");
  if (token) headers.set("authorization", `Bearer ${token}`);
  else if (csrfToken && shape.method !== "GET") headers.set("x-csrf-token", csrfToken);
  return {
    method: shape.method,
    headers,
    body,
    credentials: token ? "omit" : "same-origin",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function accessTokenIn(answer: unknown): string | null {
  const data = fieldOf(answer, "data");
  const token = fieldOf(data, "accessToken");
  return typeof token === "string" ? token : null;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
