/**
 * Team standings as a pure function of the log and the rules. What a member gives to a team is the
 * change of the member's score by events of the time in it: whoever leaves, the team or the
 * competition, has given it; what came before joining is somebody else's. Where lower scores win,
 * a member's score is given as it was last reached in the team, since a falling time adds up to
 * nothing. The disqualified give nothing for as long as they are.
 *
 * Equal teams are told apart by when they reached their score, like people; ranks are those of
 * `rankContenders`.
 *
 * @module
 */

import { canonicalJson } from "./canonical_json.ts";
import { dayAt } from "./days.ts";
import type { LogEntry } from "./log.ts";
import { rankContenders } from "./ranking.ts";
import type { Rules } from "./rules.ts";
import { courseOf } from "./score_course.ts";
import type { Contender } from "./standing.ts";
import type { Cut } from "./standings.ts";
import {
  applyTeamEntry,
  emptyTeamProjection,
  type Membership,
  type TeamProjection,
} from "./team_projection.ts";
import { tallyOf, type TeamStep } from "./team_tally.ts";
import type { TeamRule } from "./team_rule.ts";
import type { EpochMs } from "./time.ts";

/** A team's place. */
export interface TeamStanding {
  teamId: string;
  /** In stored units; null while nothing was given. */
  score: number | null;
  /** The instant of the last step that changed the score. */
  reachedAt: EpochMs | null;
  /** Null without a score. */
  rank: number | null;
  /** Who is in it now and takes part. */
  members: number;
  provisional: boolean;
}

/** What one participant gave to a team. */
export interface Contribution {
  participantId: string;
  memberships: readonly Membership[];
  /** In the team now. */
  isMember: boolean;
  isDisqualified: boolean;
  /** In stored units; null: nothing. */
  gave: number | null;
  /** Whether it is part of the team's score: not of the disqualified, nor beyond the best. */
  counts: boolean;
}

/** Replays the log up to the cut-off. */
export function projectTeams(
  log: Iterable<LogEntry>,
  rules: Rules,
  { seq = Infinity, at = Infinity }: Cut = {},
): TeamProjection {
  const projection = emptyTeamProjection(rules);
  for (const entry of log) {
    if (entry.seq > seq || entry.arrivedAt > at) break;
    applyTeamEntry(projection, entry);
  }
  return projection;
}

/** Computes the teams' standings of a log; none under rules without teams.
 * @example What Mira did before she joined stays hers
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { teamStandings } from "@/domain/team_standings.ts";
 *
 * const event = {
 *   kind: "score" as const,
 *   operator: "increment" as const,
 *   source: "direct" as const,
 *   rulesVersion: 1,
 *   participantId: "mira",
 * };
 * const rows = teamStandings([
 *   { seq: 1, arrivedAt: 10, kind: "join", participantId: "mira" },
 *   { ...event, seq: 2, arrivedAt: 20, eventId: "e1", value: 5, occurredAt: 20 },
 *   { seq: 3, arrivedAt: 30, kind: "team", participantId: "mira", teamId: "otters" },
 *   { ...event, seq: 4, arrivedAt: 40, eventId: "e2", value: 7, occurredAt: 40 },
 * ], {
 *   version: 1,
 *   scoring: {
 *     kind: "direct",
 *     operator: "increment",
 *     direction: "higher",
 *     decimals: 0,
 *     selfReport: false,
 *   },
 *   rankMethod: "standard",
 *   tieBreaks: [],
 *   teams: { score: "sum", creators: "staff", moves: "any_time", timeZone: "UTC" },
 * });
 * assertEquals(rows.map(({ teamId, score, rank }) => [teamId, score, rank]), [["otters", 7, 1]]);
 * ```
 */
export function teamStandings(
  log: Iterable<LogEntry>,
  rules: Rules,
  cut: Cut = {},
): TeamStanding[] {
  return teamStandingsOf(projectTeams(log, rules, cut));
}

/** A team's score before its rank is given. */
export type TeamTotal = Omit<TeamStanding, "rank" | "provisional">;

/** Lists the teams with their ranks. `totals` of teams that are known already save computing them. */
export function teamStandingsOf(
  projection: TeamProjection,
  totals: ReadonlyMap<string, TeamTotal> = new Map(),
): TeamStanding[] {
  const { scores } = projection;
  const { teams, scoring, rankMethod } = scores.rules.current;
  if (!teams) return [];
  const all = membersByTeam(projection);
  const rows = new Map([...projection.teamIds].map((teamId) => [
    teamId,
    totals.get(teamId) ?? teamTotal(projection, teams, { teamId, members: all.get(teamId) ?? [] }),
  ]));
  const order = { scoring, rankMethod, tieBreaks: [] };
  const ranked = rankContenders([...rows.values()].map(toContender), order, {
    provisional: !scores.isFinal,
  });
  return ranked.map(({ participantId: teamId, rank, provisional }) => ({
    ...rows.get(teamId)!,
    rank,
    provisional,
  }));
}

/** What everybody who is or was in a team gave to it, most first; empty under rules without teams. */
export function contributionsTo(projection: TeamProjection, teamId: string): Contribution[] {
  const { teams, scoring } = projection.scores.rules.current;
  if (!teams) return [];
  const members = membersByTeam(projection).get(teamId) ?? [];
  const given = members.map((participantId) =>
    contribution(projection, teams, { teamId, participantId })
  );
  const sign = scoring.direction === "higher" ? -1 : 1;
  const worth = ({ gave }: Contribution) => gave === null ? Infinity : sign * gave;
  given.sort((a, b) => compare(worth(a), worth(b)) || compare(a.participantId, b.participantId));
  if (teams.score !== "best") return given;
  let left = teams.count ?? 1;
  return given.map((one) => ({ ...one, counts: one.counts && left-- > 0 }));
}

/** Writes team standings so that equal ones are equal byte for byte:
 * `[{rank, reachedAt, score, teamId}, …]` in the order of the board. */
export function canonicalTeamStandings(
  rows: readonly Pick<TeamStanding, "teamId" | "score" | "reachedAt" | "rank">[],
): string {
  return canonicalJson(
    rows.map(({ teamId, score, reachedAt, rank }) => ({ teamId, score, reachedAt, rank })),
  );
}

/** The participants of each team, present and former, by id. */
export function membersByTeam({ memberships }: TeamProjection): Map<string, string[]> {
  const members = new Map<string, string[]>();
  for (const [participantId, spans] of memberships) {
    for (const teamId of new Set(spans.map((span) => span.teamId))) {
      const known = members.get(teamId) ?? [];
      known.push(participantId);
      members.set(teamId, known);
    }
  }
  return members;
}

/** Computes the score of one team from what its members gave. */
export function teamTotal(
  projection: TeamProjection,
  rule: TeamRule,
  { teamId, members }: { teamId: string; members: readonly string[] },
): TeamTotal {
  const steps = members.filter((id) => !isDisqualified(projection, id))
    .flatMap((participantId) => stepsOf(projection, rule, { teamId, participantId }));
  const present = members.filter((id) => isPresent(projection, teamId, id)).length;
  return { teamId, members: present, ...reach(steps, projection, rule) };
}

/** The score of all steps, and the instant of the last that changed it. */
function reach(
  steps: TeamStep[],
  { scores }: TeamProjection,
  rule: TeamRule,
): Pick<TeamTotal, "score" | "reachedAt"> {
  const tally = tallyOf(rule, scores.rules.current.scoring.direction);
  // A stable sort: the steps of one member stay in their order.
  steps.sort((a, b) => a.at - b.at);
  for (const step of steps) tally.add(step);
  const score = tally.score();
  if (score === null) return { score, reachedAt: null };
  for (let end = steps.length; end > 0;) {
    const { at } = steps[end - 1]!;
    while (end > 0 && steps[end - 1]!.at === at) tally.undo(steps[--end]!);
    if (tally.score() !== score) return { score, reachedAt: at };
  }
  throw new RangeError(`Cannot tell when score ${score} was reached: nothing changed it`);
}

/** What a participant gave to a team, step by step. */
function stepsOf(
  { scores, memberships, courses }: TeamProjection,
  { timeZone }: TeamRule,
  { teamId, participantId }: { teamId: string; participantId: string },
): TeamStep[] {
  const participant = scores.participants.get(participantId);
  if (!participant) return [];
  const spans = memberships.get(participantId)!.filter((span) => span.teamId === teamId);
  const isLower = scores.rules.current.scoring.direction === "lower";
  const steps: TeamStep[] = [];
  let score = 0;
  let given = 0;
  for (const { at, change } of courseOf(participant, scores.rules, courses)) {
    score += change;
    if (!spans.some(({ from, to }) => from <= at && (to === null || at < to))) continue;
    given += change;
    const value = isLower ? score : given;
    const before = steps.at(-1)?.value ?? null;
    steps.push({ at, participantId, change, value, before, day: dayAt(at, timeZone).day });
  }
  return steps;
}

function contribution(
  projection: TeamProjection,
  rule: TeamRule,
  { teamId, participantId }: { teamId: string; participantId: string },
): Contribution {
  const gave = stepsOf(projection, rule, { teamId, participantId }).at(-1)?.value ?? null;
  const isOut = isDisqualified(projection, participantId);
  const spans = projection.memberships.get(participantId)!;
  return {
    participantId,
    memberships: spans.filter((span) => span.teamId === teamId),
    isMember: spans.at(-1)!.teamId === teamId && spans.at(-1)!.to === null,
    isDisqualified: isOut,
    gave,
    counts: gave !== null && !isOut,
  };
}

function isDisqualified({ scores }: TeamProjection, participantId: string): boolean {
  return scores.participants.get(participantId)?.isDisqualified ?? false;
}

function isPresent(projection: TeamProjection, teamId: string, participantId: string): boolean {
  const last = projection.memberships.get(participantId)!.at(-1)!;
  return last.teamId === teamId && last.to === null && !isDisqualified(projection, participantId);
}

function toContender({ teamId, score, reachedAt }: TeamTotal): Contender {
  return {
    participantId: teamId,
    division: null,
    status: "active",
    joinedAt: 0,
    eventCount: 0,
    bestEvent: null,
    score,
    reachedAt,
  };
}

function compare(a: number | string, b: number | string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
