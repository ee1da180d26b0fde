/** The standings read straight from SPEC-like sentences, in quadratic time and with no shared code. */

import type { LogEntry, ScoreEntry } from "@/domain/log.ts";
import type { Rules } from "@/domain/rules.ts";

/** The compared fields of a standing. */
export interface OracleRow {
  participantId: string;
  division: string | null;
  status: string;
  score: number | null;
  reachedAt: number | null;
  rank: number | null;
}

interface OracleContender extends OracleRow {
  /** What is compared, best first when smallest. */
  key: number[];
}

/** Computes the board of a whole log the slow way. */
export function oracleStandings(log: readonly LogEntry[], firstRules: Rules): OracleRow[] {
  const rules = log.filter((entry) => entry.kind === "rules").at(-1)?.rules ?? firstRules;
  const ids = new Set(log.flatMap((entry) => entry.kind === "join" ? [entry.participantId] : []));
  const all = [...ids].sort().map((id) => contender(log, id, { rules, firstRules }));
  const ranked = all.filter((one) => one.status === "active" && one.score !== null);
  for (const one of ranked) one.rank = rankOf(one, ranked, rules);
  const board = [
    ...ranked.sort((a, b) => compareKeys(a.key, b.key)),
    ...all.filter((one) => one.status === "active" && one.score === null),
    ...all.filter((one) => one.status === "disqualified"),
  ];
  return board.map(({ key: _, ...row }) => row);
}

function contender(
  log: readonly LogEntry[],
  participantId: string,
  context: { rules: Rules; firstRules: Rules },
): OracleContender {
  const own = log.filter((entry) =>
    "participantId" in entry && entry.participantId === participantId
  );
  const has = (last: LogEntry["kind"], other: LogEntry["kind"]) =>
    own.findLast((entry) => entry.kind === last || entry.kind === other)?.kind === last;
  const division = own.findLast((entry) => entry.kind === "join" || entry.kind === "profile");
  const joinedAt = own.find((entry) => entry.kind === "join")!.arrivedAt;
  const fold = foldSlowly(countedEvents(own, log, context), context.rules);
  const sign = context.rules.scoring.direction === "higher" ? -1 : 1;
  const steps = {
    "fewest_events": fold.count,
    "best_event": fold.best === null ? Infinity : sign * fold.best,
    "earliest_join": joinedAt,
  };
  return {
    participantId,
    division: division && "division" in division ? division.division ?? null : null,
    status: has("disqualify", "reinstate")
      ? "disqualified"
      : has("leave", "join")
      ? "withdrawn"
      : "active",
    score: fold.score,
    reachedAt: fold.reachedAt,
    rank: null,
    key: [
      sign * (fold.score ?? 0),
      ...context.rules.tieBreaks.map((step) => steps[step]),
      fold.reachedAt ?? 0,
    ],
  };
}

/** The events that count, in no order. */
export function countedEvents(
  own: readonly LogEntry[],
  log: readonly LogEntry[],
  { rules, firstRules }: { rules: Rules; firstRules: Rules },
): ScoreEntry[] {
  const isVoided = (eventId: string) =>
    own.findLast((entry) =>
      (entry.kind === "void_event" || entry.kind === "reinstate_event") && entry.eventId === eventId
    )?.kind === "void_event";
  const events = own.filter((entry) => entry.kind === "score")
    .filter((event) => !isVoided(event.eventId));
  if (rules.scoring.kind === "direct") return events.filter((event) => event.source !== "activity");
  const versions = [firstRules, ...log.flatMap((e) => e.kind === "rules" ? [e.rules] : [])];
  const different = versions.findLastIndex((version) =>
    JSON.stringify(Object.entries(version.scoring).sort()) !==
      JSON.stringify(Object.entries(rules.scoring).sort())
  );
  const since = different < 0 ? 0 : versions[different + 1]!.version;
  const result = events.findLast((event) =>
    event.source === "activity" && event.rulesVersion >= since
  );
  const adjustments = events.filter((event) =>
    event.source === "staff" && ["increment", "decrement"].includes(event.operator)
  );
  return result ? [...adjustments, { ...result, operator: "increment" }] : adjustments;
}

/** Folds events, given in any order. */
export function foldSlowly(events: readonly ScoreEntry[], rules: Rules) {
  const pick = rules.scoring.direction === "higher" ? Math.max : Math.min;
  let score: number | null = null;
  let reachedAt: number | null = null;
  let count = 0;
  let best: number | null = null;
  for (const event of [...events].sort((a, b) => a.occurredAt - b.occurredAt || a.seq - b.seq)) {
    if (event.value === null) continue;
    const own: number = event.operator === "decrement" ? 0 - event.value : event.value;
    const adds = event.operator === "increment" || event.operator === "decrement";
    const sum: number = adds ? (score ?? 0) + own : own;
    const next: number = event.operator === "best" && score !== null ? pick(score, own) : sum;
    if (next !== score) reachedAt = event.occurredAt;
    score = next;
    count += 1;
    best = best === null ? own : pick(best, own);
  }
  return { score, reachedAt, count, best };
}

function rankOf(one: OracleContender, ranked: readonly OracleContender[], rules: Rules): number {
  const ahead = ranked.filter((other) => compareKeys(other.key, one.key) < 0);
  const level = ranked.filter((other) => compareKeys(other.key, one.key) === 0);
  switch (rules.rankMethod) {
    case "standard":
      return ahead.length + 1;
    case "dense":
      return new Set(ahead.map((other) => other.key.join())).size + 1;
    case "ordinal":
      return ahead.length +
        level.filter((other) => other.participantId <= one.participantId).length;
    case "modified":
      return ahead.length + level.length;
  }
}

function compareKeys(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((part, place) => part !== b[place]);
  return index < 0 ? 0 : a[index]! - b[index]!;
}
