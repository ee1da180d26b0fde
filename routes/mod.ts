/**
 * The whole app: middleware in its order, the API, the sockets, operations, then the pages.
 *
 * @module
 */

import { OpenAPIHono } from "@hono/zod-openapi";
import type { FreshConfig } from "fresh";
import type { DomainError } from "@/domain/error.ts";
import type { Clock } from "@/platform/clock.ts";
import type { Config } from "@/platform/config.ts";
import type { IdGenerator } from "@/platform/id.ts";
import { getLog } from "@/platform/log.ts";
import type { Metrics } from "@/platform/metrics.ts";
import type { RateLimiter, RateLimitPolicy } from "@/platform/rate_limit.ts";
import type { Services } from "@/services/mod.ts";
import { API_BASE, createApi } from "./api/mod.ts";
import { apiDocument, openApiRoutes } from "./api/openapi.ts";
import type { AppContext, AppEnv } from "./app_env.ts";
import { sessionCookieName } from "./cookies.ts";
import { failureHeaders } from "./failure.ts";
import type { LaneDeps } from "./lane/call.ts";
import { KnownAddresses } from "./lane/known_addresses.ts";
import { createLane } from "./lane/mod.ts";
import { accessLog } from "./middleware/access_log.ts";
import { authenticate } from "./middleware/authenticate.ts";
import { bodyLimit, type BodyLimitOptions, bodyRules } from "./middleware/body_limit.ts";
import { clientAddress } from "./middleware/client_address.ts";
import { API_CONTENT_TYPES, contentType } from "./middleware/content_type.ts";
import { cors } from "./middleware/cors.ts";
import { csrf, csrfTokenOf } from "./middleware/csrf.ts";
import { headAnswers } from "./middleware/head_answers.ts";
import { jsonGuard } from "./middleware/json_guard.ts";
import { notFound } from "./middleware/not_found.ts";
import { onError } from "./middleware/on_error.ts";
import { allChecks, allFrames, framing } from "./middleware/one_level.ts";
import { addressRules, callerRules, rateLimit, rateLimitFields } from "./middleware/rate_limit.ts";
import { requestId } from "./middleware/request_id.ts";
import { requestSanity } from "./middleware/request_sanity.ts";
import { requireSignIn } from "./middleware/require_sign_in.ts";
import { securityHeaders } from "./middleware/security_headers.ts";
import { validationHook } from "./middleware/validation_hook.ts";
import { type OpsDeps, opsRoutes } from "./ops.ts";
import { createPages, type PagesDeps } from "./pages.ts";
import { webhookRoutes } from "./webhooks.ts";
import { leaderboardSocket } from "./ws/leaderboard.ts";

export type { AppType } from "./api/mod.ts";

export interface AppDeps {
  config: Config;
  services: Services;
  metrics: Metrics;
  limiter: RateLimiter;
  clock: Clock;
  newId: IdGenerator;
  /** Signs the CSRF tokens; the same on every node. */
  csrfSecret: string;
  ops: Omit<OpsDeps, "metrics">;
  /** Where pages and islands live. */
  fresh: FreshConfig;
}

/** Makes the app; call `ready()` once before serving, so that broken pages stop the start. */
export function createApp(deps: AppDeps) {
  const app = new OpenAPIHono<AppEnv>({ defaultHook: validationHook });
  const known = new KnownAddresses();
  const rules = requestRules(deps.config);
  const pages = mountablePages(deps, () => apiDocument(app));
  edge(app, deps, rules);
  app.route("/", opsRoutes({ ...deps.ops, metrics: deps.metrics }));
  const { timeoutMs: bodyTimeoutMs } = deps.config.bodyLimits;
  app.route("/", webhookRoutes({ ...deps.services, bodyTimeoutMs }));
  guardApi(app, deps, rules);
  const api = createApi({
    known,
    services: deps.services,
    csrfTokenOf: (sessionId) => csrfTokenOf(deps.csrfSecret, sessionId),
    publicUrl: deps.config.server.publicUrl,
  });
  app.route(API_BASE, api);
  app.route("/", leaderboardSocket(deps));
  app.route("/", openApiRoutes(app));
  // Misses of machines' paths are answered as JSON by `notFound`, everything else is a page.
  app.all("*", (c, next) => MACHINE_PATH.test(c.req.path) ? next() : pages.answer(c));
  app.onError(onError({ metrics: deps.metrics, page: pages.refuse }));
  app.notFound(notFound({ app }));
  const handle = createLane({
    ...deps,
    ...deps.services,
    ...rules,
    known,
    fetch: (req, bindings) => app.fetch(req, bindings),
  });
  return Object.assign(app, { ready: () => pages.ready(), handle });
}

/** The rules that framework and lane share. */
interface RequestRules {
  limits: LaneDeps["limits"];
  bodyLimit: BodyLimitOptions;
}

function requestRules({ rateLimits, bodyLimits }: Config): RequestRules {
  return {
    limits: {
      address: {
        rules: addressRules(rateLimits),
        defaultPolicy: addressPolicy(rateLimits.default),
      },
      caller: { rules: callerRules(rateLimits), defaultPolicy: rateLimits.default },
    },
    bodyLimit: {
      rules: bodyRules(bodyLimits),
      defaultBytes: bodyLimits.jsonBytes,
      timeoutMs: bodyLimits.timeoutMs,
    },
  };
}

/** Paths that no person opens as a page. */
const MACHINE_PATH = /^\/(api|health|metrics|webhooks|ws)(\/|$)|^\/(openapi|asyncapi)\.json$/;

/** What every request passes, pages and probes included. */
function edge(app: OpenAPIHono<AppEnv>, deps: AppDeps, rules: RequestRules): void {
  const { config, metrics, services } = deps;
  app.use(allFrames(
    headAnswers(),
    requestId(deps),
    accessLog({ metrics }),
    framing((c) => () => services.meter.request(c.res.status)),
    securityHeaders(),
    rateLimitFields(),
  ));
  app.use(cors({ origins: config.server.corsOrigins }));
  app.use(allChecks(
    requestSanity(),
    clientAddress({ trustedProxies: config.server.trustedProxies }),
    rateLimit({ limiter: deps.limiter, metrics, ...rules.limits.address }),
    bodyLimit(rules.bodyLimit),
  ));
}

/** Many people can share an address, but bad tokens must not be tried without end. */
const ADDRESS_FACTOR = 10;

function addressPolicy(policy: RateLimitPolicy | undefined): RateLimitPolicy | undefined {
  if (policy === undefined) return undefined;
  const { count, burst } = policy;
  return {
    ...policy,
    name: "address",
    count: count * ADDRESS_FACTOR,
    burst: burst * ADDRESS_FACTOR,
  };
}

/** What requests of the API pass besides: content, identity, rights of forms, the caller's limit. */
function guardApi(app: OpenAPIHono<AppEnv>, deps: AppDeps, rules: RequestRules): void {
  const { config, services } = deps;
  const cookieName = sessionCookieName(config.session.isSecure);
  const trustedOrigins = [new URL(config.server.publicUrl).origin];
  app.use(
    "/api/*",
    allChecks(
      contentType({ rules: API_CONTENT_TYPES }),
      jsonGuard({ timeoutMs: config.bodyLimits.timeoutMs }),
      authenticate({ ...services, cookieName }),
      rateLimit({ limiter: deps.limiter, metrics: deps.metrics, ...rules.limits.caller }),
      csrf({ secret: deps.csrfSecret, trustedOrigins }),
      requireSignIn({ app }),
    ),
  );
}

/** Whether a browser waits for a page, as opposed to a program for an answer. */
function isForPage(c: AppContext): boolean {
  const takesPages = c.req.header("accept")?.includes("text/html") ?? false;
  return takesPages && !MACHINE_PATH.test(c.req.path);
}

function mountablePages(deps: AppDeps, apiDocument: PagesDeps["apiDocument"]) {
  // Pages get the plain request; what the middleware found out about it is kept beside.
  const contexts = new WeakMap<Request, AppContext>();
  const refusals = new WeakMap<Request, DomainError>();
  const { config, services, clock } = deps;
  const pages = createPages({
    config: deps.fresh,
    services,
    clock,
    publicUrl: config.server.publicUrl,
    isSecure: config.session.isSecure,
    apiDocument,
    csrfTokenOf: (sessionId) => csrfTokenOf(deps.csrfSecret, sessionId),
    originOf(req) {
      const c = contexts.get(req);
      return { requestId: c?.var.requestId ?? null, address: c?.var.clientAddress ?? null };
    },
    routed: (req, route) => contexts.get(req)?.set("routePattern", route ?? undefined),
    refusalOf: (req) => refusals.get(req),
    report(error, state) {
      getLog("http").error("Page failed", { error, requestId: state.requestId });
    },
  });
  const handler = pages.handler();
  return {
    ready: () => pages.ready(),
    answer(c: AppContext): Promise<Response> {
      contexts.set(c.req.raw, c);
      return handler(c.req.raw, c.env?.info);
    },
    /** What the middleware refused, as a page for browsers; others get the envelope. */
    async refuse(c: AppContext, error: DomainError): Promise<Response | undefined> {
      // An address that no handler can read has no page either.
      if (!isForPage(c) || error.code === "BAD_REQUEST") return undefined;
      const req = new Request(c.req.url, { headers: c.req.raw.headers });
      contexts.set(req, c);
      refusals.set(req, error);
      const res = await handler(req, c.env?.info);
      for (const [name, value] of Object.entries(failureHeaders(error))) {
        res.headers.set(name, value);
      }
      return res;
    },
  };
}
