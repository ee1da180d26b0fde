/**
 * Cursors of a board: not a count of rows but what the last row was placed by, so that a walk goes on
 * behind it whatever moved meanwhile, also in the middle of a tie. Whoever does not move is seen once.
 *
 * @module
 */

import { z } from "zod";
import { invalid } from "@/domain/error.ts";
import type { OrderKey } from "@/domain/rank_index.ts";

const value = z.number().nullable();

/** `[rules version, key, reachedAt, participant id, steps]`; null is what stands behind every value. */
const Cursor = z.tuple([z.int(), value, value, z.uuid(), z.array(value).max(8)]);

/** Writes a key for the address of the next page. */
export function writeCursor(rulesVersion: number, key: OrderKey): string {
  const parts = [
    rulesVersion,
    finite(key.key),
    finite(key.reachedAt),
    key.participantId,
    key.steps.map(finite),
  ];
  return new TextEncoder().encode(JSON.stringify(parts)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}

/** Reads a cursor. Fails with `VALIDATION_ERROR`, also where the rules order rows otherwise by now. */
export function readCursor(text: string, rulesVersion: number): OrderKey {
  const parsed = Cursor.safeParse(parse(text));
  if (!parsed.success) throw invalid("cursor", "bad_cursor", "Cursor must be one that was given");
  const [version, key, reachedAt, participantId, steps] = parsed.data;
  if (version !== rulesVersion) {
    throw invalid("cursor", "old_cursor", "Rules have changed since: begin again without a cursor");
  }
  return {
    key: key ?? Infinity,
    reachedAt: reachedAt ?? Infinity,
    participantId,
    steps: steps.map((step) => step ?? Infinity),
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function parse(text: string): unknown {
  try {
    const bytes = Uint8Array.fromBase64(text, { alphabet: "base64url" });
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
