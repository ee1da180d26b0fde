/** A database with competitions and athletes written straight through the log, for tests of boards. */

import type { Tx } from "@/db/client.ts";
import { competitions, participants, profiles, users } from "@/db/schema.ts";
import type { AnonymousActor, ApiKeyActor, UserActor } from "@/domain/actor.ts";
import type { NewLogEntry } from "@/domain/log.ts";
import type { Rules } from "@/domain/rules.ts";
import { DAY_MS } from "@/domain/time.ts";
import { createIdGenerator } from "@/platform/id.ts";
import { type BoardsService, createBoardsService } from "@/services/boards/boards.ts";
import { createCompetitionLog } from "@/services/leaderboard/competition_log.ts";
import { createLeaderboardService } from "@/services/leaderboard/leaderboard.ts";
import { createMeter } from "@/services/meter.ts";
import { createMetrics } from "@/platform/metrics.ts";
import { createScoresWriter } from "@/services/leaderboard/scores.ts";
import { openTestDatabase, type TestDatabaseOptions } from "./database.ts";
import { createManualTime } from "./manual_time.ts";

/** A direct competition where the last report counts. */
export const DIRECT_RULES: Rules = {
  version: 1,
  scoring: { kind: "direct", operator: "set", direction: "higher", decimals: 0, selfReport: true },
  rankMethod: "standard",
  tieBreaks: [],
};

/** What a competition of a test differs in. */
export type CompetitionSeed = Partial<
  Omit<typeof competitions.$inferInsert, "rules"> & { rules: Partial<Rules> }
>;

/** An athlete in a competition. */
export interface SeededParticipant {
  participantId: string;
  userId: string;
}

export type BoardFixture = Awaited<ReturnType<typeof createBoardFixture>>;

/** Opens a database with the services that boards stand on. */
export async function createBoardFixture(options: TestDatabaseOptions = {}) {
  const test = await openTestDatabase(options);
  const { database } = test;
  const time = createManualTime();
  const newId = createIdGenerator(time);
  const log = createCompetitionLog({ database, clock: time });
  const scores = createScoresWriter({ log });
  const boards = createBoardsService({ database, clock: time, timers: time });
  const meter = createMeter({ clock: time });
  const metrics = createMetrics();
  const leaderboard = createLeaderboardService({
    ...{ database, log, scores, boards, meter, metrics, newId },
    ...{ clock: time, timers: time },
  });

  async function addUser(
    name: string,
    seed: Partial<typeof users.$inferInsert> = {},
  ): Promise<string> {
    const now = time.now();
    const id = newId();
    await database.db.insert(users).values({
      id,
      email: `${id}@example.org`,
      name,
      accessChangedAt: now,
      createdAt: now,
      updatedAt: now,
      ...seed,
    });
    await database.db.insert(profiles).values({ userId: id, updatedAt: now });
    return id;
  }

  async function addCompetition({ rules, ...seed }: CompetitionSeed = {}): Promise<string> {
    const now = time.now();
    const id = newId();
    const endsAt = seed.endsAt ?? now + 10 * DAY_MS;
    await database.db.insert(competitions).values({
      id,
      slug: `cup-${id}`,
      name: "Cup",
      visibility: "public",
      ownerId: seed.ownerId ?? await addUser("Olga Organiser", { role: "organiser" }),
      status: "published",
      timeZone: "UTC",
      startsAt: now - DAY_MS,
      endsAt,
      registrationClosesAt: endsAt,
      graceMs: DAY_MS,
      rules: { ...DIRECT_RULES, ...rules },
      epoch: crypto.randomUUID(),
      createdAt: now,
      updatedAt: now,
      ...seed,
    });
    return id;
  }

  /** Appends one entry, after what `before` writes in the same transaction. */
  async function append(
    competitionId: string,
    entry: NewLogEntry,
    write: (tx: Tx, arrivedAt: number) => Promise<unknown> = () => Promise.resolve(),
  ): Promise<void> {
    await database.transaction(async (tx) => {
      const locked = (await log.lock(tx, [competitionId])).get(competitionId)!;
      await write(tx, Math.max(time.now(), locked.lastArrivedAt ?? 0));
      const actor = { kind: "system", name: "test", requestId: null, address: null } as const;
      await log.append(tx, locked, [{ entry, actor }]);
    });
    await boards.committed(competitionId);
  }

  async function join(competitionId: string, userId: string): Promise<SeededParticipant> {
    const participantId = newId();
    await append(
      competitionId,
      { kind: "join", participantId },
      (tx, joinedAt) =>
        tx.db.insert(participants).values({
          id: participantId,
          competitionId,
          userId,
          joinedAt,
          timeZone: "UTC",
        }),
    );
    return { participantId, userId };
  }

  return {
    ...{ test, database, time, newId, log, scores, boards, meter, metrics, leaderboard },
    ...{ addUser, addCompetition, append, join },
    /** A new athlete who takes part. */
    async addParticipant(competitionId: string, name: string): Promise<SeededParticipant> {
      return await join(competitionId, await addUser(name));
    },
    clock: time,
    timers: time,
    [Symbol.asyncDispose]: async () => {
      await leaderboard[Symbol.asyncDispose]();
      boards.clear();
      await test[Symbol.asyncDispose]();
    },
  };
}

/** A signed-in person. */
export function userActor(userId: string, change: Partial<UserActor> = {}): UserActor {
  return {
    kind: "user",
    userId,
    role: "member",
    sessionId: crypto.randomUUID(),
    via: "api",
    expiresAt: Number.MAX_SAFE_INTEGER,
    requestId: null,
    address: null,
    ...change,
  };
}

/** An app's key. */
export function keyActor(...scopes: string[]): ApiKeyActor {
  const [keyId, ownerId] = [crypto.randomUUID(), crypto.randomUUID()];
  const nowhere = { requestId: null, address: null };
  return { kind: "api_key", keyId, ownerId, scopes, quotaPerMinute: 6_000, ...nowhere };
}

/** Nobody. */
export const ANONYMOUS: AnonymousActor = { kind: "anonymous", requestId: null, address: null };

/** The rows of a board as one line each: rank, name, score. */
export async function boardLines(boards: BoardsService, competitionId: string): Promise<string[]> {
  const view = await boards.view(competitionId);
  return view.rows(0, view.total).map((row) => `${row.rank ?? "-"} ${row.name} ${row.score}`);
}
