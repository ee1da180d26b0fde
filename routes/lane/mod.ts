/**
 * The lane: a way past the framework for the two kinds of request that a node gets thousands of a
 * second of, reads of boards and score updates (`docs/decisions/0015-the-lane.md`). It calls the same
 * functions as the middleware, one after the other and without waiting; whatever is unusual, or
 * fails, goes the ordinary road with a note of what was done already.
 *
 * @module
 */

import type { ServerHandler } from "@/platform/server.ts";
import type { LeaderboardService } from "@/services/leaderboard/leaderboard.ts";
import type { AppBindings } from "../app_env.ts";
import { recordScore, recordScores } from "../api/leaderboard_updates.ts";
import { type AccessLogOptions, createRecorders } from "../middleware/access_log.ts";
import type { BodyLimitOptions } from "../middleware/body_limit.ts";
import { BOARD_PATH, createBoardLane } from "./board_lane.ts";
import type { Lane, LaneDeps } from "./call.ts";
import type { Destination, KnownAddresses } from "./known_addresses.ts";
import { createUpdateLane } from "./update_lane.ts";

export interface LanesDeps extends Omit<LaneDeps, "ordinary"> {
  leaderboard: Pick<LeaderboardService, "boardTextNow" | "update" | "updateBatch">;
  metrics: AccessLogOptions["metrics"];
  bodyLimit: BodyLimitOptions;
  known: Pick<KnownAddresses, "get">;
  /** Answers everything, by the framework. */
  fetch(req: Request, bindings: AppBindings): Response | Promise<Response>;
}

const UPDATE_PATH = "/api/v1/leaderboard/update";

/** Makes the handler of all requests. */
export function createLane(deps: LanesDeps): ServerHandler {
  const { known, fetch } = deps;
  const lanes = createLanes(deps);
  return (req, info) => {
    const address = known.get(req.url);
    const answer = address && lanes[address.destination.kind](req, info, address);
    return answer ?? fetch(req, { info });
  };
}

function createLanes(given: LanesDeps): Record<Destination["kind"], Lane> {
  const { leaderboard, metrics, fetch } = given;
  const recorderOf = createRecorders(metrics);
  const deps: LaneDeps & typeof given = {
    ...given,
    ordinary: (req, info, begun) => fetch(req, { info, begun }),
  };
  return {
    board: createBoardLane({ ...deps, record: recorderOf({ method: "GET", route: BOARD_PATH }) }),
    update: createUpdateLane(deps, {
      path: UPDATE_PATH,
      record: recorderOf({ method: "POST", route: UPDATE_PATH }),
      send: (actor, body, key) => recordScore(leaderboard, actor, body, key),
    }),
    batch: createUpdateLane(deps, {
      path: `${UPDATE_PATH}/batch`,
      record: recorderOf({ method: "POST", route: `${UPDATE_PATH}/batch` }),
      send: (actor, body, key) => recordScores(leaderboard, actor, body, key),
    }),
  };
}
