import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { Hono } from "hono";
import { parseCidr } from "@/platform/cidr.ts";
import { createMetrics } from "@/platform/metrics.ts";
import type { AppEnv } from "../app_env.ts";
import { clientAddress } from "./client_address.ts";
import { cors } from "./cors.ts";
import { onError } from "./on_error.ts";
import { requestId } from "./request_id.ts";
import { requestSanity } from "./request_sanity.ts";
import { securityHeaders } from "./security_headers.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

function createApp() {
  const app = new Hono<AppEnv>();
  app.onError(onError({ metrics: createMetrics() }));
  return app;
}

/** What the server passes along with a request from this address. */
function socketOf(hostname: string): AppEnv["Bindings"] {
  const remoteAddr = { transport: "tcp" as const, hostname, port: 4711 };
  return { info: { remoteAddr, completed: Promise.resolve() } };
}

Deno.test("requestId() takes a valid id of the caller, a trace id, or makes one", async (t) => {
  const app = createApp();
  app.use(requestId({ newId: () => "made-here" }));
  app.get("/", (c) => c.json([c.get("requestId"), c.get("traceId")]));
  const cases: [Record<string, string>, string, string | null][] = [
    [{}, "made-here", null],
    [{ "x-request-id": "abcd-1234" }, "abcd-1234", null],
    [{ "x-request-id": "7" }, "7", null],
    [{ "x-request-id": "a b\tforged=1" }, "made-here", null],
    [{ "x-request-id": "x".repeat(129) }, "made-here", null],
    [{ traceparent: `00-${TRACE}-00f067aa0ba902b7-01` }, TRACE, TRACE],
    [{ traceparent: `00-${"0".repeat(32)}-00f067aa0ba902b7-01` }, "made-here", null],
    [{ traceparent: `00-${TRACE}-${"0".repeat(16)}-01` }, "made-here", null],
    [
      { traceparent: `00-${TRACE}-00f067aa0ba902b7-01`, "x-request-id": "abcd-1234" },
      "abcd-1234",
      TRACE,
    ],
  ];
  for (const [headers, id, traceId] of cases) {
    await t.step(JSON.stringify(headers).slice(0, 80), async () => {
      const response = await app.request("/", { headers });
      assertEquals(await response.json(), [id, traceId]);
      assertEquals(response.headers.get("x-request-id"), id);
    });
  }
});

Deno.test("requestId() is on failures too", async () => {
  const app = createApp();
  app.use(requestId({ newId: () => "made-here" }));
  app.get("/", () => {
    throw new Error("boom");
  });

  const response = await app.request("/");

  assertEquals(response.headers.get("x-request-id"), "made-here");
  assertEquals((await response.json()).error.requestId, "made-here");
});

Deno.test("clientAddress() believes X-Forwarded-For from trusted proxies only", async (t) => {
  const app = createApp();
  app.use(clientAddress({ trustedProxies: [parseCidr("10.0.0.0/8")!, parseCidr("fd00::/8")!] }));
  app.get("/", (c) => c.json([c.get("clientAddress"), c.get("actor").address]));
  const cases: [socket: string, forwarded: string | undefined, expected: string][] = [
    ["203.0.113.9", undefined, "203.0.113.9"],
    ["203.0.113.9", "198.51.100.1", "203.0.113.9"],
    ["10.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["10.0.0.1", "1.2.3.4, 198.51.100.1, 10.0.0.7", "198.51.100.1"],
    ["10.0.0.1", "127.0.0.1, 198.51.100.1", "198.51.100.1"],
    ["10.0.0.1", "198.51.100.1:5000", "198.51.100.1"],
    ["fd00::1", "[2001:db8::7]:5000", "2001:db8::7"],
    ["10.0.0.1", "nonsense", "10.0.0.1"],
    ["10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"],
    ["10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2"],
  ];
  for (const [socket, forwarded, expected] of cases) {
    await t.step(`${socket} ${forwarded}`, async () => {
      const headers: Record<string, string> = forwarded ? { "x-forwarded-for": forwarded } : {};
      const response = await app.request("/", { headers }, socketOf(socket));
      assertEquals(await response.json(), [expected, expected]);
    });
  }
});

Deno.test("clientAddress() knows no address without a socket", async () => {
  const app = createApp();
  app.use(clientAddress({ trustedProxies: [] }));
  app.get("/", (c) => c.json([c.get("clientAddress"), c.get("actor").kind]));

  assertEquals(await (await app.request("/")).json(), ["unknown", "anonymous"]);
});

Deno.test("securityHeaders() makes browsers strict, and lets handlers say otherwise", async () => {
  const app = createApp();
  app.use(securityHeaders());
  app.get("/api/v1/x", (c) => c.json(1));
  app.get("/api/v1/cached", (c) => c.json(1, 200, { "cache-control": "public, max-age=1" }));
  app.get("/api/v1/same", (c) => c.body(null, 304, { etag: '"1"' }));
  app.get("/page", (c) => c.html("<p>", 200, { "content-security-policy": "default-src 'self'" }));
  app.get("/away", () => Response.redirect("https://example.org/"));

  const api = (await app.request("/api/v1/x")).headers;
  assertEquals(api.get("x-frame-options"), "DENY");
  assertEquals(api.get("x-content-type-options"), "nosniff");
  assertEquals(api.get("x-xss-protection"), "0");
  assertMatch(api.get("strict-transport-security")!, /^max-age=\d{8}/);
  assertMatch(api.get("permissions-policy")!, /camera=\(\)/);
  assertMatch(api.get("referrer-policy")!, /strict-origin/);
  assertMatch(api.get("content-security-policy")!, /^default-src 'none'/);
  assertEquals(api.get("cache-control"), "no-store");
  const cached = (await app.request("/api/v1/cached")).headers;
  assertEquals(cached.get("cache-control"), "public, max-age=1");
  const same = (await app.request("/api/v1/same")).headers;
  assertEquals([...same], [["etag", '"1"']], "the client's answer keeps its fields");
  const page = (await app.request("/page")).headers;
  assertEquals(page.get("content-security-policy"), "default-src 'self'");
  assertEquals(page.get("cache-control"), null);
  const away = await app.request("/away");
  assertEquals([away.status, away.headers.get("x-frame-options")], [302, "DENY"]);
});

Deno.test("cors() permits listed origins, without cookies", async () => {
  const app = createApp();
  app.use(cors({ origins: ["https://app.example"] }));
  app.get("/api/x", (c) => c.json(1));
  const ask = (method: string, origin: string, headers: Record<string, string> = {}) =>
    app.request("/api/x", { method, headers: { origin, ...headers } });

  const listed = await ask("GET", "https://app.example");
  const other = await ask("GET", "https://evil.example");
  const preflight = await ask("OPTIONS", "https://app.example", {
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,x-evil",
  });

  assertEquals(listed.headers.get("access-control-allow-origin"), "https://app.example");
  assertEquals(listed.headers.get("vary"), "Origin");
  assertEquals(listed.headers.get("access-control-allow-credentials"), null);
  assertMatch(listed.headers.get("access-control-expose-headers")!, /retry-after/);
  assertEquals(other.status, 200);
  assertEquals(other.headers.get("access-control-allow-origin"), null);
  assertEquals(preflight.status, 204);
  assertEquals(preflight.headers.get("access-control-max-age"), "600");
  assert(!preflight.headers.get("access-control-allow-headers")!.includes("x-evil"));
  assertEquals((await app.request("/api/x")).headers.get("vary"), null);
  assertEquals((await app.request("/api/x", { method: "OPTIONS" })).status, 404);
});

Deno.test("requestSanity() refuses addresses that no handler can read", async (t) => {
  const app = createApp();
  app.use(requestSanity());
  app.get("*", (c) => c.text("ok"));
  const cases: [string, number][] = [
    ["/plain?q=%C3%A4&page=1", 200],
    ["/%C3%A4%20b", 200],
    ["/%ff%c0%ae", 400],
    ["/%zz", 400],
    ["/a%00b", 400],
    ["/a?q=%00", 400],
    [`/${"a".repeat(5000)}`, 400],
  ];
  for (const [path, status] of cases) {
    await t.step(path.slice(0, 40), async () => {
      assertEquals((await app.request(path)).status, status);
    });
  }
});

Deno.test("requestSanity() wants a Host of everybody but probes", async () => {
  const app = createApp();
  app.use(requestSanity());
  app.get("*", (c) => c.text("ok"));
  const statusOf = async (path: string, headers: Record<string, string> = {}) =>
    (await app.request(path, { headers }, socketOf("203.0.113.9"))).status;

  assertEquals(await statusOf("/x"), 400);
  assertEquals(await statusOf("/x", { host: "" }), 400);
  assertEquals(await statusOf("/x", { host: "board.example" }), 200);
  assertEquals(await statusOf("http://board.example/x"), 200);
  assertEquals(await statusOf("/health/live"), 200);
});

Deno.test("the edge leaves the upgrade of a socket alone", async () => {
  const app = createApp();
  app.use(requestId({ newId: () => "made-here" }));
  app.use(clientAddress({ trustedProxies: [] }));
  app.use(securityHeaders());
  app.use(requestSanity());
  app.use(cors({ origins: ["https://app.example"] }));
  const opened = Promise.withResolvers<string>();
  app.get("/ws", (c) => {
    const { socket, response } = Deno.upgradeWebSocket(c.req.raw);
    socket.onopen = () => {
      opened.resolve(c.get("clientAddress"));
      socket.close(4401, "no token");
    };
    return response;
  });
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    (request, info) => app.fetch(request, { info }),
  );

  const socket = new WebSocket(`ws://127.0.0.1:${server.addr.port}/ws`);
  const closed = await new Promise<CloseEvent>((resolve) => socket.onclose = resolve);

  assertEquals(await opened.promise, "127.0.0.1");
  assertNotEquals(closed.code, 1006);
  assertEquals(closed.code, 4401);
});
