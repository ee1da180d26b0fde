/**
 * Strava: sessions of an athlete by its API version 3. Its access tokens live six hours, each
 * refresh may bring a new refresh token, and the quota is the app's: so many calls in each quarter
 * of an hour and each day of UTC, told in headers of every answer.
 *
 * @module
 */

import { z } from "zod";
import { DAY_MS, type EpochMs, MINUTE_MS, SECOND_MS } from "@/domain/time.ts";
import {
  createOutsideCall,
  type OutsideCall,
  type OutsideCallDeps,
} from "@/platform/outside_call.ts";
import type {
  FitnessProvider,
  Grant,
  PulledPage,
  PulledWorkout,
  PullRequest,
} from "@/services/connections/fitness_provider.ts";
import { askProvider, bearer, formBody, type ProviderAnswers } from "./provider_http.ts";

export interface StravaDeps extends Pick<OutsideCallDeps, "metrics" | "sleep"> {
  clientId: string;
  clientSecret: string;
  /** Scheme and host; other than Strava's own in tests. */
  baseUrl?: string | undefined;
  now: () => EpochMs;
}

const STRAVA_URL = "https://www.strava.com";

/** What followers and everybody may see; "only me" stays with the athlete. */
const SCOPES: readonly string[] = ["activity:read"];

const PAGE_SIZE = 100;

/** Sessions reach Strava days after they were recorded; older ones are told by its webhook. */
const OVERLAP_MS = 7 * DAY_MS;

/** From this share of the quota on nothing more is asked, so that webhooks still get answers. */
const QUOTA_SHARE = 0.9;
const WINDOW_MS = 15 * MINUTE_MS;

const Tokens = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  expires_at: z.int(),
  scope: z.string().optional(),
  athlete: z.object({ id: z.int() }).optional(),
});

const Activity = z.object({
  id: z.int(),
  type: z.string().optional(),
  sport_type: z.string().optional(),
  start_date: z.string(),
  utc_offset: z.number().optional(),
  elapsed_time: z.number(),
  moving_time: z.number(),
  distance: z.number().optional(),
  total_elevation_gain: z.number().optional(),
  manual: z.boolean().optional(),
});
type Activity = z.infer<typeof Activity>;

const ANSWERS: ProviderAnswers = {
  title: "Strava",
  faultOf(status, body) {
    // Strava names what it refuses; a wrong client is the operator's to mend, not the athlete's.
    const isApps = /"resource"\s*:\s*"Application"/.test(body);
    const isGone = status === 401 ||
      (status === 400 && /"(RefreshToken|AuthorizationCode)"/.test(body));
    return isGone && !isApps ? "unauthorised" : "refused";
  },
  quotaUntil,
};

/** Makes the driver; disposing it stops its breaker. */
export function createStrava(deps: StravaDeps): FitnessProvider & Disposable {
  const outside = createOutsideCall({ name: "strava", ...deps });
  const base = deps.baseUrl ?? STRAVA_URL;
  return {
    name: "strava",
    title: "Strava",
    scopes: SCOPES,
    authorizationUrl({ state, challenge, redirectUri }) {
      const url = new URL("/oauth/authorize", base);
      url.search = new URLSearchParams({
        client_id: deps.clientId,
        response_type: "code",
        redirect_uri: redirectUri,
        approval_prompt: "auto",
        scope: SCOPES.join(","),
        state,
        // Strava passes over what it does not know; the state protects the person there.
        code_challenge: challenge,
        code_challenge_method: "S256",
      }).toString();
      return url.href;
    },
    exchange: ({ code, verifier }) =>
      askTokens(outside, deps, base, {
        grant_type: "authorization_code",
        code,
        code_verifier: verifier,
      }),
    refresh: (refreshToken) =>
      askTokens(outside, deps, base, { grant_type: "refresh_token", refresh_token: refreshToken }),
    async revoke({ accessToken }) {
      await askProvider(outside, ANSWERS, {
        action: "end the access at Strava",
        url: `${base}/oauth/deauthorize`,
        init: formBody({ access_token: accessToken }),
        schema: z.unknown(),
        now: deps.now(),
      });
    },
    pull: (request) => pull(outside, base, request),
    async readWorkout({ accessToken, workoutId, now, signal }) {
      const { body } = await askProvider(outside, withMissing, {
        action: "read the activity at Strava",
        url: `${base}/api/v3/activities/${encodeURIComponent(workoutId)}?include_all_efforts=false`,
        init: bearer(accessToken),
        schema: Activity,
        now,
        signal,
      }).catch((error) => {
        if (error instanceof Missing) return { body: null };
        throw error;
      });
      return body && toWorkout(body);
    },
    [Symbol.dispose]: () => outside[Symbol.dispose](),
  };
}

/** Says within this file that there is no such activity. */
class Missing extends Error {}

const withMissing: ProviderAnswers = {
  ...ANSWERS,
  faultOf(status, body) {
    if (status === 404) throw new Missing();
    return ANSWERS.faultOf(status, body);
  },
};

async function askTokens(
  outside: OutsideCall,
  { clientId, clientSecret, now }: StravaDeps,
  base: string,
  fields: Record<string, string>,
): Promise<Grant> {
  const { body } = await askProvider(outside, ANSWERS, {
    action: "get access at Strava",
    url: `${base}/oauth/token`,
    init: formBody({ client_id: clientId, client_secret: clientSecret, ...fields }),
    schema: Tokens,
    now: now(),
    // A code is good once, and a refresh may use its token up.
    isIdempotent: false,
  });
  return {
    accessToken: body.access_token,
    refreshToken: body.refresh_token,
    expiresAt: body.expires_at * SECOND_MS,
    accountId: body.athlete ? String(body.athlete.id) : null,
    scopes: body.scope?.split(/[ ,]+/) ?? null,
  };
}

/** Where a pull goes on: sessions after `after` (s), page by page; `newest` (s) is the latest seen. */
const Cursor = z.object({ after: z.number(), page: z.number(), newest: z.number() });

async function pull(
  outside: OutsideCall,
  base: string,
  { accessToken, cursor, since, now, signal }: PullRequest,
): Promise<PulledPage> {
  const start = Math.floor(since / SECOND_MS);
  const at = Cursor.safeParse(cursor).data ?? { after: start, page: 1, newest: start };
  const query = new URLSearchParams({
    after: String(at.after),
    page: String(at.page),
    per_page: String(PAGE_SIZE),
  });
  const { body, headers } = await askProvider(outside, ANSWERS, {
    action: "read the activities at Strava",
    url: `${base}/api/v3/athlete/activities?${query}`,
    init: bearer(accessToken),
    schema: z.array(z.unknown()),
    now,
    signal,
  });
  const activities = body.flatMap((one) => Activity.safeParse(one).data ?? []);
  const seen = activities.map(({ start_date: at }) => Math.floor(Date.parse(at) / SECOND_MS));
  const newest = Math.max(at.newest, ...seen.filter(Number.isFinite));
  const pauseUntil = quotaUntil(headers, now, QUOTA_SHARE);
  return {
    records: [],
    workouts: activities.map(toWorkout),
    // Pages may be shorter than asked for: only an empty one is the last.
    isLast: body.length === 0,
    next: body.length === 0
      ? { after: Math.max(start, newest - OVERLAP_MS / SECOND_MS), page: 1, newest }
      : { ...at, page: at.page + 1, newest },
    ...(pauseUntil === undefined ? {} : { pauseUntil }),
  };
}

function toWorkout(activity: Activity): PulledWorkout {
  const { distance, total_elevation_gain: climb, utc_offset: offset } = activity;
  const startsAt = Date.parse(activity.start_date);
  const endsAt = startsAt + activity.elapsed_time * SECOND_MS;
  const isDated = Number.isFinite(endsAt) && Math.abs(endsAt) < MAX_DATE_MS;
  return {
    id: String(activity.id),
    type: activity.sport_type ?? activity.type ?? "other",
    start: isDated ? new Date(startsAt).toISOString() : activity.start_date,
    end: isDated ? new Date(endsAt).toISOString() : activity.start_date,
    movingTime: activity.moving_time,
    ...(offset === undefined ? {} : { zoneOffset: offsetText(offset) }),
    ...(distance === undefined ? {} : { distance }),
    ...(climb === undefined ? {} : { elevationGain: climb }),
    source: { app: "Strava", recordingMethod: activity.manual ? "manual" : "active" },
  };
}

/** The last instant that a date can show. */
const MAX_DATE_MS = 8.64e15;
const HOUR_MINUTES = 60;

/** `7200` s → `+02:00`. */
function offsetText(seconds: number): string {
  const minutes = Math.round(Math.abs(seconds) / 60);
  const two = (number: number) => String(number).padStart(2, "0");
  const sign = seconds < 0 ? "-" : "+";
  return `${sign}${two(Math.floor(minutes / HOUR_MINUTES))}:${two(minutes % HOUR_MINUTES)}`;
}

/** `200,2000` and `183,640`: of each window and of the day; readings have a quota of their own. */
function quotaUntil(headers: Headers, now: EpochMs, share: number): EpochMs | undefined {
  const untils = ["x-ratelimit", "x-readratelimit"].flatMap((name) => {
    const limits = numbers(headers.get(`${name}-limit`));
    const used = numbers(headers.get(`${name}-usage`));
    const isUsed = (at: number) => (used[at] ?? 0) >= (limits[at] ?? Infinity) * share;
    if (isUsed(1)) return [nextMultiple(now, DAY_MS)];
    return isUsed(0) ? [nextMultiple(now, WINDOW_MS)] : [];
  });
  return untils.length === 0 ? undefined : Math.max(...untils);
}

function numbers(text: string | null): number[] {
  return text?.split(",").map((part) => Number.parseInt(part, 10)) ?? [];
}

function nextMultiple(now: EpochMs, everyMs: number): EpochMs {
  return (Math.floor(now / everyMs) + 1) * everyMs;
}
