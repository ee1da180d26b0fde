/** Distances and climbs on the earth, from positions in degrees and elevations in metres. */

/** Mean radius of the earth (IUGG), in metres. */
export const EARTH_RADIUS_M = 6_371_008.8;

/**
 * Rises below this are taken for noise. Recorded elevations of a flat walk wander by 1 m
 * (barometer) to some metres (GPS); of 1 to 10 m tried on recordings that carry their device's own
 * total ascent, 3 m came nearest to it.
 */
export const CLIMB_THRESHOLD_M = 3;

/** A place in degrees, north and east positive. */
export interface Position {
  latitude: number;
  longitude: number;
}

const RADIANS_PER_DEGREE = Math.PI / 180;

/** Whether the numbers name a place: latitude within ±90, longitude within ±180. */
export function isPosition({ latitude, longitude }: Position): boolean {
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
}

/** Great-circle distance in metres by the haversine formula.
 * @example A degree of longitude at the equator
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { haversineM } from "@/domain/geo.ts";
 *
 * const metres = haversineM({ latitude: 0, longitude: 0 }, { latitude: 0, longitude: 1 });
 * assertEquals(Math.round(metres), 111195);
 * ```
 */
export function haversineM(from: Position, to: Position): number {
  const phi1 = from.latitude * RADIANS_PER_DEGREE;
  const phi2 = to.latitude * RADIANS_PER_DEGREE;
  const halfPhi = Math.sin((phi2 - phi1) / 2);
  const halfLambda = Math.sin((to.longitude - from.longitude) * RADIANS_PER_DEGREE / 2);
  const a = halfPhi * halfPhi + Math.cos(phi1) * Math.cos(phi2) * halfLambda * halfLambda;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(a)));
}

/** Climbing so far along a profile, and the elevation it is measured from; null before the first. */
export interface Climb {
  gainM: number;
  referenceM: number | null;
}

/** The climb before any elevation is known. */
export const NO_CLIMB: Climb = { gainM: 0, referenceM: null };

/**
 * Takes the next elevation of the profile. The smoothing is a dead band: the reference follows
 * only once the elevation is `CLIMB_THRESHOLD_M` or more away from it, and a rise of the reference
 * is gain; so noise inside the band adds nothing and a long slope counts in full, less at most the
 * band at its top.
 */
export function climbTo(climb: Climb, elevationM: number): Climb {
  const { gainM, referenceM } = climb;
  if (referenceM === null) return { gainM, referenceM: elevationM };
  const rise = elevationM - referenceM;
  if (Math.abs(rise) < CLIMB_THRESHOLD_M) return climb;
  return { gainM: gainM + Math.max(0, rise), referenceM: elevationM };
}

/** Elevation gain of a whole profile in metres, smoothed as `climbTo` says.
 * @example Wobbling on the flat is not climbing; a hill is
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { elevationGainM } from "@/domain/geo.ts";
 *
 * assertEquals(elevationGainM([100, 102, 99, 101]), 0);
 * assertEquals(elevationGainM([100, 110, 120, 90, 95]), 25);
 * ```
 */
export function elevationGainM(elevationsM: readonly number[]): number {
  return elevationsM.reduce(climbTo, NO_CLIMB).gainM;
}
