/** Chooses who knows accounts that are not built in, from the configuration. */

import type { Clock } from "@/platform/clock.ts";
import type { Config } from "@/platform/config.ts";
import type { Metrics } from "@/platform/metrics.ts";
import type { IdentityProvider } from "@/services/money/buyers.ts";
import { createSupabaseAuth } from "./supabase_auth.ts";

export interface IdentitiesDeps {
  config: Pick<Config, "identity">;
  metrics: Metrics;
  clock: Clock;
}

/** What the services are given; disposing stops its timers. */
export interface OpenIdentities extends Disposable {
  identities?: IdentityProvider;
}

/** Opens the configured provider; nothing but the timers of its breaker is opened. */
export function openIdentities({ config, metrics, clock }: IdentitiesDeps): OpenIdentities {
  if (!config.identity) return { [Symbol.dispose]() {} };
  const identities = createSupabaseAuth({ ...config.identity, metrics, clock });
  return { identities, [Symbol.dispose]: () => identities[Symbol.dispose]() };
}
