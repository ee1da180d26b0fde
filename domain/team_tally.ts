/**
 * A team's score while steps of its members come and go again, so that the instant at which it last
 * changed is found by taking back the newest steps. Sums are exact whatever their size; a score
 * beyond ±(2^53 − 1) stays there.
 *
 * @module
 */

import { type Direction, SCORE_MAX } from "./rules.ts";
import type { TeamRule } from "./team_rule.ts";
import type { EpochMs } from "./time.ts";

/** Something that a member gave. */
export interface TeamStep {
  at: EpochMs;
  participantId: string;
  change: number;
  /** What the member has given with it, and before it (null: nothing yet). */
  value: number;
  before: number | null;
  /** The local day of `at`; for averages. */
  day: string;
}

/** A team's score of the steps added and not taken back. */
export interface TeamTally {
  add(step: TeamStep): void;
  /** Takes back the newest step of its member. */
  undo(step: TeamStep): void;
  /** Null while nothing was given. */
  score(): number | null;
}

/** Makes the tally of a rule. */
export function tallyOf(
  { score, count = 1 }: Pick<TeamRule, "score" | "count">,
  direction: Direction,
): TeamTally {
  switch (score) {
    case "sum":
      return sumTally();
    case "average":
      return averageTally();
    case "best":
      return bestTally(count, direction);
  }
}

function sumTally(): TeamTally {
  let total = 0n;
  let steps = 0;
  return {
    add({ change }) {
      total += BigInt(change);
      steps += 1;
    },
    undo({ change }) {
      total -= BigInt(change);
      steps -= 1;
    },
    score: () => steps === 0 ? null : bounded(total),
  };
}

function bestTally(count: number, direction: Direction): TeamTally {
  const values = new Map<string, number>();
  return {
    add: ({ participantId, value }) => void values.set(participantId, value),
    undo({ participantId, before }) {
      if (before === null) values.delete(participantId);
      else values.set(participantId, before);
    },
    score() {
      // A team that lacks runners would win where less is better.
      const isShort = direction === "lower" && values.size < count;
      if (values.size === 0 || isShort) return null;
      const best = bestOf([...values.values()], count, direction);
      return bounded(best.reduce((sum, value) => sum + BigInt(value), 0n));
    },
  };
}

/** The best so many of the values. */
export function bestOf(values: readonly number[], count: number, direction: Direction): number[] {
  return values.toSorted((a, b) => direction === "higher" ? b - a : a - b).slice(0, count);
}

interface DayTally {
  total: bigint;
  /** Steps of each active member. */
  steps: Map<string, number>;
}

function averageTally(): TeamTally {
  const days = new Map<string, DayTally>();
  return {
    add({ day, change, participantId }) {
      const tally = days.get(day) ?? { total: 0n, steps: new Map<string, number>() };
      days.set(day, tally);
      tally.total += BigInt(change);
      tally.steps.set(participantId, (tally.steps.get(participantId) ?? 0) + 1);
    },
    undo({ day, change, participantId }) {
      const tally = days.get(day)!;
      tally.total -= BigInt(change);
      const left = tally.steps.get(participantId)! - 1;
      if (left > 0) tally.steps.set(participantId, left);
      else tally.steps.delete(participantId);
      if (tally.steps.size === 0) days.delete(day);
    },
    score: () => days.size === 0 ? null : bounded(floorOfSum(days.values())),
  };
}

/** floor(Σ total / members), by one division of the exact sum. */
function floorOfSum(days: Iterable<DayTally>): bigint {
  const byMembers = new Map<number, bigint>();
  for (const { total, steps } of days) {
    byMembers.set(steps.size, (byMembers.get(steps.size) ?? 0n) + total);
  }
  const whole = [...byMembers.keys()].reduce(
    (lcm, size) => lcm * BigInt(size) / gcd(lcm, BigInt(size)),
    1n,
  );
  let sum = 0n;
  for (const [size, total] of byMembers) sum += total * (whole / BigInt(size));
  const rest = sum % whole;
  return (sum - (rest < 0n ? rest + whole : rest)) / whole;
}

function gcd(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

function bounded(value: bigint): number {
  const max = BigInt(SCORE_MAX);
  return Number(value > max ? max : value < -max ? -max : value);
}
