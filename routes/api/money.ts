/** The routes about money, together. */

import { OpenAPIHono } from "@hono/zod-openapi";
import type { MoneyServices } from "@/services/money/money.ts";
import type { AppEnv } from "../app_env.ts";
import { ledgerRoutes } from "./ledger.ts";
import { noticeRoutes } from "./notices.ts";
import { orderRoutes } from "./orders.ts";
import { prizeRoutes } from "./prizes.ts";
import { withdrawalRoutes } from "./withdrawals.ts";

/** Orders, prizes, the ledger, what leaves, and notices. */
export function moneyRoutes(services: MoneyServices) {
  return new OpenAPIHono<AppEnv>()
    .route("/", orderRoutes(services.orders))
    .route("/", prizeRoutes(services.prizes))
    .route("/", ledgerRoutes(services.books))
    .route("/", withdrawalRoutes(services))
    .route("/", noticeRoutes(services.notices));
}
