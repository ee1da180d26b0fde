/** The product as a process: its first start, the ways in, refusals, bad requests, its stop. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { openTestDatabase } from "../support/database.ts";
import { type Product, refusedStart, startProduct } from "../support/product.ts";
import { makeDataDir, runTool, waitUntil } from "../support/product.ts";
import { ask, connectRaw, dataOf, logIn, statusOf } from "../support/product_api.ts";
import { openSocket } from "../support/socket_client.ts";
import { until } from "../support/waiting.ts";

const MOVING = "riverside-distance-cup";
const SECRET = "k3Jx9vQ2mN8pL5tR7wY1zB4cD6fG0hSa";
const ADMIN = { email: "boss@example.org", password: "quiet-lantern-42-harbour" };
const FIRST_ADMIN = { ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password };

Deno.test("the product from its first start to its stop", async (t) => {
  await using folder = await makeDataDir();
  const place = { dataDir: folder.path };
  const first = await startProduct({}, place);
  await t.step("prints addresses that work", () => printsAddresses(first));
  await t.step("the one-time link signs in by POST, once", () => signsInOnce(first));
  await t.step("the demo's board moves", () => demoMoves(first));
  await t.step("a second app on the data folder is told of the first", async () => {
    const { code, output } = await refusedStart({ DATA_DIR: folder.path });

    assertEquals(code, 2);
    assertMatch(output, new RegExp(`process ${first.pid} at http://127.0.0.1:${first.port} `));
  });
  await t.step("bad HTTP gets its status", () => survivesBadHttp(first));
  await t.step("SIGTERM ends streams and finishes requests", () => stopsWell(first, folder.path));
  await t.step("a later start is warm, keeps the data and makes a new link", async () => {
    await using later = await startProduct(FIRST_ADMIN, place);

    assert(later.startMs < first.startMs, `${later.startMs} ms after ${first.startMs} ms`);
    assert(later.signInLink && later.signInLink !== first.signInLink);
    assertEquals((await redeem(later)).status, 303);
    assert(!later.output().includes("Made the demo data"));
    assert(await logIn(later.url, ADMIN), "the demo's admin, without a password, counts for none");
    later.kill("SIGINT");
    assertEquals(await later.ended, { code: 0 });
  });
});

async function printsAddresses({ url, port, output }: Product): Promise<void> {
  const pages = [url, `${url}/docs`, `${url}/c/${MOVING}`, `${url}/health`, `${url}/openapi.json`];
  const statuses = await Promise.all(pages.map(statusOf));

  assertEquals(url, `http://localhost:${port}`);
  assertEquals(statuses, [200, 200, 200, 200, 200]);
  assertMatch(output(), new RegExp(`Panel +${url}/admin\n`));
  assertEquals(await statusOf(`${url}/admin`), 303);
}

async function redeem({ url, signInLink }: Product): Promise<Response> {
  const token = new URL(signInLink!).searchParams.get("token")!;
  const body = new URLSearchParams({ token });
  const headers = { origin: url };
  const res = await fetch(`${url}/sign-in/link`, {
    ...{ method: "POST", body, headers, redirect: "manual" },
  });
  await res.body?.cancel();
  return res;
}

async function signsInOnce(product: Product): Promise<void> {
  const { url, signInLink } = product;
  // Scanners of mail open links before people do.
  const seen = [await statusOf(signInLink!), await statusOf(signInLink!)];

  const signedIn = await redeem(product);
  const again = await redeem(product);

  assertEquals(seen, [200, 200]);
  assertEquals([signedIn.status, signedIn.headers.get("location")], [303, "/admin"]);
  assertEquals(again.status, 401);
  const cookie = signedIn.headers.get("set-cookie")!.split(";")[0]!;
  const panel = await fetch(`${url}/admin/competitions`, { headers: { cookie } });
  assertEquals(panel.status, 200);
  assertStringIncludes(await panel.text(), "Riverside Distance Cup");
}

async function demoMoves({ url, output }: Product): Promise<void> {
  const offset = async () => dataOf(await ask(url, `/leaderboard/${MOVING}`)).offset;
  const before = await offset();

  const after = await waitUntil(async () => await offset() > before, output);

  assert(after);
}

const HEAD = "Host: localhost\r\nConnection: close\r\n";
const JSON_HEAD = `${HEAD}Content-Type: application/json\r\n`;

/** What is sent, and the status line's start that answers it. */
const BAD_REQUESTS: [name: string, request: string, status: RegExp][] = [
  ["no Host", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", /^HTTP\/1.1 400/],
  ["bad percent-encoding", `GET /c/%ff%c0%ae HTTP/1.1\r\n${HEAD}\r\n`, /^HTTP\/1.1 400/],
  ["no HTTP at all", "\x16\x03\x01 hello\r\n\r\n", /^(HTTP\/1.1 400|$)/],
  [
    "a body of 10 MB of [",
    `POST /api/v1/auth/login HTTP/1.1\r\n${JSON_HEAD}Content-Length: 10000000\r\n\r\n${
      "[".repeat(10_000_000)
    }`,
    /^HTTP\/1.1 413/,
  ],
  [
    "60 KB of [",
    `POST /api/v1/auth/login HTTP/1.1\r\n${JSON_HEAD}Content-Length: 60000\r\n\r\n${
      "[".repeat(60_000)
    }`,
    /^HTTP\/1.1 400/,
  ],
  [
    "a length that is no number",
    `POST /api/v1/auth/login HTTP/1.1\r\n${JSON_HEAD}Content-Length: x\r\n\r\n{}`,
    /^HTTP\/1.1 400/,
  ],
];

async function survivesBadHttp({ url, port }: Product): Promise<void> {
  const answers = await Promise.all(BAD_REQUESTS.map(async ([, request]) => {
    using connection = await connectRaw(port);
    await connection.send(request).catch(() => {}); // Refused before it was all sent.
    return await connection.answer();
  }));

  for (const [index, [name, , status]] of BAD_REQUESTS.entries()) {
    assertMatch(answers[index]!, status, name);
  }
  assertEquals(await statusOf(`${url}/health/ready`), 200);
}

async function refusesSlowBody({ port }: Product): Promise<void> {
  using connection = await connectRaw(port);
  await connection.send(
    `POST /api/v1/auth/login HTTP/1.1\r\n${JSON_HEAD}Content-Length: 50\r\n\r\n{"email"`,
  );

  // The connection itself stays until its client or a proxy ends it.
  assertMatch(await connection.receive(), /^HTTP\/1.1 400 [^]*it came too slowly/);
}

async function stopsWell(product: Product, dataDir: string): Promise<void> {
  const { url, port } = product;
  const pidFile = join(dataDir, "postgres", "postmaster.pid");
  await Deno.stat(pidFile);
  const socket = await openSocket(`${url}/ws/leaderboard/${MOVING}`);
  await until(() => socket.frames.length > 0, "the snapshot is there");
  const stream = await fetch(`${url}/api/v1/leaderboard/${MOVING}/stream`);
  using slow = await connectRaw(port);
  const body = JSON.stringify({ email: "nobody@example.org", password: "x" });
  const head = `${JSON_HEAD}Content-Length: ${body.length}\r\nExpect: 100-continue\r\n`;
  await slow.send(`POST /api/v1/auth/login HTTP/1.1\r\n${head}\r\n`);
  // Said when the body is asked for: the request is under way.
  assertMatch(await slow.receive(), /^HTTP\/1.1 100 /);

  product.kill("SIGTERM");
  await until(() => socket.closed !== undefined, "the socket is closed");
  const events = await stream.text();
  const readiness = await statusOf(`${url}/health/ready`);
  await slow.send(body);

  assertEquals(socket.closed, { code: 1012, reason: "restart" });
  assertMatch(events, /event: close\ndata: \{"code":1012/);
  assertEquals(readiness, 503);
  assertMatch(await slow.answer(), /^HTTP\/1.1 401 [^]*INVALID_CREDENTIALS/);
  assertEquals(await product.ended, { code: 0 });
  assertEquals(await Deno.stat(pidFile).catch(() => "gone"), "gone");
}

Deno.test("production refuses old schemas, and ADMIN_* make one admin, once", async (t) => {
  await using test = await openTestDatabase({ empty: true });
  const env = { DATABASE_URL: test.url, APP_ENV: "production", JWT_SECRETS: SECRET };
  await t.step("pending migrations are refused by name of the command", async () => {
    const { code, output } = await refusedStart(env);

    assertEquals(code, 2);
    assertMatch(output, /Cannot start: \d+ migrations are pending; run `deno task migrate` first/);
  });
  await t.step("without an admin the banner says how to make one", async () => {
    const migrated = await runTool("migrate", ["tools/migrate.ts", "up"], env);
    assertEquals(migrated.code, 0, migrated.output);
    await using product = await startProduct({ ...env, HOST: "127.0.0.1" });

    assertEquals(product.signInLink, undefined);
    assertStringIncludes(product.output(), "set ADMIN_EMAIL and ADMIN_PASSWORD");
    assertEquals(dataOf(await ask(product.url, "/competitions")), []);
  });
  await t.step("the first admin logs in", async () => {
    await using product = await startProduct({ ...env, ...FIRST_ADMIN, BODY_TIMEOUT: "1s" });
    await refusesSlowBody(product);
    const token = await logIn(product.url, ADMIN);

    assertEquals(dataOf(await ask(product.url, "/auth/me", { token })).role, "admin");
    assert(!product.output().includes("set ADMIN_EMAIL"));
    assert(!product.output().includes(ADMIN.password));
  });
  await t.step("a later start leaves the password as it is", async () => {
    const other = { ...ADMIN, password: "another-lantern-43-harbour" };
    await using product = await startProduct({
      ...env,
      ...FIRST_ADMIN,
      ADMIN_PASSWORD: other.password,
    });

    const refused = await ask(product.url, "/auth/login", { body: other });
    const token = await logIn(product.url, ADMIN);

    assertEquals(refused.status, 401);
    assert(token);
  });
});

Deno.test("a start that cannot work says why in a line and ends with 2", async (t) => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const DATABASE_URL = "postgres://app:s3cr3t-p4ss@127.0.0.1:1/app";
  const cases: [name: string, env: Record<string, string>, lines: string[]][] = [
    ["all faults at once, secrets hidden", {
      PORT: "eighty",
      DEMO: "maybe",
      JWT_SECRETS: "too-short",
      DATABASE_URL: "mysql://app:s3cr3t-p4ss@db/app",
    }, [
      'PORT: expected a whole number from 0 to 65535, got "eighty"',
      'DEMO: expected on or off, got "maybe"',
      "JWT_SECRETS: expected secrets separated by commas, each of at least 32 characters, got [redacted]",
      "DATABASE_URL: expected an address like postgres://user:password@host:5432/database, got [redacted]",
    ]],
    ["demo with a database", { DEMO: "on", DATABASE_URL }, [
      "DEMO: expected off with DATABASE_URL",
    ]],
    ["demo and no secrets in production", { DEMO: "on", APP_ENV: "production" }, [
      "DEMO: expected off in production",
      "JWT_SECRETS: expected secrets of your own in production, got nothing",
    ]],
    ["a port that is taken", { PORT: String(port), DEMO: "off" }, [
      `Cannot listen on 127.0.0.1:${port}: another program has that port`,
    ]],
  ];
  const refusals = await Promise.all(cases.map(([, env]) => refusedStart(env)));
  for (const [index, [name, , lines]] of cases.entries()) {
    await t.step(name, () => {
      const { code, output } = refusals[index]!;

      for (const line of lines) assertStringIncludes(output, line);
      assertEquals(code, 2, output);
      assert(!/s3cr3t|too-short|\bat .*main\.ts/.test(output), output);
    });
  }
});
