/** Joining and leaving: capacity and registration are decided under the competition's row lock. */

import { and, eq } from "drizzle-orm";
import { type Entry, JoinRequest } from "@/contracts/competitions.ts";
import type { Tx } from "@/db/client.ts";
import { competitions, participants, profiles } from "@/db/schema.ts";
import type { Actor, UserActor } from "@/domain/actor.ts";
import { canJoin, canLeave, checkAllowed } from "@/domain/competition.ts";
import type { OrderedEntry } from "@/domain/entry_condition.ts";
import { DomainError } from "@/domain/error.ts";
import { chooseDivision } from "@/domain/group_choice.ts";
import { checkSignedIn } from "../accounts/access.ts";
import { lockAthlete } from "../activity/activity_scores.ts";
import { checkVisible, getRow } from "./competition_access.ts";
import type { LockedCompetition } from "../leaderboard/competition_log.ts";
import type { CompetitionsDeps, CompetitionsService } from "./competitions.ts";
import { FEE_FAULTS } from "../money/entry_fees.ts";
import { readEntryCheck } from "./entry_check.ts";
import {
  type Admission,
  type AtGate,
  checkConditions,
  checkInvited,
  type EntryCall,
  noteAdmission,
} from "./entry_gate.ts";
import { takeInviteGuess } from "./invite_guesses.ts";
import { checkDestination, place } from "../teams/placements.ts";

type Entries = Pick<
  CompetitionsService,
  "join" | "joinPaid" | "checkJoin" | "entryCheck" | "leave"
>;
type ParticipantRow = typeof participants.$inferSelect;

export function createCompetitionEntries(deps: CompetitionsDeps): Entries {
  return {
    join: (actor, idOrSlug, request) => {
      return takeInviteGuess(deps.limiter, actor, request, () => {
        return join(deps, actor, idOrSlug, { request });
      });
    },
    async joinPaid(userId, competitionId, ordered) {
      await join(deps, buyerOf(userId), competitionId, callOf(ordered));
    },
    checkJoin: (actor, idOrSlug, request) => {
      return takeInviteGuess(deps.limiter, actor, request, () => {
        return checkJoin(deps, actor, idOrSlug, request);
      });
    },
    entryCheck: (actor, idOrSlug, query) => {
      return takeInviteGuess(deps.limiter, actor, query, () => {
        return readEntryCheck(deps, actor, idOrSlug, query);
      });
    },
    leave: (actor, idOrSlug) => leave(deps, actor, idOrSlug),
  };
}

async function join(
  deps: CompetitionsDeps,
  actor: Actor,
  idOrSlug: string,
  call: EntryCall,
): Promise<{ entry: Entry; created: boolean }> {
  const user = checkSignedIn(actor);
  const id = await findEnterable(deps, user, idOrSlug);
  const result = await deps.database.transaction(async (tx) => {
    await lockAthlete(tx, user.userId);
    const locked = (await deps.log.lock(tx, [id])).get(id)!;
    const before = await findEntry(tx, id, user.userId);
    if (before?.status === "active") return { entry: toEntry(before), created: false };
    const gate = { user, locked, before, call, at: deps.clock.now() };
    const admission = await checkEntry(deps, tx, gate);
    const groups = await chooseGroups(tx, gate, admission);
    await deps.entryFees.charge(tx, locked, { userId: user.userId, actor });
    const entered = await enter(deps, tx, { user, locked, before, groups });
    await noteAdmission(tx, entered.id, { admission, gate });
    return { entry: toEntry(entered), created: true };
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

/** What an order from before there were conditions kept nothing of was shown and agreed to then. */
function callOf(ordered: OrderedEntry | null): EntryCall {
  if (ordered) return { request: JoinRequest.parse(ordered.request), ordered };
  const accept = { rules: true, healthData: true };
  return { request: { accept }, ordered: { isInvited: true, inviteId: null } };
}

async function checkJoin(
  deps: CompetitionsDeps,
  actor: Actor,
  idOrSlug: string,
  request: JoinRequest,
): Promise<{ competition: LockedCompetition; ordered: OrderedEntry }> {
  const user = checkSignedIn(actor);
  const id = await findEnterable(deps, user, idOrSlug);
  return await deps.database.transaction(async (tx) => {
    const competition = (await deps.log.lock(tx, [id])).get(id)!;
    const before = await findEntry(tx, id, user.userId);
    const gate = { user, locked: competition, before, call: { request }, at: deps.clock.now() };
    const admission = await checkEntry(deps, tx, gate);
    await chooseGroups(tx, gate, admission);
    const { isInvited, inviteId } = admission;
    const { inviteCode: _, ...shown } = request;
    return { competition, ordered: { isInvited, inviteId, request: shown } };
  }, { name: "check_join" });
}

type EntryGate = AtGate & { before: ParticipantRow | undefined };

/** All that is asked of somebody, in the order in which it is told. */
async function checkEntry(deps: CompetitionsDeps, tx: Tx, gate: EntryGate): Promise<Admission> {
  const { locked, before } = gate;
  if (before?.status === "disqualified") {
    throw new DomainError(
      "PARTICIPANT_DISQUALIFIED",
      `Cannot join competition "${locked.name}": you were disqualified`,
    );
  }
  const admission = await checkInvited(deps.inviteCodes, tx, gate);
  checkAllowed(canJoin(locked, gate.at));
  await checkConditions(tx, gate);
  return admission;
}

/** Where somebody enters. */
interface Groups {
  division: string | null;
  teamId: string | undefined;
}

/** Fails with `VALIDATION_ERROR` about `division` or `teamId`, and `TEAM_FULL`. */
async function chooseGroups(
  tx: Tx,
  { locked, before, call }: EntryGate,
  { division: invitedTo }: Pick<Admission, "division">,
): Promise<Groups> {
  const former = before?.division ?? null;
  const { division, teamId } = call.request;
  const isKept = invitedTo !== null && locked.divisions.includes(invitedTo);
  const groups = { former, wanted: isKept ? invitedTo : division, teamId };
  try {
    return await checkGroups(tx, locked, groups);
  } catch (error) {
    // Who has paid is in, whatever became of the groups since; staff put them right.
    if (call.ordered && error instanceof DomainError) {
      return { division: former, teamId: undefined };
    }
    throw error;
  }
}

async function checkGroups(
  tx: Tx,
  locked: LockedCompetition,
  { wanted, former, teamId }: {
    wanted: string | undefined;
    former: string | null;
    teamId: string | undefined;
  },
): Promise<Groups> {
  const division = chooseDivision(locked.divisions, { wanted, former });
  await checkDestination(tx, locked, { teamId }, 1);
  return { division, teamId };
}

async function enter(
  deps: CompetitionsDeps,
  tx: Tx,
  given: {
    user: UserActor;
    locked: LockedCompetition;
    before: ParticipantRow | undefined;
    groups: Groups;
  },
): Promise<ParticipantRow> {
  const { user, locked, before, groups } = given;
  const { division, teamId } = groups;
  const row = before
    ? await reenter(tx, before, division)
    : await insertEntry(deps, tx, { user, competitionId: locked.id, division });
  await changeCount(tx, locked, 1);
  const [entry] = await deps.log.append(tx, locked, [{
    entry: { kind: "join", participantId: row.id, division },
    actor: user,
  }]);
  const move = { participants: [row], destination: { teamId }, cause: { actor: user } };
  await place(deps, tx, locked, move);
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

async function reenter(
  tx: Tx,
  before: ParticipantRow,
  division: string | null,
): Promise<ParticipantRow> {
  const [row] = await tx.db.update(participants).set({ status: "active", leftAt: null, division })
    .where(eq(participants.id, before.id)).returning();
  return row!;
}

async function insertEntry(
  deps: CompetitionsDeps,
  tx: Tx,
  given: { user: UserActor; competitionId: string; division: string | null },
): Promise<ParticipantRow> {
  const { userId } = given.user;
  const [profile] = await tx.db.select({ timeZone: profiles.timeZone }).from(profiles)
    .where(eq(profiles.userId, userId));
  const [row] = await tx.db.insert(participants).values({
    id: deps.newId(),
    competitionId: given.competitionId,
    userId,
    division: given.division,
    joinedAt: deps.clock.now(),
    timeZone: profile?.timeZone ?? "UTC",
  }).returning();
  return row!;
}

async function leave(deps: CompetitionsDeps, actor: Actor, idOrSlug: string): Promise<void> {
  const user = checkSignedIn(actor);
  const id = await findEnterable(deps, user, idOrSlug);
  await deps.database.transaction(async (tx) => {
    const locked = (await deps.log.lock(tx, [id])).get(id)!;
    const entry = await findEntry(tx, id, user.userId);
    checkMayLeave(locked, entry, idOrSlug);
    const left = { status: "withdrawn" as const, leftAt: deps.clock.now(), teamId: null };
    await tx.db.update(participants).set(left)
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

/** The id of a competition that is not hidden from the user as a draft of somebody else is. */
async function findEnterable(
  { database }: CompetitionsDeps,
  user: UserActor,
  idOrSlug: string,
): Promise<string> {
  const row = await getRow(database.db, idOrSlug);
  if (row.status === "draft") checkVisible(user, row, null, idOrSlug);
  return row.id;
}

function checkMayLeave(
  locked: LockedCompetition,
  entry: ParticipantRow | undefined,
  asked: string,
): asserts entry is ParticipantRow {
  const { name } = locked;
  if (entry?.status === "disqualified") {
    const message = `Cannot leave "${name}": you were disqualified, and stay listed last`;
    throw new DomainError("PARTICIPANT_DISQUALIFIED", message);
  }
  if (entry?.status !== "active") {
    // Whoever was never in may not see the competition, so its name is not told.
    const shown = entry ? name : asked;
    throw new DomainError("NOT_A_PARTICIPANT", `Cannot leave "${shown}": you do not take part`);
  }
  checkAllowed(canLeave(locked));
}

/** The entry of a user, whatever became of it. */
export async function findEntry(
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
