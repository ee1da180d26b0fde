/** What a simulated device sends, by the rule of its competition. */

import type { Competition } from "@/contracts/competitions.ts";
import type { SyncRequest } from "@/contracts/fitness.ts";
import type { ScoreUpdate } from "@/contracts/leaderboard.ts";
import { DAY_MS, type EpochMs, MINUTE_MS, SECOND_MS } from "@/domain/time.ts";
import { between, type Chance, pick } from "@/tools/demo/chance.ts";

/** One request of a device. */
export type Report =
  | { path: "/fitness/sync"; body: SyncRequest }
  | { path: "/leaderboard/update"; body: ScoreUpdate };

/** A device, which goes on from its last record. */
export interface Device {
  /** The next piece of activity, or a score; undefined while no time has passed since the last. */
  nextReport(now: EpochMs): Report | undefined;
}

export interface DeviceDeps {
  competition: Pick<Competition, "id" | "scoring" | "startsAt" | "endsAt">;
  random: Chance;
  /** Different for every device and run: identities and keys begin with it. */
  name: string;
  now: EpochMs;
}

/** Devices begin with so much of the past, so that a fast run does not run out of time to fill. */
const BACKLOG_MS = 3 * DAY_MS;
const PIECE_MS = { from: 2 * MINUTE_MS, to: 12 * MINUTE_MS };
/** Shorter pieces of activity are waited for. */
const PIECE_MIN_MS = 2 * SECOND_MS;
/** m/s of somebody who runs. */
const SPEED = { from: 2.2, to: 4 };
/** Steps a second of somebody who walks. */
const CADENCE = { from: 1.4, to: 1.9 };

/** Makes the device that fits the rule. */
export function createDevice(deps: DeviceDeps): Device {
  return deps.competition.scoring.kind === "direct" ? scoreDevice(deps) : activityDevice(deps);
}

function scoreDevice({ competition, random, name }: DeviceDeps): Device {
  const { scoring } = competition;
  const isCounter = scoring.kind === "direct" && scoring.operator === "increment";
  const sign = scoring.direction === "higher" ? 1 : -1;
  let score = 1_000;
  let count = 0;
  return {
    nextReport() {
      const step = Math.ceil(random() * 10);
      score += sign * step;
      const idempotencyKey = `${name}-${count++}`;
      const body = { competitionId: competition.id, score: isCounter ? step : score };
      return { path: "/leaderboard/update", body: { ...body, idempotencyKey } };
    },
  };
}

function activityDevice(deps: DeviceDeps): Device {
  const { competition, random, name, now: begunAt } = deps;
  const endsAt = Date.parse(competition.endsAt);
  let freeFrom = Math.max(Date.parse(competition.startsAt), begunAt - BACKLOG_MS);
  return {
    nextReport(now) {
      const until = Math.min(now, endsAt, freeFrom + between(random, PIECE_MS.from, PIECE_MS.to));
      const piece = { from: freeFrom, until: Math.floor(until), id: `${name}-${freeFrom}` };
      if (piece.until - piece.from < PIECE_MIN_MS) return undefined;
      freeFrom = piece.until;
      return { path: "/fitness/sync", body: syncOf(deps, piece) };
    },
  };
}

interface Piece {
  id: string;
  from: EpochMs;
  until: EpochMs;
}

function syncOf({ competition: { scoring }, random }: DeviceDeps, piece: Piece): SyncRequest {
  const seconds = (piece.until - piece.from) / SECOND_MS;
  const base = {
    id: piece.id,
    start: new Date(piece.from).toISOString(),
    end: new Date(piece.until).toISOString(),
    source: { app: "paceboard simulate", recordingMethod: "active" as const },
  };
  const metric = scoring.kind === "activity" ? scoring.metric : "distance";
  if (metric === "steps" || metric === "floors") {
    const pace = metric === "steps" ? between(random, CADENCE.from, CADENCE.to) : 0.02;
    const value = Math.max(1, Math.round(seconds * pace));
    return { provider: "other", records: [{ ...base, type: metric, value }], workouts: [] };
  }
  const types = scoring.kind === "activity" ? scoring.activityTypes : undefined;
  const distance = Math.round(seconds * between(random, SPEED.from, SPEED.to));
  const workout = {
    ...{ ...base, type: pick(random, types ?? ["running"]), distance },
    movingTime: Math.floor(seconds),
    activeEnergy: Math.round(distance * 0.07),
    elevationGain: Math.round(distance * 0.01),
  };
  return { provider: "other", records: [], workouts: [workout] };
}
