/**
 * Differences of a board's window, and their merge. The server sends the difference between the
 * rows a viewer has and the rows as they are now; however many states lay between, the merge gives
 * the present rows exactly. The browser runs the same `applyDelta`.
 *
 * @module
 */

import { compareRows, type OrderedRow, type WindowDelta } from "./stream.ts";

/** Tells what leads from one list of rows to another.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { applyDelta, diffWindow } from "@/domain/conflation.ts";
 *
 * const status = "active" as const;
 * const before = [{ participantId: "a", rank: 1, score: 9, status }];
 * const after = [
 *   { participantId: "b", rank: 1, score: 12, status },
 *   { participantId: "a", rank: 2, score: 9, status },
 * ];
 * const delta = diffWindow(before, after);
 * assertEquals(delta.removed, []);
 * assertEquals(applyDelta(before, delta), after);
 * ```
 */
export function diffWindow<Row extends OrderedRow>(
  previous: readonly Row[],
  next: readonly Row[],
): WindowDelta<Row> {
  const before = byParticipant(previous);
  const rows = next.filter((row) => {
    const known = before.get(row.participantId);
    before.delete(row.participantId);
    return !known || !isSameRow(known, row);
  });
  return { rows, removed: [...before.keys()] };
}

/** Merges a delta into the rows it was made for, and puts them in the order of the board. */
export function applyDelta<Row extends OrderedRow>(
  rows: readonly Row[],
  delta: Readonly<WindowDelta<Row>>,
): Row[] {
  const merged = byParticipant(rows);
  for (const participantId of delta.removed) merged.delete(participantId);
  for (const row of delta.rows) merged.set(row.participantId, row);
  return [...merged.values()].sort(compareRows);
}

function byParticipant<Row extends OrderedRow>(rows: readonly Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [row.participantId, row]));
}

/** Rows hold plain JSON values, so comparing field by field is comparing all. */
function isSameRow<Row extends OrderedRow>(a: Row, b: Row): boolean {
  if (a === b) return true;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && a[key as keyof Row] === b[key as keyof Row]);
}
