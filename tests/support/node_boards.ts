/** Competitions for tests of several nodes, written through the log by one of them. */

import { participants, profiles, users } from "@/db/schema.ts";
import type { NewLogEntry } from "@/domain/log.ts";
import { DAY_MS } from "@/domain/time.ts";
import { competitions } from "@/db/schema.ts";
import { systemClock } from "@/platform/clock.ts";
import { createIdGenerator } from "@/platform/id.ts";
import type { Database } from "@/db/client.ts";
import { createCompetitionLog } from "@/services/leaderboard/competition_log.ts";
import { DIRECT_RULES, type SeededParticipant } from "./board_fixture.ts";

/** A running competition where the last report counts. */
export interface SeededBoard {
  id: string;
  members: SeededParticipant[];
}

const newId = createIdGenerator(systemClock);

/** Makes a public competition with so many members. */
export async function seedBoard(database: Database, count: number): Promise<SeededBoard> {
  const now = systemClock.now();
  const ownerId = newId();
  const members = Array.from(
    { length: count },
    () => ({ participantId: newId(), userId: newId() }),
  );
  await addUsers(database, [ownerId, ...members.map(({ userId }) => userId)]);
  const id = newId();
  const times = { startsAt: now - DAY_MS, endsAt: now + DAY_MS, createdAt: now, updatedAt: now };
  await database.db.insert(competitions).values({
    ...{ id, slug: `cup-${id}`, name: "Cup", visibility: "public", ownerId },
    ...{ status: "published", timeZone: "UTC", registrationClosesAt: now + DAY_MS },
    ...{ ...times, graceMs: DAY_MS, rules: DIRECT_RULES, epoch: crypto.randomUUID() },
  });
  await join(database, id, members);
  return { id, members };
}

async function addUsers({ db }: Database, ids: readonly string[]): Promise<void> {
  const now = systemClock.now();
  const times = { accessChangedAt: now, createdAt: now, updatedAt: now };
  await db.insert(users).values(
    ids.map((id, n) => ({ id, email: `${id}@example.org`, name: `Athlete ${n}`, ...times })),
  );
  await db.insert(profiles).values(ids.map((userId) => ({ userId, updatedAt: now })));
}

async function join(
  database: Database,
  competitionId: string,
  members: readonly SeededParticipant[],
): Promise<void> {
  const log = createCompetitionLog({ database, clock: systemClock });
  const actor = { kind: "system", name: "test", requestId: null, address: null } as const;
  await database.transaction(async (tx) => {
    const locked = (await log.lock(tx, [competitionId])).get(competitionId)!;
    const joinedAt = systemClock.now();
    await tx.db.insert(participants).values(members.map(({ participantId, userId }) => ({
      ...{ id: participantId, competitionId, userId, joinedAt, timeZone: "UTC" },
    })));
    const entries = members.map(({ participantId }): NewLogEntry => ({
      kind: "join",
      participantId,
    }));
    await log.append(tx, locked, entries.map((entry) => ({ entry, actor })));
  });
}
