/** What every `Ranking` does, whatever it stands on. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type PlaceRules, RankIndex } from "@/domain/rank_index.ts";
import { rankContenders } from "@/domain/ranking.ts";
import { RANK_METHODS, TIE_BREAKS } from "@/domain/rules.ts";
import { type Contender, PARTICIPANT_STATUSES } from "@/domain/standing.ts";
import { canonicalStandings } from "@/domain/standings.ts";
import type { Ranking, RankingState } from "@/services/boards/ranking.ts";
import { needs } from "./needs.ts";

export interface RankingConformance {
  name: string;
  needs?: string;
  isThere?: boolean;
  open: () => Ranking;
  /** Runs of the law, which costs a call for each step. */
  runs?: number;
}

const EPOCH = "00000000-0000-4000-8000-00000000000e";
const MAX = Number.MAX_SAFE_INTEGER;

export function idOf(n: number): string {
  return `00000000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;
}

/** Few values, so that ties are common, and the ends of what is exact. */
const members: fc.Arbitrary<Contender> = fc.record({
  participantId: fc.nat(9).map(idOf),
  division: fc.constantFrom(null, null, "Juniors & co"),
  status: fc.constantFrom(...PARTICIPANT_STATUSES, "active", "active", "active"),
  joinedAt: fc.constantFrom(1_700_000_000_000, 1_700_000_000_001),
  score: fc.constantFrom(null, 0, 1, -1, 2, MAX, MAX - 1, -MAX),
  reachedAt: fc.constantFrom(1_700_000_000_000, 1_700_000_000_001, 1_799_999_999_999),
  eventCount: fc.integer({ min: 0, max: 2 }),
  bestEvent: fc.constantFrom(null, 0, -5, MAX),
}).map((member) => member.score === null ? { ...member, reachedAt: null } : member);

const rules: fc.Arbitrary<RankingState["rules"]> = fc.record({
  version: fc.constant(1),
  rankMethod: fc.constantFrom(...RANK_METHODS),
  tieBreaks: fc.shuffledSubarray([...TIE_BREAKS]),
  scoring: fc.record({ direction: fc.constantFrom("higher" as const, "lower" as const) }),
});

const STANDARD: RankingState["rules"] = {
  version: 1,
  rankMethod: "standard",
  tieBreaks: [],
  scoring: { direction: "higher" },
};

function stateOf(change: Partial<RankingState> = {}): RankingState {
  const competitionId = crypto.randomUUID();
  return { competitionId, epoch: EPOCH, rules: STANDARD, offset: 1, ...change };
}

function member(n: number, score: number, change: Partial<Contender> = {}): Contender {
  return {
    ...{ participantId: idOf(n), division: null, status: "active", joinedAt: 0 },
    ...{ score, reachedAt: 1_700_000_000_000, eventCount: 1, bestEvent: null },
    ...change,
  };
}

/** Builds from members that stand still. */
async function build(ranking: Ranking, state: RankingState, members: readonly Contender[]) {
  const { offset } = state;
  await ranking.rebuild(state, { members: [members], settle: () => ({ offset, members: [] }) });
}

/** The whole ranking in canonical form. */
async function bytesOf(ranking: Ranking, { competitionId }: RankingState): Promise<string> {
  const window = await ranking.window(competitionId, { from: 0, limit: 1000 });
  return canonicalStandings(window!.rows);
}

function expectedBytes(members: Iterable<Contender>, rules: PlaceRules): string {
  return canonicalStandings(rankContenders([...members], rules, { provisional: true }));
}

export function testRankingConformance(suite: RankingConformance): void {
  function test(fact: string, fn: (ranking: Ranking) => Promise<void>): void {
    const name = `${suite.name}: ${fact}`;
    const options = suite.needs ? needs(suite.needs, suite.isThere ?? false, name) : { name };
    Deno.test({ ...options, fn: () => fn(suite.open()) });
  }

  test("is the pure function's standings, byte for byte, after any changes", async (ranking) => {
    const runs = fc.asyncProperty(
      rules,
      fc.array(members),
      fc.array(fc.array(members, { minLength: 1, maxLength: 4 }), { maxLength: 8 }),
      async (rules, first, changes) => {
        const state = stateOf({ rules });
        const latest = new Map(first.map((member) => [member.participantId, member]));
        await build(ranking, state, [...latest.values()]);

        for (const [step, change] of changes.entries()) {
          const before = new RankIndex(rules, latest.values());
          const changed = new Map(change.map((member) => [member.participantId, member]));
          for (const [id, member] of changed) latest.set(id, member);
          const after = new RankIndex(rules, latest.values());
          const ids = [...changed.keys(), idOf(99)];
          const result = await ranking.apply(
            { ...state, from: step + 1, offset: step + 2, members: [...changed.values()] },
            ids,
          );
          const rank = (index: RankIndex, id: string) => {
            const slot = index.slotOf(id);
            return slot < 0 ? null : index.rankOf(slot);
          };
          const moves = ids.map((participantId) => ({
            participantId,
            previousRank: rank(before, participantId),
            rank: rank(after, participantId),
          }));
          assertEquals(result, { outcome: "applied", moves });
        }

        assertEquals(await bytesOf(ranking, state), expectedBytes(latest.values(), rules));
        const index = new RankIndex(rules, latest.values());
        const ids = Array.from({ length: 10 }, (_, n) => idOf(n));
        const ranks = await ranking.ranks(state.competitionId, ids);
        assertEquals(
          [...ranks!.values()],
          ids.map((id) => index.slotOf(id) < 0 ? null : index.rankOf(index.slotOf(id))),
        );
        await ranking.forget(state.competitionId);
      },
    );
    await fc.assert(runs, { numRuns: suite.runs ?? 100 });
  });

  test("follows by contiguous numbers and nothing else", async (ranking) => {
    const state = stateOf({ offset: 5 });
    const change = (from: number, offset: number, more: Partial<RankingState> = {}) =>
      ranking.apply({ ...state, ...more, from, offset, members: [member(1, offset)] });
    const first = await change(4, 5);
    await build(ranking, state, [member(1, 1), member(2, 3)]);

    const outcomes = [];
    for (const [from, to] of [[6, 7], [4, 5], [5, 6], [5, 6], [3, 7], [9, 12]] as const) {
      outcomes.push((await change(from, to)).outcome);
    }
    const otherEpoch = await change(7, 8, { epoch: crypto.randomUUID() });
    const otherRules = await change(7, 8, { rules: { ...STANDARD, version: 2 } });

    assertEquals(first.outcome, "gap");
    assertEquals(outcomes, ["gap", "known", "applied", "known", "applied", "gap"]);
    assertEquals([otherEpoch.outcome, otherRules.outcome], ["gap", "gap"]);
    const window = await ranking.window(state.competitionId, { from: 0, limit: 10 });
    assertEquals([window?.offset, window?.rows[0]?.score], [7, 7]);
    await ranking.forget(state.competitionId);
    assertEquals(await ranking.window(state.competitionId, { from: 0, limit: 1 }), undefined);
  });

  test("keeps the newer of two builds, and what changed while one was read", async (ranking) => {
    const state = stateOf({ offset: 5 });
    const older = { ...state, offset: 3 };

    await ranking.rebuild(state, {
      members: [[member(1, 1)], [member(2, 2)]],
      settle: () => ({ offset: 6, members: [member(1, 9)] }),
    });
    await build(ranking, older, [member(3, 3)]);

    const window = await ranking.window(state.competitionId, { from: 0, limit: 10 });
    assertEquals(window?.offset, 6);
    assertEquals(window?.rows.map(({ score }) => score), [9, 2]);
    await ranking.forget(state.competitionId);
  });

  test("gives windows and neighbours in the middle of long ties", async (ranking) => {
    for (const rankMethod of RANK_METHODS) {
      const state = stateOf({ rules: { ...STANDARD, rankMethod } });
      // 20 at the top, 300 in one tie, then each alone.
      const all = Array.from(
        { length: 700 },
        (_, n) => member(n, n < 20 ? 900 : n < 320 ? 500 : -n),
      );
      await build(ranking, state, all);
      const index = new RankIndex(state.rules, all);

      for (const [from, limit] of [[0, 10], [15, 30], [150, 7], [310, 20], [690, 50], [800, 5]]) {
        const window = await ranking.window(state.competitionId, { from: from!, limit: limit! });
        assertEquals([window?.total, window?.from], [700, from]);
        assertEquals(window?.rows, index.rows(from, limit));
      }
      const around = await ranking.window(state.competitionId, {
        ...{ around: idOf(200), before: 5, after: 5 },
      });
      assertEquals(around?.rows, index.rows(around!.from, 11));
      assertEquals(around?.rows[5]?.participantId, idOf(200));
      const nobody = await ranking.window(state.competitionId, {
        ...{ around: idOf(9_999), before: 5, after: 5 },
      });
      assertEquals(nobody?.rows, []);
      await ranking.forget(state.competitionId);
    }
  });

  test("knows an empty board from one that must be built", async (ranking) => {
    const state = stateOf();
    const none = await ranking.ranks(state.competitionId, [idOf(1)]);
    await build(ranking, state, []);

    const empty = await ranking.window(state.competitionId, { from: 0, limit: 10 });

    assertEquals([none, empty?.total, empty?.offset], [undefined, 0, 1]);
    await ranking.forget(state.competitionId);
  });
}
