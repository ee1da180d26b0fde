/** Identifiers as a dependency. */

/** Makes a new identifier, unique and rising in time. */
export type IdGenerator = () => string;

/** Makes a UUIDv7 generator over a clock: 48 bits of milliseconds, then 74 random bits (RFC 9562). */
export function createIdGenerator(clock: { now(): number }): IdGenerator {
  return () => uuidV7(clock.now(), crypto.getRandomValues(new Uint8Array(10)));
}

function uuidV7(atMs: number, random: Uint8Array): string {
  const time = atMs.toString(16).padStart(12, "0");
  random[0] = (random[0]! & 0x0f) | 0x70;
  random[2] = (random[2]! & 0x3f) | 0x80;
  const tail = Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${time.slice(0, 8)}-${time.slice(8)}-${tail.slice(0, 4)}-${tail.slice(4, 8)}-${
    tail.slice(8)
  }`;
}
