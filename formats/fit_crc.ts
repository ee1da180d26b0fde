/** CRC-16 of the FIT protocol: polynomial 0xA001 reflected (CRC-16/ARC), start value 0. */

const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  return crc;
});

/** The checksum of `bytes[start..end)`.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fitCrc } from "@/formats/fit_crc.ts";
 *
 * const digits = new TextEncoder().encode("123456789");
 * assertEquals(fitCrc(digits, 0, digits.length), 0xbb3d);
 * ```
 */
export function fitCrc(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0;
  for (let index = start; index < end; index++) {
    crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[index]!) & 0xff]!;
  }
  return crc;
}
