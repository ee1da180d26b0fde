/**
 * Order, ties and ranks. The board lists the ranked by score, then the rule's tie-breaks, then the
 * instant the score was reached; equal to the end they share the rank and are listed by id. After
 * them come those without a score, then the disqualified, both by id, so that the place of a row
 * follows from (status, rank, id) alone. Arrival never decides.
 *
 * @module
 */

import type { Direction, RankMethod, Rules, TieBreak } from "./rules.ts";
import type { Contender, Standing } from "./standing.ts";

/** The part of the rules that orders contenders. */
export type OrderRules = Pick<Rules, "tieBreaks"> & { scoring: { direction: Direction } };

/** What tells two contenders apart: a step of the chain, or nothing, so that they share the rank. */
export type TieBreakStep = "score" | TieBreak | "reached_at" | "shared";

/** Compares two ranked contenders: negative when `a` is ahead, 0 when they share the rank.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compareContenders } from "@/domain/ranking.ts";
 *
 * const base = { division: null, status: "active" as const, joinedAt: 0, eventCount: 1, bestEvent: 7 };
 * const early = { ...base, participantId: "b", score: 7, reachedAt: 1000 };
 * const late = { ...base, participantId: "a", score: 7, reachedAt: 2000 };
 * const rules = { tieBreaks: [], scoring: { direction: "higher" as const } };
 * assertEquals(compareContenders(early, late, rules) < 0, true);
 * ```
 */
export function compareContenders(a: Contender, b: Contender, rules: OrderRules): number {
  const { direction } = rules.scoring;
  const byScore = compareValues(a.score, b.score, direction);
  if (byScore !== 0) return byScore;
  for (const step of rules.tieBreaks) {
    const byStep = compareStep(step, a, b, direction);
    if (byStep !== 0) return byStep;
  }
  return compareNumbers(a.reachedAt ?? Infinity, b.reachedAt ?? Infinity);
}

/** Tells which step puts two ranked contenders in their order. */
export function tieBreakStep(a: Contender, b: Contender, rules: OrderRules): TieBreakStep {
  const { direction } = rules.scoring;
  if (compareValues(a.score, b.score, direction) !== 0) return "score";
  const step = rules.tieBreaks.find((step) => compareStep(step, a, b, direction) !== 0);
  if (step) return step;
  return a.reachedAt === b.reachedAt ? "shared" : "reached_at";
}

/** Gives each member of a sorted list its rank; equal members are neighbours.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { assignRanks } from "@/domain/ranking.ts";
 *
 * const sameRank = (a: number, b: number) => a === b;
 * assertEquals(assignRanks([9, 7, 7, 5], "standard", sameRank), [1, 2, 2, 4]);
 * assertEquals(assignRanks([9, 7, 7, 5], "dense", sameRank), [1, 2, 2, 3]);
 * assertEquals(assignRanks([9, 7, 7, 5], "ordinal", sameRank), [1, 2, 3, 4]);
 * assertEquals(assignRanks([9, 7, 7, 5], "modified", sameRank), [1, 3, 3, 4]);
 * ```
 */
export function assignRanks<T>(
  sorted: readonly T[],
  method: RankMethod,
  sameRank: (a: T, b: T) => boolean,
): number[] {
  if (method === "ordinal") return sorted.map((_, index) => index + 1);
  const ranks: number[] = [];
  let group = 0;
  for (let start = 0; start < sorted.length;) {
    group += 1;
    const end = endOfTie(sorted, start, sameRank);
    const rank = rankOfTie(method, { start, end, group });
    while (ranks.length < end) ranks.push(rank);
    start = end;
  }
  return ranks;
}

/** Lists contenders as the board shows them, with ranks; the withdrawn are left out. */
export function rankContenders(
  contenders: readonly Contender[],
  rules: OrderRules & Pick<Rules, "rankMethod">,
  options: { provisional: boolean },
): Standing[] {
  const ranked = contenders.filter(isRanked)
    .sort((a, b) => compareContenders(a, b, rules) || compareIds(a, b));
  const unranked = contenders.filter((contender) => !isRanked(contender) && isListed(contender))
    .sort((a, b) => groupOf(a) - groupOf(b) || compareIds(a, b));
  const sameRank = (a: Contender, b: Contender) => compareContenders(a, b, rules) === 0;
  const ranks = assignRanks(ranked, rules.rankMethod, sameRank);
  return [...ranked, ...unranked].map((contender, index) => ({
    ...contender,
    rank: ranks[index] ?? null,
    provisional: options.provisional,
  }));
}

/** Whether a contender takes a rank: active and with a score. */
export function isRanked(contender: Pick<Contender, "status" | "score">): boolean {
  return contender.status === "active" && contender.score !== null;
}

function isListed(contender: Contender): boolean {
  return contender.status !== "withdrawn";
}

function groupOf(contender: Contender): number {
  return contender.status === "disqualified" ? 1 : 0;
}

function compareStep(step: TieBreak, a: Contender, b: Contender, direction: Direction): number {
  switch (step) {
    case "fewest_events":
      return compareNumbers(a.eventCount, b.eventCount);
    case "best_event":
      return compareValues(a.bestEvent, b.bestEvent, direction);
    case "earliest_join":
      return compareNumbers(a.joinedAt, b.joinedAt);
  }
}

/** The better value first, no value last. */
function compareValues(a: number | null, b: number | null, direction: Direction): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return direction === "higher" ? compareNumbers(b, a) : compareNumbers(a, b);
}

function compareNumbers(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** By code unit, as databases and caches in the C order do; never by locale. */
function compareIds(a: Contender, b: Contender): number {
  return a.participantId < b.participantId ? -1 : a.participantId > b.participantId ? 1 : 0;
}

function endOfTie<T>(
  sorted: readonly T[],
  start: number,
  sameRank: (a: T, b: T) => boolean,
): number {
  let end = start + 1;
  while (end < sorted.length && sameRank(sorted[start]!, sorted[end]!)) end++;
  return end;
}

function rankOfTie(
  method: Exclude<RankMethod, "ordinal">,
  tie: { start: number; end: number; group: number },
): number {
  switch (method) {
    case "standard":
      return tie.start + 1;
    case "dense":
      return tie.group;
    case "modified":
      return tie.end;
  }
}
