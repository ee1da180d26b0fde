import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError, describeConfig, parseConfig } from "./config.ts";

const STRAVA = { STRAVA_CLIENT_ID: "4711", STRAVA_CLIENT_SECRET: "8f3b0c77d1e94a52" };
const PRODUCTION = { APP_ENV: "production", JWT_SECRETS: "Vn3kq8Zr1xWm5tYb7cLd0pHs2gJf6aQe9uRi" };
const KEYS = { CONNECTIONS_KEYS: "kT4wq8Zr1xWm5tYb7cLd0pHs2gJf6aQe9uRi" };

function faulty(env: Record<string, string>): string[] {
  const error = assertThrows(() => parseConfig(env), ConfigError);
  return error.faults.map(({ variable }) => variable);
}

Deno.test("parseConfig() takes a provider whole or not at all", () => {
  assertEquals(parseConfig({}).providers, { strava: undefined, googleFit: undefined, keys: [] });
  assertEquals(parseConfig(STRAVA).providers.strava?.clientId, "4711");
  assertEquals(faulty({ STRAVA_CLIENT_ID: "4711" }), ["STRAVA_CLIENT_SECRET"]);
  assertEquals(faulty({ GOOGLE_FIT_CLIENT_SECRET: "8f3b0c77d1e94a52" }), ["GOOGLE_FIT_CLIENT_ID"]);
  assertEquals(faulty({ STRAVA_VERIFY_TOKEN: "told to strava" }), ["STRAVA_CLIENT_ID"]);
});

Deno.test("parseConfig() wants keys for stored tokens in production, and the providers' own addresses", () => {
  assertEquals(faulty({ ...PRODUCTION, ...STRAVA }), ["CONNECTIONS_KEYS"]);
  assertEquals(parseConfig({ ...PRODUCTION, ...STRAVA, ...KEYS }).providers.keys.length, 1);
  const elsewhere = { STRAVA_URL: "http://localhost:9" };
  assertEquals(faulty({ ...PRODUCTION, ...STRAVA, ...KEYS, ...elsewhere }), ["STRAVA_URL"]);
});

Deno.test("describeConfig() shows no secret of a provider", () => {
  const env = { ...STRAVA, ...KEYS, STRAVA_VERIFY_TOKEN: "told to strava" };

  const text = JSON.stringify(describeConfig(parseConfig(env)));

  const secrets = [STRAVA.STRAVA_CLIENT_SECRET, KEYS.CONNECTIONS_KEYS, "told to strava"];
  assertEquals(secrets.filter((secret) => text.includes(secret)), []);
});
