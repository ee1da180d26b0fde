/** A server that speaks Google's documented protocol: tokens, hourly sums, sessions in pages. */

import { createHash } from "node:crypto";

/** A session as Google lists it. */
export interface GoogleSession {
  id: string;
  startTimeMillis: string;
  endTimeMillis: string;
  activityType: number;
  activeTimeMillis?: string;
  application?: { packageName: string };
}

/** Steps or metres of an interval; typed in where the source says so. */
export interface GooglePoint {
  type: string;
  at: number;
  value: number;
  isTyped?: boolean;
}

const HOUR_MS = 3_600_000;

/** Serves on a free port until disposed; the person is always `sub-7`, their token `access-<n>`. */
export function startGoogleFitServer() {
  const state = {
    sessions: [] as GoogleSession[],
    points: [] as GooglePoint[],
    /** Sessions of a page. */
    pageSize: 2,
    /** Given in order to the next calls of the API. */
    faults: [] as { status: number; body: unknown }[],
    seen: [] as string[],
    isRevoked: false,
    challenge: "",
  };
  let count = 0;

  function tokens(form: URLSearchParams): Response {
    const isRefresh = form.get("grant_type") === "refresh_token";
    const digest = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
    const isGood = isRefresh ? !state.isRevoked : digest === state.challenge;
    if (!isGood) return Response.json({ error: "invalid_grant" }, { status: 400 });
    return Response.json({
      "access_token": `access-${++count}`,
      "expires_in": 3599,
      scope: "openid https://www.googleapis.com/auth/fitness.activity.read " +
        "https://www.googleapis.com/auth/fitness.location.read",
      ...(isRefresh ? {} : { "refresh_token": "refresh-1", "id_token": idToken("sub-7") }),
    });
  }

  function aggregate(asked: { startTimeMillis: number; endTimeMillis: number }): Response {
    const { startTimeMillis: from, endTimeMillis: to } = asked;
    const bucket = [];
    for (let start = from; start < to; start += HOUR_MS) {
      const inside = state.points.filter(({ at }) => at >= start && at < start + HOUR_MS);
      const dataset = ["com.google.step_count.delta", "com.google.distance.delta"].map((type) => ({
        point: inside.filter((point) => point.type === type).map(({ value, isTyped }) => ({
          originDataSourceId: isTyped
            ? "raw:x:com.google.android.apps.fitness:user_input"
            : "raw:x",
          value: [Number.isInteger(value) ? { intVal: value } : { fpVal: value }],
        })),
      }));
      bucket.push({
        startTimeMillis: `${start}`,
        endTimeMillis: `${start + HOUR_MS}`,
        dataset,
      });
    }
    return Response.json({ bucket });
  }

  function sessions({ searchParams }: URL): Response {
    const [from, to] = ["startTime", "endTime"].map((name) => Date.parse(searchParams.get(name)!));
    const first = Number(searchParams.get("pageToken") ?? 0);
    const all = state.sessions.filter(({ endTimeMillis: end }) => +end >= from! && +end < to!);
    const session = all.slice(first, first + state.pageSize);
    const hasMoreData = first + session.length < all.length;
    return Response.json({ session, hasMoreData, nextPageToken: `${first + session.length}` });
  }

  async function answer(req: Request): Promise<Response> {
    const url = new URL(req.url);
    const body = await req.text();
    if (url.pathname === "/token") return tokens(new URLSearchParams(body));
    if (url.pathname === "/revoke") {
      const wasRevoked = state.isRevoked;
      state.isRevoked = true;
      return Response.json({}, { status: wasRevoked ? 400 : 200 });
    }
    state.seen.push(url.pathname.split("/").at(-1)!);
    const fault = state.faults.shift();
    if (fault) return Response.json(fault.body, { status: fault.status });
    return url.pathname.endsWith("dataset:aggregate") ? aggregate(JSON.parse(body)) : sessions(url);
  }

  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  return Object.assign(state, {
    url: `http://127.0.0.1:${(server.addr as Deno.NetAddr).port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  });
}

function idToken(sub: string): string {
  const part = (value: object) =>
    new TextEncoder().encode(JSON.stringify(value)).toBase64({ alphabet: "base64url" });
  return `${part({ alg: "RS256" })}.${part({ sub })}.signature`;
}
