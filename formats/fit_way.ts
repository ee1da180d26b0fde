import type { SpeedTrace } from "@/domain/activity.ts";
import type { EpochMs } from "@/domain/time.ts";
import { fitInstant, type FitMessage } from "./fit_decode.ts";
import { FitDistance } from "./fit_distance.ts";
import { RECORDS_MAX } from "./limits.ts";
import { SpeedProfile } from "./speed_profile.ts";

const CM_PER_M = 100;

/** The device's own distance over time, of all records of a file; sessions take their part of it. */
export class FitWay {
  readonly #count = new FitDistance();
  readonly #times: number[] = [];
  readonly #distances: number[] = [];

  take(message: FitMessage): void {
    const { timestamp } = message;
    const distance = this.#count.at(message);
    if (timestamp === undefined || distance === undefined) return;
    if (this.#times.length >= RECORDS_MAX) return;
    this.#times.push(timestamp);
    this.#distances.push(distance);
  }

  /** The trace of the records within a session. */
  traceBetween(startedAt?: EpochMs, endedAt?: EpochMs): SpeedTrace | undefined {
    if (startedAt === undefined || endedAt === undefined) return undefined;
    const profile = new SpeedProfile();
    for (const [index, time] of this.#times.entries()) {
      const at = fitInstant(time);
      if (at < startedAt || at > endedAt) continue;
      profile.add(at, this.#distances[index]! / CM_PER_M);
    }
    return profile.finish();
  }
}
