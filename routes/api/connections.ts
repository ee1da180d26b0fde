/** `/fitness/connections`: clouds of device makers, and what Strava reports. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import {
  ConnectedProvider,
  Connection,
  ConnectionCallback,
  ConnectionList,
  ConnectionStart,
  StravaChallenge,
  StravaChallengeAnswer,
  StravaEvent,
  StravaReceipt,
} from "@/contracts/connections.ts";
import { DomainError } from "@/domain/error.ts";
import type { ConnectionsService } from "@/services/connections/connections.ts";
import { ok } from "../answer.ts";
import type { AppEnv } from "../app_env.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { answer, failures, jsonBody } from "./answers.ts";

const tags = ["Fitness"];
const security = [{ bearer: [] }];
const params = z.object({ provider: ConnectedProvider.describe("Whose cloud") });

const listRoute = createRoute({
  operationId: "listConnections",
  method: "get",
  path: "/fitness/connections",
  summary: "List the providers, and which of them are connected",
  tags,
  security,
  responses: {
    200: answer("Every provider that there is", ConnectionList),
    ...failures("UNAUTHORIZED", "FORBIDDEN"),
  },
});

const connectRoute = createRoute({
  operationId: "connectProvider",
  method: "post",
  path: "/fitness/connections/{provider}",
  summary: "Begin to connect a provider: the address where the person agrees",
  description: "Open `authorizationUrl` in the person's browser. The provider sends it back to " +
    "the callback, which the same person must be signed in to.",
  tags,
  security,
  request: { params },
  responses: {
    201: answer("Where the person agrees", ConnectionStart),
    ...failures("VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"),
  },
});

const callbackRoute = createRoute({
  operationId: "completeConnection",
  method: "get",
  path: "/fitness/connections/{provider}/callback",
  summary: "Where the provider sends the person back to",
  description: "A browser that asks for a page is sent on to `/me/connections`; a program gets " +
    "the connection. Each state and code is good once.",
  tags,
  security,
  request: { params, query: ConnectionCallback },
  responses: {
    200: answer("The connection; its first pull is under way", Connection),
    303: { description: "On to the page of connections" },
    ...failures("VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND", "CONFLICT"),
  },
});

const revokeRoute = createRoute({
  operationId: "revokeConnection",
  method: "delete",
  path: "/fitness/connections/{provider}",
  summary: "End a connection, here at once and at the provider soon after",
  description: "What was fetched stays, until the athlete removes it.",
  tags,
  security,
  request: { params },
  responses: {
    204: { description: "There is no connection any more" },
    ...failures("VALIDATION_ERROR", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"),
  },
});

const challengeRoute = createRoute({
  operationId: "answerStravaChallenge",
  method: "get",
  path: "/webhooks/strava",
  summary: "Prove to Strava that the webhook is ours",
  tags,
  security: [],
  request: { query: StravaChallenge },
  responses: {
    200: {
      description: "The challenge",
      content: { "application/json": { schema: StravaChallengeAnswer } },
    },
    ...failures("VALIDATION_ERROR", "FORBIDDEN"),
  },
});

const eventRoute = createRoute({
  operationId: "receiveStravaEvent",
  method: "post",
  path: "/webhooks/strava",
  summary: "Hear from Strava that an activity or a permission changed",
  description: "Strava signs nothing, so that an event is only a hint: what it says is asked " +
    "for at Strava with the athlete's own permission.",
  tags,
  security: [],
  request: { body: jsonBody(StravaEvent) },
  responses: {
    200: answer("Noted", StravaReceipt),
    ...failures("VALIDATION_ERROR"),
  },
});

/** The routes of connections and of Strava's webhook. */
export function connectionRoutes(connections: ConnectionsService) {
  return new OpenAPIHono<AppEnv>({ defaultHook: validationHook })
    .openapi(listRoute, async (c) => ok(c, await connections.list(c.var.actor), 200))
    .openapi(connectRoute, async (c) => {
      const { provider } = c.req.valid("param");
      return ok(c, await connections.connect(c.var.actor, provider), 201);
    })
    .openapi(callbackRoute, async (c) => {
      const { provider } = c.req.valid("param");
      const complete = () => connections.complete(c.var.actor, provider, c.req.valid("query"));
      const isForPage = c.req.header("accept")?.includes("text/html") ?? false;
      if (!isForPage) return ok(c, await complete(), 200);
      return c.redirect(`/me/connections?${await outcomeOf(complete)}=${provider}`, 303);
    })
    .openapi(revokeRoute, async (c) => {
      await connections.revoke(c.var.actor, c.req.valid("param").provider);
      return c.body(null, 204);
    })
    .openapi(challengeRoute, (c) => {
      const { "hub.challenge": challenge, "hub.verify_token": token } = c.req.valid("query");
      if (!connections.isStravaToken(token)) {
        throw new DomainError("FORBIDDEN", "Cannot answer the challenge: its token is not ours");
      }
      return c.json({ "hub.challenge": challenge }, 200);
    })
    .openapi(eventRoute, async (c) => {
      await connections.onStravaEvent(c.req.valid("json"));
      return ok(c, { received: true as const }, 200);
    });
}

/** What the page of connections says of it. */
async function outcomeOf(complete: () => Promise<unknown>): Promise<string> {
  try {
    await complete();
    return "connected";
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    if (error.code === "CONFLICT") return "taken";
    const isDeclined = error.details?.some(({ code }) => code === "declined" || code === "missing");
    return isDeclined ? "declined" : "failed";
  }
}
