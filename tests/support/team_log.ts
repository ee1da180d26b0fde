/** Random competition logs in which people change teams while they score. */

import fc from "fast-check";
import type { LogEntry, NewLogEntry } from "@/domain/log.ts";
import type { Rules, Scoring } from "@/domain/rules.ts";
import { TEAM_SCORES, type TeamRule } from "@/domain/team_rule.ts";
import { anyLog, anyRules, PARTICIPANT_IDS } from "./competition_log.ts";

export const TEAM_IDS = ["otters", "herons", "swifts"] as const;

/** A quarter of a day, so that a log of forty entries spans some days. */
export const QUARTER_MS = 6 * 3_600_000;

const teamIds = fc.constantFrom(...TEAM_IDS);

/** Who goes where, and where in the log. */
const moves: fc.Arbitrary<{ place: number; entry: NewLogEntry }[]> = fc.array(
  fc.record({
    place: fc.nat(45),
    entry: fc.oneof(
      {
        arbitrary: fc.record({
          kind: fc.constant("team" as const),
          participantId: fc.constantFrom(...PARTICIPANT_IDS),
          teamId: fc.option(teamIds, { freq: 5 }),
        }),
        weight: 9,
      },
      {
        arbitrary: fc.record({ kind: fc.constant("team_removal" as const), teamId: teamIds }),
        weight: 1,
      },
    ),
  }),
  { minLength: 3, maxLength: 14 },
);

/** Where results are split: at which quarters, and how much of them first. */
const splits = fc.array(fc.record({ first: fc.nat(20), second: fc.nat(20), part: fc.nat(8) }), {
  minLength: 4,
  maxLength: 4,
});

/** Rules whose teams fit the direction: where lower wins only the best compare. */
export const anyTeamRules: fc.Arbitrary<Rules> = fc.tuple(
  anyRules,
  fc.constantFrom(...TEAM_SCORES),
  fc.integer({ min: 1, max: 3 }),
).map(([rules, score, count]) => ({ ...rules, teams: teamRuleOf(rules.scoring, score, count) }));

/** A rule that the scoring allows, as near to the one wanted as there is. */
function teamRuleOf(scoring: Scoring, wanted: TeamRule["score"], count: number): TeamRule {
  const score = scoring.direction === "lower" ? "best" : wanted;
  return {
    score,
    ...(score === "best" ? { count } : {}),
    creators: "staff",
    moves: "any_time",
    timeZone: "UTC",
  };
}

/** A log of all kinds of entries; events and memberships share one time, in quarters of a day. */
export const anyTeamLog: fc.Arbitrary<LogEntry[]> = fc.tuple(
  anyLog,
  moves,
  splits,
  anyTeamRules,
).map(([log, moves, splits, { teams }]) => {
  const entries: NewLogEntry[] = [];
  log.forEach((entry, index) => {
    entries.push(...moves.filter(({ place }) => place === index).map((move) => move.entry));
    const { seq: _, arrivedAt: __, ...draft } = inQuarters(entry, teams!);
    entries.push(draft as NewLogEntry);
    const course = courseOf(draft as NewLogEntry, splits[index % splits.length]!);
    if (course) entries.push(course);
  });
  entries.push(...moves.filter(({ place }) => place >= log.length).map((move) => move.entry));
  return entries.map((entry, index) => ({
    ...entry,
    seq: index + 1,
    arrivedAt: (index >> 1) * QUARTER_MS,
  }));
});

function inQuarters(entry: LogEntry, teams: TeamRule): LogEntry {
  if (entry.kind === "score") return { ...entry, occurredAt: entry.occurredAt * 2 * QUARTER_MS };
  if (entry.kind !== "rules") return entry;
  const { rules } = entry;
  const rule = teamRuleOf(rules.scoring, teams.score, teams.count ?? 1);
  return { ...entry, rules: { ...rules, teams: rule } };
}

function courseOf(
  entry: NewLogEntry,
  { first, second, part }: { first: number; second: number; part: number },
): NewLogEntry | undefined {
  if (entry.kind !== "score" || entry.source !== "activity") return undefined;
  if (entry.value === null || first === second) return undefined;
  const { participantId, eventId, value } = entry;
  const [from, to] = [Math.min(first, second), Math.max(first, second)];
  const steps = [[from * QUARTER_MS, part], [to * QUARTER_MS, value - part]] as const;
  return { kind: "course", participantId, eventId, steps };
}
