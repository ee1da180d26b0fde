/** Which scope of an API key opens which operation; the documents and a test read this table. */

import type { Scope } from "@/domain/scope.ts";

/** Operation → scopes, any of which suffices. Operations that are not here take no key. */
export const KEY_SCOPES: Readonly<Record<string, readonly Scope[]>> = {
  listUsers: ["users:read"],
  getUser: ["users:read"],
  getProfile: ["users:read"],
  ...each(["competitions:read", "competitions:write", "scores:write"], [
    "listCompetitions",
    "getCompetition",
    "listParticipants",
    "getLog",
    "listRules",
    "listAnnouncements",
    "getResult",
    "getBoard",
    "streamBoard",
    "explainRank",
  ]),
  ...each(["competitions:write"], [
    "createCompetition",
    "changeCompetition",
    "removeCompetition",
    "publishCompetition",
    "cancelCompetition",
    "cloneCompetition",
    "createInvite",
    "listInvites",
    "revokeInvite",
    "getInviteQrCode",
    "freezeBoard",
    "unfreezeBoard",
    "getFinaliseState",
    "finalizeCompetition",
    "announce",
    "changeRules",
    "previewRules",
    "previewCompetitionRules",
    "exportCompetition",
    "listEvents",
    "voidEvent",
    "reinstateEvent",
    "disqualifyParticipant",
    "reinstateParticipant",
    "adjustScore",
  ]),
  updateScore: ["scores:write"],
  updateScores: ["scores:write"],
  getStats: ["fitness:read"],
  listActivities: ["fitness:read"],
  getActivity: ["fitness:read"],
  syncActivity: ["fitness:write"],
  changeActivity: ["fitness:write"],
  removeActivity: ["fitness:write"],
  listAudit: ["audit:read"],
};

function each(scopes: readonly Scope[], operations: readonly string[]) {
  return Object.fromEntries(operations.map((operation) => [operation, scopes]));
}
