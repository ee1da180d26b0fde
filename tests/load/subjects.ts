/** What is put under load: the product with a board of its own, and the bare server beside it. */

import { type Database, openDatabase } from "@/db/client.ts";
import { startEmbeddedPostgres } from "@/db/embedded.ts";
import { participants, profiles, users } from "@/db/schema.ts";
import type { NewLogEntry } from "@/domain/log.ts";
import { systemClock } from "@/platform/clock.ts";
import { createIdGenerator } from "@/platform/id.ts";
import { createCompetitionLog } from "@/services/competition_log.ts";
import { makeDataDir, startProduct } from "../support/product.ts";
import { logIn, makeCompetition } from "../support/product_api.ts";
import { testNativeDir } from "../support/test_server.ts";

/** Something that answers on a port. */
export interface Subject extends AsyncDisposable {
  port: number;
  /** Its processes; their children count too. */
  pids: number[];
}

/** The product with a competition of many athletes. */
export interface BoardSubject extends Subject {
  token: string;
  competitionId: string;
  userIds: string[];
}

/** Of every subject. */
export const ADMIN = { email: "boss@example.org", password: "quiet-lantern-42-harbour" };

/** Limits that are counted and never met. */
export const ENV = {
  DEMO: "off",
  ADMIN_EMAIL: ADMIN.email,
  ADMIN_PASSWORD: ADMIN.password,
  RATE_LIMIT_DEFAULT: "1000000/s:1000000",
  RATE_LIMIT_SCORE: "1000000/s:1000000",
};

/** Starts the bare server. */
export async function startHello(): Promise<Subject> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-net=127.0.0.1", "tests/load/hello.ts"],
    stdout: "piped",
    stdin: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await reader.read();
  return {
    port: Number(value),
    pids: [child.pid],
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await reader.cancel();
      await child.status;
    },
  };
}

/** Starts the product of a checkout on a PostgreSQL that keeps every commit, and fills a board. */
export async function startBoard(root: string | undefined, members: number): Promise<BoardSubject> {
  const stack = new AsyncDisposableStack();
  try {
    const { product, server } = await startStored(stack, root, ENV);
    const token = await logIn(product.url, ADMIN);
    const scoring = { kind: "direct", operator: "increment", direction: "higher" };
    const { id } = await makeCompetition(product.url, token, { scoring });
    const userIds = await addMembers(server.url, id, members);
    return {
      ...{ port: product.port, pids: [product.pid, server.pid], token, userIds },
      competitionId: id,
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** The product of a checkout on a PostgreSQL of its own, which keeps every commit. */
export async function startStored(
  stack: AsyncDisposableStack,
  root: string | undefined,
  env: Record<string, string>,
) {
  const folder = stack.use(await makeDataDir());
  const nativeDir = await testNativeDir();
  const server = stack.use(await startEmbeddedPostgres({ dataDir: folder.path, nativeDir }));
  const settings = { ...env, DATABASE_URL: server.url };
  const product = stack.use(
    await startProduct(settings, {
      isServing: true,
      ...(root === undefined ? {} : { root }),
    }),
  );
  return { product, server };
}

/** Entries of one transaction. */
const MEMBERS_AT_ONCE = 1_000;

/** Written through the log, because registering hashes a password for each. */
async function addMembers(url: string, competitionId: string, count: number): Promise<string[]> {
  await using database = await openDatabase({ url, poolMax: 1 });
  const newId = createIdGenerator(systemClock);
  const people = Array.from({ length: count }, () => ({ userId: newId(), participantId: newId() }));
  for (let from = 0; from < count; from += MEMBERS_AT_ONCE) {
    await addPeople(database, competitionId, people.slice(from, from + MEMBERS_AT_ONCE));
  }
  return people.map(({ userId }) => userId);
}

async function addPeople(
  database: Database,
  competitionId: string,
  people: readonly { userId: string; participantId: string }[],
): Promise<void> {
  await insertUsers(database, people.map(({ userId }) => userId));
  const log = createCompetitionLog({ database, clock: systemClock });
  await database.transaction(async (tx) => {
    const locked = (await log.lock(tx, [competitionId])).get(competitionId)!;
    const joinedAt = Math.max(systemClock.now(), locked.lastArrivedAt ?? 0);
    await tx.db.insert(participants).values(people.map(({ userId, participantId: id }) => ({
      ...{ id, competitionId, userId, joinedAt, timeZone: "UTC" },
    })));
    const actor = { kind: "system", name: "load", requestId: null, address: null } as const;
    const joins = people.map(({ participantId }): NewLogEntry => ({ kind: "join", participantId }));
    await log.append(tx, locked, joins.map((entry) => ({ entry, actor })));
  });
}

async function insertUsers({ db }: Database, ids: readonly string[]): Promise<void> {
  const now = systemClock.now();
  const times = { accessChangedAt: now, createdAt: now, updatedAt: now };
  await db.insert(users).values(
    ids.map((id, index) => ({
      id,
      email: `${id}@example.org`,
      name: `Athlete ${index}`,
      ...times,
    })),
  );
  await db.insert(profiles).values(ids.map((userId) => ({ userId, updatedAt: now })));
}
