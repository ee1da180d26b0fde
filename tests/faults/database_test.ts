/** PostgreSQL killed, its connections broken, hung, slow, away from one node of two; a node killed. */

import { assert, assertEquals } from "@std/assert";
import { needs } from "@/tests/support/needs.ts";
import { ask, statusOf } from "@/tests/support/product_api.ts";
import { waitUntil } from "@/tests/support/product.ts";
import { hasRedisServer } from "@/tests/support/redis_server.ts";
import { createRandom } from "@/tests/support/tcp_proxy.ts";
import { ADMIN, type Cluster, type Fault, killPostgres, openCluster, suffer } from "./cluster.ts";
import { ScoreLoad } from "./score_load.ts";
import { type Felt, say, targetOf, untilPostgresIsBack } from "./cluster.ts";

/** What the product promises, and what a machine that others use may add. */
const ANSWERED_MS = 11_000;
const BUSY_MS = 4_000;

/** Of a fault that lets nothing through, refusals tell that it was felt. */
const isRefusing: Felt = (load) => load.refused + load.unanswered >= 10;

/** What a server says that cannot make its files longer; reads go on meanwhile. */
const FILL_DISK = `
  create function no_room() returns trigger language plpgsql as $$
  begin raise exception 'could not extend file: No space left on device' using errcode = '53100';
  end $$;
  create trigger no_room before insert on competition_log execute function no_room()`;
const FREE_DISK = "drop trigger no_room on competition_log; drop function no_room()";

/** By then transactions of a node follow each other without a pause. */
const UPDATES_BEFORE_CUT = 200;

/** Before a refused client comes again. */
const REFUSED_PAUSE_MS = 100;

/** Longer than the other node waits for a row that the stopped one holds. */
const STOPPED_MS = 6_000;

const FAULTS: readonly Fault[] = [
  {
    name: "killed",
    isFelt: isRefusing,
    inject: (cluster) => killPostgres(cluster),
    heal: () => {},
  },
  {
    name: "restarted in order, in the middle of batches",
    // It may be back before more than a few requests have met it.
    isFelt: () => true,
    inject: restartPostgres,
    heal: untilPostgresIsBack,
  },
  {
    name: "without room on its disk",
    isFelt: isRefusing,
    inject: async ({ database: { sql } }) => void await sql.unsafe(FILL_DISK),
    heal: async ({ database: { sql } }) => void await sql.unsafe(FREE_DISK),
  },
  {
    name: "every connection broken, again and again",
    isFelt: () => true,
    async inject({ nodes }) {
      for (let round = 0; round < 10; round++) {
        for (const { database } of nodes) database.reset();
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    heal: () => {},
  },
  {
    name: "slow and in slices",
    inject: ({ nodes }) =>
      nodes.forEach(({ database }) => database.set({ delayMs: 5, sliceBytes: 512 })),
    heal: ({ nodes }) => nodes.forEach(({ database }) => database.heal()),
  },
  {
    name: "away from one node",
    inject: ({ nodes: [{ database }] }) => {
      database.set({ isRefusing: true });
      database.reset();
    },
    heal: ({ nodes: [{ database }] }) => database.heal(),
  },
  {
    name: "a node killed",
    async inject({ nodes: [{ product }] }) {
      product.kill("SIGKILL");
      await product.ended;
    },
    heal: ({ nodes: [node] }) => node.restart(),
  },
  {
    name: "a node stopped in the middle of its transactions, and let go on",
    isFelt: (load, since) => performance.now() - since > STOPPED_MS && load.acknowledged > 0,
    inject: ({ nodes: [{ product }] }) => product.kill("SIGSTOP"),
    heal: ({ nodes: [{ product }] }) => product.kill("SIGCONT"),
  },
];

Deno.test({
  ...needs(
    "redis-server",
    hasRedisServer,
    "whatever happens to PostgreSQL or a node, nothing acknowledged is lost",
  ),
  async fn(t) {
    const seed = Number(Deno.env.get("FAULT_SEED") ?? Math.floor(Math.random() * 2 ** 31));
    say(`FAULT_SEED=${seed}`);
    const random = createRandom(seed);
    await using cluster = await openCluster({ random });
    for (const fault of FAULTS) {
      await t.step(fault.name, async () => {
        const { load, convergedMs } = await suffer(cluster, [fault], { random, name: fault.name });

        assert(load.acknowledged > 0);
        say(`${fault.name}: equal ${Math.round(convergedMs)} ms after the heal`);
      });
    }
    await t.step(
      "a node cut off in the middle of its transactions holds up the other no longer than 11 s",
      () => cutOff(cluster, random),
    );
    await t.step(
      "hung: every request is answered in 11 s, boards from memory",
      () => hang(cluster),
    );
  },
});

/** Every session ends with the server, and another server takes its place. */
async function restartPostgres(cluster: Cluster): Promise<void> {
  const { pid } = cluster.postgres;
  await killPostgres(cluster, "INT");
  await waitUntil(() => cluster.postgres.pid !== pid, () => "PostgreSQL runs on", 60_000);
}

/** What a node that is cut off has locked stays locked until PostgreSQL gives it up. */
async function cutOff(cluster: Cluster, random: () => number): Promise<void> {
  const { nodes: [cut, other], field, database } = cluster;
  const load = new ScoreLoad({ field, random, name: "cut off" });
  let isOver = false;
  const running = load.run([targetOf(cut)], () => isOver);
  await waitUntil(() => load.acknowledged >= UPDATES_BEFORE_CUT, cut.product.output, 60_000);
  cut.database.set({ isBlackhole: true });
  const { url, token } = targetOf(other);
  const answers = await Promise.all(field.competitionIds.map((competitionId) => {
    const body = { competitionId, userId: field.userIds[0], score: 1, idempotencyKey: "beyond" };
    const send = async () => (await ask(url, "/leaderboard/update", { token, body })).status;
    return timed(["update", () => untilNotRefused(send)]);
  }));
  isOver = true;
  cut.database.heal();
  await running;

  say(`the other node waited ${answers.map(({ tookMs }) => Math.round(tookMs)).join(", ")} ms`);
  assertEquals(answers.map(({ status }) => status), [200, 200]);
  assert(answers.every(({ tookMs }) => tookMs < ANSWERED_MS + BUSY_MS));
  await load.settle(targetOf(other));
  assertEquals(await load.differences(database), []);
}

/** As clients do: who is refused for now comes again. */
async function untilNotRefused(send: () => Promise<number>): Promise<number> {
  const deadline = performance.now() + ANSWERED_MS + BUSY_MS;
  for (;;) {
    const status = await send();
    if (status !== 503 || performance.now() > deadline) return status;
    await new Promise((resolve) => setTimeout(resolve, REFUSED_PAUSE_MS));
  }
}

/** One of each kind of request, sent to a node whose database does not answer. */
async function hang(cluster: Cluster): Promise<void> {
  const [node] = cluster.nodes;
  const { url, token } = targetOf(node);
  const [competitionId] = cluster.field.competitionIds;
  const [userId] = cluster.field.userIds;
  const body = { competitionId, userId, score: 1, idempotencyKey: "while it hangs" };
  assertEquals(await statusOf(`${url}/api/v1/leaderboard/${competitionId}`), 200);
  node.database.set({ isBlackhole: true });
  const requests: Record<string, () => Promise<number | undefined>> = {
    board: () => statusOf(`${url}/api/v1/leaderboard/${competitionId}`),
    update: async () => (await ask(url, "/leaderboard/update", { token, body })).status,
    batch: async () =>
      (await ask(url, "/leaderboard/update/batch", { token, body: { updates: [body] } })).status,
    competitions: async () => (await ask(url, "/competitions", { token })).status,
    login: async () => (await ask(url, "/auth/login", { body: ADMIN })).status,
    me: async () => (await ask(url, "/auth/me", { token })).status,
    start: () => statusOf(url),
    health: () => statusOf(`${url}/health`),
    ready: () => statusOf(`${url}/health/ready`),
    alive: () => statusOf(`${url}/health/live`),
  };
  // The second round comes when some have waited for long, the third when the breaker is open.
  const rounds = [0, 6_000, 12_000].map(async (afterMs) => {
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    return await Promise.all(Object.entries(requests).map(timed));
  });
  const answers = (await Promise.all(rounds)).flat();
  assertEquals(await breakerStateOf(url), 2);
  node.database.heal();

  for (const { name, status, tookMs } of answers) {
    assert(tookMs < ANSWERED_MS + BUSY_MS, `${name} took ${tookMs} ms`);
    const expected = name === "alive" || name === "board" ? [200] : [200, 503];
    assert(expected.includes(status ?? 0), `${name}: ${status}`);
  }
  const worst = Math.max(...answers.map(({ tookMs }) => tookMs));
  say(`the slowest answer while PostgreSQL hung took ${Math.round(worst)} ms`);
  const { output } = node.product;
  await waitUntil(async () => await statusOf(`${url}/health/ready`) === 200, output);
  await waitUntil(async () => await requests.update!() === 200, output);
  assertEquals(await breakerStateOf(url), 0);
  assertEquals(
    await cluster.database.sql`select count(*) from competition_log
    where idempotency_key = 'while it hangs'`.then(([row]) => row?.count),
    1,
  );
}

/** As operators see it: 0 closed, 1 half open, 2 open. */
async function breakerStateOf(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const state = /^circuit_breaker_state\{breaker="database"\} (\d)/m.exec(text)?.[1];
  // Once a second it is half open, for as long as the database does not answer that question.
  return state === "1" ? 2 : Number(state);
}

async function timed([name, send]: [string, () => Promise<number | undefined>]) {
  const sentAt = performance.now();
  const status = await send();
  return { name, status, tookMs: performance.now() - sentAt };
}
