import type { FitMessage } from "./fit_decode.ts";
import { FIELD } from "./fit_profile.ts";

/** Small devices write speed and distance in three bytes: 12 bits each, the speed first. */
const COMPRESSED_BYTES = 3;
const DISTANCE_RANGE = 1 << 12;
const SIXTEENTH_M_CM = 100 / 16;

/** The device's own count of distance, from one record to the next, in cm. */
export class FitDistance {
  /** Sixteenths of a metre, counted on where only their low 12 bits are written. */
  #sixteenths: number | undefined;

  /** The count at a record; undefined when it tells none. */
  at(message: FitMessage): number | undefined {
    return message.number(FIELD.record.distance) ?? this.#countedOn(message);
  }

  #countedOn(message: FitMessage): number | undefined {
    const bytes = message.bytes(FIELD.record.compressedSpeedDistance);
    if (bytes?.length !== COMPRESSED_BYTES || bytes.every((byte) => byte === 0xff)) {
      return undefined;
    }
    const low = bytes[1]! >> 4 | bytes[2]! << 4;
    const known = this.#sixteenths ?? low;
    this.#sixteenths = known + ((low - known) & (DISTANCE_RANGE - 1));
    return this.#sixteenths * SIXTEENTH_M_CM;
  }
}
