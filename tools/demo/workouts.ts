/** Sessions as a phone or watch would send them. */

import type { SyncWorkout } from "@/contracts/fitness.ts";
import type { EpochMs } from "@/domain/time.ts";
import { SECOND_MS } from "@/domain/time.ts";
import type { Athlete, Habits } from "./athletes.ts";
import { around, between, type Chance, happens } from "./chance.ts";

/** What is known of a session before it is written down. */
export interface Session {
  sport: Habits["sport"] | "cycling";
  startedAt: EpochMs;
  distanceM: number;
  speed: number;
  isManual?: boolean;
}

/** When a session ends, with the stops that everybody makes. */
export function sessionEndsAt(session: Session): EpochMs {
  const movingMs = session.distanceM / session.speed * SECOND_MS;
  return Math.round(session.startedAt + movingMs * STOPS);
}

/** Elapsed over moving time. */
const STOPS = 1.04;
/** Kilocalories a metre of somebody of 70 kg; close enough for a demo. */
const KCAL_PER_M = { running: 0.072, walking: 0.055, hiking: 0.075, cycling: 0.025 } as const;
/** Metres up for each metre of way. */
const CLIMB = { running: 0.008, walking: 0.006, hiking: 0.045, cycling: 0.01 } as const;

/** Writes a session down. Distances are to the decimetre, as devices give them. */
export function workoutOf(athlete: Athlete, session: Session, chance: Chance): SyncWorkout {
  const { sport, startedAt, speed } = session;
  const distance = Math.round(session.distanceM * 10) / 10;
  const { app, hasWatch } = athlete.habits;
  return {
    id: `${sport}-${startedAt.toString(36)}`,
    type: sport,
    start: new Date(startedAt).toISOString(),
    end: new Date(sessionEndsAt(session)).toISOString(),
    distance,
    movingTime: Math.round(distance / speed),
    activeEnergy: Math.round(distance * around(chance, KCAL_PER_M[sport], 0.008)),
    elevationGain: Math.round(distance * between(chance, 0, 2 * CLIMB[sport])),
    source: {
      app,
      device: hasWatch ? "wrist watch" : "phone",
      recordingMethod: session.isManual ? "manual" : "active",
    },
  };
}

/** One of the athlete's usual sessions, mostly in the main sport. */
export function usualSession(
  athlete: Athlete,
  startedAt: EpochMs,
  chance: Chance,
  stretch = 1,
): Session {
  const { sport, speed, sessionM } = athlete.habits;
  // Cycling counts in none of the demo's competitions, and the pages say so.
  if (happens(chance, 0.08)) {
    const distanceM = around(chance, 22_000, 9_000);
    return { sport: "cycling", startedAt, distanceM, speed: around(chance, 6.2, 1.2) };
  }
  return {
    sport,
    startedAt,
    distanceM: Math.max(800, around(chance, sessionM, sessionM * 0.35) * stretch),
    speed: speed * around(chance, 1, 0.08),
    isManual: happens(chance, 0.03),
  };
}
