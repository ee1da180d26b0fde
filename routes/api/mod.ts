/** The REST API under `/api/v1`; its inferred type is what typed clients are made of. */

import { OpenAPIHono } from "@hono/zod-openapi";
import type { Services } from "@/services/mod.ts";
import type { AppEnv } from "../app_env.ts";
import type { KnownAddresses } from "../lane/known_addresses.ts";
import { idempotent } from "../middleware/idempotency.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { adminRoutes } from "./admin.ts";
import { apiKeyRoutes } from "./api_keys.ts";
import { authRoutes } from "./auth.ts";
import { competitionRoutes } from "./competitions.ts";
import { connectionRoutes } from "./connections.ts";
import { correctionRoutes } from "./corrections.ts";
import { activityRoutes } from "./activities.ts";
import { dashboardRoutes } from "./dashboard.ts";
import { entryRoutes } from "./entry.ts";
import { reviewRoutes } from "./reviews.ts";
import { fitnessRoutes } from "./fitness.ts";
import { IDEMPOTENT_PATHS } from "./idempotent_paths.ts";
import { jobRoutes } from "./jobs.ts";
import { leaderboardRoutes } from "./leaderboard.ts";
import { rulePreviewRoutes } from "./rule_preview.ts";
import { seriesRoutes } from "./series.ts";
import { settingsRoutes } from "./settings.ts";
import { steeringRoutes } from "./steering.ts";
import { teamRoutes } from "./teams.ts";
import { moneyRoutes } from "./money.ts";
import { userRoutes } from "./users.ts";

export interface ApiDeps {
  services: Services;
  /** The token that cookie-authenticated writes of a session must carry. */
  csrfTokenOf: (sessionId: string) => string;
  /** Where the lane learns what addresses ask for. */
  known: KnownAddresses;
  /** Scheme and host that links for other people start with. */
  publicUrl: string;
}

/** Where the API stands. */
export const API_BASE = "/api/v1";

/** Makes the API's routes, without middleware. */
export function createApi(deps: ApiDeps) {
  const { services, csrfTokenOf, publicUrl } = deps;
  const api = new OpenAPIHono<AppEnv>({ defaultHook: validationHook });
  for (const [path, operation] of Object.entries(IDEMPOTENT_PATHS)) {
    api.use(path, idempotent({ idempotency: services.idempotency, operation }));
  }
  return api
    .route("/", authRoutes({ accounts: services.accounts, csrfTokenOf }))
    .route("/", userRoutes(services.users))
    .route("/", dashboardRoutes(services.dashboard))
    .route("/", rulePreviewRoutes(services.rulePreviews))
    .route("/", competitionRoutes(services.competitions))
    .route("/", entryRoutes({ ...services, publicUrl }))
    .route("/", seriesRoutes(services.series))
    .route("/", steeringRoutes(services))
    // Before the board's own routes, whose pattern takes any first segment.
    .route("/", correctionRoutes(services))
    .route("/", teamRoutes(services))
    .route("/", leaderboardRoutes(services, deps.known))
    .route("/", fitnessRoutes(services))
    .route("/", connectionRoutes(services.connections))
    .route("/", activityRoutes(services.fitness))
    .route("/", reviewRoutes(services.reviews))
    .route("/", moneyRoutes(services))
    .route("/", adminRoutes(services))
    .route("/", jobRoutes(services.jobs))
    .route("/", apiKeyRoutes(services.apiKeys))
    .route("/", settingsRoutes(services.settings));
}

/** What `hc<AppType>` wants. */
export type AppType = ReturnType<typeof createApi>;
