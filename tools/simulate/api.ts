/** The public API as an app uses it: envelope, tokens that are renewed, limits that are kept. */

import type { Tokens } from "@/contracts/auth.ts";
import { SECOND_MS } from "@/domain/time.ts";

/** What an app needs of the machine. */
export interface ApiDeps {
  /** Origin of the server, without a path. */
  url: string;
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  wait: (ms: number) => Promise<void>;
}

/** A failure as the envelope tells it, or `NETWORK` when there was no answer at all. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  constructor(readonly code: string, readonly status: number, message: string) {
    super(message);
  }
}

/** The API for one caller. */
export interface Api {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
  /** From now on requests carry these tokens. */
  signIn(tokens: Tokens): void;
}

/** Times a refusal by the rate limit is waited out. */
const LIMITED_ATTEMPTS_MAX = 5;
/** When the answer does not say how long. */
const RETRY_AFTER_DEFAULT_MS = SECOND_MS;
/** A server that asks for longer is not worth waiting for. */
const RETRY_AFTER_MAX_MS = 90 * SECOND_MS;
const TIMEOUT_MS = 30 * SECOND_MS;

interface Envelope {
  success: boolean;
  data: unknown;
  error?: { code: string; message: string };
}

/** Makes the API of a caller who is nobody yet. */
export function createApi(deps: ApiDeps): Api {
  let tokens: Tokens | undefined;
  let renewing: Promise<void> | undefined;

  async function send<T>(method: string, path: string, body?: unknown): Promise<T> {
    try {
      return await attempt(method, path, body) as T;
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "TOKEN_EXPIRED" || !tokens) throw error;
      // A refresh token works once, so requests that run into the end together share the renewal.
      renewing ??= renew(tokens.refreshToken).finally(() => renewing = undefined);
      await renewing;
      return await attempt(method, path, body) as T;
    }
  }
  async function renew(refreshToken: string): Promise<void> {
    tokens = await attempt("POST", "/auth/refresh", { refreshToken }) as Tokens;
  }
  async function attempt(method: string, path: string, body: unknown): Promise<unknown> {
    for (let count = 1;; count++) {
      const res = await request(method, path, body);
      if (res.status !== 429 || count === LIMITED_ATTEMPTS_MAX) return await dataOf(res);
      await res.body?.cancel();
      await deps.wait(retryAfterMs(res));
    }
  }
  async function request(method: string, path: string, body: unknown): Promise<Response> {
    const headers = new Headers({ accept: "application/json" });
    if (body !== undefined) headers.set("content-type", "application/json");
    if (tokens) headers.set("authorization", `Bearer ${tokens.accessToken}`);
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const init = { method, headers, signal, ...(body === undefined ? {} : jsonOf(body)) };
    try {
      return await deps.fetch(`${deps.url}/api/v1${path}`, init);
    } catch (error) {
      throw new ApiError("NETWORK", 0, `Cannot reach "${deps.url}": ${String(error)}`);
    }
  }
  return {
    get: (path) => send("GET", path),
    post: (path, body) => send("POST", path, body),
    signIn: (given) => void (tokens = given),
  };
}

function jsonOf(body: unknown): { body: string } {
  return { body: JSON.stringify(body) };
}

async function dataOf(res: Response): Promise<unknown> {
  const text = await res.text();
  const envelope = parseEnvelope(text);
  if (envelope?.success) return envelope.data;
  const { code = "NOT_JSON", message = text.slice(0, 200) } = envelope?.error ?? {};
  throw new ApiError(code, res.status, message);
}

function parseEnvelope(text: string): Envelope | undefined {
  try {
    return JSON.parse(text) as Envelope;
  } catch {
    return undefined;
  }
}

function retryAfterMs(res: Response): number {
  const seconds = Number(res.headers.get("retry-after") ?? NaN);
  const ms = Number.isFinite(seconds) ? seconds * SECOND_MS : RETRY_AFTER_DEFAULT_MS;
  return Math.min(ms, RETRY_AFTER_MAX_MS);
}
