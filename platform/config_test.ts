import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigError, type ConfigFault, describeConfig, parseConfig, withPort } from "./config.ts";
import { VARIABLE_NAMES } from "./config_variables.ts";

const SECRET = "k3Jx9vQ2mN8pL5tR7wY1zB4cD6fG0hSa";
const PRODUCTION = { APP_ENV: "production", JWT_SECRETS: SECRET };

function faultsOf(env: Record<string, string>): readonly ConfigFault[] {
  return assertThrows(() => parseConfig(env), ConfigError).faults;
}

function namesOf(env: Record<string, string>): string[] {
  return faultsOf(env).map((fault) => fault.variable);
}

Deno.test("parseConfig() starts from nothing in development", () => {
  const config = parseConfig({});

  assertEquals(config.mode, "development");
  assertEquals(config.isDemo, true);
  assertEquals(config.dataDir, ".data");
  assertEquals(config.server.host, "127.0.0.1");
  assertEquals(config.server.port, 8080);
  assertEquals(config.server.publicUrl, "http://localhost:8080");
  assertEquals(config.auth.accessTokenTtlMs, 900_000);
  assertEquals(config.session, { ttlMs: 1_209_600_000, isSecure: false });
  assertEquals(config.bodyLimits.jsonBytes, 65_536);
  assertEquals(config.rateLimits.default, {
    name: "default",
    count: 100,
    windowMs: 1000,
    burst: 200,
  });
  assertEquals(config.rateLimits.auth?.windowMs, 60_000);
  assertEquals(config.log, { level: "info", format: "pretty" });
  assertEquals(config.warnings, []);
});

Deno.test("parseConfig() reads one Redis or a Cluster, and shows no password of theirs", () => {
  const one = parseConfig({ REDIS_URL: "rediss://app:s3cr3t-p4ss@cache:6380/1" });
  const cluster = parseConfig({ REDIS_URL: "redis://a:7000, redis://b:7000" });

  assertEquals(one.redis.url, "rediss://app:s3cr3t-p4ss@cache:6380/1");
  assertEquals(cluster.redis.url, "redis://a:7000,redis://b:7000");
  assert(!JSON.stringify(describeConfig(one)).includes("s3cr3t"));
  assertEquals(namesOf({ REDIS_URL: "http://cache:6379" }), ["REDIS_URL"]);
});

Deno.test("parseConfig() fits production", () => {
  const config = parseConfig({
    ...PRODUCTION,
    JWT_SECRETS: `${SECRET}, another${SECRET}`,
    PUBLIC_URL: "https://run.example.org/",
    DATABASE_URL: "postgres://app:s3cr3t-p4ss@db:5432/app",
    TRUSTED_PROXIES: "10.0.0.0/8, ::1",
    CORS_ORIGINS: "https://app.example.org",
    RATE_LIMIT_SCORE: "off",
  });

  assertEquals(config.isDemo, false);
  assertEquals(config.server.host, "0.0.0.0");
  assertEquals(config.server.publicUrl, "https://run.example.org");
  assertEquals(config.server.trustedProxies.length, 2);
  assertEquals(config.server.corsOrigins, ["https://app.example.org"]);
  assertEquals(config.auth.jwtSecrets, [SECRET, `another${SECRET}`]);
  assertEquals(config.session.isSecure, true);
  assertEquals(config.rateLimits.score, undefined);
  assertEquals(config.log.format, "json");
  assertEquals(config.warnings.length, 1);
});

Deno.test("parseConfig() takes an empty variable for an absent one", () => {
  const config = parseConfig({ PORT: "", DATABASE_URL: "  ", DEMO: "" });

  assertEquals(config.server.port, 8080);
  assertEquals(config.isDemo, true);
});

Deno.test("parseConfig() tells every fault at once", () => {
  const error = assertThrows(() => {
    return parseConfig({
      PORT: "eighty",
      DEMO: "maybe",
      JWT_SECRETS: "short-secret",
      ACCESS_TOKEN_TTL: "15",
      RATE_LIMIT_AUTH: "5/m",
    });
  }, ConfigError);

  assertEquals(error.faults.map((fault) => fault.variable), [
    "PORT",
    "DEMO",
    "JWT_SECRETS",
    "ACCESS_TOKEN_TTL",
    "RATE_LIMIT_AUTH",
  ]);
  assertStringIncludes(
    error.message,
    'PORT: expected a whole number from 0 to 65535, got "eighty"',
  );
  assertStringIncludes(error.message, "at least 32 characters, got [redacted]");
  assert(!error.message.includes("short-secret"));
});

Deno.test("parseConfig() refuses the demo in production and on a real database", () => {
  assertEquals(namesOf({ ...PRODUCTION, DEMO: "on" }), ["DEMO"]);
  assertEquals(namesOf({ DATABASE_URL: "postgres://a:b@c/d", DEMO: "on" }), ["DEMO"]);
  assertEquals(parseConfig({ DATABASE_URL: "postgres://a:b@c/d" }).isDemo, false);
  assertEquals(parseConfig({ DEMO: "off" }).isDemo, false);
});

Deno.test("parseConfig() refuses absent and known secrets in production only", async (t) => {
  const cases: [string, Record<string, string>, string[]][] = [
    ["none", { JWT_SECRETS: "" }, ["JWT_SECRETS"]],
    ["an example", { JWT_SECRETS: "change-me-change-me-change-me-change-me" }, ["JWT_SECRETS"]],
    ["no chance", { JWT_SECRETS: "ab".repeat(20) }, ["JWT_SECRETS"]],
    ["a second one", { JWT_SECRETS: `${SECRET},secret-secret-secret-secret-secret` }, [
      "JWT_SECRETS",
    ]],
    ["admin", { ADMIN_EMAIL: "a@b.example", ADMIN_PASSWORD: "admin12345" }, ["ADMIN_PASSWORD"]],
    ["metrics", { METRICS_TOKEN: "example-token-of-docs" }, ["METRICS_TOKEN"]],
  ];
  for (const [name, env, expected] of cases) {
    await t.step(name, () => assertEquals(namesOf({ ...PRODUCTION, ...env }), expected));
  }
  assertEquals(parseConfig({ JWT_SECRETS: "change-me-".repeat(4) }).auth.jwtSecrets.length, 1);
});

Deno.test("parseConfig() warns of what works but should not stay", () => {
  const warningsOf = (env: Record<string, string>) =>
    parseConfig({ ...PRODUCTION, ...env }).warnings;

  assertEquals(warningsOf({}).length, 2);
  assertEquals(
    warningsOf({
      PUBLIC_URL: "http://board.example",
      METRICS_TOKEN: "a-token-nobody-knows",
      DATABASE_URL: "postgres://postgres:postgres@db/app",
    }),
    [
      "PUBLIC_URL is not https: passwords and cookies cross the network in clear",
      "DATABASE_URL has a password that anybody would try first",
    ],
  );
});

Deno.test("parseConfig() wants both parts of the first admin", () => {
  assertEquals(namesOf({ ADMIN_EMAIL: "a@b.example" }), ["ADMIN_PASSWORD"]);
  assertEquals(namesOf({ ADMIN_PASSWORD: "long enough 1" }), ["ADMIN_EMAIL"]);
  assertEquals(
    parseConfig({ ADMIN_EMAIL: "Boss@Example.org", ADMIN_PASSWORD: "long enough 1" }).auth
      .firstAdmin,
    { email: "boss@example.org", password: "long enough 1" },
  );
});

Deno.test("parseConfig() reads each kind of value within its bounds", async (t) => {
  const faulty: [string, string][] = [
    ["PORT", "65536"],
    ["PORT", "-1"],
    ["PUBLIC_URL", "https://a.example/path"],
    ["PUBLIC_URL", "ftp://a.example"],
    ["DATABASE_URL", "mysql://a/b"],
    ["BODY_LIMIT_IMPORT", "3GiB"],
    ["BODY_LIMIT_JSON", "64kb"],
    ["TRUSTED_PROXIES", "10.0.0.0/8,nonsense"],
    ["CORS_ORIGINS", "*"],
    ["CORS_ORIGINS", "https://a.example/,https://b.example"],
    ["RATE_LIMIT_DEFAULT", "0/s:1"],
    ["DRAIN_TIMEOUT", "1h"],
    ["ADMIN_EMAIL", "nobody"],
    ["HOST", "a\u0000b"],
  ];
  for (const [name, text] of faulty) {
    await t.step(`${name}=${text}`, () => assertEquals(namesOf({ [name]: text })[0], name));
  }
});

Deno.test("describeConfig() shows no secret", () => {
  const config = parseConfig({
    ...PRODUCTION,
    DATABASE_URL: "postgres://app:h1dden-p4ss@db/app?password=h1dden-p4ss",
    ADMIN_EMAIL: "boss@example.org",
    ADMIN_PASSWORD: "h1dden-p4ss",
    METRICS_TOKEN: "h1dden-p4ss-metrics",
  });

  const shown = JSON.stringify(describeConfig(config));

  assert(!shown.includes("h1dden") && !shown.includes(SECRET) && !shown.includes("boss@"));
  assertStringIncludes(shown, "1 secrets");
  assertStringIncludes(shown, "postgres://app:redacted@db/app");
});

Deno.test(".env.example names every variable once, and its values are the defaults", async () => {
  const text = await Deno.readTextFile(new URL("../.env.example", import.meta.url));
  const lines = [...text.matchAll(/^#? ?([A-Z][A-Z_]+)=(.*)$/gm)];

  assertEquals(lines.map(([, name]) => name).sort(), [...VARIABLE_NAMES].sort());
  const values = Object.fromEntries(lines.map(([, name, value]) => [name!, value]));
  assertEquals(parseConfig(values), parseConfig({}));
});

Deno.test("docs/operations/configuration.md has a row for every variable", async () => {
  const path = new URL("../docs/operations/configuration.md", import.meta.url);
  const text = await Deno.readTextFile(path);
  const rows = [...text.matchAll(/^\| `([A-Z][A-Z_]+)` +\|/gm)].map(([, name]) => name!);

  assertEquals(rows.sort(), [...VARIABLE_NAMES].sort());
});

Deno.test("withPort() puts the port in where none was chosen, and nowhere else", () => {
  const chosen = withPort(parseConfig({ PORT: "0" }), 4321);
  const named = withPort(parseConfig({ PORT: "0", PUBLIC_URL: "https://run.example.org" }), 4321);

  assertEquals(chosen.server.port, 4321);
  assertEquals(chosen.server.publicUrl, "http://localhost:4321");
  assertEquals(named.server.publicUrl, "https://run.example.org");
});

Deno.test("parseConfig() takes a failpoint in development and refuses it in production", () => {
  const env = { PACEBOARD_FAILPOINT: "score.flush:3" };

  assertEquals(parseConfig(env).failpoint, { name: "score.flush", passing: 3 });
  assertEquals(namesOf({ ...PRODUCTION, ...env }), ["PACEBOARD_FAILPOINT"]);
  assertEquals(namesOf({ PACEBOARD_FAILPOINT: "nowhere" }), ["PACEBOARD_FAILPOINT"]);
});

Deno.test("parseConfig() has test money in development, and in production only when told", async (t) => {
  const stripe = { STRIPE_SECRET_KEY: "sk_live_0123456789", STRIPE_WEBHOOK_SECRETS: `a${SECRET}` };

  await t.step("without a key", () => {
    assertEquals(parseConfig({}).payments, {
      stripe: undefined,
      hasTestMoney: true,
      testFaultsPercent: 0,
    });
    assertEquals(parseConfig({ TEST_MONEY: "off" }).payments.hasTestMoney, false);
    assertEquals(parseConfig(PRODUCTION).payments.hasTestMoney, false);
    const told = parseConfig({ ...PRODUCTION, TEST_MONEY: "on" });
    assertEquals(told.payments.hasTestMoney, true);
    assert(told.warnings.some((warning) => warning.startsWith("Money is made up")));
  });
  await t.step("with a key", () => {
    const config = parseConfig({ ...PRODUCTION, ...stripe });
    assertEquals(config.payments.hasTestMoney, false);
    assertEquals(config.payments.stripe?.isTestMoney, false);
    assertEquals(config.payments.stripe?.flow, "checkout");
    assert(!JSON.stringify(describeConfig(config)).includes("0123456789"));
    assert(!JSON.stringify(describeConfig(config)).includes(SECRET));
    const test = parseConfig({ ...stripe, STRIPE_SECRET_KEY: "rk_test_0123456789" });
    assertEquals(test.payments.stripe?.isTestMoney, true);
  });
  await t.step("what does not fit together", () => {
    assertEquals(namesOf({ STRIPE_SECRET_KEY: "pk_live_0123456789" }), ["STRIPE_SECRET_KEY"]);
    assertEquals(namesOf({ ...stripe, STRIPE_WEBHOOK_SECRETS: "" }), ["STRIPE_WEBHOOK_SECRETS"]);
    assertEquals(namesOf({ ...stripe, STRIPE_SECRET_KEY: "" }), ["STRIPE_SECRET_KEY"]);
    assertEquals(namesOf({ ...stripe, TEST_MONEY: "on" }), ["TEST_MONEY"]);
    const base = { ...PRODUCTION, ...stripe, STRIPE_API_BASE: "http://localhost:12111" };
    assertEquals(namesOf(base), ["STRIPE_API_BASE"]);
    const faulty = { ...PRODUCTION, TEST_MONEY: "on", TEST_MONEY_FAULTS: "10" };
    assertEquals(namesOf(faulty), ["TEST_MONEY_FAULTS"]);
    const identity = { SUPABASE_URL: "https://x.supabase.co" };
    assertEquals(namesOf(identity), ["SUPABASE_SERVICE_KEY"]);
    assertEquals(namesOf({ SUPABASE_SERVICE_KEY: "0123456789" }), ["SUPABASE_URL"]);
  });
});
