/** More sockets than the process has file descriptors for. */

import { assert, assertMatch } from "@std/assert";
import { openTestDatabase } from "../support/database.ts";
import { type Product, startProduct, waitUntil } from "../support/product.ts";
import { ask, dataOf, logIn } from "../support/product_api.ts";
import { makeCompetition, makeParticipant } from "../support/product_api.ts";
import { openSocket, type SocketClient } from "../support/socket_client.ts";
import { until } from "../support/waiting.ts";

const ADMIN = { email: "boss@example.org", password: "quiet-lantern-42-harbour" };
const OPEN_FILES_MAX = 200;
const EARLY_VIEWERS = 20;

/** More than the limit leaves room for. */
const FLOOD = 300;

Deno.test("a flood beyond the descriptor limit harms nobody who is connected", async () => {
  await using test = await openTestDatabase();
  const env = {
    DATABASE_URL: test.url,
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    DATABASE_POOL_MAX: "4",
  };
  await using product = await startProduct(env, { openFilesMax: OPEN_FILES_MAX });
  const { url, output } = product;
  const token = await logIn(url, ADMIN);
  const { id } = await makeCompetition(url, token);
  const userId = await makeParticipant(url, id, "Ada Aalto");
  await using stack = new AsyncDisposableStack();
  const viewers = await openViewers(url, id);
  for (const viewer of viewers) stack.use(viewer);
  const score = (value: number) =>
    ask(url, "/leaderboard/update", { token, body: { competitionId: id, userId, score: value } });
  // A connection that is kept open carries updates through the flood.
  dataOf(await score(1));

  const flood = await openFlood(product);
  await waitUntil(() => output().includes("Cannot accept connections"), output);
  await reach(viewers, dataOf(await score(2)).offset);
  await waitUntil(() => isTurnedAway(product, flood), output);
  for (const connection of flood) connection.close();

  assert(await waitUntil(async () => await readiness(product) === 200, output));
  await using late = await waitUntil(() => comeLate(url, id), output);
  await reach([...viewers, late], dataOf(await score(3)).offset);
  assert(viewers.every(({ closed }) => closed === undefined));
  assertMatch(output(), /error +main Cannot accept connections/);
});

function openViewers(url: string, id: string): Promise<SocketClient[]> {
  const open = () => openSocket(`${url}/ws/leaderboard/${id}`);
  return Promise.all(Array.from({ length: EARLY_VIEWERS }, open));
}

async function reach(viewers: readonly SocketClient[], offset: number): Promise<void> {
  await until(() => viewers.every((viewer) => viewer.offset >= offset), "all see the update");
}

/** Asked over a connection that is kept open, as by a balancer that keeps its own. */
async function readiness({ url }: Product): Promise<number> {
  const res = await fetch(`${url}/health/ready`);
  await res.text();
  return res.status;
}

/** Adds to the flood, so that accepting fails again, until the product says that it takes nobody. */
async function isTurnedAway(product: Product, flood: Deno.TcpConn[]): Promise<boolean> {
  const { port } = product;
  const more = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => undefined);
  if (more) flood.push(more);
  return await readiness(product) === 503;
}

/** Nobody listens for a moment after a failure, so that who comes then tries again as browsers do. */
async function comeLate(url: string, id: string): Promise<SocketClient | undefined> {
  const late = await openSocket(`${url}/ws/leaderboard/${id}`);
  return late.closed ? undefined : late;
}

/** Plain connections; those past the backlog of the listening socket may be refused. */
async function openFlood({ port }: Product): Promise<Deno.TcpConn[]> {
  const connect = () => Deno.connect({ hostname: "127.0.0.1", port }).catch(() => undefined);
  const opened = await Promise.all(Array.from({ length: FLOOD }, connect));
  return opened.filter((connection) => connection !== undefined);
}
