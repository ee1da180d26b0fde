/**
 * The standings as a pure function of the log, the rules and a cut-off: board, socket, export and
 * verification all mean this. What is faster elsewhere is a projection, compared with this one.
 *
 * @module
 */

import { canonicalJson } from "./canonical_json.ts";
import type { LogEntry } from "./log.ts";
import { applyEntry, emptyProjection, type Projection, standingsOf } from "./projection.ts";
import type { Rules } from "./rules.ts";
import type { Standing } from "./standing.ts";
import type { EpochMs } from "./time.ts";

export { applyEntry, emptyProjection, findContender, standingsOf } from "./projection.ts";
export { foldParticipant } from "./participant_fold.ts";
export type { Projection } from "./projection.ts";
export { appendEvent, canFold, foldEvents, nextFold, NO_SCORE } from "./score_fold.ts";
export type { FoldedEvent } from "./score_fold.ts";

/** Where to stop reading the log: at a number, at what had arrived by an instant, or both. */
export interface Cut {
  /** The last number that counts. */
  seq?: number;
  /** Entries that arrived later do not count; the live board leaves it out. */
  at?: EpochMs;
}

/** Computes the standings of a log in the order of its numbers. `rules` hold until the log enters
 * others. Rows are provisional until the log has the competition final.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { standings } from "@/domain/standings.ts";
 *
 * const event = {
 *   kind: "score" as const,
 *   operator: "set" as const,
 *   source: "direct" as const,
 *   rulesVersion: 1,
 * };
 * const board = standings([
 *   { seq: 1, arrivedAt: 10, kind: "join", participantId: "mira" },
 *   { seq: 2, arrivedAt: 20, kind: "join", participantId: "odd" },
 *   { ...event, seq: 3, arrivedAt: 30, eventId: "e1", participantId: "odd", value: 7, occurredAt: 30 },
 * ], {
 *   version: 1,
 *   scoring: { kind: "direct", operator: "set", direction: "higher", decimals: 0, selfReport: false },
 *   rankMethod: "standard",
 *   tieBreaks: [],
 * });
 * assertEquals(board.map((row) => [row.participantId, row.rank]), [["odd", 1], ["mira", null]]);
 * ```
 */
export function standings(log: Iterable<LogEntry>, rules: Rules, cut: Cut = {}): Standing[] {
  return standingsOf(project(log, rules, cut));
}

/** Replays the log up to the cut-off. */
export function project(log: Iterable<LogEntry>, rules: Rules, cut: Cut = {}): Projection {
  const { seq = Infinity, at = Infinity } = cut;
  const projection = emptyProjection(rules);
  for (const entry of log) {
    // Numbers rise and arrival never decreases, so the first entry beyond the cut ends the replay.
    if (entry.seq > seq || entry.arrivedAt > at) break;
    applyEntry(projection, entry);
  }
  return projection;
}

/** Writes standings so that equal ones are equal byte for byte: `[{division, participantId, rank,
 * reachedAt, score, status}, …]` in the order of the board. */
export function canonicalStandings(
  standings: readonly Pick<
    Standing,
    "participantId" | "division" | "status" | "score" | "reachedAt" | "rank"
  >[],
): string {
  const rows = standings.map(({ participantId, division, status, score, reachedAt, rank }) => ({
    participantId,
    division,
    status,
    score,
    reachedAt,
    rank,
  }));
  return canonicalJson(rows);
}
