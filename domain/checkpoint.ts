/**
 * What is signed when a result becomes final: the head of the log and the hash of the standings
 * that follow from it. Whoever has the log and the public key can check both alone.
 *
 * @module
 */

import { canonicalJson } from "./canonical_json.ts";
import { type ChainedEntry, type ChainVerdict, type Sha256, verifyChain } from "./log_hash.ts";
import { canonicalStandings, standings } from "./standings.ts";
import type { Standing } from "./standing.ts";

/** One approved revision of a result; hashes in hex, `approvedAt` in ISO 8601. */
export interface Checkpoint {
  competitionId: string;
  epoch: string;
  /** 1 when the result became final; a later judgement makes the next. */
  revision: number;
  cause: "finalise" | "disqualify" | "reinstate";
  /** The last number of the log that the result follows from, and its hash. */
  seq: number;
  hash: string;
  /** SHA-256 of the canonical standings at that number. */
  standingsHash: string;
  approvedAt: string;
}

/** Keeps a signature of this from being taken for one of anything else. */
const CONTEXT = "paceboard-result-v1\n";

const encoder = new TextEncoder();

/** The bytes that are signed: a context line and the checkpoint as canonical JSON.
 * @example
 * ```ts
 * import { assertMatch } from "@std/assert";
 * import { checkpointBytes } from "@/domain/checkpoint.ts";
 *
 * const bytes = checkpointBytes({
 *   competitionId: "c",
 *   epoch: "e",
 *   revision: 1,
 *   cause: "finalise",
 *   seq: 9,
 *   hash: "00",
 *   standingsHash: "ff",
 *   approvedAt: "2026-05-01T07:00:00.000Z",
 * });
 * assertMatch(new TextDecoder().decode(bytes), /^paceboard-result-v1\n\{"approvedAt"/);
 * ```
 */
export function checkpointBytes(checkpoint: Checkpoint): Uint8Array {
  const { competitionId, epoch, revision, cause, seq, hash, standingsHash, approvedAt } =
    checkpoint;
  const signed = { competitionId, epoch, revision, cause, seq, hash, standingsHash, approvedAt };
  return encoder.encode(CONTEXT + canonicalJson(signed));
}

/** The bytes whose SHA-256 stands for the standings. */
export function standingsBytes(rows: Parameters<typeof canonicalStandings>[0]): Uint8Array {
  return encoder.encode(canonicalStandings(rows));
}

/** What checking a log against its checkpoint tells. */
export type CheckpointVerdict =
  | { ok: true; standings: Standing[] }
  | { ok: false; fault: "chain"; chain: Extract<ChainVerdict, { ok: false }> }
  | { ok: false; fault: "rules" | "head" | "standings" };

/** Recomputes the standings of a published log and compares them with its checkpoint. The entries
 * are those from the first to the one that the checkpoint names; the first must enter the rules. */
export function verifyCheckpoint(
  checkpoint: Pick<Checkpoint, "seq" | "hash" | "standingsHash">,
  log: readonly ChainedEntry[],
  sha256: Sha256,
): CheckpointVerdict {
  const upTo = log.filter(({ entry }) => entry.seq <= checkpoint.seq);
  const chain = verifyChain(upTo, sha256);
  if (!chain.ok) return { ok: false, fault: "chain", chain };
  const isHead = chain.head.seq === checkpoint.seq && chain.head.hash.toHex() === checkpoint.hash;
  if (!isHead) return { ok: false, fault: "head" };
  const rules = upTo.find(({ entry }) => entry.kind === "rules")?.entry;
  if (rules?.kind !== "rules") return { ok: false, fault: "rules" };
  const rows = standings(upTo.map(({ entry }) => entry), rules.rules);
  const isSame = sha256(standingsBytes(rows)).toHex() === checkpoint.standingsHash;
  return isSame ? { ok: true, standings: rows } : { ok: false, fault: "standings" };
}
