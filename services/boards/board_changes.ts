/** When a board changes without anybody writing. */

import { nextPhaseChangeAt } from "@/domain/competition.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { BoardHead } from "./board_store.ts";

/** When phase or freeze next change by the clock alone. */
export function nextChangeAt(head: BoardHead, now: EpochMs): EpochMs | null {
  const phaseAt = nextPhaseChangeAt(head, now);
  const isAhead = head.status === "published" && head.freezeAt !== null && head.freezeAt > now;
  if (!isAhead) return phaseAt;
  return Math.min(head.freezeAt!, phaseAt ?? Infinity);
}
