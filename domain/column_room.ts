/** How columns in typed arrays grow. */

const ROOM_MIN = 16;
/** Large columns grow by an eighth, so that little of their memory is unused. */
const LARGE = 100_000;

/** The room to make when so many members must fit.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { roomFor } from "@/domain/column_room.ts";
 *
 * assertEquals([roomFor(1), roomFor(100), roomFor(800_000)], [16, 200, 900_000]);
 * ```
 */
export function roomFor(count: number): number {
  const grown = count < LARGE ? count * 2 : count + (count >>> 3);
  return Math.max(ROOM_MIN, grown);
}

/** A column with more room and the same content. */
export function grown<T extends Float64Array | Uint32Array | Uint16Array | Uint8Array>(
  column: T,
  room: number,
): T {
  const wider = new (column.constructor as new (length: number) => T)(room);
  wider.set(column);
  return wider;
}
