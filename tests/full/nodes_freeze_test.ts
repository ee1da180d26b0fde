/** A frozen board on two nodes: staff see it move, nobody else learns anything by the stream. */

import { assert, assertEquals } from "@std/assert";
import type { Role } from "@/domain/actor.ts";
import { keyActor, userActor } from "../support/board_fixture.ts";
import { needs } from "../support/needs.ts";
import { seedBoard } from "../support/node_boards.ts";
import { openNodes, type TestNode, type TestNodes } from "../support/nodes.ts";
import { hasRedisServer, startRedis } from "../support/redis_server.ts";
import { openSocket, type SocketClient } from "../support/socket_client.ts";
import { until } from "../support/waiting.ts";

const KEY = keyActor("scores:write");
const PASSWORD = "tundra-lantern-42-orbit";

Deno.test({
  ...needs("redis-server", hasRedisServer, "a frozen board moves for staff alone, on every node"),
  async fn(t) {
    await using redis = await startRedis();
    await using cluster = await openNodes({ count: 2, redisUrl: redis.url });
    const [a, b] = cluster.nodes as [TestNode, TestNode];
    const board = await seedBoard(cluster.database, 5);
    const boss = await person(cluster, "admin");
    const admin = userActor(boss.userId, { role: "admin" });
    const referee = await person(cluster, "referee");
    const open = (node: TestNode, query = "") =>
      openSocket(`${node.url}/ws/leaderboard/${board.id}${query}`);
    const score = async (value: number) => {
      const update = { competitionId: board.id, userId: board.members[0]!.userId, score: value };
      const { participantId } = await a.services.leaderboard.update(KEY, update);
      return participantId;
    };
    await using stack = new AsyncDisposableStack();
    const publics = await Promise.all([
      open(a),
      open(b),
      open(b, `?token=${(await person(cluster)).token}`),
    ]);
    const staff = await Promise.all([
      open(a, `?token=${boss.token}`),
      open(b, `?token=${referee.token}`),
    ]);
    for (const socket of [...publics, ...staff]) stack.use(socket);
    await score(1);
    await until(() => [...publics, ...staff].every((each) => top(each) === 1), "all see the score");

    await t.step("the freeze is told to all", async () => {
      await a.services.lifecycle.freeze(admin, board.id, { reason: "The last hour" });
      await until(() => publics.every(isTold(true)) && staff.every(isTold(true)), "all are told");
    });
    const before = publics.map(({ frames, offset }) => [frames.length, offset]);
    await t.step("staff see what comes, nobody else gets a frame", async () => {
      await score(2);
      await until(() => staff.every((each) => top(each) === 2), "staff see it");
      // Whatever was to be sent to the others in these ticks would be here by the second update.
      await score(3);
      await until(() => staff.every((each) => top(each) === 3), "staff see it again");
      assertEquals(publics.map(({ frames, offset }) => [frames.length, offset]), before);
    });
    await t.step("a position of the live board opens nothing to others", async () => {
      const { epoch, offset } = staff[0]!;
      await using spy = await open(b, `?epoch=${epoch}&offset=${offset}`);
      await until(() => spy.rows.length === 5, "it has a board");
      assertEquals([top(spy), spy.offset], [1, publics[0]!.offset]);
    });
    await t.step("whoever is staff no more sees what all see", async () => {
      await b.services.users.change(admin, referee.userId, { role: "member" });
      await until(
        () => top(staff[1]!) === 1 || staff[1]!.closed !== undefined,
        "the referee is moved",
      );
    });
    await t.step("words of the organiser reach everybody on every node", async () => {
      await a.services.announcements.announce(admin, board.id, { text: "Ten minutes left" });
      const isHeard = (socket: SocketClient) => heard(socket, "Ten minutes left") === 1;
      await until(() => publics.every(isHeard) && isHeard(staff[0]!), "all hear it");
    });
    await t.step("what was said while Redis was away is heard when it is back, once", async () => {
      await redis.kill();
      await a.services.announcements.announce(admin, board.id, { text: "Five minutes left" });
      await until(() => heard(publics[0]!, "Five minutes left") === 1, "its own node hears it");
      await redis.restart();
      await until(
        () => publics.every((each) => heard(each, "Five minutes left") === 1),
        "all hear",
      );
      assert(publics.every((each) => heard(each, "Ten minutes left") === 1));
    });
    await t.step("the end of the freeze shows everything", async () => {
      await b.services.lifecycle.unfreeze(admin, board.id, { reason: "Over" });
      await until(() => publics.every((each) => top(each) === 3), "all see the board of now");
      assert(publics.every(isTold(false)));
    });
  },
});

function top({ rows }: SocketClient): number | null | undefined {
  return rows[0]?.score;
}

function heard({ frames }: SocketClient, text: string): number {
  return frames.filter((frame) => frame.type === "announcement" && frame.text === text).length;
}

function isTold(frozen: boolean) {
  return ({ frames }: SocketClient) =>
    frames.findLast(({ type }) => type === "state") !== undefined &&
    frames.some((frame) => frame.type === "state" && frame.frozen === frozen);
}

async function person({ nodes, database }: TestNodes, role: Role = "member") {
  const ask = async (path: string, body: unknown) => {
    const answer = await fetch(`${nodes[0]!.url}/api/v1${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return (await answer.json()).data;
  };
  const account = { email: `${crypto.randomUUID()}@example.org`, password: PASSWORD, name: "Mira" };
  const { user } = await ask("/auth/register", account);
  await database.sql`update users set role = ${role} where id = ${user.id}`;
  const { accessToken } = await ask("/auth/login", account);
  return { userId: user.id as string, token: accessToken as string };
}
