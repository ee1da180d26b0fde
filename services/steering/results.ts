/**
 * Results that were approved. Each revision names the head of the log and the hash of the standings
 * that follow from it, signed with the installation's key, so that nobody, not even whoever runs
 * the database, changes a result unseen.
 *
 * @module
 */

import type { Result, ResultKeys, ResultRevision } from "@/contracts/results.ts";
import type { Database, Tx } from "@/db/client.ts";
import { type Actor, actorIdOf } from "@/domain/actor.ts";
import {
  type Checkpoint,
  checkpointBytes,
  standingsBytes,
  teamStandingsBytes,
} from "@/domain/checkpoint.ts";
import { rankContenders } from "@/domain/ranking.ts";
import type { Rules } from "@/domain/rules.ts";
import { applyTeamEntry, emptyTeamProjection } from "@/domain/team_projection.ts";
import { teamStandingsOf } from "@/domain/team_standings.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import { sha256 } from "@/platform/sha256.ts";
import type { Signer } from "@/platform/signing.ts";
import { readEntries } from "../boards/board_store.ts";
import { getVisible } from "../competitions/competition_access.ts";
import type { LockedCompetition } from "../leaderboard/competition_log.ts";
import { readLogEntries } from "../leaderboard/log_reader.ts";

/** Why there is a revision, and who answers for it. */
export interface Approval {
  actor: Actor;
  cause: Checkpoint["cause"];
  reason?: string | undefined;
}

/** Log entries read at once. */
const PAGE_ENTRIES = 2_000;

export interface ResultsWriter {
  /** Signs the standings as they are under the lock; gives the number of the revision. */
  revise(tx: Tx, locked: LockedCompetition, approval: Approval): Promise<number>;
}

export interface ResultsService extends ResultsWriter {
  /** Whoever may see the board; no revisions until the result is final. Fails with `NOT_FOUND`, `FORBIDDEN`. */
  get(actor: Actor, idOrSlug: string): Promise<Result>;
  /** The keys that results are and were signed with; anybody. */
  keys(): Promise<ResultKeys>;
}

export interface ResultsDeps {
  database: Database;
  clock: Clock;
  signer: Signer;
}

export function createResultsService(deps: ResultsDeps): ResultsService {
  return {
    revise: (tx, locked, approval) => revise(deps, tx, locked, approval),
    async get(actor, idOrSlug) {
      const { row } = await getVisible(deps.database.db, actor, idOrSlug);
      return { competitionId: row.id, revisions: await readRevisions(deps.database, row.id) };
    },
    keys: () => readKeys(deps),
  };
}

async function revise(
  deps: ResultsDeps,
  tx: Tx,
  locked: LockedCompetition,
  { actor, cause, reason }: Approval,
): Promise<number> {
  const [last] = await tx.sql<{ revision: number | null }[]>`
    select max(revision) as revision from results where competition_id = ${locked.id}`;
  const approvedAt = Math.max(deps.clock.now(), locked.lastArrivedAt ?? 0);
  const checkpoint: Checkpoint = {
    competitionId: locked.id,
    epoch: locked.epoch,
    revision: (last?.revision ?? 0) + 1,
    cause,
    seq: locked.lastSeq,
    hash: locked.lastHash.toHex(),
    standingsHash: (await hashStandings(tx, locked)).toHex(),
    ...(locked.rules.teams ? { teamsHash: (await hashTeams(tx, locked)).toHex() } : {}),
    approvedAt: new Date(approvedAt).toISOString(),
  };
  await tx.sql`
    insert into results (competition_id, revision, cause, seq, hash, standings_hash, teams_hash,
      approved_kind, approved_by, approved_at, reason, public_key, signature)
    values (${locked.id}, ${checkpoint.revision}, ${cause}, ${checkpoint.seq},
      ${locked.lastHash}, ${Uint8Array.fromHex(checkpoint.standingsHash)},
      ${checkpoint.teamsHash ? Uint8Array.fromHex(checkpoint.teamsHash) : null},
      ${actor.kind === "anonymous" ? "system" : actor.kind}, ${actorIdOf(actor)}, ${approvedAt},
      ${reason ?? null}, ${deps.signer.publicKey},
      ${deps.signer.sign(checkpointBytes(checkpoint))})`;
  return checkpoint.revision;
}

async function hashStandings(tx: Tx, { id, rules }: LockedCompetition): Promise<Uint8Array> {
  const contenders = await readEntries(tx, id, null);
  return sha256(standingsBytes(rankContenders(contenders, rules, { provisional: false })));
}

/** From the log whole, as whoever verifies the result does. */
async function hashTeams(tx: Tx, { id, lastSeq, rules }: LockedCompetition): Promise<Uint8Array> {
  const [first] = await tx.sql<{ rules: Rules }[]>`
    select body -> 'rules' as rules from competition_log
    where competition_id = ${id} and participant_id is null and kind = 'rules'
    order by seq limit 1`;
  const projection = emptyTeamProjection(first?.rules ?? rules);
  for (let after = 0; after < lastSeq;) {
    const page = await readLogEntries(tx.sql, id, { after, upTo: lastSeq, limit: PAGE_ENTRIES });
    for (const { entry } of page) applyTeamEntry(projection, entry);
    after = page.at(-1)!.entry.seq;
  }
  return sha256(teamStandingsBytes(teamStandingsOf(projection)));
}

interface StoredRevision {
  competitionId: string;
  epoch: string;
  revision: number;
  cause: Checkpoint["cause"];
  seq: number;
  hash: Uint8Array;
  standingsHash: Uint8Array;
  teamsHash: Uint8Array | null;
  approvedAt: EpochMs;
  approvedBy: string | null;
  approverKind: ResultRevision["approverKind"];
  reason: string | null;
  publicKey: Uint8Array;
  signature: Uint8Array;
}

/** The revisions of a result, newest first. */
export async function readRevisions(
  { sql }: Pick<Database, "sql">,
  competitionId: string,
): Promise<ResultRevision[]> {
  const rows = await sql<StoredRevision[]>`
    select r.competition_id as "competitionId", c.epoch, r.revision, r.cause, r.seq, r.hash,
      r.standings_hash as "standingsHash", r.teams_hash as "teamsHash", r.approved_at as "approvedAt",
      case when u.status <> 'deleted' then u.name end as "approvedBy",
      r.approved_kind as "approverKind", r.reason,
      r.public_key as "publicKey", r.signature
    from results r join competitions c on c.id = r.competition_id
    left join users u on u.id = r.approved_by and r.approved_kind = 'user'
    where r.competition_id = ${competitionId} order by r.revision desc`;
  return rows.map((row) => ({
    ...row,
    hash: row.hash.toHex(),
    standingsHash: row.standingsHash.toHex(),
    teamsHash: row.teamsHash?.toHex() ?? null,
    approvedAt: new Date(row.approvedAt).toISOString(),
    publicKey: base64Url(row.publicKey),
    signature: base64Url(row.signature),
  }));
}

async function readKeys({ database, signer }: ResultsDeps): Promise<ResultKeys> {
  const rows = await database.sql<{ publicKey: Uint8Array; usedSince: EpochMs }[]>`
    select public_key as "publicKey", min(approved_at) as "usedSince" from results
    group by public_key order by min(approved_at) desc`;
  const current = base64Url(signer.publicKey);
  const keys = rows.map(({ publicKey, usedSince }) => ({
    publicKey: base64Url(publicKey),
    algorithm: "Ed25519" as const,
    current: base64Url(publicKey) === current,
    usedSince: new Date(usedSince).toISOString() as string | null,
  }));
  if (keys.some((key) => key.current)) return { keys };
  const unused = { publicKey: current, algorithm: "Ed25519" as const, current: true };
  return { keys: [{ ...unused, usedSince: null }, ...keys] };
}

function base64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
