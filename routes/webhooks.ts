/**
 * What payment gateways report. These paths take no token and no cookie: the signature over the raw
 * body is what vouches for them, so they stand before the API's middleware, which would parse it.
 *
 * @module
 */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { GatewayEventsService } from "@/services/money/gateway_events.ts";
import { failures } from "./api/answers.ts";
import type { AppContext, AppEnv } from "./app_env.ts";
import { readWithin } from "./middleware/body_stream.ts";

export interface WebhookDeps {
  gatewayEvents: GatewayEventsService;
  /** How long a body may take, besides the time its size needs. */
  bodyTimeoutMs: number;
}

/** Where Stripe's events come in, each with its operation; both are the same. */
const STRIPE_PATHS = {
  "/api/v1/webhooks/stripe": {
    operationId: "receiveStripeEvent",
    summary: "Take an event of the payment gateway",
  },
  "/webhooks/stripe": {
    operationId: "receiveStripeEventAtRoot",
    summary: "Take an event of the payment gateway, at the shorter path",
  },
} as const;

/** Makes the routes. */
export function webhookRoutes({ gatewayEvents, bodyTimeoutMs }: WebhookDeps) {
  const app = new OpenAPIHono<AppEnv>();
  const take = async (c: AppContext) => {
    const body = new TextDecoder().decode(await readWithin(c.req.raw, bodyTimeoutMs));
    const signature = c.req.header("stripe-signature") ?? null;
    const { isNew } = await gatewayEvents.receive(body, signature);
    return c.json({ received: true, duplicate: !isNew }, 200);
  };
  for (const [path, words] of Object.entries(STRIPE_PATHS)) {
    // Not `app.openapi`, which would parse the body before the signature is checked.
    app.openAPIRegistry.registerPath(createRoute({ ...stripeRoute, path, ...words }));
    app.post(path, take);
  }
  return app;
}

const Received = z.object({
  received: z.literal(true).describe("Always true: it need not be sent again"),
  duplicate: z.boolean().meta({ description: "Whether it was booked before", example: false }),
}).meta({ id: "WebhookReceived", description: "An event was taken" });

const stripeRoute = {
  method: "post" as const,
  description:
    "Called by Stripe. The signature is checked over the raw body, within 300 seconds; an event " +
    "that comes again is answered alike and booked once.",
  tags: ["Money"],
  security: [],
  request: {
    headers: z.object({
      "stripe-signature": z.string().meta({
        description: "Time and signatures, as Stripe writes them",
        example: "t=1767225600,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd",
      }),
    }),
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z.looseObject({
            id: z.string().meta({ description: "The event's id", example: "evt_1NG8Du2eZvKYlo2C" }),
            type: z.string().meta({
              description: "What happened",
              example: "payment_intent.succeeded",
            }),
          }).meta({ id: "StripeEvent", description: "An event as Stripe writes it" }),
        },
      },
    },
  },
  responses: {
    200: {
      description: "The event is taken",
      content: { "application/json": { schema: Received } },
    },
    ...failures("INVALID_SIGNATURE", "NOT_FOUND", "PAYLOAD_TOO_LARGE", "CIRCUIT_OPEN"),
  },
};
