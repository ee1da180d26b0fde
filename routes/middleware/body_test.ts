import { assert, assertEquals } from "@std/assert";
import { Hono } from "hono";
import { createMetrics } from "@/platform/metrics.ts";
import type { AppEnv } from "../app_env.ts";
import { bodyLimit, bodyRules } from "./body_limit.ts";
import { contentType } from "./content_type.ts";
import { jsonGuard } from "./json_guard.ts";
import { onError } from "./on_error.ts";

const JSON_TYPE = { "content-type": "application/json" };

function createApp(timeoutMs = 1000) {
  const app = new Hono<AppEnv>();
  app.onError(onError({ metrics: createMetrics() }));
  const rules = [{ path: /^\/large$/, bytesMax: 10_000 }];
  const types = [{ path: /^\/large$/, types: ["multipart/form-data", "application/octet-stream"] }];
  app.use(contentType({ rules: types }));
  app.use(bodyLimit({ rules, defaultBytes: 1024, timeoutMs }));
  app.use(jsonGuard({ timeoutMs }));
  app.post("/json", async (c) => {
    const twice = [await c.req.json(), await c.req.json()];
    return c.json({ twice, text: await c.req.text() });
  });
  app.post("/large", async (c) => c.text(String((await c.req.arrayBuffer()).byteLength)));
  app.post("/none", (c) => c.text("none"));
  return app;
}

/** A body without a declared length. */
function chunks(...sizes: number[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(sizes.map((size) => new Uint8Array(size).fill(0x20)));
}

function post(path: string, body: BodyInit | null, headers: Record<string, string> = JSON_TYPE) {
  const length = typeof body === "string" ? { "content-length": String(body.length) } : {};
  return createApp().request(path, { method: "POST", body, headers: { ...length, ...headers } });
}

async function codeOf(response: Response): Promise<string> {
  return (await response.json()).error.code;
}

Deno.test("jsonGuard() parses once and gives handlers the value and the text", async () => {
  const response = await post("/json", '{"a": [1]}');

  assertEquals(await response.json(), { twice: [{ a: [1] }, { a: [1] }], text: '{"a": [1]}' });
});

Deno.test("jsonGuard() refuses at the edge what JSON.parse lets through", async () => {
  const response = await post("/json", '{"a": 1, "a": 2}');

  assertEquals(response.status, 400);
  const { error } = await response.json();
  assertEquals([error.code, error.details[0].field], ["VALIDATION_ERROR", "a"]);
});

Deno.test("jsonGuard() takes no text at all for no fields", async () => {
  assertEquals((await (await post("/json", "")).json()).twice, [{}, {}]);
  assertEquals((await post("/json", " ")).status, 400);
});

Deno.test("jsonGuard() refuses bytes that are not UTF-8", async () => {
  const body = new Uint8Array([0x22, 0xff, 0x22]);
  const response = await post("/json", body);

  assertEquals(response.status, 400);
  assertEquals(await codeOf(response), "BAD_REQUEST");
});

Deno.test("jsonGuard() reads chunked JSON too", async () => {
  const encode = (text: string) => new TextEncoder().encode(text);
  const response = await post("/json", ReadableStream.from([encode('{"a":'), encode("1}")]));

  assertEquals((await response.json()).text, '{"a":1}');
});

Deno.test("bodyLimit() refuses a declared size before it reads", async () => {
  const headers = { ...JSON_TYPE, "content-length": "1025" };
  const response = await post("/json", ReadableStream.from([]), headers);

  assertEquals(response.status, 413);
  assertEquals(await response.json(), {
    success: false,
    error: {
      code: "PAYLOAD_TOO_LARGE",
      message: "Cannot read the body: it is larger than 1 KiB",
      requestId: "",
    },
  });
});

Deno.test("bodyLimit() refuses an undeclared size as soon as it is over", async () => {
  assertEquals((await post("/json", chunks(600, 600))).status, 413);
  const binary = { "content-type": "application/octet-stream" };
  assertEquals((await post("/large", chunks(6000, 5000, 1_000_000), binary)).status, 413);
  assertEquals(await (await post("/large", chunks(6000, 4000), binary)).text(), "10000");
});

Deno.test("bodyLimit() does not believe a length beside chunks, nor a broken one", async () => {
  const chunked = { ...JSON_TYPE, "content-length": "1", "transfer-encoding": "chunked" };

  assertEquals((await post("/json", chunks(2000), chunked)).status, 413);
  assertEquals(
    (await post("/json", chunks(1), { ...JSON_TYPE, "content-length": "x" })).status,
    413,
  );
});

Deno.test("bodyLimit() gives up on a body that stalls", async () => {
  let isCancelled = false;
  const stalled = () =>
    new ReadableStream<Uint8Array>({
      pull: () => new Promise(() => {}),
      cancel: () => void (isCancelled = true),
    });
  const request = (path: string, headers: Record<string, string>) =>
    createApp(20).request(path, { method: "POST", body: stalled(), headers });

  const binary = await request("/large", { "content-type": "application/octet-stream" });
  const json = await request("/json", { ...JSON_TYPE, "content-length": "10" });

  assertEquals([binary.status, json.status], [400, 400]);
  assertEquals((await json.json()).error.message, "Cannot read the body: it came too slowly");
  assert(isCancelled);
});

Deno.test("bodyLimit() tells a broken transfer from a fault of ours", async () => {
  const broken = new ReadableStream({
    start: (controller) => controller.error(new TypeError("connection reset")),
  });
  const response = await post("/large", broken, { "content-type": "application/octet-stream" });

  assertEquals(response.status, 400);
  assertEquals(await codeOf(response), "BAD_REQUEST");
});

Deno.test("contentType() takes JSON in UTF-8, and files where they belong", async (t) => {
  const cases: [string, string, number][] = [
    ["/json", "application/json", 200],
    ["/json", "Application/JSON; charset=UTF-8", 200],
    ["/json", 'application/json; charset="utf-8"', 200],
    ["/json", "application/json; charset=latin1", 415],
    ["/json", "text/plain", 415],
    ["/json", "", 415],
    ["/json", "multipart/form-data; boundary=x", 415],
    ["/large", "multipart/form-data; boundary=x", 200],
    ["/large", "application/json", 415],
  ];
  for (const [path, type, status] of cases) {
    await t.step(`${path} ${type}`, async () => {
      const body = new TextEncoder().encode("{}");
      const length = { "content-length": "2" };
      const response = await post(path, body, type ? { ...length, "content-type": type } : length);
      assertEquals(response.status, status);
      await response.body?.cancel();
    });
  }
});

Deno.test("contentType() asks nothing of a request without a body", async () => {
  assertEquals((await post("/none", null, {})).status, 200);
  assertEquals((await post("/none", "", { "content-length": "0" })).status, 200);
  // The server gives a POST without a body an empty stream.
  assertEquals((await post("/none", ReadableStream.from([]), {})).status, 200);
});

Deno.test("bodyRules() gives each path its own limit, files with room for their form", () => {
  const rules = bodyRules({
    jsonBytes: 1,
    batchBytes: 2,
    syncBytes: 3,
    avatarBytes: 4,
    importBytes: 5,
    timeoutMs: 1,
  });
  const limitOf = (path: string) => rules.find((rule) => rule.path.test(path))?.bytesMax;

  assertEquals(limitOf("/api/v1/leaderboard/update"), undefined);
  assertEquals(limitOf("/api/v1/leaderboard/update/batch"), 2);
  assertEquals(limitOf("/api/v1/fitness/sync"), 3);
  assertEquals(limitOf("/api/v1/users/7/avatar"), 4 + 65_536);
  assertEquals(limitOf("/api/v1/fitness/import"), 5 + 65_536);
  assertEquals(limitOf("/me/upload"), 5 + 65_536);
});

/** Sends raw bytes to a server of the app and gives the status line of the answer. */
async function statusLine(head: string, timeoutMs: number): Promise<string> {
  const app = createApp(timeoutMs);
  const options = { port: 0, hostname: "127.0.0.1", onListen() {} };
  await using server = Deno.serve(options, (request, info) => app.fetch(request, { info }));
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
  await connection.write(new TextEncoder().encode(head));
  const buffer = new Uint8Array(1024);
  const length = await connection.read(buffer);
  return new TextDecoder().decode(buffer.subarray(0, length ?? 0)).split("\r\n")[0]!;
}

Deno.test("bodyLimit() and jsonGuard() hold on a real connection", async (t) => {
  const json = "POST /json HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
  const binary = "POST /large HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n";
  const cases: [name: string, head: string, status: string][] = [
    ["stalled JSON", `${json}Content-Length: 10\r\n\r\n{"`, "400"],
    ["stalled chunks", `${json}Transfer-Encoding: chunked\r\n\r\n2\r\n{"`, "400"],
    ["stalled file", `${binary}Content-Length: 500\r\n\r\nabc`, "400"],
    ["declared too large", `${json}Content-Length: 5000\r\n\r\n`, "413"],
    [
      "chunks too large",
      `${json}Transfer-Encoding: chunked\r\n\r\n7d0\r\n${" ".repeat(2000)}`,
      "413",
    ],
    ["no body at all", "POST /none HTTP/1.1\r\nHost: x\r\n\r\n", "200"],
    ["JSON", `${json}Content-Length: 2\r\n\r\n{}`, "200"],
  ];
  for (const [name, head, status] of cases) {
    await t.step(name, async () => {
      assertEquals((await statusLine(head, 30)).split(" ")[1], status);
    });
  }
});
