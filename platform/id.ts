/** Identifiers as a dependency. */

/** Makes a new identifier, unique and rising in time. */
export type IdGenerator = () => string;

/** Random bytes are asked for in blocks: a call for each identifier costs more than all the rest. */
const BLOCK_BYTES = 8_192;
/** 18 hex digits and a byte for the variant. */
const RANDOM_BYTES = 10;

/** The variant of RFC 9562 with two random bits. */
const VARIANTS = "89ab";

/** Makes a UUIDv7 generator over a clock: 48 bits of milliseconds, then 74 random bits (RFC 9562). */
export function createIdGenerator(clock: { now(): number }): IdGenerator {
  const block = new Uint8Array(BLOCK_BYTES);
  let hex = "";
  let at = BLOCK_BYTES;
  let timeMs = -1;
  let time = "";
  return () => {
    if (at + RANDOM_BYTES > BLOCK_BYTES) {
      crypto.getRandomValues(block);
      hex = block.toHex();
      at = 0;
    }
    const nowMs = clock.now();
    if (nowMs !== timeMs) time = timeText(timeMs = nowMs);
    const from = at * 2;
    const variant = VARIANTS[block[at + RANDOM_BYTES - 1]! & 3]!;
    at += RANDOM_BYTES;
    // Pieces this short are copied, so that no identifier keeps the block alive.
    return `${time}7${hex.slice(from, from + 3)}-${variant}${hex.slice(from + 3, from + 6)}-` +
      hex.slice(from + 6, from + 18);
  };
}

function timeText(atMs: number): string {
  const time = atMs.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-`;
}
