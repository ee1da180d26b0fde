/** Viewers whose other end is gone or reads nothing: they cost the others nothing. */

import { assertEquals } from "@std/assert";
import { openTestDatabase } from "../support/database.ts";
import { type Product, startProduct } from "../support/product.ts";
import { seedBoard } from "../support/node_boards.ts";
import { ask, dataOf, logIn } from "../support/product_api.ts";
import { openSocket } from "../support/socket_client.ts";
import { until } from "../support/waiting.ts";

const ADMIN = { email: "boss@example.org", password: "quiet-lantern-42-harbour" };
const METRICS_TOKEN = "ocean-metrics-8a1f44e09c";
/** Some 300 KB of rows, so that a few boards fill the buffers of two kernels. */
const MEMBERS = 1_000;
/** More than the buffers hold, no faster than a client may ask. */
const QUESTIONS = 70;
const QUESTION_MS = 180;

async function setUp(heartbeat: string) {
  const stack = new AsyncDisposableStack();
  const test = stack.use(await openTestDatabase());
  const product = stack.use(
    await startProduct({
      ...{ WS_HEARTBEAT: heartbeat, WS_BUFFER_MAX: "64KiB" },
      DATABASE_URL: test.url,
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      METRICS_TOKEN,
    }),
  );
  const token = await logIn(product.url, ADMIN);
  const { id, members } = await seedBoard(test.database, MEMBERS);
  let score = 0;
  const update = async () => {
    score += 1;
    const body = { competitionId: id, userId: members[0]!.userId, score };
    return dataOf(await ask(product.url, "/leaderboard/update", { token, body }));
  };
  return { product, id, update, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const HANDSHAKE = "upgrade: websocket\r\nconnection: Upgrade\r\n" +
  "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n";

/** A viewer that reads nothing after its handshake and answers no ping. */
async function openDeaf({ port }: Product, id: string): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const head = `GET /ws/leaderboard/${id} HTTP/1.1\r\nhost: localhost\r\n`;
  await connection.write(new TextEncoder().encode(head + HANDSHAKE));
  await connection.read(new Uint8Array(16));
  return connection;
}

async function metric({ url }: Product, line: string): Promise<number> {
  const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
  const text = await (await fetch(`${url}/metrics`, { headers })).text();
  const found = text.split("\n").find((each) => each.startsWith(line));
  return found === undefined ? 0 : Number(found.slice(found.lastIndexOf(" ")));
}

async function untilMetric(product: Product, line: string, value: number): Promise<void> {
  await until(async () => await metric(product, line) === value, `${line} is ${value}`);
}

Deno.test("a viewer that answers no ping is let go within the heartbeat, and counted", async () => {
  await using setting = await setUp("2s");
  const { product, id, update } = setting;
  await using polite = await openSocket(`${product.url}/ws/leaderboard/${id}`);
  using _deaf = await openDeaf(product, id);
  await untilMetric(product, "websocket_connections_active", 2);

  await untilMetric(product, "websocket_connections_active", 1);
  const { offset } = await update();
  await until(() => polite.offset === offset, "the other still sees updates");

  assertEquals(await metric(product, 'websocket_slow_consumers_total{outcome="silent"}'), 1);
  assertEquals(polite.closed, undefined);
});

Deno.test("a viewer that reads nothing is given up after a while, and delays nobody", async () => {
  await using setting = await setUp("25s");
  const { product, id, update } = setting;
  await using polite = await openSocket(`${product.url}/ws/leaderboard/${id}`);
  using deaf = await openDeaf(product, id);
  await untilMetric(product, "websocket_connections_active", 2);

  await askForBoards(deaf);
  await untilMetric(product, 'websocket_slow_consumers_total{outcome="closed"}', 1);
  const { offset } = await update();
  await until(() => polite.offset === offset, "the other still sees updates");

  assertEquals(polite.closed, undefined);
  assertEquals(await metric(product, "websocket_connections_active"), 1);
});

/** Asks for the whole board again and again, in masked frames, and reads no answer. */
async function askForBoards(connection: Deno.TcpConn): Promise<void> {
  const text = new TextEncoder().encode('{"type":"subscribe","top":1000}');
  const frame = Uint8Array.from([0x81, 0x80 | text.length, 0, 0, 0, 0, ...text]);
  for (let n = 0; n < QUESTIONS; n++) {
    await connection.write(frame);
    await new Promise((resolve) => setTimeout(resolve, QUESTION_MS));
  }
}
