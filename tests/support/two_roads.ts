/** Sends a request by the lane or by the framework, and tells all that became of it. */

import { startLog } from "@/platform/log.ts";
import type { TestApp } from "./app.ts";

/** A request of a table. */
export interface RoadRequest {
  path: string;
  method?: string;
  headers?: Record<string, string>;
  /** Sent as it is, or as JSON; a function gets another word each time. */
  body?: string | Uint8Array<ArrayBuffer> | object | ((word: string) => object);
}

/** All that one road made of a request, without what differs from one request to the next. */
export interface RoadAnswer {
  status: number;
  fields: [string, string][];
  body: string;
  /** Lines of the log. */
  lines: Record<string, unknown>[];
  /** By how much metrics rose. */
  counts: Record<string, number>;
}

/** An answer with what it left of the caller's limit, and whether the framework had to do with it. */
export interface RoadResult {
  answer: RoadAnswer;
  left: number | undefined;
  wasOrdinary: boolean;
}

const HOST = "http://boards.example.org";
/** Metrics of requests; durations are nobody's to compare. */
const COUNTED = /^(http_requests_total|http_re\w+_size_bytes_\w+|errors_total|rate_limited)/;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Opens both roads of an app. */
export function openRoads(test: TestApp) {
  const { app } = test;
  const { fetch } = app;
  let ordinary = 0;
  let sent = 0;
  app.fetch = (...args) => {
    ordinary += 1;
    return fetch(...args);
  };
  return async (road: "lane" | "ordinary", request: RoadRequest): Promise<RoadResult> => {
    const before = await countsOf(test);
    let text = "";
    const log = startLog({ level: "debug", format: "json", write: (lines) => text += lines });
    const req = requestOf(request, `word-${sent++}`);
    ordinary = 0;
    const res = await (road === "lane" ? app.handle(req, INFO) : fetch(req, { info: INFO }));
    const bytes = new Uint8Array(await res.arrayBuffer());
    log[Symbol.dispose]();
    const counts = differenceOf(before, await countsOf(test));
    const left = /;r=(\d+)/.exec(res.headers.get("ratelimit") ?? "")?.[1];
    return {
      answer: { ...answerOf(res, bytes), lines: linesOf(text), counts },
      left: left === undefined ? undefined : Number(left),
      wasOrdinary: ordinary > 0,
    };
  };
}

const INFO: Deno.ServeHandlerInfo = {
  remoteAddr: { transport: "tcp", hostname: "203.0.113.9", port: 4711 },
  completed: Promise.resolve(),
};

function requestOf({ path, method = "GET", headers, body }: RoadRequest, word: string): Request {
  const fields = new Headers(headers);
  const bytes = bytesOf(typeof body === "function" ? body(word) : body);
  if (bytes) {
    if (!fields.has("content-type")) fields.set("content-type", "application/json");
    fields.set("content-length", String(bytes.byteLength));
  }
  const url = path.startsWith("http") ? path : `${HOST}/api/v1/leaderboard${path}`;
  return new Request(url, { method, headers: fields, body: bytes ?? null });
}

function bytesOf(body: string | Uint8Array<ArrayBuffer> | object | undefined) {
  if (body === undefined || body instanceof Uint8Array) return body;
  return new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
}

function answerOf(
  res: Response,
  bytes: Uint8Array,
): Pick<RoadAnswer, "status" | "fields" | "body"> {
  const isJson = res.headers.get("content-encoding") === null;
  const text = isJson ? new TextDecoder().decode(bytes) : String(bytes);
  const fields = [...res.headers].map(([name, value]): [string, string] => [name, likeOf(value)]);
  return { status: res.status, fields, body: likeOf(text) };
}

/** Ids made for the request, numbers in the log and what is left of a limit rise from one to the next. */
function likeOf(text: string): string {
  return text.replaceAll(/("requestId":")[^"]+|"offset":\d+|;r=\d+/g, "$1*")
    .replaceAll(new RegExp(`^${UUID.source}$`, "g"), "*");
}

function linesOf(text: string): Record<string, unknown>[] {
  return text.split("\n").filter(Boolean).map((line) => {
    const { time: _, durationMs, requestId, ...rest } = JSON.parse(line);
    return { ...rest, durationMs: typeof durationMs, requestId: likeOf(String(requestId)) };
  });
}

async function countsOf({ metrics }: TestApp): Promise<Map<string, number>> {
  const lines = (await metrics.registry.metrics()).split("\n");
  return new Map(
    lines.filter((line) => COUNTED.test(line)).map((line) => {
      const space = line.lastIndexOf(" ");
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

function differenceOf(before: Map<string, number>, after: Map<string, number>) {
  const rises = [...after].map(([name, value]) => [name, value - (before.get(name) ?? 0)] as const);
  return Object.fromEntries(rises.filter(([, rise]) => rise !== 0));
}
