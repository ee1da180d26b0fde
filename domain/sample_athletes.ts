/**
 * Made-up athletes whose week shows what a scoring rule does: who wins by it, what it leaves out and
 * why. Each stands for people that competitions really have.
 *
 * @module
 */

import { dayBounds } from "./days.ts";
import {
  at,
  readingFacts,
  type SampleReadings,
  type SampleSession,
  sessionFact,
} from "./sample_facts.ts";
import type { ActivityFact, SampleFact } from "./scoring_part.ts";
import { DAY_MS, type EpochMs, HOUR_MS } from "./time.ts";

/** Somebody to try a rule on. */
export interface SampleAthlete {
  id: string;
  name: string;
  /** Whom they stand for. */
  about: string;
  joinedAt: EpochMs;
  timeZone: string;
  activities: ActivityFact[];
  samples: SampleFact[];
  /** What an app would send of them, for direct rules, in the order of the days. */
  sent: readonly number[];
}

/** The competition that they take part in: one week, Monday to Sunday. */
export interface SampleWeek {
  startsAt: EpochMs;
  endsAt: EpochMs;
  graceMs: number;
  timeZone: string;
}

/** A Monday without a change of the clocks anywhere near. */
const MONDAY = "2026-06-01";
const SUNDAY = "2026-06-07";

/** The sample week in a zone. */
export function sampleWeek(timeZone: string): SampleWeek {
  const { startsAt } = dayBounds(MONDAY, timeZone);
  return { startsAt, endsAt: dayBounds(SUNDAY, timeZone).endsAt, graceMs: DAY_MS, timeZone };
}

interface Described {
  name: string;
  about: string;
  /** Days after the start at which they joined; before it unless told. */
  joinedOnDay?: number;
  timeZone?: string;
  sessions?: readonly SampleSession[];
  readings?: readonly SampleReadings[];
  sent: readonly number[];
}

const PHONE = "phone";
const WATCH = "watch";

/** Steps of a day by a device, in five readings from seven on. */
function daySteps(day: number, values: readonly number[], device = PHONE): SampleReadings {
  return { quantity: "steps", day, fromHour: 7, values, device };
}

const ATHLETES: readonly Described[] = [
  {
    name: "Walker",
    about: "A phone in the pocket every day, one recorded walk",
    readings: [0, 1, 2, 3, 4, 5, 6].flatMap((day): SampleReadings[] => [
      daySteps(day, [1400, 900, 2100 + day * 100, 1800, 700]),
      { quantity: "distance", day, fromHour: 7, values: [1_000_000, 1_500_000], device: PHONE },
    ]),
    sessions: [{
      type: "walking",
      at: at(2, 18),
      minutes: 55,
      km: 4.6,
      steps: 6100,
      device: PHONE,
    }],
    sent: [40, 45, 50],
  },
  {
    name: "Runner",
    about: "Four runs with a watch, and steps on the days between",
    sessions: [
      { type: "running", at: at(0, 6), minutes: 28, km: 5.2, climbM: 35, kcal: 380, steps: 4700 },
      { type: "running", at: at(2, 6), minutes: 44, km: 8.4, climbM: 60, kcal: 610, steps: 7500 },
      { type: "running", at: at(4, 18), minutes: 52, km: 10.1, climbM: 80, kcal: 730, steps: 9000 },
      {
        type: "running",
        at: at(6, 9),
        minutes: 84,
        km: 15.6,
        climbM: 140,
        kcal: 1120,
        steps: 14_100,
      },
    ].map((run) => ({ ...run, type: "running" as const, device: WATCH })),
    readings: [daySteps(1, [900, 1200, 1600, 1500]), daySteps(3, [800, 1100, 1900, 1300])],
    sent: [110, 95, 130],
  },
  {
    name: "Cyclist",
    about: "Two long rides, hardly a step",
    sessions: [
      {
        type: "cycling",
        at: at(5, 9),
        minutes: 190,
        km: 82.5,
        climbM: 940,
        kcal: 2100,
        device: "bike computer",
      },
      {
        type: "cycling",
        at: at(6, 10),
        minutes: 98,
        km: 41.2,
        climbM: 310,
        kcal: 1050,
        device: "bike computer",
      },
    ],
    readings: [daySteps(5, [300, 0, 0, 1200])],
    sent: [300, 20],
  },
  {
    name: "Phone and watch",
    about: "Both count the same steps, and two apps saved the same run an hour apart",
    sessions: [
      { type: "running", at: at(3, 17), minutes: 40, km: 7.5, steps: 6700, device: WATCH },
      { type: "running", at: at(3, 18), minutes: 40, km: 7.5, steps: 6700, device: "another app" },
    ],
    readings: [0, 1, 2, 3, 4].flatMap((day) => [
      daySteps(day, [1500, 1300, 2000, 1400]),
      daySteps(day, [1600, 1350, 2100, 1500], WATCH),
    ]),
    sent: [70, 70],
  },
  {
    name: "Late syncer",
    about: "One run arrives within the grace, one three days after the end",
    sessions: [
      { type: "running", at: at(1, 7), minutes: 36, km: 6.3, device: WATCH, lateHours: 24 * 6 },
      { type: "running", at: at(4, 7), minutes: 60, km: 11.2, device: WATCH, lateHours: 24 * 6 },
    ],
    sent: [60],
  },
  {
    name: "By hand",
    about: "Types in a marathon and many steps; recorded one short run",
    sessions: [
      {
        type: "running",
        at: at(5, 8),
        minutes: 230,
        km: 42.2,
        device: "typed in",
        method: "manual",
      },
      { type: "running", at: at(1, 18), minutes: 20, km: 3.4, steps: 3100, device: WATCH },
    ],
    readings: [{ ...daySteps(6, [20_000, 20_000], "typed in"), method: "manual" }],
    sent: [999],
  },
  {
    name: "Drives home",
    about: "Forgot to stop the watch: a walk at the speed of a car, and an honest one",
    sessions: [
      { type: "walking", at: at(2, 17), minutes: 24, km: 21.8, device: WATCH },
      { type: "walking", at: at(4, 12), minutes: 35, km: 3.1, steps: 4100, device: WATCH },
    ],
    sent: [30, 500],
  },
  {
    name: "Joins on Wednesday",
    about: "Ran on Monday, joined on Wednesday, ran on",
    joinedOnDay: 2,
    sessions: [
      { type: "running", at: at(0, 19), minutes: 45, km: 8.8, steps: 7900, device: WATCH },
      { type: "running", at: at(2, 19), minutes: 30, km: 5.6, steps: 5000, device: WATCH },
      { type: "running", at: at(6, 11), minutes: 48, km: 9.1, steps: 8200, device: WATCH },
    ],
    sent: [80, 85],
  },
  {
    name: "Far away",
    about: "Lives in Auckland: the days begin at another hour there",
    timeZone: "Pacific/Auckland",
    readings: [0, 1, 2, 3, 4, 5].map((day) => ({
      ...daySteps(day, [1200, 1800, 2200, 1600]),
      fromHour: 12,
    })),
    sessions: [{
      type: "hiking",
      at: at(5, 20),
      minutes: 150,
      km: 9.4,
      climbM: 610,
      device: WATCH,
    }],
    sent: [50, 55, 65],
  },
  {
    name: "In the gym",
    about: "Swims, lifts and stretches: much time, little distance",
    sessions: [
      { type: "swimming", at: at(0, 7), minutes: 48, km: 2, kcal: 460, device: WATCH },
      { type: "strength", at: at(2, 19), minutes: 55, kcal: 340, device: WATCH },
      { type: "yoga", at: at(4, 20), minutes: 60, kcal: 170, device: WATCH },
      { type: "swimming", at: at(5, 8), minutes: 52, km: 2.2, kcal: 500, device: WATCH },
    ],
    sent: [65, 60, 75],
  },
];

/** The athletes in a competition of the sample week.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sampleAthletes, sampleWeek } from "@/domain/sample_athletes.ts";
 *
 * const week = sampleWeek("Europe/Helsinki");
 * assertEquals(new Date(week.startsAt).toISOString(), "2026-05-31T21:00:00.000Z");
 * const [walker] = sampleAthletes(week);
 * assertEquals([walker?.name, walker?.activities.length, walker?.samples.length], ["Walker", 1, 49]);
 * ```
 */
export function sampleAthletes(week: SampleWeek): SampleAthlete[] {
  const { startsAt } = week;
  return ATHLETES.map(
    ({ name, about, joinedOnDay, timeZone, sessions = [], readings = [], sent }) => {
      const id = name.toLowerCase().replaceAll(" ", "-");
      return {
        id,
        name,
        about,
        joinedAt: startsAt + (joinedOnDay === undefined ? -DAY_MS : joinedOnDay * DAY_MS + HOUR_MS),
        timeZone: timeZone ?? week.timeZone,
        activities: sessions.map((session, n) =>
          sessionFact(`${id}-session-${n + 1}`, startsAt, session)
        ),
        samples: readings.flatMap((each, n) =>
          readingFacts(`${id}-reading-${n + 1}`, startsAt, each)
        ),
        sent,
      };
    },
  );
}
