/** Opens the providers of activity that the configuration names. */

import type { Clock } from "@/platform/clock.ts";
import type { Config } from "@/platform/config.ts";
import type { Metrics } from "@/platform/metrics.ts";
import { createSealer } from "@/platform/sealing.ts";
import type { ConnectionsSetup } from "@/services/connections/connections.ts";
import { createGoogleFit } from "./google_fit.ts";
import { createStrava } from "./strava.ts";

export interface ProvidersDeps {
  config: Pick<Config, "providers" | "server">;
  /** Keys of stored tokens, the first seals. */
  keys: readonly string[];
  metrics: Pick<Metrics, "breakerState" | "breakerFailures">;
  clock: Clock;
}

/** What the services are given; disposing stops the breakers' timers. */
export interface OpenProviders extends ConnectionsSetup, Disposable {}

export function openProviders({ config, keys, metrics, clock }: ProvidersDeps): OpenProviders {
  const { strava, googleFit } = config.providers;
  const deps = { metrics, now: () => clock.now() };
  const providers = [
    ...(strava ? [createStrava({ ...deps, ...strava })] : []),
    ...(googleFit ? [createGoogleFit({ ...deps, ...googleFit })] : []),
  ];
  return {
    providers,
    sealer: createSealer(keys),
    publicUrl: config.server.publicUrl,
    stravaVerifyToken: strava?.verifyToken,
    [Symbol.dispose]() {
      for (const provider of providers) provider[Symbol.dispose]();
    },
  };
}
