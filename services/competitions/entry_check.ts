/** Whether somebody may enter, before they do: every condition with its verdict. */

import type { EntryCheck, EntryQuery, EntryVerdict } from "@/contracts/entry_check.ts";
import type { Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { canJoin } from "@/domain/competition.ts";
import type { EpochMs } from "@/domain/time.ts";
import { checkSignedIn } from "../accounts/access.ts";
import { checkVisible, getRow } from "./competition_access.ts";
import { toCompetition } from "./competition_view.ts";
import { findEntry } from "./competition_entries.ts";
import type { LockedCompetition } from "../leaderboard/competition_log.ts";
import type { CompetitionsDeps } from "./competitions.ts";
import { type AtGate, checkInvited, judgeConditions, needsInvite } from "./entry_gate.ts";

/**
 * Answers as the join would; who holds a code need not see the competition yet. Fails with
 * `NOT_FOUND` (a draft), `UNAUTHORIZED`, `FORBIDDEN` (no code, or one that does not admit).
 */
export async function readEntryCheck(
  deps: CompetitionsDeps,
  actor: Actor,
  idOrSlug: string,
  query: EntryQuery,
): Promise<EntryCheck> {
  const user = checkSignedIn(actor);
  const found = await getRow(deps.database.db, idOrSlug);
  if (found.status === "draft") checkVisible(actor, found, null, idOrSlug);
  return await deps.database.transaction(async (tx) => {
    const locked = await readUnlocked(tx, found.id);
    const before = await findEntry(tx, found.id, user.userId);
    const accept = {
      rules: query.acceptRules === "true",
      healthData: query.acceptHealthData === "true",
    };
    const call = { request: { inviteCode: query.inviteCode, accept } };
    const gate: AtGate = { user, locked, before, call, at: deps.clock.now() };
    // Without a code that admits, nothing of the competition is told but that it needs one.
    await checkInvited(deps.inviteCodes, tx, gate);
    const verdicts: EntryVerdict[] = [
      ...standingVerdict(before?.status),
      ...(needsInvite(gate) ? [INVITED] : []),
      ...registrationVerdicts(gate),
      ...await judgeConditions(tx, gate),
    ];
    const isIn = before?.status === "active";
    const canEnter = !isIn && verdicts.every(({ isAccepted }) => isAccepted);
    const competition = toCompetition(found, { at: gate.at, isStaff: false });
    return { competition, isIn, canJoin: canEnter, verdicts };
  }, { name: "entry_check" });
}

const INVITED: EntryVerdict = {
  condition: "invitation",
  isAccepted: true,
  code: "accepted",
  message: "By invitation",
};

/** The columns that joining decides by, without holding anybody up. */
async function readUnlocked(tx: Tx, id: string): Promise<LockedCompetition> {
  return { ...await getRow(tx.db, id), version: "" };
}

function standingVerdict(status: string | undefined): EntryVerdict[] {
  if (status !== "disqualified") return [];
  const message = "Not disqualified before; you were";
  return [{ condition: "standing", isAccepted: false, code: "disqualified", message }];
}

/** Why registration is not open: a verdict that only repeats its condition would not tell. */
function stateOf(
  { status, registrationOpensAt }: AtGate["locked"],
  at: EpochMs,
): string {
  if (status !== "published") return "the competition takes no entries any more";
  const isEarly = registrationOpensAt !== null && at < registrationOpensAt;
  return isEarly ? "it has not opened yet" : "it has closed";
}

/** Registration and places are told apart, so that both are seen. */
function registrationVerdicts({ locked, at }: AtGate): EntryVerdict[] {
  const open = canJoin({ ...locked, capacity: null }, at);
  const registration = {
    condition: "registration",
    isAccepted: open.ok,
    code: open.ok ? "accepted" : open.code.toLowerCase(),
    message: open.ok ? "Registration is open" : `Registration is open; ${stateOf(locked, at)}`,
  };
  if (locked.capacity === null) return [registration];
  const isFull = locked.participantCount >= locked.capacity;
  return [registration, {
    condition: "places",
    isAccepted: !isFull,
    code: isFull ? "competition_full" : "accepted",
    message: isFull ? "A place is free; all are taken" : "A place is free",
  }];
}
