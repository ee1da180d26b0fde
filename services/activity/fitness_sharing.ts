/** Files that several accounts brought: their sessions wait wherever they count, in all of them. */

import type { Tx } from "@/db/client.ts";
import type { SystemActor } from "@/domain/actor.ts";
import type { ScoresCommitted } from "../boards/board_state.ts";
import type { FitnessDeps } from "./fitness.ts";
import { holdShared, readShared, type SharedSessions } from "./fitness_flags.ts";

/** What was held back. */
export interface HeldSharing {
  /** The athlete's own sessions. */
  ownIds: ReadonlySet<string>;
  /** Those of the others. */
  others: SharedSessions[];
}

/** Holds back the sessions of files that others brought too; `contents` are the files' hashes. */
export async function holdSharers(
  deps: FitnessDeps,
  tx: Tx,
  given: { contents: readonly string[]; sharers: readonly string[]; userId: string },
): Promise<HeldSharing> {
  const others = await readShared(tx, given.contents, given.sharers);
  const contents = new Set(others.flatMap((sessions) => sessions.contents));
  const own = await readShared(tx, [...contents], [given.userId]);
  for (const sessions of [...own, ...others]) {
    await holdShared(tx, deps.newId, sessions, deps.clock.now());
  }
  return { ownIds: new Set(own.flatMap(({ activityIds }) => activityIds)), others };
}

/** Nobody asked for it; the rule about shared files did. */
const REVIEWING: SystemActor = {
  kind: "system",
  name: "reviews",
  requestId: null,
  address: null,
};

/** Scores the others anew. */
export async function rescoreSharers(
  deps: FitnessDeps,
  tx: Tx,
  shared: readonly SharedSessions[],
): Promise<ScoresCommitted[]> {
  const committed: ScoresCommitted[] = [];
  for (const { userId, activityIds: recordIds, startsAt, endsAt } of shared) {
    const changed = { userId, recordIds, span: { startsAt, endsAt } };
    const cause = { actor: REVIEWING, reason: "shared_file" };
    const scores = await deps.activityScores.rescoreAthlete(tx, changed, cause);
    committed.push(...scores.flatMap(({ committed }) => committed ? [committed] : []));
  }
  return committed;
}
