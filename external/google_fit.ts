/**
 * The shape of Google Fit's REST API: hourly sums by `dataset:aggregate`, and sessions. Google ends
 * it in 2026 and takes no new apps: it is here for those who have one.
 *
 * @module
 */

import { z } from "zod";
import { ProviderFault } from "@/domain/provider_fault.ts";
import { DAY_MS, type EpochMs, HOUR_MS, SECOND_MS } from "@/domain/time.ts";
import {
  createOutsideCall,
  type OutsideCall,
  type OutsideCallDeps,
} from "@/platform/outside_call.ts";
import type {
  FitnessProvider,
  Grant,
  PulledPage,
  PulledRecord,
  PulledWorkout,
  PullRequest,
} from "@/services/connections/fitness_provider.ts";
import { askProvider, bearer, formBody, type ProviderAnswers } from "./provider_http.ts";

export interface GoogleFitDeps extends Pick<OutsideCallDeps, "metrics" | "sleep"> {
  clientId: string;
  clientSecret: string;
  /** One scheme and host for all of Google's; other than these in tests. */
  baseUrl?: string | undefined;
  now: () => EpochMs;
}

const FIT = "https://www.googleapis.com/auth/fitness";
/** `openid` names the account, so that it cannot count for two people; location is for distances. */
const SCOPES: readonly string[] = ["openid", `${FIT}.activity.read`, `${FIT}.location.read`];

/** Watches send what they recorded a day or two later. */
const OVERLAP_MS = 2 * DAY_MS;

const Tokens = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().optional(),
  expires_in: z.number(),
  scope: z.string().optional(),
  id_token: z.string().optional(),
});

const Millis = z.string().regex(/^\d{1,14}$/).transform(Number);
const Point = z.object({
  originDataSourceId: z.string().optional(),
  value: z.array(z.object({ intVal: z.number().optional(), fpVal: z.number().optional() })),
});
type Point = z.infer<typeof Point>;
const Bucket = z.object({
  startTimeMillis: Millis,
  endTimeMillis: Millis,
  dataset: z.array(z.object({ point: z.array(Point).default([]) })),
});
const Aggregate = z.object({ bucket: z.array(Bucket).default([]) });
const Session = z.object({
  id: z.string().min(1),
  startTimeMillis: Millis,
  endTimeMillis: Millis,
  activityType: z.int().optional(),
  activeTimeMillis: Millis.optional(),
  application: z.object({ packageName: z.string().optional() }).optional(),
});
const Sessions = z.object({
  session: z.array(z.unknown()).default([]),
  nextPageToken: z.string().optional(),
  hasMoreData: z.boolean().optional(),
});

/** Google's reasons for a 403 that passes by itself. */
const QUOTA =
  /"(rateLimitExceeded|userRateLimitExceeded|quotaExceeded|dailyLimitExceeded|RESOURCE_EXHAUSTED|RATE_LIMIT_EXCEEDED)"/;
const GONE = /"(invalid_grant|insufficientPermissions|ACCESS_TOKEN_SCOPE_INSUFFICIENT)"/;

const ANSWERS: ProviderAnswers = {
  title: "Google Fit",
  faultOf(status, body) {
    if (status === 403 && QUOTA.test(body)) return "quota";
    if (/"invalid_client"/.test(body)) return "refused";
    return status === 401 || GONE.test(body) ? "unauthorised" : "refused";
  },
};

/** Makes the driver; disposing it stops its breaker. */
export function createGoogleFit(deps: GoogleFitDeps): FitnessProvider & Disposable {
  const outside = createOutsideCall({ name: "google_fit", ...deps });
  const at = (host: string) => deps.baseUrl ?? `https://${host}`;
  const tokenUrl = `${at("oauth2.googleapis.com")}/token`;
  return {
    name: "google_fit",
    title: "Google Fit",
    scopes: SCOPES,
    authorizationUrl({ state, challenge, redirectUri }) {
      const url = new URL("/o/oauth2/v2/auth", at("accounts.google.com"));
      url.search = new URLSearchParams({
        client_id: deps.clientId,
        response_type: "code",
        redirect_uri: redirectUri,
        scope: SCOPES.join(" "),
        // Only so there is a refresh token, also the second time.
        access_type: "offline",
        prompt: "consent",
        state,
        code_challenge: challenge,
        code_challenge_method: "S256",
      }).toString();
      return url.href;
    },
    exchange: ({ code, verifier, redirectUri }) =>
      askTokens(outside, deps, tokenUrl, {
        grant_type: "authorization_code",
        code,
        code_verifier: verifier,
        redirect_uri: redirectUri,
      }),
    refresh: (refreshToken) =>
      askTokens(outside, deps, tokenUrl, {
        grant_type: "refresh_token",
        refresh_token: refreshToken,
      }),
    async revoke({ refreshToken }) {
      await askProvider(outside, {
        ...ANSWERS,
        // A token that is gone already is answered 400.
        faultOf: (status, body) => status === 400 ? "unauthorised" : ANSWERS.faultOf(status, body),
      }, {
        action: "end the access at Google Fit",
        url: `${at("oauth2.googleapis.com")}/revoke`,
        init: formBody({ token: refreshToken }),
        schema: z.unknown(),
        now: deps.now(),
      });
    },
    pull: (request) => pull(outside, `${at("www.googleapis.com")}/fitness/v1/users/me`, request),
    [Symbol.dispose]: () => outside[Symbol.dispose](),
  };
}

async function askTokens(
  outside: OutsideCall,
  { clientId, clientSecret, now }: GoogleFitDeps,
  url: string,
  fields: Record<string, string>,
): Promise<Grant> {
  const { body } = await askProvider(outside, ANSWERS, {
    action: "get access at Google Fit",
    url,
    init: formBody({ client_id: clientId, client_secret: clientSecret, ...fields }),
    schema: Tokens,
    now: now(),
    isIdempotent: false,
  });
  const refreshToken = body.refresh_token ?? fields.refresh_token;
  if (refreshToken === undefined) {
    throw new ProviderFault("refused", "Cannot get access at Google Fit: it gave no refresh token");
  }
  return {
    accessToken: body.access_token,
    refreshToken,
    expiresAt: now() + body.expires_in * SECOND_MS,
    accountId: body.id_token === undefined ? null : subjectOf(body.id_token),
    scopes: body.scope?.split(" ") ?? null,
  };
}

/** Whom an ID token is about. It came from Google itself over TLS, so its signature adds nothing. */
function subjectOf(idToken: string): string | null {
  try {
    const payload = Uint8Array.fromBase64(idToken.split(".")[1] ?? "", { alphabet: "base64url" });
    const { sub } = JSON.parse(new TextDecoder().decode(payload));
    return typeof sub === "string" ? sub : null;
  } catch {
    return null;
  }
}

/** Where a pull goes on: the day from `from`, and the page of its sessions. */
const Cursor = z.object({ from: z.number(), page: z.string().nullable() });

async function pull(outside: OutsideCall, base: string, request: PullRequest): Promise<PulledPage> {
  // Whole hours, so that the sum of an hour has one identity and is final once it is over.
  const floor = (at: EpochMs) => Math.floor(at / HOUR_MS) * HOUR_MS;
  const end = floor(request.now);
  const { from, page } = Cursor.safeParse(request.cursor).data ??
    { from: floor(request.since), page: null };
  const to = Math.min(from + DAY_MS, end);
  if (to <= from) return { records: [], workouts: [], next: { from, page: null }, isLast: true };
  const span = { from, to };
  const records = page === null ? await readSums(outside, base, request, span) : [];
  const { workouts, next } = await readSessions(outside, base, request, { ...span, page });
  const isLast = next === null && to >= end;
  const since = Math.max(floor(request.since), end - OVERLAP_MS);
  return {
    records,
    workouts,
    next: next !== null ? { from, page: next } : { from: isLast ? since : to, page: null },
    isLast,
  };
}

interface Span {
  from: EpochMs;
  to: EpochMs;
}

const STEPS = "com.google.step_count.delta";
const DISTANCE = "com.google.distance.delta";
/** In this order the answer has its sums. */
const SUMMED = [STEPS, DISTANCE];

async function readSums(
  outside: OutsideCall,
  base: string,
  { accessToken, now, signal }: PullRequest,
  { from, to }: Span,
): Promise<PulledRecord[]> {
  const { headers } = bearer(accessToken);
  const { body } = await askProvider(outside, ANSWERS, {
    action: "read the sums at Google Fit",
    url: `${base}/dataset:aggregate`,
    init: {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({
        aggregateBy: SUMMED.map((dataTypeName) => ({ dataTypeName })),
        bucketByTime: { durationMillis: HOUR_MS },
        startTimeMillis: from,
        endTimeMillis: to,
      }),
    },
    schema: Aggregate,
    now,
    signal,
  });
  return body.bucket.flatMap(({ startTimeMillis: start, endTimeMillis: end, dataset }) =>
    dataset.flatMap(({ point }, at) =>
      SUMMED[at] === undefined ? [] : toRecords(SUMMED[at], { from: start, to: end }, point)
    )
  );
}

/** The sum of an hour, what was typed in apart from what was measured. */
function toRecords(type: string, { from, to }: Span, points: readonly Point[]): PulledRecord[] {
  const byMethod = Object.entries(Object.groupBy(points, methodOf)) as [string, Point[]][];
  return byMethod.flatMap(([method, part]) => {
    const value = part.flatMap((point) => point.value)
      .reduce((sum, { intVal, fpVal }) => sum + (intVal ?? fpVal ?? 0), 0);
    if (value <= 0) return [];
    return [{
      id: `${type}:${from}${method === "manual" ? ":manual" : ""}`,
      type,
      start: new Date(from).toISOString(),
      end: new Date(to).toISOString(),
      value,
      source: { app: "Google Fit", recordingMethod: method as "manual" | "automatic" },
    }];
  });
}

function methodOf({ originDataSourceId = "" }: Point): "manual" | "automatic" {
  return originDataSourceId.includes("user_input") ? "manual" : "automatic";
}

async function readSessions(
  outside: OutsideCall,
  base: string,
  { accessToken, now, signal }: PullRequest,
  { from, to, page }: Span & { page: string | null },
): Promise<{ workouts: PulledWorkout[]; next: string | null }> {
  const query = new URLSearchParams({
    startTime: new Date(from).toISOString(),
    endTime: new Date(to).toISOString(),
    ...(page === null ? {} : { pageToken: page }),
  });
  const { body } = await askProvider(outside, ANSWERS, {
    action: "read the sessions at Google Fit",
    url: `${base}/sessions?${query}`,
    init: bearer(accessToken),
    schema: Sessions,
    now,
    signal,
  });
  // A page token comes always, and means more only where it is said or differs.
  const hasMore = body.hasMoreData ?? (body.session.length > 0 && body.nextPageToken !== page);
  return {
    workouts: body.session.flatMap((one) => toWorkout(Session.safeParse(one).data)),
    next: hasMore ? body.nextPageToken ?? null : null,
  };
}

/** In a vehicle, still, unknown, tilting, sleep in its stages, meditation: nobody's sport. */
const IDLE: ReadonlySet<number> = new Set([0, 3, 4, 5, 45, 72, 109, 110, 111, 112, 117, 118, 122]);

/** Google's numbers, by our names; others are `other`. */
const TYPES: Readonly<Record<string, readonly number[]>> = {
  running: [8, 56, 57, 58],
  walking: [2, 7, 93, 94, 95, 116],
  hiking: [35, 75],
  cycling: [1, 15, 16, 17, 18, 19],
  swimming: [82, 83, 84],
  rowing: [53, 54, 103],
  skiing: [65, 66, 67, 68, 69, 73],
  skating: [62, 63, 64, 104, 105],
  paddling: [40, 79],
  strength: [21, 22, 41, 80, 97],
  yoga: [49, 100],
  cardio: [9, 25, 39, 77, 78, 113, 114, 115],
  wheelchair: [14, 98],
};
const TYPE_OF: ReadonlyMap<number, string> = new Map(
  Object.entries(TYPES).flatMap(([type, all]) => all.map((number) => [number, type] as const)),
);

function toWorkout(session: z.infer<typeof Session> | undefined): PulledWorkout[] {
  const number = session?.activityType ?? 4;
  if (session === undefined || IDLE.has(number)) return [];
  const { id, startTimeMillis, endTimeMillis, activeTimeMillis, application } = session;
  return [{
    id,
    type: TYPE_OF.get(number) ?? "other",
    start: new Date(startTimeMillis).toISOString(),
    end: new Date(endTimeMillis).toISOString(),
    ...(activeTimeMillis === undefined ? {} : { movingTime: activeTimeMillis / SECOND_MS }),
    source: { app: application?.packageName ?? "Google Fit", recordingMethod: "unknown" },
  }];
}
