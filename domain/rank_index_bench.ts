/** The cost of a changed score, a rank and a window from a thousand members to a million. */

import type { Contender } from "./standing.ts";
import { RankIndex } from "./rank_index.ts";

function idOf(n: number): string {
  const hex = (n * 2_654_435_761 % 2 ** 32).toString(16).padStart(8, "0");
  return `${hex}-7b54-7c1e-9d0a-${n.toString(16).padStart(12, "0")}`;
}

function contender(n: number): Contender {
  return {
    ...{ participantId: idOf(n), division: null, status: "active", joinedAt: 0 },
    ...{ score: n * 7_919 % 1_000_000, reachedAt: n, eventCount: 1, bestEvent: null },
  };
}

for (const size of [1_000, 10_000, 100_000, 1_000_000]) {
  const members = function* () {
    for (let n = 0; n < size; n++) yield contender(n);
  };
  let index: RankIndex | undefined;
  const built = () =>
    index ??= new RankIndex(
      { rankMethod: "standard", tieBreaks: [], scoring: { direction: "higher" } },
      members(),
      size,
    );
  let step = 0;
  const slot = () => (step = (step + 1) % size) * 7_919 % size;
  const fold = { score: 0, reachedAt: 0, eventCount: 1, bestEvent: null };
  Deno.bench(`a changed score, ${size} members`, { group: `change` }, () => {
    fold.score = step * 104_729 % 1_000_000;
    fold.reachedAt = step;
    built().setScore(slot(), fold);
  });
  Deno.bench(`a rank, ${size} members`, { group: `rank` }, () => {
    built().rankOf(slot());
  });
  Deno.bench(`the 11 rows around a member, ${size} members`, { group: `around` }, () => {
    built().window(Math.max(0, built().placeOf(slot()) - 5), 11);
  });
}
