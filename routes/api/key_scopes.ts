/** Which scope of an API key opens which operation; the documents and a test read this table. */

import type { Scope } from "@/domain/scope.ts";

/** Operation → scopes, any of which suffices. Operations that are not here take no key. */
export const KEY_SCOPES: Readonly<Record<string, readonly Scope[]>> = {
  listUsers: ["users:read"],
  getUser: ["users:read"],
  getProfile: ["users:read"],
  listCompetitions: ["competitions:read", "competitions:write", "scores:write"],
  getCompetition: ["competitions:read", "competitions:write", "scores:write"],
  listParticipants: ["competitions:read", "competitions:write", "scores:write"],
  getLog: ["competitions:read", "competitions:write", "scores:write"],
  createCompetition: ["competitions:write"],
  changeCompetition: ["competitions:write"],
  removeCompetition: ["competitions:write"],
  publishCompetition: ["competitions:write"],
  cancelCompetition: ["competitions:write"],
  getBoard: ["competitions:read", "competitions:write", "scores:write"],
  streamBoard: ["competitions:read", "competitions:write", "scores:write"],
  updateScore: ["scores:write"],
  updateScores: ["scores:write"],
  getStats: ["fitness:read"],
  listAudit: ["audit:read"],
};
