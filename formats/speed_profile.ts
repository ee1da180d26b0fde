import type { SpeedTrace } from "@/domain/activity.ts";
import { type EpochMs, MINUTE_MS, SECOND_MS } from "@/domain/time.ts";

/** Buckets of a trace: a speed every half minute of a two-hour run, and never more. */
export const TRACE_BUCKETS_MAX = 240;
const FIRST_BUCKET_MS = 5 * SECOND_MS;
/** Points closer than this say nothing more of a speed, and much of a receiver's noise. */
const POINT_APART_MS = SECOND_MS;

/** Windows in which the greatest mean speed is told: a sprint's end, and what nobody sprints. */
const WINDOWS = { peak60: MINUTE_MS, peak600: 10 * MINUTE_MS } as const;

const CM_PER_M = 100;

interface Point {
  at: EpochMs;
  distanceM: number;
}

/**
 * Folds a distance that grows with time into a bounded trace of speeds, and the greatest mean
 * speeds over a minute and ten. Points that go back in time are left out; a distance that falls
 * began to be counted anew.
 */
export class SpeedProfile {
  #first: Point | undefined;
  #last: Point | undefined;
  #counted = 0;
  /** Distance at the end of each bucket since the first point. */
  #ends: number[] = [];
  #bucketMs = FIRST_BUCKET_MS;
  readonly #peaks = { peak60: new PeakWindow(), peak600: new PeakWindow() };

  add(at: EpochMs, countM: number): void {
    const last = this.#last;
    if (last && at < last.at + POINT_APART_MS) return;
    const way = last ? Math.max(0, countM - this.#counted) : 0;
    this.#counted = countM;
    const point = { at, distanceM: (last?.distanceM ?? 0) + way };
    this.#first ??= point;
    if (last) this.#fill(this.#first, last, point);
    this.#last = point;
    this.#peaks.peak60.add(point, WINDOWS.peak60);
    this.#peaks.peak600.add(point, WINDOWS.peak600);
  }

  /** The trace, or undefined where fewer than two points say how fast it went. */
  finish(): SpeedTrace | undefined {
    if (!this.#first || !this.#last || this.#ends.length === 0) return undefined;
    const speeds: number[] = [];
    let before = this.#first.distanceM;
    for (const end of this.#ends) {
      speeds.push(toCmPerS(end - before, this.#bucketMs));
      before = end;
    }
    const { peak60, peak600 } = this.#peaks;
    return {
      bucketMs: this.#bucketMs,
      speeds,
      ...(peak60.best === undefined ? {} : { peak60: peak60.best }),
      ...(peak600.best === undefined ? {} : { peak600: peak600.best }),
    };
  }

  /** Draws the way between two points evenly over the buckets that end between them. */
  #fill(first: Point, from: Point, to: Point): void {
    while (to.at - first.at >= TRACE_BUCKETS_MAX * this.#bucketMs) this.#halve();
    const slope = (to.distanceM - from.distanceM) / (to.at - from.at);
    for (;;) {
      const endsAt = first.at + (this.#ends.length + 1) * this.#bucketMs;
      if (endsAt > to.at) return;
      this.#ends.push(from.distanceM + slope * (endsAt - from.at));
    }
  }

  /** Buckets twice as long, half as many. */
  #halve(): void {
    this.#ends = this.#ends.filter((_, index) => index % 2 === 1);
    this.#bucketMs *= 2;
  }
}

/** The greatest mean speed over spans that last at least the window, and no longer than need be. */
class PeakWindow {
  best: number | undefined;
  #points: Point[] = [];
  #from = 0;

  add(point: Point, windowMs: number): void {
    const points = this.#points;
    points.push(point);
    while (this.#from + 1 < points.length && point.at - points[this.#from + 1]!.at >= windowMs) {
      this.#from += 1;
    }
    const from = points[this.#from]!;
    if (point.at - from.at >= windowMs) {
      const speed = toCmPerS(point.distanceM - from.distanceM, point.at - from.at);
      this.best = Math.max(speed, this.best ?? 0);
    }
    // What lies before the window will not be asked for again.
    if (this.#from > POINTS_KEPT) {
      this.#points = points.slice(this.#from);
      this.#from = 0;
    }
  }
}

/** Forgotten together, because forgetting costs as much as what is kept. */
const POINTS_KEPT = 1024;

function toCmPerS(distanceM: number, ms: number): number {
  return Math.round(distanceM * CM_PER_M / (ms / SECOND_MS));
}
