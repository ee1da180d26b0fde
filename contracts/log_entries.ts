/** Rows of a published log as the pure functions take them, for whoever checks a result. */

import type { LogEntry } from "@/domain/log.ts";
import type { ChainedEntry } from "@/domain/log_hash.ts";
import type { LogRow } from "./competitions.ts";

/** Reads a row back: exactly the fields that were hashed.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { toChainedEntry } from "@/contracts/log_entries.ts";
 *
 * const { entry } = toChainedEntry({
 *   seq: 1,
 *   kind: "freeze",
 *   arrivedAt: "1970-01-01T00:00:00.010Z",
 *   hash: "00",
 * });
 * assertEquals(entry, { seq: 1, arrivedAt: 10, kind: "freeze" });
 * ```
 */
export function toChainedEntry(row: LogRow): ChainedEntry {
  const { hash, arrivedAt, occurredAt, body, ...facts } = row;
  const entry = {
    ...facts,
    arrivedAt: Date.parse(arrivedAt),
    ...(occurredAt === undefined ? {} : { occurredAt: Date.parse(occurredAt) }),
    ...body,
  };
  return { entry: entry as LogEntry, hash: Uint8Array.fromHex(hash) };
}
