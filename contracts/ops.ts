/** What probes and operators are told of the running process; plain JSON without the envelope. */

import { z } from "zod";
import { Instant } from "./envelope.ts";

const Status = z.enum(["healthy", "degraded", "unhealthy"])
  .describe("Unhealthy: nothing works; degraded: a part that is not critical is away");

/** What anybody may know. */
export const HealthSummary = z.object({
  status: Status,
  version: z.string().meta({ description: "Version of the product", example: "0.1.0" }),
  uptime: z.number().meta({ description: "Seconds since the start", example: 86400 }),
  timestamp: Instant.describe("When the answer was made"),
}).meta({ id: "HealthSummary", description: "How the whole is" });

const ComponentHealth = z.object({
  status: Status,
  message: z.string().meta({ description: "The same for people", example: "Connected" }),
  last_checked: Instant.describe("When it was asked"),
  metadata: z.record(z.string(), z.union([z.string(), z.number()])).meta({
    description: "Figures of the part",
    example: { "response_time_ms": 2, "open_connections": 4, "in_use": 1, "idle": 3 },
  }),
}).meta({ id: "ComponentHealth", description: "How one part is" });

/** What operators may know. */
export const HealthDetails = HealthSummary.extend({
  components: z.record(z.string(), ComponentHealth).describe("Each part by its name"),
}).meta({ id: "HealthDetails", description: "How the whole and each part is" });

export const Liveness = z.object({
  status: z.literal("alive").describe("The process answers"),
}).meta({ id: "Liveness", description: "The process answers, whatever its database does" });

export const Readiness = z.object({
  status: z.enum(["ready", "not_ready"]).describe("Whether requests may be sent here"),
}).meta({ id: "Readiness", description: "Whether a load balancer may send requests" });
