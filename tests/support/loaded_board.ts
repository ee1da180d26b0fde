/** A board in memory without a database, changed as commits change it. */

import { applyScores, buildBoard, type LoadedBoard } from "@/services/boards/board_state.ts";
import type { BoardEntry } from "@/services/boards/board_store.ts";
import { DIRECT_RULES } from "./board_fixture.ts";
import { idOf } from "./ranking_conformance.ts";

/** The n-th member of such a board, with `n` as its score. */
export function memberEntry(n: number): BoardEntry {
  return {
    ...{ participantId: idOf(n), userId: idOf(1_000_000 + n), name: `P${n}`, avatarUrl: null },
    ...{ division: null, status: "active", joinedAt: 0, score: n, reachedAt: n },
    ...{ eventCount: 1, bestEvent: null },
  };
}

/** A board of so many members that stands at 5. */
export function openBoard(
  { competitionId, now = 0, members = 5 }: {
    competitionId: string;
    now?: number;
    members?: number;
  },
): LoadedBoard {
  return buildBoard({
    ...{ id: competitionId, slug: "cup", name: "Cup", ownerId: idOf(0), status: "published" },
    ...{ visibility: "public", rules: DIRECT_RULES, lastSeq: 5 },
    epoch: "00000000-0000-4000-8000-00000000000e",
    ...{ freezeAt: null, frozenAt: null, frozenSeq: null, registrationOpensAt: null },
    ...{ registrationClosesAt: now, startsAt: now, endsAt: now, graceMs: 0 },
  }, Array.from({ length: members }, (_, n) => memberEntry(n)));
}

/** Scores the n-th member by one entry; gives the number before it. */
export function scoreMember(board: LoadedBoard, n: number, value: number): number {
  const from = board.offset;
  const locked = { ...board.head, lastSeq: from + 1 };
  const after = { score: value, reachedAt: from, eventCount: 1, bestEvent: null };
  applyScores(board, { locked, from, scores: [{ participantId: idOf(n), after }] });
  return from;
}
