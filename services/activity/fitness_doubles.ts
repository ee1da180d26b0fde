/** Sessions that are stored more than once: found anew from the records, whenever they change. */

import type { RecordResult } from "@/contracts/fitness.ts";
import type { Database, Tx } from "@/db/client.ts";
import type { Interval } from "@/domain/days.ts";
import { findDoubles } from "@/domain/same_session.ts";
import { DAY_MS, HOUR_MS } from "@/domain/time.ts";
import { readFacts } from "./activity_facts.ts";

/** A copy may lie as far away as the zones of the world do. */
export const NEAR_MS = DAY_MS + 3 * HOUR_MS;

/** The records of each session that is there more than once, the one that counts first. */
export type Doubles = ReadonlyMap<string, readonly string[]>;

/** Reads the doubles among an athlete's activities that touch a span, or may be copies of such. */
export async function readDoubles(
  reader: { sql: Tx["sql"] | Database["sql"] },
  userId: string,
  span: Interval,
): Promise<Doubles> {
  const { activities } = await readFacts(reader, userId, {
    from: span.startsAt - NEAR_MS,
    to: span.endsAt + NEAR_MS,
    quantities: [],
    recordIds: [],
    replacedSince: null,
  });
  const groups = new Map<string, string[]>();
  for (const [id, counting] of findDoubles(activities)) {
    const group = groups.get(counting) ?? [counting];
    group.push(id);
    groups.set(counting, group).set(id, group);
  }
  return groups;
}

/** Answers `merged` for new records whose session was there before, or is there twice now. */
export function markMerged(results: readonly RecordResult[], doubles: Doubles): RecordResult[] {
  return results.map((result) => {
    const { activityId, outcome, kind } = result;
    if (outcome !== "imported" || kind !== "activity" || activityId === undefined) return result;
    const other = doubles.get(activityId)?.find((id) => id !== activityId);
    return other === undefined ? result : { ...result, outcome: "merged", mergedWith: other };
  });
}
