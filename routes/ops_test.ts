import { assertEquals, assertStringIncludes } from "@std/assert";
import { Hono } from "hono";
import type { HealthStatus } from "@/platform/health.ts";
import { createMetrics } from "@/platform/metrics.ts";
import type { AppEnv } from "./app_env.ts";
import { clientAddress } from "./middleware/client_address.ts";
import { onError } from "./middleware/on_error.ts";
import { opsAccess, opsRoutes } from "./ops.ts";

const TOKEN = "a-token-of-the-operator";

interface AppOptions {
  status?: HealthStatus;
  isReady?: boolean;
  metricsToken?: string;
}

function createApp(options: AppOptions = {}) {
  const { status = "healthy", isReady = true, metricsToken } = options;
  const metrics = createMetrics();
  const report = { status, version: "0.1.0", uptime: 5, timestamp: "t", components: {} };
  const app = new Hono<AppEnv>();
  app.onError(onError({ metrics }));
  app.use(clientAddress({ trustedProxies: [] }));
  app.route(
    "/",
    opsRoutes({
      metrics,
      health: { check: () => Promise.resolve(report) },
      isReady: () => isReady,
      access: opsAccess(metricsToken),
    }),
  );
  return app;
}

function ask(
  path: string,
  options: AppOptions & { from?: string; headers?: Record<string, string> } = {},
) {
  const remoteAddr = { transport: "tcp", hostname: options.from ?? "127.0.0.1", port: 1 } as const;
  const info = { remoteAddr, completed: Promise.resolve() };
  return createApp(options).request(path, { headers: options.headers ?? {} }, { info });
}

Deno.test("opsRoutes() /health tells the status to anybody, and nothing of the parts", async () => {
  const response = await ask("/health", { from: "203.0.113.9" });

  assertEquals(response.status, 200);
  assertEquals(await response.json(), {
    status: "healthy",
    version: "0.1.0",
    uptime: 5,
    timestamp: "t",
  });
  assertEquals((await ask("/health", { status: "degraded" })).status, 200);
  assertEquals((await ask("/health", { status: "unhealthy" })).status, 503);
});

Deno.test("opsRoutes() lives without its database, but is not ready", async () => {
  assertEquals((await ask("/health/live", { status: "unhealthy", isReady: false })).status, 200);
  assertEquals((await ask("/health/ready", { status: "unhealthy" })).status, 503);
  assertEquals((await ask("/health/ready", { isReady: false })).status, 503);
  assertEquals((await ask("/health/ready", { status: "degraded" })).status, 200);
  assertEquals(await (await ask("/health/ready")).json(), { status: "ready" });
});

Deno.test("opsRoutes() shows parts and metrics to the machine itself", async () => {
  const detailed = await ask("/health/detailed");
  const metrics = await ask("/metrics");

  assertEquals((await detailed.json()).components, {});
  assertStringIncludes(metrics.headers.get("content-type")!, "text/plain");
  assertStringIncludes(await metrics.text(), "# TYPE http_requests_total counter");
});

Deno.test("opsAccess() refuses others without the token", async (t) => {
  const bearer = { authorization: `Bearer ${TOKEN}` };
  const cases: [string, Parameters<typeof ask>[1], number][] = [
    ["no token exists", { from: "203.0.113.9", headers: bearer }, 403],
    ["no token given", { from: "203.0.113.9", metricsToken: TOKEN }, 401],
    ["another token", {
      from: "203.0.113.9",
      metricsToken: TOKEN,
      headers: { authorization: "Bearer x" },
    }, 401],
    ["the token", { from: "203.0.113.9", metricsToken: TOKEN, headers: bearer }, 200],
    ["a local proxy", { headers: { "x-forwarded-for": "127.0.0.1" } }, 403],
    ["IPv6 of this machine", { from: "::1" }, 200],
  ];
  for (const [name, options, status] of cases) {
    await t.step(name, async () => {
      for (const path of ["/metrics", "/health/detailed"]) {
        const response = await ask(path, options);
        assertEquals(response.status, status);
        await response.body?.cancel();
      }
    });
  }
});
