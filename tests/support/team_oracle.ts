/** Team standings read straight from the sentences that define them, over and over from the start. */

import type { LogEntry, ScoreEntry } from "@/domain/log.ts";
import type { Rules } from "@/domain/rules.ts";
import type { TeamRule } from "@/domain/team_rule.ts";
import { DAY_MS } from "@/domain/time.ts";
import { countedEvents, foldSlowly } from "./standings_oracle.ts";

/** The compared fields of a team standing. */
export interface OracleTeam {
  teamId: string;
  score: number | null;
  reachedAt: number | null;
  rank: number | null;
}

/** Somebody's score moved. */
interface Move {
  participantId: string;
  at: number;
  change: number;
  /** The person's whole score after it. */
  after: number;
}

/** Computes the team board of a whole log the slow way; days are those of UTC. */
export function oracleTeams(log: readonly LogEntry[], firstRules: Rules): OracleTeam[] {
  const rules = log.filter((entry) => entry.kind === "rules").at(-1)?.rules ?? firstRules;
  const ever = log.flatMap((entry) => entry.kind === "team" && entry.teamId ? [entry.teamId] : []);
  const teamIds = [...new Set(ever)].filter((id) => wasLastSeen(log, id)).sort();
  const moves = participantIds(log).flatMap((id) => movesOf(log, id, { rules, firstRules }));
  const rows = teamIds.map((teamId) => rowOf(log, teamId, { rules, moves }));
  const ranked = rows.filter((row) => row.score !== null);
  for (const row of ranked) row.rank = rankOf(row, ranked, rules);
  return [
    ...ranked.sort((a, b) => compare(a, b, rules) || (a.teamId < b.teamId ? -1 : 1)),
    ...rows.filter((row) => row.score === null),
  ];
}

/** Whether somebody entered the team after it was last removed. */
function wasLastSeen(log: readonly LogEntry[], teamId: string): boolean {
  return log.findLast((entry) =>
    (entry.kind === "team" || entry.kind === "team_removal") && entry.teamId === teamId
  )?.kind === "team";
}

function participantIds(log: readonly LogEntry[]): string[] {
  const ids = log.flatMap((entry) => "participantId" in entry ? [entry.participantId] : []);
  return [...new Set(ids)].filter((id) => {
    const last = log.findLast((entry) =>
      (entry.kind === "disqualify" || entry.kind === "reinstate") && entry.participantId === id
    );
    return last?.kind !== "disqualify";
  });
}

function movesOf(
  log: readonly LogEntry[],
  participantId: string,
  context: { rules: Rules; firstRules: Rules },
): Move[] {
  const own = log.filter((entry) =>
    "participantId" in entry && entry.participantId === participantId
  );
  const events = countedEvents(own, log, context).filter(({ value }) => value !== null);
  const results = events.filter(({ source }) => source === "activity");
  const sent = events.filter(({ source }) => source !== "activity")
    .sort((a, b) => a.occurredAt - b.occurredAt || a.seq - b.seq);
  const changes = results.flatMap((result) => courseOf(own, result));
  sent.forEach((event, index) => {
    const before = foldSlowly(sent.slice(0, index), context.rules).score;
    const after = foldSlowly(sent.slice(0, index + 1), context.rules).score;
    if (after !== before) changes.push({ at: event.occurredAt, change: after! - (before ?? 0) });
  });
  changes.sort((a, b) => a.at - b.at);
  let after = 0;
  return changes.map(({ at, change }) => ({ participantId, at, change, after: after += change }));
}

function courseOf(own: readonly LogEntry[], { eventId, value, occurredAt }: ScoreEntry) {
  const course = own.findLast((entry) => entry.kind === "course" && entry.eventId === eventId);
  if (course?.kind !== "course") return [{ at: occurredAt, change: value! }];
  return course.steps.map(([at, change]) => ({ at, change }));
}

/** The last thing that was said by then of where somebody is. */
function teamAt(log: readonly LogEntry[], participantId: string, at: number): string | null {
  let team: string | null = null;
  for (const entry of log) {
    if (entry.arrivedAt > at) break;
    if (entry.kind === "team" && entry.participantId === participantId) team = entry.teamId;
    if (entry.kind === "leave" && entry.participantId === participantId) team = null;
    if (entry.kind === "team_removal" && entry.teamId === team) team = null;
  }
  return team;
}

function rowOf(
  log: readonly LogEntry[],
  teamId: string,
  { rules, moves }: { rules: Rules; moves: readonly Move[] },
): OracleTeam {
  const given = moves.filter(({ participantId, at }) => teamAt(log, participantId, at) === teamId);
  const instants = [...new Set(given.map(({ at }) => at))].sort((a, b) => a - b);
  let score: number | null = null;
  let reachedAt: number | null = null;
  for (const at of instants) {
    const next = scoreOf(given.filter((move) => move.at <= at), rules);
    if (next !== score) reachedAt = at;
    score = next;
  }
  return { teamId, score, reachedAt: score === null ? null : reachedAt, rank: null };
}

function scoreOf(given: readonly Move[], { teams, scoring }: Rules): number | null {
  if (given.length === 0) return null;
  if (teams!.score === "average") return averageOf(given);
  const isLower = scoring.direction === "lower";
  const members = [...new Set(given.map(({ participantId }) => participantId))];
  const values = members.map((id) => {
    const own = given.filter(({ participantId }) => participantId === id);
    return isLower ? own.at(-1)!.after : own.reduce((sum, { change }) => sum + change, 0);
  });
  if (teams!.score === "sum") return values.reduce((sum, value) => sum + value, 0);
  const { count } = teams as TeamRule & { count: number };
  if (isLower && values.length < count) return null;
  values.sort((a, b) => isLower ? a - b : b - a);
  return values.slice(0, count).reduce((sum, value) => sum + value, 0);
}

/** Five people at most, so that sixtieths are exact. */
function averageOf(given: readonly Move[]): number {
  const days = [...new Set(given.map(({ at }) => Math.floor(at / DAY_MS)))];
  const sixtieths = days.map((day) => {
    const ofDay = given.filter(({ at }) => Math.floor(at / DAY_MS) === day);
    const total = ofDay.reduce((sum, { change }) => sum + change, 0);
    return total * 60 / new Set(ofDay.map(({ participantId }) => participantId)).size;
  });
  // Adding 0 makes 0 of -0.
  return Math.floor(sixtieths.reduce((sum, part) => sum + part, 0) / 60) + 0;
}

function compare(a: OracleTeam, b: OracleTeam, { scoring }: Rules): number {
  const sign = scoring.direction === "higher" ? -1 : 1;
  return sign * (a.score! - b.score!) || a.reachedAt! - b.reachedAt!;
}

function rankOf(row: OracleTeam, ranked: readonly OracleTeam[], rules: Rules): number {
  const ahead = ranked.filter((other) => compare(other, row, rules) < 0);
  const level = ranked.filter((other) => compare(other, row, rules) === 0);
  switch (rules.rankMethod) {
    case "standard":
      return ahead.length + 1;
    case "dense":
      return new Set(ahead.map(({ score, reachedAt }) => `${score}:${reachedAt}`)).size + 1;
    case "ordinal":
      return ahead.length + level.filter(({ teamId }) => teamId <= row.teamId).length;
    case "modified":
      return ahead.length + level.length;
  }
}
