/** A row of a board as it is shown, made of what ranks it and what names it. */

import type { BoardRow } from "@/contracts/leaderboard.ts";
import type { ContenderRow } from "@/domain/rank_index.ts";
import { decimalsOf } from "@/domain/rules.ts";
import { formatScore } from "@/domain/score.ts";
import type { ShownPerson } from "./board_members.ts";
import type { BoardHead } from "./board_store.ts";

/** Whether the rows of a board may still change. */
export function isProvisional(head: Pick<BoardHead, "status">): boolean {
  return head.status !== "final" && head.status !== "settled";
}

export function toBoardRow(
  head: Pick<BoardHead, "status" | "rules">,
  { participantId, score, reachedAt, status, division }: ContenderRow,
  { rank, person }: { rank: number | null; person: ShownPerson },
): BoardRow {
  return {
    rank,
    participantId,
    userId: person.userId,
    name: person.name,
    avatarUrl: person.avatarUrl,
    score: score === null ? null : formatScore(score, decimalsOf(head.rules.scoring)),
    reachedAt: reachedAt === null ? null : new Date(reachedAt).toISOString(),
    provisional: isProvisional(head),
    // The withdrawn have no place, so that whoever has one is either of these.
    status: status === "disqualified" ? "disqualified" : "active",
    ...(division === null ? {} : { division }),
  };
}
