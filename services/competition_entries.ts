/** Joining and leaving: capacity and registration are decided under the competition's row lock. */

import { and, eq } from "drizzle-orm";
import type { Entry, JoinRequest } from "@/contracts/competitions.ts";
import type { Tx } from "@/db/client.ts";
import { competitions, participants, profiles } from "@/db/schema.ts";
import type { Actor, UserActor } from "@/domain/actor.ts";
import { canJoin, canLeave, checkAllowed } from "@/domain/competition.ts";
import { DomainError } from "@/domain/error.ts";
import { isSameSecret } from "@/platform/token.ts";
import { checkSignedIn, isStaff } from "./access.ts";
import { lockAthlete } from "./activity_scores.ts";
import { getRow } from "./competition_access.ts";
import type { LockedCompetition } from "./competition_log.ts";
import type { CompetitionsDeps, CompetitionsService } from "./competitions.ts";
import { FEE_FAULTS } from "./entry_fees.ts";

type Entries = Pick<CompetitionsService, "join" | "joinPaid" | "checkJoin" | "leave">;
type ParticipantRow = typeof participants.$inferSelect;

export function createCompetitionEntries(deps: CompetitionsDeps): Entries {
  return {
    join: (actor, idOrSlug, request) => join(deps, actor, idOrSlug, request),
    async joinPaid(userId, competitionId) {
      await join(deps, buyerOf(userId), competitionId, "ordered");
    },
    checkJoin: (actor, idOrSlug, request) => checkJoin(deps, actor, idOrSlug, request),
    leave: (actor, idOrSlug) => leave(deps, actor, idOrSlug),
  };
}

async function join(
  deps: CompetitionsDeps,
  actor: Actor,
  idOrSlug: string,
  request: JoinRequest | "ordered",
): Promise<{ entry: Entry; created: boolean }> {
  const user = checkSignedIn(actor);
  const { id } = await getRow(deps.database.db, idOrSlug);
  const result = await deps.database.transaction(async (tx) => {
    await lockAthlete(tx, user.userId);
    const locked = (await deps.log.lock(tx, [id])).get(id)!;
    const before = await findEntry(tx, id, user.userId);
    if (before?.status === "active") return { entry: toEntry(before), created: false };
    checkEntry(user, locked, before, request);
    checkAllowed(canJoin(locked, deps.clock.now()));
    await deps.entryFees.charge(tx, locked, { userId: user.userId, actor });
    return { entry: toEntry(await enter(deps, tx, { user, locked, before })), created: true };
  }, { name: "join", constraints: FEE_FAULTS });
  if (result.created) await deps.boards.committed(id);
  return result;
}

/** Somebody whose entry was paid at the gateway; no session is there any more. */
function buyerOf(userId: string): UserActor {
  return {
    kind: "user",
    userId,
    role: "member",
    sessionId: "",
    via: "api",
    expiresAt: 0,
    requestId: null,
    address: null,
  };
}

async function checkJoin(
  deps: CompetitionsDeps,
  actor: Actor,
  idOrSlug: string,
  request: JoinRequest,
): Promise<LockedCompetition> {
  const user = checkSignedIn(actor);
  const { id } = await getRow(deps.database.db, idOrSlug);
  return await deps.database.transaction(async (tx) => {
    const locked = (await deps.log.lock(tx, [id])).get(id)!;
    checkEntry(user, locked, await findEntry(tx, id, user.userId), request);
    checkAllowed(canJoin(locked, deps.clock.now()));
    return locked;
  }, { name: "check_join" });
}

function checkEntry(
  user: UserActor,
  locked: LockedCompetition,
  before: ParticipantRow | undefined,
  request: JoinRequest | "ordered",
): void {
  if (before?.status === "disqualified") {
    throw new DomainError(
      "PARTICIPANT_DISQUALIFIED",
      `Cannot join competition "${locked.name}": you were disqualified`,
    );
  }
  // Who ordered has shown the code then.
  if (locked.visibility !== "invite" || before || request === "ordered") return;
  if (isStaff(user, locked)) return;
  const isInvited = locked.inviteCode !== null && request.inviteCode !== undefined &&
    isSameSecret(request.inviteCode, locked.inviteCode);
  if (isInvited) return;
  const message = `Cannot join competition "${locked.name}": the invite code does not match`;
  throw new DomainError("FORBIDDEN", message, {
    details: [{ field: "inviteCode", code: "mismatch", message: "The invite code does not match" }],
  });
}

async function enter(
  deps: CompetitionsDeps,
  tx: Tx,
  given: { user: UserActor; locked: LockedCompetition; before: ParticipantRow | undefined },
): Promise<ParticipantRow> {
  const { user, locked, before } = given;
  const row = before
    ? await reenter(tx, before)
    : await insertEntry(deps, tx, { user, competitionId: locked.id });
  await changeCount(tx, locked, 1);
  const [entry] = await deps.log.append(tx, locked, [{
    entry: { kind: "join", participantId: row.id },
    actor: user,
  }]);
  // The first join's arrival in the log, since a tie-break compares it and a replay must agree.
  const joined = before ? row : await setJoinedAt(tx, row, entry!.arrivedAt);
  // What the athlete recorded before joining counts from the start of the competition.
  await deps.activityScores.rescore(tx, locked, joined, { actor: user, reason: "join" });
  return joined;
}

async function setJoinedAt(tx: Tx, row: ParticipantRow, joinedAt: number): Promise<ParticipantRow> {
  if (row.joinedAt === joinedAt) return row;
  await tx.db.update(participants).set({ joinedAt }).where(eq(participants.id, row.id));
  return { ...row, joinedAt };
}

async function reenter(tx: Tx, before: ParticipantRow): Promise<ParticipantRow> {
  const [row] = await tx.db.update(participants).set({ status: "active", leftAt: null })
    .where(eq(participants.id, before.id)).returning();
  return row!;
}

async function insertEntry(
  deps: CompetitionsDeps,
  tx: Tx,
  given: { user: UserActor; competitionId: string },
): Promise<ParticipantRow> {
  const { userId } = given.user;
  const [profile] = await tx.db.select({ timeZone: profiles.timeZone }).from(profiles)
    .where(eq(profiles.userId, userId));
  const [row] = await tx.db.insert(participants).values({
    id: deps.newId(),
    competitionId: given.competitionId,
    userId,
    joinedAt: deps.clock.now(),
    timeZone: profile?.timeZone ?? "UTC",
  }).returning();
  return row!;
}

async function leave(deps: CompetitionsDeps, actor: Actor, idOrSlug: string): Promise<void> {
  const user = checkSignedIn(actor);
  const { id, name } = await getRow(deps.database.db, idOrSlug);
  await deps.database.transaction(async (tx) => {
    const locked = (await deps.log.lock(tx, [id])).get(id)!;
    const entry = await findEntry(tx, id, user.userId);
    if (entry === undefined || entry.status !== "active") {
      throw new DomainError("NOT_A_PARTICIPANT", `Cannot leave "${name}": you do not take part`);
    }
    checkAllowed(canLeave(locked));
    await tx.db.update(participants).set({ status: "withdrawn", leftAt: deps.clock.now() })
      .where(eq(participants.id, entry.id));
    await changeCount(tx, locked, -1);
    await deps.log.append(tx, locked, [{
      entry: { kind: "leave", participantId: entry.id },
      actor: user,
    }]);
    await deps.entryFees.refundLeaver(tx, locked, { userId: user.userId, actor });
  });
  await deps.boards.committed(id);
}

async function findEntry(
  tx: Tx,
  competitionId: string,
  userId: string,
): Promise<ParticipantRow | undefined> {
  const [row] = await tx.db.select().from(participants).where(and(
    eq(participants.competitionId, competitionId),
    eq(participants.userId, userId),
  ));
  return row;
}

async function changeCount(tx: Tx, locked: LockedCompetition, by: 1 | -1): Promise<void> {
  locked.participantCount += by;
  await tx.db.update(competitions).set({ participantCount: locked.participantCount })
    .where(eq(competitions.id, locked.id));
}

function toEntry(row: ParticipantRow): Entry {
  return {
    participantId: row.id,
    competitionId: row.competitionId,
    userId: row.userId,
    joinedAt: new Date(row.joinedAt).toISOString(),
  };
}
