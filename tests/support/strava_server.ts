/** A server that speaks Strava's documented protocol: consent, tokens, activities, quota, faults. */

import { createHash } from "node:crypto";
import type { EpochMs } from "@/domain/time.ts";

/** An answer instead of the usual one. */
export interface StravaFault {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** An activity as Strava lists it. */
export interface StravaActivity {
  id: number;
  "sport_type": string;
  "start_date": string;
  "utc_offset": number;
  "elapsed_time": number;
  "moving_time": number;
  distance: number;
  "total_elevation_gain": number;
  manual: boolean;
}

interface Access {
  athlete: number;
  accessToken: string;
  refreshToken: string;
  expiresAt: EpochMs;
}

const CLIENT = { id: "4711", secret: "a secret of the app" };
const TOKEN_MS = 6 * 3_600_000;

export type StravaServer = ReturnType<typeof startStravaServer>;

/** Serves on a free port until disposed. */
export function startStravaServer(now: () => EpochMs) {
  const codes = new Map<string, { athlete: number; challenge: string }>();
  const accesses: Access[] = [];
  const activities = new Map<number, StravaActivity[]>();
  const seen = { refreshes: 0, deauthorized: 0, pages: [] as string[], calls: 0 };
  let count = 0;
  const state = {
    seen,
    client: CLIENT,
    activities,
    /** Given in order to the next calls of the API. */
    faults: [] as StravaFault[],
    /** Given in order to the next calls for tokens. */
    tokenFaults: [] as StravaFault[],
    /** Used of the quarter of an hour's 200 and the day's 2000. */
    usage: [1, 10] as [number, number],
    /** Fewer than asked for, as Strava may send. */
    pageMax: 100,
    /** Agrees (or not) in the person's place; gives what the browser comes back with. */
    consent(
      address: string,
      athlete: number,
      given: { scope?: string; isDeclined?: boolean } = {},
    ) {
      const { searchParams: asked } = new URL(address);
      const back = new URL(asked.get("redirect_uri")!);
      back.searchParams.set("state", asked.get("state")!);
      if (given.isDeclined) back.searchParams.set("error", "access_denied");
      else {
        const code = `code-${++count}`;
        codes.set(code, { athlete, challenge: asked.get("code_challenge")! });
        back.searchParams.set("code", code);
        back.searchParams.set("scope", given.scope ?? "read,activity:read");
      }
      return back;
    },
    /** The athlete takes the access back. */
    revoke(athlete: number) {
      accesses.splice(0, accesses.length, ...accesses.filter((one) => one.athlete !== athlete));
    },
    hasAccess: (athlete: number) => accesses.some((one) => one.athlete === athlete),
  };

  function grant(athlete: number, extra: object = {}): Response {
    state.revoke(athlete);
    const access = {
      athlete,
      accessToken: `access-${++count}`,
      refreshToken: `refresh-${++count}`,
      expiresAt: now() + TOKEN_MS,
    };
    accesses.push(access);
    return Response.json({
      "token_type": "Bearer",
      "access_token": access.accessToken,
      "refresh_token": access.refreshToken,
      "expires_at": Math.floor(access.expiresAt / 1000),
      "expires_in": TOKEN_MS / 1000,
      ...extra,
    });
  }

  function tokens(form: URLSearchParams): Response {
    const fault = state.tokenFaults.shift();
    if (fault) return faultAnswer(fault);
    if (form.get("client_id") !== CLIENT.id || form.get("client_secret") !== CLIENT.secret) {
      return refusal(401, "Application", "client_id");
    }
    if (form.get("grant_type") === "refresh_token") {
      seen.refreshes += 1;
      const known = accesses.find(({ refreshToken }) => refreshToken === form.get("refresh_token"));
      return known ? grant(known.athlete) : refusal(400, "RefreshToken", "refresh_token");
    }
    const code = codes.get(form.get("code") ?? "");
    codes.delete(form.get("code") ?? "");
    const challenge = createHash("sha256").update(form.get("code_verifier") ?? "")
      .digest("base64url");
    if (code?.challenge !== challenge) return refusal(400, "AuthorizationCode", "code");
    return grant(code.athlete, { athlete: { id: code.athlete } });
  }

  function list({ searchParams }: URL, athlete: number): Response {
    const page = Number(searchParams.get("page"));
    const size = Math.min(Number(searchParams.get("per_page")), state.pageMax);
    seen.pages.push(`${athlete} ${page}`);
    const after = Number(searchParams.get("after")) * 1000;
    const all = (activities.get(athlete) ?? [])
      .filter((one) => Date.parse(one.start_date) > after)
      .sort((a, b) => Date.parse(a.start_date) - Date.parse(b.start_date));
    return Response.json(all.slice((page - 1) * size, page * size));
  }

  function api(req: Request, url: URL): Response {
    seen.calls += 1;
    const fault = state.faults.shift();
    if (fault) return faultAnswer(fault);
    const token = req.headers.get("authorization")?.replace("Bearer ", "");
    const access = accesses.find(({ accessToken }) => accessToken === token);
    if (!access || access.expiresAt <= now()) return refusal(401, "Athlete", "access_token");
    if (url.pathname.endsWith("/athlete/activities")) return list(url, access.athlete);
    const id = Number(url.pathname.split("/").at(-1));
    const found = activities.get(access.athlete)?.find((one) => one.id === id);
    return found ? Response.json(found) : refusal(404, "Activity", "id");
  }

  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (req) => {
    const url = new URL(req.url);
    const form = req.method === "POST" ? new URLSearchParams(await req.text()) : undefined;
    if (form && url.pathname === "/oauth/token") return tokens(form);
    if (form && url.pathname === "/oauth/deauthorize") {
      const token = form.get("access_token");
      const known = accesses.find(({ accessToken }) => accessToken === token);
      seen.deauthorized += 1;
      if (!known) return refusal(401, "Athlete", "access_token");
      state.revoke(known.athlete);
      return Response.json({ "access_token": token });
    }
    const res = api(req, url);
    if (!res.headers.has("x-ratelimit-limit")) {
      res.headers.set("x-ratelimit-limit", "200,2000");
      res.headers.set("x-ratelimit-usage", state.usage.join());
    }
    return res;
  });
  return Object.assign(state, {
    url: `http://127.0.0.1:${(server.addr as Deno.NetAddr).port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  });
}

function refusal(status: number, resource: string, field: string): Response {
  const body = { message: "Not accepted", errors: [{ resource, field, code: "invalid" }] };
  return Response.json(body, { status });
}

function faultAnswer({ status, body = {}, headers = {} }: StravaFault): Response {
  return Response.json(body, { status, headers });
}

/** A run of so many metres. */
export function stravaRun(
  id: number,
  at: string,
  distance: number,
  part: Partial<StravaActivity> = {},
): StravaActivity {
  return {
    id,
    "sport_type": "Run",
    "start_date": at,
    "utc_offset": 7200,
    "elapsed_time": 1900,
    "moving_time": 1800,
    distance,
    "total_elevation_gain": 12,
    manual: false,
    ...part,
  };
}
