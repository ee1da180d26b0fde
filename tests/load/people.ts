/** A competition with athletes, written straight through the log: registering hashes a password for each. */

import type { Database } from "@/db/client.ts";
import { competitions, participants, profiles, users } from "@/db/schema.ts";
import type { NewLogEntry } from "@/domain/log.ts";
import type { Rules } from "@/domain/rules.ts";
import { DAY_MS } from "@/domain/time.ts";
import { systemClock } from "@/platform/clock.ts";
import type { IdGenerator } from "@/platform/id.ts";
import type { CompetitionLogService } from "@/services/leaderboard/competition_log.ts";

/** Entries of one transaction. */
const MEMBERS_AT_ONCE = 1_000;

const RULES: Rules = {
  version: 1,
  scoring: {
    kind: "direct",
    operator: "increment",
    direction: "higher",
    decimals: 0,
    selfReport: true,
  },
  rankMethod: "standard",
  tieBreaks: [],
};

/** Adds a competition that has begun and where scores add up. */
export async function addOpenCompetition(
  { db }: Database,
  newId: IdGenerator,
): Promise<string> {
  const now = systemClock.now();
  const [id, ownerId] = [newId(), newId()];
  const times = { createdAt: now, updatedAt: now };
  await db.insert(users).values({
    ...{ id: ownerId, email: `${ownerId}@example.org`, name: "Olga", accessChangedAt: now },
    ...times,
  });
  await db.insert(competitions).values({
    ...{ id, slug: `cup-${id}`, name: "Cup", visibility: "public", ownerId },
    ...{ status: "published", timeZone: "UTC", startsAt: now - DAY_MS, endsAt: now + DAY_MS },
    ...{ registrationClosesAt: now + DAY_MS, graceMs: DAY_MS, rules: RULES },
    ...{ epoch: crypto.randomUUID(), ...times },
  });
  return id;
}

/** Adds athletes who take part; gives their user ids. */
export async function addPeople(
  database: Database,
  { log, newId, competitionId, members }: {
    log: CompetitionLogService;
    newId: IdGenerator;
    competitionId: string;
    members: number;
  },
): Promise<string[]> {
  const people = Array.from({ length: members }, () => ({
    userId: newId(),
    participantId: newId(),
  }));
  for (let from = 0; from < members; from += MEMBERS_AT_ONCE) {
    const part = people.slice(from, from + MEMBERS_AT_ONCE);
    await insertUsers(database, part.map(({ userId }) => userId));
    await database.transaction(async (tx) => {
      const locked = (await log.lock(tx, [competitionId])).get(competitionId)!;
      const joinedAt = Math.max(systemClock.now(), locked.lastArrivedAt ?? 0);
      await tx.db.insert(participants).values(part.map(({ userId, participantId: id }) => ({
        ...{ id, competitionId, userId, joinedAt, timeZone: "UTC" },
      })));
      const actor = { kind: "system", name: "load", requestId: null, address: null } as const;
      const joins = part.map(({ participantId }): NewLogEntry => ({ kind: "join", participantId }));
      await log.append(tx, locked, joins.map((entry) => ({ entry, actor })));
    });
  }
  return people.map(({ userId }) => userId);
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
