/** What moved between two states of a board window. */

/** The part of a board row that movement depends on. */
export interface PlacedRow {
  participantId: string;
  rank: number | null;
  score: number | null;
}

/** What became of one row: places won (positive) or lost, a new score, or a row not seen before. */
export interface RowChange {
  places: number;
  isNew: boolean;
  scored: boolean;
}

/** Compares two states of a window; rows without any change are left out.
 * @example Overtaking moves two rows
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { rowChanges } from "@/components/board/rank_change.ts";
 *
 * const row = (participantId: string, rank: number, score: number) => ({ participantId, rank, score });
 * const changes = rowChanges([row("a", 1, 10), row("b", 2, 9)], [row("b", 1, 12), row("a", 2, 10)]);
 * assertEquals(changes.get("b"), { places: 1, isNew: false, scored: true });
 * assertEquals(changes.get("a"), { places: -1, isNew: false, scored: false });
 * ```
 */
export function rowChanges(
  before: readonly PlacedRow[],
  after: readonly PlacedRow[],
): Map<string, RowChange> {
  const known = new Map(before.map((row) => [row.participantId, row]));
  const changes = new Map<string, RowChange>();
  for (const row of after) {
    const change = changeOf(known.get(row.participantId), row);
    if (change.places !== 0 || change.isNew || change.scored) {
      changes.set(row.participantId, change);
    }
  }
  return changes;
}

function changeOf(was: PlacedRow | undefined, is: PlacedRow): RowChange {
  if (!was) return { places: 0, isNew: true, scored: false };
  const places = was.rank === null || is.rank === null ? 0 : was.rank - is.rank;
  return { places, isNew: false, scored: was.score !== is.score };
}

/** An arrow beside a row: places since the arrow appeared, until it is taken away. */
export interface ShownMove {
  places: number;
  isNew: boolean;
  untilMs: number;
}

/** Adds fresh changes to the arrows shown and drops those whose time is over; a row that moves again
 * shows the sum, and none when it is back where it was.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { shownMoves } from "@/components/board/rank_change.ts";
 *
 * const up = new Map([["a", { places: 1, isNew: false, scored: true }]]);
 * const first = shownMoves(new Map(), up, { nowMs: 0, lastsMs: 100 });
 * const second = shownMoves(first, up, { nowMs: 50, lastsMs: 100 });
 * assertEquals(second.get("a")?.places, 2);
 * assertEquals(shownMoves(second, new Map(), { nowMs: 150, lastsMs: 100 }).size, 0);
 * ```
 */
export function shownMoves(
  shown: ReadonlyMap<string, ShownMove>,
  changes: ReadonlyMap<string, RowChange>,
  { nowMs, lastsMs }: { nowMs: number; lastsMs: number },
): Map<string, ShownMove> {
  const moves = new Map([...shown].filter(([, { untilMs }]) => untilMs > nowMs));
  for (const [id, { places, isNew }] of changes) {
    if (places === 0 && !isNew) continue;
    const before = moves.get(id);
    const move = {
      places: (before?.places ?? 0) + places,
      isNew: isNew || before?.isNew === true,
      untilMs: nowMs + lastsMs,
    };
    if (move.places === 0 && !move.isNew) moves.delete(id);
    else moves.set(id, move);
  }
  return moves;
}

/** Reads a change aloud: `up 2 places`, `down 1 place`; empty when the rank stayed.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { placesText } from "@/components/board/rank_change.ts";
 *
 * assertEquals([placesText(2), placesText(-1), placesText(0)], ["up 2 places", "down 1 place", ""]);
 * ```
 */
export function placesText(places: number): string {
  if (places === 0) return "";
  const count = Math.abs(places);
  return `${places > 0 ? "up" : "down"} ${count} ${count === 1 ? "place" : "places"}`;
}
