/**
 * Rankings in sorted sets of Redis, one server or a Cluster: all keys of a competition lie in one
 * hash slot. What a script does is one step, so that nodes need not agree on who writes; the scripts
 * say the rest. An idle ranking is forgotten by Redis after a week.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Contender } from "@/domain/standing.ts";
import { DAY_MS } from "@/domain/time.ts";
import type { IdGenerator } from "@/platform/id.ts";
import type {
  Ranking,
  RankingRange,
  RankingState,
  RankingWindow,
  RankMove,
  Rebuilding,
} from "@/services/boards/ranking.ts";
import applySource from "./lua/ranking_apply.lua" with { type: "text" };
import commitSource from "./lua/ranking_commit.lua" with { type: "text" };
import forgetSource from "./lua/ranking_forget.lua" with { type: "text" };
import readSource from "./lua/ranking_read.lua" with { type: "text" };
import { decodeRecord, encodeRecord } from "./ranking_encoding.ts";
import { type RedisConnection, type RedisReply, redisScript } from "./redis.ts";

const APPLY = redisScript(applySource);
const COMMIT = redisScript(commitSource);
const FORGET = redisScript(forgetSource);
const READ = redisScript(readSource);

const TTL_MS = 7 * DAY_MS;
/** A build that nobody ends must not stay. */
const BUILD_TTL_MS = 60_000;
/** Members of one call of a build: a script that puts more would hold up everybody else. */
const BUILD_MEMBERS = 500;
/** A change is one call, some 20 ms; above that building anew is better for all. */
const CHANGE_MEMBERS_MAX = 2000;

export interface RedisRankingDeps {
  connection: RedisConnection;
  newId: IdGenerator;
}

/** Rankings in the Redis of a connection; calls fail with `SERVICE_UNAVAILABLE` while it is away. */
export function createRedisRanking({ connection, newId }: RedisRankingDeps): Ranking {
  return {
    async apply(change, movesOf = []) {
      const { competitionId, members, from } = change;
      if (members.length > CHANGE_MEMBERS_MAX) return { outcome: "gap" };
      const values = [
        ...stateArguments("follow", change, { from, ttlMs: TTL_MS }),
        ...[String(movesOf.length), ...movesOf, ...records(members, change)],
      ];
      const reply = asList(await connection.run(APPLY, keysOf(competitionId), values));
      const outcome = asText(reply[0]!);
      if (outcome !== "applied") return { outcome: outcome === "known" ? "known" : "gap" };
      return { outcome, moves: movesOf.map((id, index) => toMove(id, reply, 1 + index * 2)) };
    },
    rebuild: (state, rebuilding) => rebuild(connection, state, rebuilding, newId()),
    async window(competitionId, range) {
      const reply = await read(connection, competitionId, rangeArguments(range));
      return reply && toWindow(reply);
    },
    async ranks(competitionId, participantIds) {
      const reply = await read(connection, competitionId, ["ranks", ...participantIds]);
      if (!reply) return undefined;
      return new Map(
        participantIds.map((id, index) => [id, toRank(reply[HEAD_PARTS + index * 2]!)]),
      );
    },
    async forget(competitionId) {
      await connection.run(FORGET, keysOf(competitionId), []);
    },
    onReady: (tell) => connection.onReady(tell),
  };
}

/** Builds beside what is read, so that readers see the old ranking until the new one is whole. */
async function rebuild(
  connection: RedisConnection,
  state: RankingState,
  { members, settle }: Rebuilding,
  nonce: string,
): Promise<void> {
  const built = keysOf(state.competitionId, `:${nonce}`);
  const put = async (part: readonly Contender[]) => {
    for (let from = 0; from < part.length; from += BUILD_MEMBERS) {
      const some = part.slice(from, from + BUILD_MEMBERS);
      const head = stateArguments("build", state, { from: 0, ttlMs: BUILD_TTL_MS });
      await connection.run(APPLY, built, [...head, "0", ...records(some, state)]);
    }
  };
  for (const part of members) await put(part);
  const { offset, members: changed } = settle();
  await put(changed);
  const { epoch, rules: { version, rankMethod, scoring: { direction } } } = state;
  await connection.run(
    COMMIT,
    [...keysOf(state.competitionId), ...built.slice(1)],
    [epoch, `${version}`, rankMethod, direction, `${offset}`, `${TTL_MS}`],
  );
}

/** The braces make all keys of a competition lie in one slot of a Cluster. */
function keysOf(competitionId: string, suffix = ""): string[] {
  return ["head", "board", "records", "ties", "tie_sizes"]
    .map((part) => `ranking:{${competitionId}}:${part}${suffix}`);
}

function stateArguments(
  mode: "follow" | "build",
  state: RankingState,
  { from, ttlMs }: { from: number; ttlMs: number },
): string[] {
  const { epoch, rules, offset } = state;
  const { version, rankMethod } = rules;
  return [mode, epoch, `${version}`, `${from}`, `${offset}`, rankMethod, `${ttlMs}`];
}

function records(members: readonly Contender[], { rules }: RankingState): string[] {
  return members.flatMap((member) => [member.participantId, encodeRecord(member, rules)]);
}

function rangeArguments(range: RankingRange): string[] {
  if ("from" in range) return ["range", `${Math.max(0, range.from)}`, `${range.limit}`];
  return ["around", range.around, `${range.before}`, `${range.after}`];
}

/** Epoch, rules version, direction, offset, total and first place stand before the rows. */
const HEAD_PARTS = 6;

async function read(
  connection: RedisConnection,
  competitionId: string,
  values: readonly string[],
): Promise<RedisReply[] | undefined> {
  const reply = await connection.run(READ, keysOf(competitionId).slice(0, 4), values);
  return reply === null ? undefined : asList(reply);
}

function toWindow(reply: readonly RedisReply[]): RankingWindow {
  const [epoch, version, direction, offset] = reply.slice(0, 4).map(asText);
  const rows = reply.slice(HEAD_PARTS);
  return {
    epoch: epoch!,
    rulesVersion: Number(version),
    offset: Number(offset),
    total: Number(reply[4]),
    from: Number(reply[5]),
    rows: Array.from({ length: rows.length / 2 }, (_, row) => {
      const record = asText(rows[row * 2 + 1]!);
      return decodeRecord(record, toRank(rows[row * 2]!), direction === "higher");
    }),
  };
}

function toMove(participantId: string, reply: readonly RedisReply[], at: number): RankMove {
  return { participantId, previousRank: toRank(reply[at]!), rank: toRank(reply[at + 1]!) };
}

/** Scripts say 0 for no rank, since nothing ends a list of theirs. */
function toRank(reply: RedisReply): number | null {
  return reply === 0 ? null : Number(reply);
}

function asList(reply: RedisReply): RedisReply[] {
  if (Array.isArray(reply)) return reply;
  throw new TypeError("Cannot read an answer of Redis: it is no list");
}

function asText(reply: RedisReply): string {
  if (reply instanceof Uint8Array) return Buffer.from(reply).toString();
  throw new TypeError("Cannot read an answer of Redis: it is no text");
}
