/** The configuration of connected providers: apps registered with them, keys of stored tokens. */

import type { Environment, VariableName } from "./config_variables.ts";

/** Which clouds people can connect; those that are undefined cannot be. */
export interface ProvidersConfig {
  strava: StravaApp | undefined;
  googleFit: ProviderApp | undefined;
  /** Keys of tokens at rest, the first seals. Empty in development: main then makes one. */
  keys: readonly string[];
}

/** An app registered with a provider. */
export interface ProviderApp {
  clientId: string;
  clientSecret: string;
  /** Undefined: the provider itself. */
  baseUrl: string | undefined;
}

export interface StravaApp extends ProviderApp {
  /** What Strava's webhook proves itself with; undefined: no webhook. */
  verifyToken: string | undefined;
}

export function providersOf(env: Environment): ProvidersConfig {
  const {
    STRAVA_CLIENT_ID: stravaId,
    STRAVA_CLIENT_SECRET: stravaSecret,
    GOOGLE_FIT_CLIENT_ID: fitId,
    GOOGLE_FIT_CLIENT_SECRET: fitSecret,
  } = env;
  return {
    strava: stravaId && stravaSecret
      ? {
        clientId: stravaId,
        clientSecret: stravaSecret,
        baseUrl: env.STRAVA_URL,
        verifyToken: env.STRAVA_VERIFY_TOKEN,
      }
      : undefined,
    googleFit: fitId && fitSecret
      ? { clientId: fitId, clientSecret: fitSecret, baseUrl: env.GOOGLE_FIT_URL }
      : undefined,
    keys: env.CONNECTIONS_KEYS ?? [],
  };
}

/** Faults that only show when variables are read together. */
export function providerFaults(env: Environment): [variable: string, expected: string][] {
  const faults: [string, string][] = [];
  for (const name of ["STRAVA", "GOOGLE_FIT"] as const) {
    const [id, secret] = [`${name}_CLIENT_ID`, `${name}_CLIENT_SECRET`] as const;
    if (env[id] && !env[secret]) faults.push([secret, `the app's secret besides ${id}`]);
    if (env[secret] && !env[id]) faults.push([id, `the app's id besides ${secret}`]);
  }
  if (env.STRAVA_VERIFY_TOKEN && !env.STRAVA_CLIENT_ID) {
    faults.push(["STRAVA_CLIENT_ID", "the app's id besides STRAVA_VERIFY_TOKEN"]);
  }
  if (env.APP_ENV === "production") faults.push(...productionFaults(env));
  return faults;
}

const TEST_ADDRESSES: readonly VariableName[] = ["STRAVA_URL", "GOOGLE_FIT_URL"];

function productionFaults(env: Environment): [string, string][] {
  const faults = TEST_ADDRESSES.filter((name) => env[name])
    .map((name): [string, string] => [name, "nothing in production: it is for tests"]);
  const isUsed = env.STRAVA_CLIENT_ID || env.GOOGLE_FIT_CLIENT_ID;
  if (!isUsed || env.CONNECTIONS_KEYS) return faults;
  return [...faults, ["CONNECTIONS_KEYS", "keys of your own in production, for stored tokens"]];
}

/** As it may be shown or logged. */
export function describeProviders({ strava, googleFit, keys }: ProvidersConfig) {
  return {
    strava: strava && { ...strava, clientSecret: "[redacted]", verifyToken: "[redacted]" },
    googleFit: googleFit && { ...googleFit, clientSecret: "[redacted]" },
    keys: `${keys.length} secrets`,
  };
}
