/**
 * How sorted sets say the order of a board. A set orders by a double, then by the member's bytes:
 *
 * - the double is the score, negated where higher wins: exact to 2^53; the unranked and then the
 *   disqualified stand above all scores;
 * - the member is the tie-break chain and `reachedAt` in hex of fixed width, a colon and the
 *   participant's id. What stands before the colon is equal for those who share a rank.
 *
 * A record keeps both by participant, so that a member is found and its row read from it. Numbers go
 * as text all the way: Lua would round them.
 *
 * @module
 */

import type { PlaceRules, RankedRow } from "@/domain/rank_index.ts";
import type { TieBreak } from "@/domain/rules.ts";
import type { Contender } from "@/domain/standing.ts";

const UNRANKED = 2 ** 60;
const DISQUALIFIED = 2 ** 61;
/** 2^54 values around zero. */
const HEX_DIGITS = 14;
const LAST = "f".repeat(HEX_DIGITS);

/** What a record says besides, where it does not follow from score and member. */
interface Extra {
  division?: string;
  disqualified?: { score: number | null; reachedAt: number | null };
}

/** The record of a contender; empty for those that no board lists. */
export function encodeRecord(contender: Contender, rules: PlaceRules): string {
  const { status, score, division, participantId } = contender;
  if (status === "withdrawn") return "";
  const extra: Extra = division === null ? {} : { division };
  if (status === "disqualified") {
    extra.disqualified = { score, reachedAt: contender.reachedAt };
    return join(DISQUALIFIED, `:${participantId}`, extra);
  }
  if (score === null) return join(UNRANKED, `:${participantId}`, extra);
  const steps = rules.tieBreaks.map((step) => toHex(stepValue(step, contender, rules)));
  const tie = steps.join("") + toHex(contender.reachedAt ?? Infinity);
  return join(score * signOf(rules), `${tie}:${participantId}`, extra);
}

/** The row of a record. */
export function decodeRecord(
  record: string,
  rank: number | null,
  higherWins: boolean,
): RankedRow {
  const [first = "", member = "", ...rest] = record.split(" ");
  const extra: Extra = rest.length === 0 ? {} : JSON.parse(rest.join(" "));
  const [tie = "", participantId = ""] = member.split(":");
  const base = { participantId, division: extra.division ?? null, rank };
  if (extra.disqualified) return { ...base, status: "disqualified", ...extra.disqualified };
  const key = Number(first);
  if (key >= UNRANKED) return { ...base, status: "active", score: null, reachedAt: null };
  // Taking 0 away from 0 leaves no -0.
  const score = higherWins ? 0 - key : key;
  return { ...base, status: "active", score, reachedAt: fromHex(tie.slice(-HEX_DIGITS)) };
}

function join(key: number, member: string, extra: Extra): string {
  const more = extra.division !== undefined || extra.disqualified
    ? ` ${JSON.stringify(extra)}`
    : "";
  return `${key + 0} ${member}${more}`;
}

function stepValue(step: TieBreak, contender: Contender, rules: PlaceRules): number {
  switch (step) {
    case "fewest_events":
      return contender.eventCount;
    case "earliest_join":
      return contender.joinedAt;
    case "best_event":
      return contender.bestEvent === null ? Infinity : contender.bestEvent * signOf(rules);
  }
}

function signOf(rules: PlaceRules): 1 | -1 {
  return rules.scoring.direction === "higher" ? -1 : 1;
}

/** Safe integers in an order that text keeps; infinity behind all of them. */
function toHex(value: number): string {
  if (value === Infinity) return LAST;
  const high = Math.floor(value / 2 ** 32);
  const low = value - high * 2 ** 32;
  return (high + 2 ** 21).toString(16).padStart(6, "0") + low.toString(16).padStart(8, "0");
}

function fromHex(hex: string): number {
  return (parseInt(hex.slice(0, 6), 16) - 2 ** 21) * 2 ** 32 + parseInt(hex.slice(6), 16);
}
