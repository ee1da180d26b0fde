/**
 * Whether somebody may enter a competition, decided in the transaction of the join: the invitation
 * where one is needed, and the conditions, each answered with its reason.
 *
 * @module
 */

import type { JoinRequest } from "@/contracts/competitions.ts";
import type { Tx } from "@/db/client.ts";
import type { UserActor } from "@/domain/actor.ts";
import {
  type Acceptance,
  type ConditionVerdict,
  type Consents,
  emailDomainOf,
  type Entrant,
  type EntryConditions,
  hasConditions,
  judgeEntry,
  type OrderedEntry,
} from "@/domain/entry_condition.ts";
import { DomainError } from "@/domain/error.ts";
import type { EpochMs } from "@/domain/time.ts";
import { isSameSecret } from "@/platform/token.ts";
import { isStaff } from "../accounts/access.ts";
import type { LockedCompetition } from "../leaderboard/competition_log.ts";
import type { InviteCodes } from "./invite_codes.ts";

/** How somebody asks to enter: now, or by an order that was paid since. */
export interface EntryCall {
  request: JoinRequest;
  /** What was shown when the order was placed. */
  ordered?: Pick<OrderedEntry, "isInvited" | "inviteId">;
}

/** Somebody at the gate of a competition that is locked. */
export interface AtGate {
  user: UserActor;
  locked: LockedCompetition;
  /** An entry of before; whoever was in needs no invitation again. */
  before: { id: string; consents: Consents | null } | undefined;
  call: EntryCall;
  at: EpochMs;
}

/** By what somebody is let in. */
export interface Admission {
  /** Whether a valid code or invite was shown, or none was needed. */
  isInvited: boolean;
  /** The invite to count a use of. */
  inviteId: string | null;
  /** The division that the invite leads to. */
  division: string | null;
}

/** Why a code does not admit. */
type InviteFault = "missing" | "mismatch" | "revoked" | "expired" | "used_up" | "other_person";

const FAULT_TEXT: Record<InviteFault, string> = {
  missing: "an invite code is needed",
  mismatch: "the invite code does not match",
  revoked: "the invite was revoked",
  expired: "the invite has expired",
  "used_up": "the invite was used up",
  "other_person": "the invite is for another person",
};

const NO_INVITE: Admission = { isInvited: false, inviteId: null, division: null };

/** Fails with `FORBIDDEN` where an invitation is needed and none is shown that admits. */
export async function checkInvited(
  codes: InviteCodes,
  tx: Tx,
  gate: AtGate,
): Promise<Admission> {
  const found = await findAdmission(codes, tx, gate);
  if (typeof found !== "string") return found;
  if (!needsInvite(gate)) return NO_INVITE;
  throw notInvited(gate.locked.name, found);
}

/** Whether somebody enters by invitation only. */
export function needsInvite({ locked, before, user }: AtGate): boolean {
  return locked.visibility === "invite" && !before && !isStaff(user, locked);
}

async function findAdmission(
  codes: InviteCodes,
  tx: Tx,
  { user, locked, call, at }: AtGate,
): Promise<Admission | InviteFault> {
  const { ordered, request: { inviteCode } } = call;
  if (ordered) {
    if (ordered.inviteId === null) return { ...NO_INVITE, isInvited: ordered.isInvited };
    return await readAdmission(tx, { id: ordered.inviteId }, { user, locked, at });
  }
  if (inviteCode === undefined || inviteCode === "") return "missing";
  if (locked.inviteCode !== null && isSameSecret(inviteCode, locked.inviteCode)) {
    return { ...NO_INVITE, isInvited: true };
  }
  const handle = codes.handleOf(inviteCode);
  return handle === undefined
    ? "mismatch"
    : await readAdmission(tx, { handle }, { user, locked, at });
}

interface StoredInvite {
  id: string;
  division: string | null;
  email: string | null;
  uses: number;
  usesMax: number | null;
  expiresAt: EpochMs | null;
  revokedAt: EpochMs | null;
}

async function readAdmission(
  tx: Tx,
  key: { id: string } | { handle: string },
  { user, locked, at }: Pick<AtGate, "user" | "locked" | "at">,
): Promise<Admission | InviteFault> {
  const which = "id" in key ? tx.sql`i.id = ${key.id}` : tx.sql`i.handle = ${key.handle}`;
  const [row] = await tx.sql<(StoredInvite & { isForUser: boolean })[]>`
    select i.id, i.division, i.email, i.uses, i.uses_max as "usesMax",
      i.expires_at as "expiresAt", i.revoked_at as "revokedAt",
      i.email is null or lower(i.email) = lower(u.email) as "isForUser"
    from competition_invites i join users u on u.id = ${user.userId}
    where ${which} and i.competition_id = ${locked.id}`;
  if (!row) return "mismatch";
  if (row.revokedAt !== null) return "revoked";
  if (row.expiresAt !== null && row.expiresAt <= at) return "expired";
  if (row.usesMax !== null && row.uses >= row.usesMax) return "used_up";
  if (!row.isForUser) return "other_person";
  return { isInvited: true, inviteId: row.id, division: row.division };
}

function notInvited(name: string, fault: InviteFault): DomainError {
  const message = `Cannot join competition "${name}": ${FAULT_TEXT[fault]}`;
  const text = FAULT_TEXT[fault].replace(/^./, (first) => first.toUpperCase());
  return new DomainError("FORBIDDEN", message, {
    details: [{ field: "inviteCode", code: fault, message: text }],
  });
}

/** Answers the conditions of the competition, none where it asks nothing. */
export async function judgeConditions(tx: Tx, gate: AtGate): Promise<ConditionVerdict[]> {
  const conditions = await readConditions(tx, gate.locked.id);
  if (!hasConditions(conditions)) return [];
  const entrant = await readEntrant(tx, gate, conditions);
  const { at, locked: { timeZone } } = gate;
  return judgeEntry(conditions, entrant, { at, timeZone });
}

/** Fails with `ENTRY_REFUSED`, every verdict in its details. */
export async function checkConditions(tx: Tx, gate: AtGate): Promise<void> {
  const verdicts = await judgeConditions(tx, gate);
  const refused = verdicts.find(({ isAccepted }) => !isAccepted);
  if (refused) throw refusedEntry(gate.locked.name, refused, verdicts);
}

function refusedEntry(
  name: string,
  first: ConditionVerdict,
  verdicts: readonly ConditionVerdict[],
): DomainError {
  return new DomainError(
    "ENTRY_REFUSED",
    `Cannot join competition "${name}": a condition is not met (${first.message})`,
    {
      details: verdicts.map(({ condition, code, message }) => ({
        field: `conditions.${condition}`,
        code,
        message,
      })),
    },
  );
}

function acceptedBy({ call, before }: AtGate): Acceptance {
  const { accept = {} } = call.request;
  return {
    rules: accept.rules === true || before?.consents?.rulesAt !== undefined,
    healthData: accept.healthData === true || before?.consents?.healthDataAt !== undefined,
  };
}

function consentsOf({ call, before, locked, at }: AtGate): Consents | null {
  const { accept = {} } = call.request;
  const consents: Consents = {
    ...before?.consents,
    ...(accept.rules ? { rulesAt: at, rulesVersion: locked.rules.version } : {}),
    ...(accept.healthData ? { healthDataAt: at } : {}),
  };
  return Object.keys(consents).length === 0 ? null : consents;
}

async function readConditions(tx: Tx, id: string): Promise<EntryConditions | null> {
  const [row] = await tx.sql<{ conditions: EntryConditions | null }[]>`
    select entry_conditions as conditions from competitions where id = ${id}`;
  return row?.conditions ?? null;
}

/** Read under the competition's lock, so that the last place of a domain admits one. */
async function readEntrant(
  tx: Tx,
  gate: AtGate,
  { perDomainMax }: EntryConditions,
): Promise<Entrant> {
  const { user: { userId }, locked } = gate;
  const [row] = await tx.sql<Pick<Entrant, "birthDate" | "country" | "email">[]>`
    select p.birth_date::text as "birthDate", p.country, u.email
    from users u left join profiles p on p.user_id = u.id where u.id = ${userId}`;
  const domainEntries = perDomainMax === undefined
    ? 0
    : await countDomain(tx, { competitionId: locked.id, userId, email: row!.email });
  return { ...row!, accept: acceptedBy(gate), domainEntries };
}

async function countDomain(
  tx: Tx,
  { competitionId, userId, email }: { competitionId: string; userId: string; email: string },
): Promise<number> {
  const [row] = await tx.sql<{ count: number }[]>`
    select count(*) as count from participants p join users u on u.id = p.user_id
    where p.competition_id = ${competitionId} and p.status = 'active' and u.id <> ${userId}
      and lower(split_part(u.email, '@', 2)) = ${emailDomainOf(email)}`;
  return row!.count;
}

/** Counts a use, and keeps what was agreed to with the entry. Fails with `FORBIDDEN` where another took the last use. */
export async function noteAdmission(
  tx: Tx,
  participantId: string,
  { admission: { inviteId }, gate }: { admission: Admission; gate: AtGate },
): Promise<void> {
  if (inviteId !== null && !gate.before) {
    const { count } = await tx.sql`
      update competition_invites set uses = uses + 1
      where id = ${inviteId} and (uses_max is null or uses < uses_max)`;
    if (count === 0) throw notInvited(gate.locked.name, "used_up");
    await tx.sql`update participants set invite_id = ${inviteId} where id = ${participantId}`;
  }
  const consents = consentsOf(gate);
  if (consents === null) return;
  await tx.sql`
    update participants set consents = ${JSON.stringify(consents)}::text::jsonb
    where id = ${participantId}`;
}
