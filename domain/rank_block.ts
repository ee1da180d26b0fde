/** A sorted block of at most 512 members in typed arrays: the parts that a rank order is made of. */

/** Short enough to move within a microsecond, long enough that a million need some 2700. */
export const BLOCK_MAX = 512;

/** Members in order, the first `count` places of each column. */
export interface Block {
  keys: Float64Array;
  slots: Uint32Array;
  /** 1 where a member begins a tie; kept for `dense` ranks only. */
  starts: Uint8Array | undefined;
  count: number;
}

export function newBlock(isDense: boolean): Block {
  return {
    keys: new Float64Array(BLOCK_MAX),
    slots: new Uint32Array(BLOCK_MAX),
    starts: isDense ? new Uint8Array(BLOCK_MAX) : undefined,
    count: 0,
  };
}

/** Makes room at a place and puts a member there. */
export function insertAt(
  block: Block,
  place: number,
  { key, slot }: { key: number; slot: number },
): void {
  if (place < block.count) move(block, { from: place, to: place + 1 });
  block.keys[place] = key;
  block.slots[place] = slot;
  block.count += 1;
}

/** Takes out the member at a place. */
export function removeAt(block: Block, place: number): void {
  move(block, { from: place + 1, to: place });
  block.count -= 1;
}

function move(block: Block, { from, to }: { from: number; to: number }): void {
  block.keys.copyWithin(to, from, block.count);
  block.slots.copyWithin(to, from, block.count);
  block.starts?.copyWithin(to, from, block.count);
}

/** Moves the second half into a new block. */
export function splitOff(block: Block): Block {
  const half = block.count >>> 1;
  const next = newBlock(block.starts !== undefined);
  append(next, block, half);
  block.count = half;
  return next;
}

/** Puts a block's members, from a place on, behind those of another. */
export function append(block: Block, other: Block, from = 0): void {
  block.keys.set(other.keys.subarray(from, other.count), block.count);
  block.slots.set(other.slots.subarray(from, other.count), block.count);
  if (other.starts) block.starts?.set(other.starts.subarray(from, other.count), block.count);
  block.count += other.count - from;
}

/** The ties that begin in the first places of a block. */
export function countStarts({ starts }: Block, end: number): number {
  if (!starts) return 0;
  let sum = 0;
  for (let place = 0; place < end; place++) sum += starts[place]!;
  return sum;
}
