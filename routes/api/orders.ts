/** `/orders`: what is paid into, from and out of wallets. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Id } from "@/contracts/envelope.ts";
import { Order, OrderChange, OrderInput, OrderQuery, PlacedOrder } from "@/contracts/orders.ts";
import type { OrdersService } from "@/services/money/orders.ts";
import { ok, okPage } from "../answer.ts";
import type { AppEnv } from "../app_env.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { answer, answerPage, failures, FIELD_REFUSALS, jsonBody } from "./answers.ts";

const tags = ["Money"];
const security = [{ bearer: [] }];
const params = z.object({ id: Id.describe("Id of the order") });

/** Longest key that is told apart. */
const KEY_MAX = 255;
const keyHeader = z.object({
  "idempotency-key": z.string().min(1).max(KEY_MAX).optional().meta({
    description: "Made by the client; sent again it answers the order that it placed",
    example: "top-up-2026-05-01-7",
  }),
});

const listRoute = createRoute({
  operationId: "listOrders",
  method: "get",
  path: "/orders",
  summary: "List orders, newest first: filter, page (members see their own)",
  tags,
  security,
  request: { query: OrderQuery },
  responses: { 200: answerPage("One page of orders", Order), ...failures(...FIELD_REFUSALS) },
});

const placeRoute = createRoute({
  operationId: "placeOrder",
  method: "post",
  path: "/orders",
  summary: "Place an order: pay an entry, fill the wallet, withdraw from it",
  tags,
  security,
  request: { headers: keyHeader, body: jsonBody(OrderInput) },
  responses: {
    201: answer("The order; `payment` tells how to pay it", PlacedOrder),
    ...failures(
      ...FIELD_REFUSALS,
      "NOT_FOUND",
      "CONFLICT",
      "INSUFFICIENT_FUNDS",
      "PAYMENT_REFUSED",
      "COMPETITION_FULL",
      "TEAM_FULL",
      "ENTRY_REFUSED",
      "REGISTRATION_CLOSED",
      "NOT_PUBLISHED",
      "COMPETITION_CANCELLED",
      "ALREADY_FINAL",
      "PARTICIPANT_DISQUALIFIED",
    ),
  },
});

const getRoute = createRoute({
  operationId: "getOrder",
  method: "get",
  path: "/orders/{id}",
  summary: "Read an order (its buyer, finance or an admin)",
  tags,
  security,
  request: { params },
  responses: { 200: answer("The order", Order), ...failures(...FIELD_REFUSALS, "NOT_FOUND") },
});

const changeRoute = createRoute({
  operationId: "changeOrder",
  method: "put",
  path: "/orders/{id}",
  summary: "Change an order: its note, or its state where the rules allow it",
  tags,
  security,
  request: { params, body: jsonBody(OrderChange) },
  responses: {
    200: answer("The changed order", Order),
    ...failures(
      ...FIELD_REFUSALS,
      "NOT_FOUND",
      "CONFLICT",
      "ORDER_STATE",
      "INSUFFICIENT_FUNDS",
    ),
  },
});

const cancelRoute = createRoute({
  operationId: "cancelOrder",
  method: "delete",
  path: "/orders/{id}",
  summary: "Cancel a pending order; what it reserved is free again",
  tags,
  security,
  request: { params },
  responses: {
    200: answer("The cancelled order", Order),
    ...failures(...FIELD_REFUSALS, "NOT_FOUND", "ORDER_STATE"),
  },
});

/** The routes under `/orders`. */
export function orderRoutes(orders: OrdersService) {
  return new OpenAPIHono<AppEnv>({ defaultHook: validationHook })
    .openapi(
      listRoute,
      async (c) => okPage(c, await orders.list(c.var.actor, c.req.valid("query"))),
    )
    .openapi(placeRoute, async (c) => {
      const { "idempotency-key": idempotencyKey } = c.req.valid("header");
      const input = c.req.valid("json");
      return ok(c, await orders.place(c.var.actor, input, { idempotencyKey }), 201);
    })
    .openapi(
      getRoute,
      async (c) => ok(c, await orders.get(c.var.actor, c.req.valid("param").id), 200),
    )
    .openapi(changeRoute, async (c) => {
      const { id } = c.req.valid("param");
      return ok(c, await orders.change(c.var.actor, id, c.req.valid("json")), 200);
    })
    .openapi(
      cancelRoute,
      async (c) => ok(c, await orders.cancel(c.var.actor, c.req.valid("param").id), 200),
    );
}
