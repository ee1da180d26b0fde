/** `/auth` and `/csrf-token`: accounts, sessions, tokens. */

import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import {
  Account,
  CsrfToken,
  LoggedOut,
  Login,
  PasswordChange,
  PasswordChanged,
  RefreshRequest,
  Registration,
  Tokens,
} from "@/contracts/auth.ts";
import { DomainError } from "@/domain/error.ts";
import type { AccountsService, SignInOrigin } from "@/services/accounts/accounts.ts";
import { ok } from "../answer.ts";
import type { AppContext, AppEnv, AppMiddleware } from "../app_env.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { answer, failures, jsonBody } from "./answers.ts";

export interface AuthRoutesDeps {
  accounts: AccountsService;
  /** The CSRF token of a session. */
  csrfTokenOf(sessionId: string): string;
}

const tags = ["Accounts"];
const security = [{ bearer: [] }];
/** What a refused token answers on any path. */
const TOKEN_CODES = ["INVALID_TOKEN", "TOKEN_EXPIRED", "ACCOUNT_SUSPENDED"] as const;

const registerRoute = createRoute({
  operationId: "register",
  method: "post",
  path: "/auth/register",
  summary: "Create an account and sign in",
  tags,
  security: [],
  request: { body: jsonBody(Registration) },
  responses: {
    201: answer("The account and its first tokens", Tokens),
    ...failures("VALIDATION_ERROR", "EMAIL_TAKEN", "SIGN_UP_CLOSED", "CSRF_FAILED", ...TOKEN_CODES),
  },
});

const loginRoute = createRoute({
  operationId: "login",
  method: "post",
  path: "/auth/login",
  summary: "Sign in with e-mail and password",
  description: "Failed attempts are limited per account and per address.",
  tags,
  security: [],
  request: { body: jsonBody(Login) },
  responses: {
    200: answer("Tokens of a new session", Tokens),
    ...failures("VALIDATION_ERROR", "INVALID_CREDENTIALS", "CSRF_FAILED", ...TOKEN_CODES),
  },
});

const refreshRoute = createRoute({
  operationId: "refreshTokens",
  method: "post",
  path: "/auth/refresh",
  summary: "Exchange a refresh token for new tokens",
  description: "A refresh token is good for one use. Using it again ends the session: keep the " +
    "newest one only, and refresh from one place at a time.",
  tags,
  security: [],
  request: { body: jsonBody(RefreshRequest) },
  responses: {
    200: answer("New tokens of the same session", Tokens),
    ...failures("VALIDATION_ERROR", "CSRF_FAILED", ...TOKEN_CODES),
  },
});

const logoutRoute = createRoute({
  operationId: "logout",
  method: "post",
  path: "/auth/logout",
  summary: "End the session; its tokens stop within 5 seconds everywhere",
  tags,
  security,
  responses: {
    200: answer("The session has ended", LoggedOut),
    ...failures("UNAUTHORIZED", "CSRF_FAILED", ...TOKEN_CODES),
  },
});

const passwordRoute = createRoute({
  operationId: "changePassword",
  method: "post",
  path: "/auth/password",
  summary: "Change the password and end every other session",
  tags,
  security,
  request: { body: jsonBody(PasswordChange) },
  responses: {
    200: answer("The password is changed", PasswordChanged),
    ...failures(
      "VALIDATION_ERROR",
      "UNAUTHORIZED",
      "INVALID_CREDENTIALS",
      "CSRF_FAILED",
      ...TOKEN_CODES,
    ),
  },
});

const meRoute = createRoute({
  operationId: "getAccount",
  method: "get",
  path: "/auth/me",
  summary: "Read the own account",
  tags,
  security,
  responses: {
    200: answer("The account", Account),
    ...failures("UNAUTHORIZED", ...TOKEN_CODES),
  },
});

const csrfTokenRoute = createRoute({
  operationId: "getCsrfToken",
  method: "get",
  path: "/csrf-token",
  summary: "Read the token that writes by cookie carry in X-CSRF-Token",
  tags,
  security,
  responses: {
    200: answer("The token of this session", CsrfToken),
    ...failures("UNAUTHORIZED", ...TOKEN_CODES),
  },
});

/** The routes under `/auth`, and `/csrf-token`. */
export function authRoutes({ accounts, csrfTokenOf }: AuthRoutesDeps) {
  const app = new OpenAPIHono<AppEnv>({ defaultHook: validationHook });
  app.use("/auth/*", noStore);
  app.use("/csrf-token", noStore);
  return app
    .openapi(
      registerRoute,
      async (c) => ok(c, await accounts.register(c.req.valid("json"), signInOriginOf(c)), 201),
    )
    .openapi(
      loginRoute,
      async (c) => ok(c, await accounts.login(c.req.valid("json"), signInOriginOf(c)), 200),
    )
    .openapi(refreshRoute, async (c) => {
      const { refreshToken } = c.req.valid("json");
      return ok(c, await accounts.refresh(refreshToken, signInOriginOf(c)), 200);
    })
    .openapi(logoutRoute, async (c) => {
      await accounts.logout(c.var.actor);
      return ok(c, { loggedOut: true as const }, 200);
    })
    .openapi(passwordRoute, async (c) => {
      await accounts.changePassword(c.var.actor, c.req.valid("json"));
      return ok(c, { changed: true as const }, 200);
    })
    .openapi(meRoute, async (c) => ok(c, await accounts.me(c.var.actor), 200))
    .openapi(csrfTokenRoute, (c) => ok(c, { csrfToken: csrfTokenOf(sessionIdOf(c)) }, 200));
}

/** Tokens do not belong into any cache. */
const noStore: AppMiddleware = async (c, next) => {
  await next();
  c.header("Cache-Control", "no-store");
};

function signInOriginOf(c: AppContext): SignInOrigin {
  const { requestId, clientAddress: address } = c.var;
  return { requestId, address, userAgent: c.req.header("user-agent") };
}

function sessionIdOf(c: AppContext): string {
  const { actor } = c.var;
  if (actor.kind === "user") return actor.sessionId;
  throw new DomainError("UNAUTHORIZED", "Cannot give a CSRF token: sign in first");
}
