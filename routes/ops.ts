/** What operators and their machines ask: is it alive, is it ready, how is each part, the metrics. */

import { Hono } from "hono";
import { DomainError } from "@/domain/error.ts";
import { isLoopback } from "@/platform/cidr.ts";
import type { Health, HealthReport } from "@/platform/health.ts";
import type { Metrics } from "@/platform/metrics.ts";
import { isSameSecret } from "@/platform/token.ts";
import type { AppContext, AppEnv } from "./app_env.ts";

export interface OpsDeps {
  health: Health;
  metrics: Pick<Metrics, "registry">;
  /** False until everything is open, and again from the moment a stop begins. */
  isReady: () => boolean;
  /** Who may see figures and parts. */
  access: OpsAccess;
}

/** Fails with `UNAUTHORIZED` or `FORBIDDEN` unless the caller may observe. */
export type OpsAccess = (c: AppContext) => void;

/** The machine itself may observe, and whoever has the token. */
export function opsAccess(metricsToken: string | undefined): OpsAccess {
  return (c) => {
    if (isFromHere(c)) return;
    if (metricsToken === undefined) {
      throw new DomainError("FORBIDDEN", "Cannot show this: only the machine itself may see it");
    }
    const [, given] = /^Bearer (.+)$/i.exec(c.req.header("authorization") ?? "") ?? [];
    if (given !== undefined && isSameSecret(given, metricsToken)) return;
    throw new DomainError("UNAUTHORIZED", "Cannot show this: it needs the metrics token");
  };
}

/** A proxy on this machine makes everybody local, so that its field counts against. */
function isFromHere(c: AppContext): boolean {
  const isForwarded = c.req.header("x-forwarded-for") ?? c.req.header("forwarded");
  return isForwarded === undefined && isLoopback(c.get("clientAddress") ?? "");
}

/** The routes of operation; plain JSON without the envelope, as probes expect. */
export function opsRoutes(deps: OpsDeps): Hono<AppEnv> {
  const { health, metrics, isReady, access } = deps;
  return new Hono<AppEnv>()
    .get("/health", async (c) => {
      const { components: _, ...report } = await health.check();
      return c.json(report, statusOf(report));
    })
    // Alive says only that the process answers: a restart would not bring the database back.
    .get("/health/live", (c) => c.json({ status: "alive" }))
    .get("/health/ready", async (c) => {
      if (!isReady()) return c.json({ status: "not_ready" }, 503);
      const { status } = await health.check();
      const isServing = status !== "unhealthy";
      return c.json({ status: isServing ? "ready" : "not_ready" }, isServing ? 200 : 503);
    })
    .get("/health/detailed", async (c) => {
      access(c);
      const report = await health.check();
      return c.json(report, statusOf(report));
    })
    .get("/metrics", async (c) => {
      access(c);
      const { registry } = metrics;
      return c.body(await registry.metrics(), 200, { "content-type": registry.contentType });
    });
}

function statusOf(report: Pick<HealthReport, "status">): 200 | 503 {
  return report.status === "unhealthy" ? 503 : 200;
}
