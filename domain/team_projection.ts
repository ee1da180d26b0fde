/**
 * Who was in which team when, beside the state of the scores, as the log builds both up entry by
 * entry. Memberships are half-open spans of the log's own time: what happened at or after the
 * arrival of a membership and before that of its end is given to the team.
 *
 * @module
 */

import type { CourseSteps, LogEntry } from "./log.ts";
import { applyEntry, emptyProjection, type Projection } from "./projection.ts";
import type { Rules } from "./rules.ts";
import type { EpochMs } from "./time.ts";

/** A span in a team; `to` is null while it lasts. */
export interface Membership {
  teamId: string;
  from: EpochMs;
  to: EpochMs | null;
}

/** A competition's state with its teams; changed in place by `applyTeamEntry`. */
export interface TeamProjection {
  scores: Projection;
  /** By participant, in the order of time. */
  memberships: Map<string, Membership[]>;
  /** Teams that have or had members, in the order in which they got them; removed ones are gone. */
  teamIds: Set<string>;
  /** How computed results came about, by event. */
  courses: Map<string, CourseSteps>;
}

/** The state before the first entry; `rules` hold until the log enters others. */
export function emptyTeamProjection(rules: Rules): TeamProjection {
  return {
    scores: emptyProjection(rules),
    memberships: new Map(),
    teamIds: new Set(),
    courses: new Map(),
  };
}

/** Applies the next entry, as `applyEntry` does. */
export function applyTeamEntry(projection: TeamProjection, entry: LogEntry): void {
  applyEntry(projection.scores, entry);
  switch (entry.kind) {
    case "team":
      endMembership(projection, entry.participantId, entry.arrivedAt);
      if (entry.teamId !== null) beginMembership(projection, entry, entry.teamId);
      break;
    case "leave":
      endMembership(projection, entry.participantId, entry.arrivedAt);
      break;
    case "team_removal":
      removeTeam(projection, entry.teamId, entry.arrivedAt);
      break;
    case "course":
      projection.courses.set(entry.eventId, entry.steps);
  }
}

/** The team somebody is in now; undefined for none. */
export function teamOf(projection: TeamProjection, participantId: string): string | undefined {
  const last = projection.memberships.get(participantId)?.at(-1);
  return last?.to === null ? last.teamId : undefined;
}

function beginMembership(
  { memberships, teamIds }: TeamProjection,
  { participantId, arrivedAt }: { participantId: string; arrivedAt: EpochMs },
  teamId: string,
): void {
  const known = memberships.get(participantId) ?? [];
  known.push({ teamId, from: arrivedAt, to: null });
  memberships.set(participantId, known);
  teamIds.add(teamId);
}

function endMembership(
  { memberships }: TeamProjection,
  participantId: string,
  at: EpochMs,
): void {
  const last = memberships.get(participantId)?.at(-1);
  if (last?.to === null) last.to = at;
}

function removeTeam(projection: TeamProjection, teamId: string, at: EpochMs): void {
  projection.teamIds.delete(teamId);
  for (const participantId of projection.memberships.keys()) {
    if (teamOf(projection, participantId) === teamId) {
      endMembership(projection, participantId, at);
    }
  }
}
