/** `/users`: people and their profiles. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Id, Removed } from "@/contracts/envelope.ts";
import {
  Profile,
  ProfileChange,
  User,
  UserChange,
  UserQuery,
  UserRemoval,
} from "@/contracts/users.ts";
import type { UsersService } from "@/services/accounts/users.ts";
import { ok, okPage } from "../answer.ts";
import type { AppEnv } from "../app_env.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { answer, answerPage, failures, FIELD_REFUSALS, jsonBody } from "./answers.ts";

const tags = ["Users"];
const security = [{ bearer: [] }];
const params = z.object({ userId: Id.describe("Id of the user") });

const listRoute = createRoute({
  operationId: "listUsers",
  method: "get",
  path: "/users",
  summary: "List users: search, filter, sort, page (admins)",
  tags,
  security,
  request: { query: UserQuery },
  responses: { 200: answerPage("One page of users", User), ...failures(...FIELD_REFUSALS) },
});

const getRoute = createRoute({
  operationId: "getUser",
  method: "get",
  path: "/users/{userId}",
  summary: "Read a user (oneself or an admin)",
  tags,
  security,
  request: { params },
  responses: { 200: answer("The user", User), ...failures(...FIELD_REFUSALS, "NOT_FOUND") },
});

const changeRoute = createRoute({
  operationId: "changeUser",
  method: "put",
  path: "/users/{userId}",
  summary: "Change role, status or name (admins); absent fields stay",
  tags,
  security,
  request: { params, body: jsonBody(UserChange) },
  responses: {
    200: answer("The changed user", User),
    ...failures(...FIELD_REFUSALS, "NOT_FOUND", "LAST_ADMIN", "CSRF_FAILED"),
  },
});

const removeRoute = createRoute({
  operationId: "removeUser",
  method: "delete",
  path: "/users/{userId}",
  summary: "Delete a user (oneself or an admin): personal data is erased, entries stay nameless",
  tags,
  security,
  request: {
    params,
    query: UserRemoval,
  },
  responses: {
    200: answer("The user is gone", Removed),
    ...failures(...FIELD_REFUSALS, "NOT_FOUND", "LAST_ADMIN", "CONFLICT", "CSRF_FAILED"),
  },
});

const getProfileRoute = createRoute({
  operationId: "getProfile",
  method: "get",
  path: "/users/{userId}/profile",
  summary: "Read a profile (oneself or an admin)",
  tags,
  security,
  request: { params },
  responses: { 200: answer("The profile", Profile), ...failures(...FIELD_REFUSALS, "NOT_FOUND") },
});

const changeProfileRoute = createRoute({
  operationId: "changeProfile",
  method: "put",
  path: "/users/{userId}/profile",
  summary: "Change a profile (oneself or an admin); absent fields stay",
  tags,
  security,
  request: { params, body: jsonBody(ProfileChange) },
  responses: {
    200: answer("The changed profile", Profile),
    ...failures(...FIELD_REFUSALS, "NOT_FOUND", "CSRF_FAILED"),
  },
});

/** The routes under `/users`. */
export function userRoutes(users: UsersService) {
  return new OpenAPIHono<AppEnv>({ defaultHook: validationHook })
    .openapi(
      listRoute,
      async (c) => okPage(c, await users.list(c.var.actor, c.req.valid("query"))),
    )
    .openapi(
      getRoute,
      async (c) => ok(c, await users.get(c.var.actor, c.req.valid("param").userId), 200),
    )
    .openapi(changeRoute, async (c) => {
      const { userId } = c.req.valid("param");
      return ok(c, await users.change(c.var.actor, userId, c.req.valid("json")), 200);
    })
    .openapi(removeRoute, async (c) => {
      const { userId } = c.req.valid("param");
      await users.remove(c.var.actor, userId, c.req.valid("query").reason);
      return ok(c, { id: userId }, 200);
    })
    .openapi(
      getProfileRoute,
      async (c) => ok(c, await users.getProfile(c.var.actor, c.req.valid("param").userId), 200),
    )
    .openapi(changeProfileRoute, async (c) => {
      const { userId } = c.req.valid("param");
      return ok(c, await users.changeProfile(c.var.actor, userId, c.req.valid("json")), 200);
    });
}
