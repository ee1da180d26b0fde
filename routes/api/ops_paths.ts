/** The paths beside the API in the document: operation, the documents themselves, the socket. */

import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { StreamQuery } from "@/contracts/leaderboard.ts";
import { HealthDetails, HealthSummary, Liveness, Readiness } from "@/contracts/ops.ts";
import type { AppEnv } from "../app_env.ts";
import { failureAnswer } from "./answers.ts";

type Registry = OpenAPIHono<AppEnv>["openAPIRegistry"];

const tags = ["Operation"];
const METRICS_TOKEN = [{}, { metricsToken: [] }];
const OPERATOR_ONLY = {
  401: failureAnswer(["UNAUTHORIZED"]),
  403: failureAnswer(["FORBIDDEN"]),
};

/** Enters the paths that plain Hono routes answer. */
export function registerOpsPaths(registry: Registry): void {
  for (const route of [...HEALTH_ROUTES, ...DOCUMENT_ROUTES, socketRoute]) {
    registry.registerPath(route);
  }
}

function json<T extends z.ZodType>(description: string, schema: T) {
  return { description, content: { "application/json": { schema } } };
}

const HEALTH_ROUTES = [
  createRoute({
    operationId: "getHealth",
    method: "get",
    path: "/health",
    summary: "Ask how the whole is",
    description: "Parts are asked at most once a second, however many probes ask.",
    tags,
    security: [],
    responses: {
      200: json("It works, perhaps not in every part", HealthSummary),
      503: json("It does not work", HealthSummary),
    },
  }),
  createRoute({
    operationId: "getLiveness",
    method: "get",
    path: "/health/live",
    summary: "Ask whether the process lives (liveness probe)",
    tags,
    security: [],
    responses: { 200: json("It lives", Liveness) },
  }),
  createRoute({
    operationId: "getReadiness",
    method: "get",
    path: "/health/ready",
    summary: "Ask whether requests may be sent (readiness probe)",
    tags,
    security: [],
    responses: {
      200: json("Send requests", Readiness),
      503: json("Starting, stopping, or without database", Readiness),
    },
  }),
  createRoute({
    operationId: "getHealthDetails",
    method: "get",
    path: "/health/detailed",
    summary: "Ask how each part is",
    description: "For the machine itself, and for who sends METRICS_TOKEN as bearer.",
    tags,
    security: METRICS_TOKEN,
    responses: {
      200: json("It works, perhaps not in every part", HealthDetails),
      503: json("It does not work", HealthDetails),
      ...OPERATOR_ONLY,
    },
  }),
  createRoute({
    operationId: "getMetrics",
    method: "get",
    path: "/metrics",
    summary: "Read the metrics, in Prometheus' text format",
    description: "For the machine itself, and for who sends METRICS_TOKEN as bearer.",
    tags,
    security: METRICS_TOKEN,
    responses: {
      200: {
        description: "The metrics",
        content: { "text/plain": { schema: z.string().describe("One sample a line") } },
      },
      ...OPERATOR_ONLY,
    },
  }),
];

const AnyObject = z.record(z.string(), z.unknown());

const DOCUMENT_ROUTES = [
  createRoute({
    operationId: "getOpenApi",
    method: "get",
    path: "/openapi.json",
    summary: "Read this document",
    description: "Carries an ETag: ask again with If-None-Match.",
    tags,
    security: [],
    responses: {
      200: json("OpenAPI 3.1", AnyObject),
      429: failureAnswer(["RATE_LIMIT_EXCEEDED"]),
      304: { description: "It is still the one you have" },
    },
  }),
  createRoute({
    operationId: "getAsyncApi",
    method: "get",
    path: "/asyncapi.json",
    summary: "Read the description of the socket",
    tags,
    security: [],
    responses: {
      200: json("AsyncAPI 3.0", AnyObject),
      429: failureAnswer(["RATE_LIMIT_EXCEEDED"]),
      304: { description: "It is still the one you have" },
    },
  }),
];

const socketRoute = createRoute({
  operationId: "openBoardSocket",
  method: "get",
  path: "/ws/leaderboard/{competitionId}",
  summary: "Follow a board live, by WebSocket",
  description: "Frames and close codes are described at /docs/socket and in /asyncapi.json. " +
    "Refusals are told by close codes, because a browser cannot see the answer to an upgrade.",
  tags: ["Leaderboard"],
  security: [{}, { socketToken: [] }, { cookie: [] }],
  request: {
    params: z.object({
      competitionId: z.string().max(80).meta({
        description: "Id or slug of the competition",
        example: "spring-distance-cup",
      }),
    }),
    query: StreamQuery,
  },
  responses: {
    101: { description: "The socket is open" },
    429: failureAnswer(["RATE_LIMIT_EXCEEDED"]),
  },
});
