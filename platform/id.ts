/** Identifiers as a dependency. */

/** Makes a new identifier, unique and rising in time. */
export type IdGenerator = () => string;

/** Random bytes are asked for in blocks: a call for each identifier costs more than all the rest. */
const BLOCK_BYTES = 8_192;
const RANDOM_BYTES = 10;

const HEX: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => byte.toString(16).padStart(2, "0"),
);

/** Makes a UUIDv7 generator over a clock: 48 bits of milliseconds, then 74 random bits (RFC 9562). */
export function createIdGenerator(clock: { now(): number }): IdGenerator {
  const block = new Uint8Array(BLOCK_BYTES);
  let at = BLOCK_BYTES;
  let timeMs = -1;
  let time = "";
  return () => {
    if (at + RANDOM_BYTES > BLOCK_BYTES) {
      crypto.getRandomValues(block);
      at = 0;
    }
    const nowMs = clock.now();
    if (nowMs !== timeMs) time = timeText(timeMs = nowMs);
    const id = time + randomText(block, at);
    at += RANDOM_BYTES;
    return id;
  };
}

function timeText(atMs: number): string {
  const time = atMs.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-`;
}

/** Ten bytes as the last three groups, with version 7 and the variant of RFC 9562. */
function randomText(bytes: Uint8Array, at: number): string {
  const hex = (index: number) => HEX[bytes[at + index]!]!;
  const version = HEX[(bytes[at]! & 0x0f) | 0x70]!;
  const variant = HEX[(bytes[at + 2]! & 0x3f) | 0x80]!;
  return version + hex(1) + "-" + variant + hex(3) + "-" +
    hex(4) + hex(5) + hex(6) + hex(7) + hex(8) + hex(9);
}
