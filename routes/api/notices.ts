/** `/users/{userId}/notices`: what a user is told. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Id } from "@/contracts/envelope.ts";
import { Notice, NoticeQuery, NoticesMarked, NoticesRead } from "@/contracts/notices.ts";
import type { NoticesService } from "@/services/notices.ts";
import { ok, okPage } from "../answer.ts";
import type { AppEnv } from "../app_env.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { answer, answerPage, failures, FIELD_REFUSALS, jsonBody } from "./answers.ts";

const tags = ["Users"];
const security = [{ bearer: [] }];
const params = z.object({ userId: Id.describe("Id of the user") });

const listRoute = createRoute({
  operationId: "listNotices",
  method: "get",
  path: "/users/{userId}/notices",
  summary: "List what a user was told, newest first (oneself or an admin)",
  tags,
  security,
  request: { params, query: NoticeQuery },
  responses: { 200: answerPage("One page of notices", Notice), ...failures(...FIELD_REFUSALS) },
});

const readRoute = createRoute({
  operationId: "readNotices",
  method: "post",
  path: "/users/{userId}/notices/read",
  summary: "Mark notices as read, up to one of them (oneself or an admin)",
  tags,
  security,
  request: { params, body: jsonBody(NoticesRead) },
  responses: { 200: answer("What was marked", NoticesMarked), ...failures(...FIELD_REFUSALS) },
});

/** The routes of notices. */
export function noticeRoutes(notices: NoticesService) {
  return new OpenAPIHono<AppEnv>({ defaultHook: validationHook })
    .openapi(listRoute, async (c) => {
      const { userId } = c.req.valid("param");
      return okPage(c, await notices.list(c.var.actor, userId, c.req.valid("query")));
    })
    .openapi(readRoute, async (c) => {
      const { userId } = c.req.valid("param");
      return ok(c, await notices.markRead(c.var.actor, userId, c.req.valid("json")), 200);
    });
}
