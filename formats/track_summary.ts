import type { SpeedTrace } from "@/domain/activity.ts";
import type { EpochMs } from "@/domain/time.ts";
import { SECOND_MS } from "@/domain/time.ts";
import { type Climb, climbTo, haversineM, NO_CLIMB, type Position } from "@/domain/geo.ts";
import { SpeedProfile } from "./speed_profile.ts";

/** Slower than this is standing: a steep climb on foot still makes 0.2 m/s over the ground. */
export const STOPPED_BELOW_M_PER_S = 0.2;
/** A stop this long or shorter is part of moving: a gate, a photograph, one wrong fix. */
export const STOP_IGNORED_MS = 10 * SECOND_MS;

/** One recorded point; what it does not carry is undefined. */
export interface TrackPoint {
  at: EpochMs | undefined;
  position: Position | undefined;
  elevationM: number | undefined;
}

/**
 * Folds track points into distance, moving time and climb, in constant memory.
 *
 * Distance is the sum of haversines within segments; between segments nothing counts. Moving time
 * is the time between timed points of a segment, less every stop: a stretch slower than
 * `STOPPED_BELOW_M_PER_S` that lasts longer than `STOP_IGNORED_MS`. Points that go back in time
 * add their way but no time.
 */
export class TrackSummary {
  startedAt: EpochMs | undefined;
  endedAt: EpochMs | undefined;
  distanceM = 0;
  pointCount = 0;
  timedCount = 0;
  hasPosition = false;
  readonly #speeds = new SpeedProfile();
  #gainM = 0;
  #hasElevation = false;
  #movingMs = 0;
  #slowMs = 0;
  #climb: Climb = NO_CLIMB;
  #position: Position | undefined;
  #at: EpochMs | undefined;
  #sinceTimedM = 0;

  /** Begins a new segment: the way and time since the last point do not count. */
  startSegment(): void {
    this.#endStop();
    this.#gainM += this.#climb.gainM;
    this.#climb = NO_CLIMB;
    this.#position = undefined;
    this.#at = undefined;
    this.#sinceTimedM = 0;
  }

  add(point: TrackPoint): void {
    this.pointCount++;
    if (point.position) this.#move(point.position);
    if (point.elevationM !== undefined) {
      this.#climb = climbTo(this.#climb, point.elevationM);
      this.#hasElevation = true;
    }
    if (point.at !== undefined) this.#pass(point.at);
  }

  /** Elevation gain in metres; undefined when no point had an elevation. */
  get gainM(): number | undefined {
    return this.#hasElevation ? this.#gainM + this.#climb.gainM : undefined;
  }

  /** Moving time; undefined when no positions tell moving from standing. */
  get movingMs(): number | undefined {
    if (!this.hasPosition || this.startedAt === undefined) return undefined;
    const open = this.#slowMs <= STOP_IGNORED_MS ? this.#slowMs : 0;
    return Math.min(this.#movingMs + open, this.endedAt! - this.startedAt);
  }

  /** How fast it went between positions. */
  get trace(): SpeedTrace | undefined {
    return this.#speeds.finish();
  }

  #move(position: Position): void {
    this.hasPosition = true;
    const way = this.#position ? haversineM(this.#position, position) : 0;
    this.distanceM += way;
    this.#sinceTimedM += way;
    this.#position = position;
  }

  #pass(at: EpochMs): void {
    this.timedCount++;
    this.startedAt = Math.min(at, this.startedAt ?? at);
    this.endedAt = Math.max(at, this.endedAt ?? at);
    const elapsedMs = this.#at === undefined ? 0 : at - this.#at;
    if (elapsedMs > 0) this.#countTime(elapsedMs);
    if (this.hasPosition) this.#speeds.add(at, this.distanceM);
    this.#at = at;
    this.#sinceTimedM = 0;
  }

  #countTime(elapsedMs: number): void {
    if (this.#sinceTimedM * SECOND_MS < STOPPED_BELOW_M_PER_S * elapsedMs) {
      this.#slowMs += elapsedMs;
      return;
    }
    this.#endStop();
    this.#movingMs += elapsedMs;
  }

  #endStop(): void {
    if (this.#slowMs <= STOP_IGNORED_MS) this.#movingMs += this.#slowMs;
    this.#slowMs = 0;
  }
}
