/** Money that leaves: withdrawals sent by hand, payments given back, accounts that it goes to. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Id } from "@/contracts/envelope.ts";
import { Order } from "@/contracts/orders.ts";
import {
  PaymentRefund,
  PayoutAccount,
  PayoutAccountChange,
  PayoutOnboarding,
  RefundOutcome,
  WithdrawalReturned,
  WithdrawalSent,
} from "@/contracts/withdrawals.ts";
import type { PayoutAccountsService } from "@/services/money/payout_accounts.ts";
import type { PaymentRefundsService } from "@/services/money/payment_refunds.ts";
import type { WithdrawalsService } from "@/services/money/withdrawals.ts";
import { ok } from "../answer.ts";
import type { AppEnv } from "../app_env.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { answer, failures, FIELD_REFUSALS, jsonBody } from "./answers.ts";

const tags = ["Money"];
const security = [{ bearer: [] }];
const params = z.object({ id: Id.describe("Id of the order") });
const userParams = z.object({ userId: Id.describe("Id of the user") });
/** What every path here may refuse. */
const REFUSALS = [...FIELD_REFUSALS, "NOT_FOUND"] as const;

const sentRoute = createRoute({
  operationId: "markWithdrawalSent",
  method: "post",
  path: "/admin/withdrawals/{id}/sent",
  summary: "Say that an approved withdrawal was sent by hand (finance)",
  tags,
  security,
  request: { params, body: jsonBody(WithdrawalSent) },
  responses: {
    200: answer("The order", Order),
    ...failures(...REFUSALS, "CONFLICT", "ORDER_STATE"),
  },
});

const returnedRoute = createRoute({
  operationId: "markWithdrawalReturned",
  method: "post",
  path: "/admin/withdrawals/{id}/returned",
  summary: "Say that a withdrawal sent by hand came back: the wallet is filled again (finance)",
  tags,
  security,
  request: { params, body: jsonBody(WithdrawalReturned) },
  responses: { 200: answer("The order", Order), ...failures(...REFUSALS, "ORDER_STATE") },
});

const refundRoute = createRoute({
  operationId: "refundPayment",
  method: "post",
  path: "/admin/payments/{id}/refund",
  summary: "Give a top-up back by the way it came (finance)",
  description: "The wallet is charged, and the order refunded, when the gateway reports it.",
  tags,
  security,
  request: { params, body: jsonBody(PaymentRefund) },
  responses: {
    200: answer("The order as it is now", Order),
    ...failures(
      ...REFUSALS,
      "ORDER_STATE",
      "INSUFFICIENT_FUNDS",
      "PAYMENT_REFUSED",
      "CIRCUIT_OPEN",
    ),
  },
});

const outcomeRoute = createRoute({
  operationId: "decideRefund",
  method: "post",
  path: "/admin/payments/{id}/refund/outcome",
  summary: "Say what became of a refund whose gateway is not set up any more (finance)",
  description: "Only where nobody reports it: the amount set aside leaves, or is free again.",
  tags,
  security,
  request: { params, body: jsonBody(RefundOutcome) },
  responses: { 200: answer("The order", Order), ...failures(...REFUSALS, "ORDER_STATE") },
});

const accountRoute = createRoute({
  operationId: "setPayoutAccount",
  method: "put",
  path: "/admin/payout-accounts/{userId}",
  summary: "Say where the gateway sends a user's withdrawals (finance)",
  tags,
  security,
  request: { params: userParams, body: jsonBody(PayoutAccountChange) },
  responses: { 200: answer("The account", PayoutAccount), ...failures(...REFUSALS) },
});

const ownAccountRoute = createRoute({
  operationId: "getPayoutAccount",
  method: "get",
  path: "/users/{userId}/payout-account",
  summary: "Read where a user's withdrawals go (oneself, finance)",
  tags,
  security,
  request: { params: userParams },
  responses: { 200: answer("The account", PayoutAccount), ...failures(...REFUSALS) },
});

const connectRoute = createRoute({
  operationId: "connectPayoutAccount",
  method: "post",
  path: "/users/{userId}/payout-account/connect",
  summary: "Open an account for one's own withdrawals, and the gateway's page to complete it",
  description: "The page leads back to `/me/wallet/payouts`. Sent again it opens the same account.",
  tags,
  security,
  request: { params: userParams },
  responses: {
    200: answer("The account and its page", PayoutOnboarding),
    ...failures(...REFUSALS, "PAYMENT_REFUSED", "CIRCUIT_OPEN"),
  },
});

/** What the routes here ask. */
export interface WithdrawalRoutesDeps {
  withdrawals: WithdrawalsService;
  paymentRefunds: PaymentRefundsService;
  payoutAccounts: PayoutAccountsService;
}

/** The routes of money that leaves. */
export function withdrawalRoutes(
  { withdrawals, paymentRefunds, payoutAccounts }: WithdrawalRoutesDeps,
) {
  return new OpenAPIHono<AppEnv>({ defaultHook: validationHook })
    .openapi(sentRoute, async (c) => {
      const { id } = c.req.valid("param");
      return ok(c, await withdrawals.markSent(c.var.actor, id, c.req.valid("json")), 200);
    })
    .openapi(returnedRoute, async (c) => {
      const { id } = c.req.valid("param");
      return ok(c, await withdrawals.markReturned(c.var.actor, id, c.req.valid("json")), 200);
    })
    .openapi(refundRoute, async (c) => {
      const { id } = c.req.valid("param");
      const refund = c.req.valid("json");
      return ok(c, await paymentRefunds.refundPayment(c.var.actor, id, refund), 200);
    })
    .openapi(outcomeRoute, async (c) => {
      const { id } = c.req.valid("param");
      const outcome = c.req.valid("json");
      return ok(c, await paymentRefunds.decideRefund(c.var.actor, id, outcome), 200);
    })
    .openapi(accountRoute, async (c) => {
      const { userId } = c.req.valid("param");
      const change = c.req.valid("json");
      return ok(c, await payoutAccounts.set(c.var.actor, userId, change), 200);
    })
    .openapi(ownAccountRoute, async (c) => {
      const { userId } = c.req.valid("param");
      return ok(c, await payoutAccounts.get(c.var.actor, userId), 200);
    })
    .openapi(connectRoute, async (c) => {
      const { userId } = c.req.valid("param");
      return ok(c, await payoutAccounts.connect(c.var.actor, userId), 200);
    });
}
