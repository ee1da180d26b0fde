/** `/admin/ledger` and `/users/{userId}/transactions`: the books as people read them. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Id } from "@/contracts/envelope.ts";
import {
  AccountQuery,
  AdjustmentRequest,
  LedgerAccount,
  LedgerTransaction,
  Reconciliation,
  ReversalRequest,
  Statement,
  StatementLine,
  StatementQuery,
  TransactionQuery,
  TransactionsMeta,
} from "@/contracts/ledger.ts";
import type { BooksService } from "@/services/money/books.ts";
import { ok, okPage } from "../answer.ts";
import type { AppEnv } from "../app_env.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { answer, answerPage, failures, FIELD_REFUSALS, jsonBody } from "./answers.ts";

const tags = ["Money"];
const security = [{ bearer: [] }];
const userParams = z.object({ userId: Id.describe("Id of the user") });
const accountParams = z.object({
  accountId: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).meta({
    description: "Id of the account",
    example: 12,
  }),
});
const transactionParams = z.object({ id: Id.describe("Id of the transaction") });

const transactionsRoute = createRoute({
  operationId: "listTransactions",
  method: "get",
  path: "/users/{userId}/transactions",
  summary: "List what moved in a user's wallets, newest first, or as CSV (oneself, finance)",
  tags,
  security,
  request: { params: userParams, query: TransactionQuery },
  responses: {
    200: {
      description: "One page; with `format=csv` all that matches",
      content: {
        "application/json": {
          schema: z.object({
            success: z.literal(true).describe("Always true"),
            data: z.array(StatementLine).describe("The lines of the page"),
            meta: TransactionsMeta,
          }),
        },
        "text/csv": { schema: z.string() },
      },
    },
    ...failures(...FIELD_REFUSALS),
  },
});

const walletRoute = createRoute({
  operationId: "getWallet",
  method: "get",
  path: "/users/{userId}/wallet",
  summary: "Read a user's wallets and debts, one account a currency (oneself, finance)",
  tags,
  security,
  request: { params: userParams },
  responses: {
    200: answer("The accounts", z.array(LedgerAccount).describe("One account each")),
    ...failures(...FIELD_REFUSALS),
  },
});

const accountsRoute = createRoute({
  operationId: "listLedgerAccounts",
  method: "get",
  path: "/admin/ledger/accounts",
  summary: "List the ledger's accounts with their balances (finance)",
  tags,
  security,
  request: { query: AccountQuery },
  responses: {
    200: answerPage("One page of accounts", LedgerAccount),
    ...failures(...FIELD_REFUSALS),
  },
});

const statementRoute = createRoute({
  operationId: "getStatement",
  method: "get",
  path: "/admin/ledger/accounts/{accountId}/statement",
  summary: "Read an account's statement with its running balance, by cursor (finance)",
  tags,
  security,
  request: { params: accountParams, query: StatementQuery },
  responses: {
    200: answer("A part of the statement, newest first", Statement),
    ...failures(...FIELD_REFUSALS, "NOT_FOUND"),
  },
});

const transactionRoute = createRoute({
  operationId: "getLedgerTransaction",
  method: "get",
  path: "/admin/ledger/transactions/{id}",
  summary: "Read a transaction of the ledger with its lines (finance)",
  tags,
  security,
  request: { params: transactionParams },
  responses: {
    200: answer("The transaction", LedgerTransaction),
    ...failures(...FIELD_REFUSALS, "NOT_FOUND"),
  },
});

const reverseRoute = createRoute({
  operationId: "reverseLedgerTransaction",
  method: "post",
  path: "/admin/ledger/transactions/{id}/reverse",
  summary: "Take a transaction back by its reversal (finance)",
  tags,
  security,
  request: { params: transactionParams, body: jsonBody(ReversalRequest) },
  responses: {
    201: answer("The reversal", LedgerTransaction),
    ...failures(...FIELD_REFUSALS, "NOT_FOUND", "CONFLICT", "INSUFFICIENT_FUNDS"),
  },
});

const adjustRoute = createRoute({
  operationId: "adjustLedger",
  method: "post",
  path: "/admin/ledger/adjustments",
  summary: "Move money by hand between two accounts (finance)",
  tags,
  security,
  request: { body: jsonBody(AdjustmentRequest) },
  responses: {
    201: answer("The transaction", LedgerTransaction),
    ...failures(...FIELD_REFUSALS, "NOT_FOUND", "CONFLICT", "INSUFFICIENT_FUNDS"),
  },
});

const reconciliationRoute = createRoute({
  operationId: "getReconciliation",
  method: "get",
  path: "/admin/ledger/reconciliation",
  summary: "See whether all books sum to zero and agree with the payment gateway (finance)",
  tags,
  security,
  responses: {
    200: answer("The state of the books", Reconciliation),
    ...failures(...FIELD_REFUSALS),
  },
});

/** The routes of the ledger. */
export function ledgerRoutes(books: BooksService) {
  return new OpenAPIHono<AppEnv>({ defaultHook: validationHook })
    .openapi(transactionsRoute, async (c) => {
      const { userId } = c.req.valid("param");
      const query = c.req.valid("query");
      if (query.format === "csv") {
        return sendCsv(books.userTransactionsCsv(c.var.actor, userId, query));
      }
      const { items, meta } = await books.userTransactions(c.var.actor, userId, query);
      return ok(c, items, 200, meta);
    })
    .openapi(walletRoute, async (c) => {
      const { userId } = c.req.valid("param");
      return ok(c, await books.userAccounts(c.var.actor, userId), 200);
    })
    .openapi(
      accountsRoute,
      async (c) => okPage(c, await books.accounts(c.var.actor, c.req.valid("query"))),
    )
    .openapi(statementRoute, async (c) => {
      const { accountId } = c.req.valid("param");
      return ok(c, await books.statement(c.var.actor, accountId, c.req.valid("query")), 200);
    })
    .openapi(
      transactionRoute,
      async (c) => ok(c, await books.transaction(c.var.actor, c.req.valid("param").id), 200),
    )
    .openapi(reverseRoute, async (c) => {
      const { id } = c.req.valid("param");
      return ok(c, await books.reverse(c.var.actor, id, c.req.valid("json")), 201);
    })
    .openapi(
      adjustRoute,
      async (c) => ok(c, await books.adjust(c.var.actor, c.req.valid("json")), 201),
    )
    .openapi(
      reconciliationRoute,
      async (c) => ok(c, await books.reconciliation(c.var.actor), 200),
    );
}

function sendCsv(pieces: AsyncIterable<string>) {
  const body = ReadableStream.from(pieces).pipeThrough(new TextEncoderStream());
  return new Response(body, {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": 'attachment; filename="transactions.csv"',
      "cache-control": "no-store",
    },
  });
}
