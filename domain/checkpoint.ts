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
import {
  canonicalTeamStandings,
  projectTeams,
  type TeamStanding,
  teamStandingsOf,
} from "./team_standings.ts";

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
  /** The same of the team standings, under rules with teams. */
  teamsHash?: string | null;
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
  const always = { competitionId, epoch, revision, cause, seq, hash, standingsHash, approvedAt };
  // Results without teams are signed as they were before there were any.
  const signed = { ...always, teamsHash: checkpoint.teamsHash ?? undefined };
  return encoder.encode(CONTEXT + canonicalJson(signed));
}

/** The bytes whose SHA-256 stands for the standings. */
export function standingsBytes(rows: Parameters<typeof canonicalStandings>[0]): Uint8Array {
  return encoder.encode(canonicalStandings(rows));
}

/** The bytes whose SHA-256 stands for the team standings. */
export function teamStandingsBytes(rows: Parameters<typeof canonicalTeamStandings>[0]): Uint8Array {
  return encoder.encode(canonicalTeamStandings(rows));
}

/** What checking a log against its checkpoint tells. */
export type CheckpointVerdict =
  | { ok: true; standings: Standing[]; teams: TeamStanding[] }
  | { ok: false; fault: "chain"; chain: Extract<ChainVerdict, { ok: false }> }
  | { ok: false; fault: "rules" | "head" | "standings" | "teams" };

/** Recomputes the standings of a published log and compares them with its checkpoint. The entries
 * are those from the first to the one that the checkpoint names; the first must enter the rules. */
export function verifyCheckpoint(
  checkpoint: Pick<Checkpoint, "seq" | "hash" | "standingsHash" | "teamsHash">,
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
  const entries = upTo.map(({ entry }) => entry);
  const rows = standings(entries, rules.rules);
  if (sha256(standingsBytes(rows)).toHex() !== checkpoint.standingsHash) {
    return { ok: false, fault: "standings" };
  }
  const projection = projectTeams(entries, rules.rules);
  const teams = teamStandingsOf(projection);
  const hasTeams = projection.scores.rules.current.teams !== undefined;
  const teamsHash = hasTeams ? sha256(teamStandingsBytes(teams)).toHex() : null;
  if (teamsHash !== (checkpoint.teamsHash ?? null)) return { ok: false, fault: "teams" };
  return { ok: true, standings: rows, teams };
}
