/** The updates that rows send. */

import type { BoardSubject } from "./subjects.ts";

/** An update as the API takes it. */
export interface SentUpdate {
  competitionId: string;
  userId: string;
  score: number;
  idempotencyKey: string;
}

/** Shared by all rows, because keys are unique in a competition. */
let sent = 0;

/** Increments for athletes in turn, each with a key of its own. */
export function nextUpdate(
  { competitionId, userIds }: Pick<BoardSubject, "competitionId" | "userIds">,
): () => SentUpdate {
  return () => {
    sent++;
    // A step that is prime to every number of members visits all of them, in no order.
    const userId = userIds[(sent * 7919) % userIds.length]!;
    return { competitionId, userId, score: 1 + sent % 100, idempotencyKey: `load-${sent}` };
  };
}
