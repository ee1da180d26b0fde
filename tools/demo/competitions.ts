/** The competitions of the demo: one under way, two over and two to come, one of each with a fee. */

import type { CompetitionInput } from "@/contracts/competitions.ts";
import { dayBounds, localDay } from "@/domain/days.ts";
import { DAY_MS, type EpochMs, HOUR_MS } from "@/domain/time.ts";
import { type Athlete, chanceOf } from "./athletes.ts";
import { between, happens } from "./chance.ts";
import { canalWeek, harbourPrize } from "./paid_competitions.ts";

/** What is made of one competition, and when. */
export interface DemoCompetition {
  input: CompetitionInput & { slug: string };
  createdAt: EpochMs;
  publishedAt: EpochMs;
  entries: DemoEntry[];
  /** Names of its teams; absent: none. */
  teams?: readonly string[];
}

/** Who joins when, and where. */
export interface DemoEntry {
  athlete: Athlete;
  joinedAt: EpochMs;
  division?: string;
  /** Place in the list of the competition's teams; absent: in none. */
  team?: number;
}

/** The one that the simulator keeps moving. */
export const MOVING_SLUG = "riverside-distance-cup";

/** All of them in the order they were made, seen from the present. */
export function demoCompetitions(athletes: readonly Athlete[], now: EpochMs): DemoCompetition[] {
  return [
    stepFortnight(athletes, now),
    canalWeek(athletes, now),
    distanceCup(athletes, now),
    plankWeek(athletes, now),
    harbourPrize(now),
  ];
}

function distanceCup(athletes: readonly Athlete[], now: EpochMs): DemoCompetition {
  const startsAt = midnight(now - 6 * DAY_MS, "Europe/Amsterdam");
  const publishedAt = startsAt - 10 * DAY_MS;
  return {
    input: {
      name: "Riverside Distance Cup",
      slug: MOVING_SLUG,
      description: DISTANCE_CUP,
      visibility: "public",
      timeZone: "Europe/Amsterdam",
      startsAt: iso(startsAt),
      endsAt: iso(midnight(now + 8 * DAY_MS, "Europe/Amsterdam")),
      graceMs: DAY_MS,
      scoring: {
        kind: "activity",
        metric: "distance",
        aggregate: "total",
        direction: "higher",
        activityTypes: ["running", "walking", "hiking"],
        manualPolicy: "exclude",
      },
      rankMethod: "standard",
      tieBreaks: [],
      teams: { score: "average", maxMembers: 12, creators: "members", moves: "any_time" },
    },
    createdAt: publishedAt - 3 * HOUR_MS,
    publishedAt,
    teams: RIVER_TEAMS,
    entries: inTeams(entriesOf(athletes, "distance", {
      share: 0.87,
      from: publishedAt,
      until: startsAt + 2 * DAY_MS,
    })),
  };
}

function stepFortnight(athletes: readonly Athlete[], now: EpochMs): DemoCompetition {
  const startsAt = midnight(now - 17 * DAY_MS, "Europe/London");
  const publishedAt = startsAt - 8 * DAY_MS;
  return {
    input: {
      name: "Step Fortnight",
      slug: "step-fortnight",
      description: STEP_FORTNIGHT,
      visibility: "public",
      timeZone: "Europe/London",
      startsAt: iso(startsAt),
      endsAt: iso(midnight(now - 3 * DAY_MS, "Europe/London")),
      graceMs: DAY_MS,
      scoring: {
        kind: "activity",
        metric: "steps",
        aggregate: "total",
        direction: "higher",
        dailyCap: 16_000,
        manualPolicy: "exclude",
      },
      rankMethod: "standard",
      tieBreaks: [],
      divisions: [...STEP_DIVISIONS],
    },
    createdAt: publishedAt - 26 * HOUR_MS,
    publishedAt,
    entries: inDivisions(entriesOf(athletes, "steps", {
      share: 0.75,
      from: publishedAt,
      until: startsAt + DAY_MS,
    })),
  };
}

function plankWeek(athletes: readonly Athlete[], now: EpochMs): DemoCompetition {
  const startsAt = midnight(now + 3 * DAY_MS, "UTC");
  const publishedAt = now - 4 * DAY_MS;
  return {
    input: {
      name: "Plank Week",
      slug: "plank-week",
      description: PLANK_WEEK,
      visibility: "public",
      timeZone: "UTC",
      startsAt: iso(startsAt),
      endsAt: iso(startsAt + 7 * DAY_MS),
      registrationClosesAt: iso(startsAt + DAY_MS),
      graceMs: 2 * HOUR_MS,
      capacity: 40,
      scoring: {
        kind: "direct",
        operator: "best",
        direction: "higher",
        decimals: 1,
        selfReport: true,
      },
      rankMethod: "standard",
      tieBreaks: ["earliest_join"],
    },
    createdAt: publishedAt - HOUR_MS,
    publishedAt,
    entries: entriesOf(athletes, "plank", { share: 0.4, from: publishedAt, until: now }),
  };
}

/** A share of the athletes, in the order they joined; the first hours after publishing are busiest. */
export function entriesOf(
  athletes: readonly Athlete[],
  matter: "distance" | "steps" | "plank",
  { share, from, until }: { share: number; from: EpochMs; until: EpochMs },
): DemoEntry[] {
  const entries = athletes.flatMap((athlete) => {
    const chance = chanceOf(athlete.index, matter);
    if (!happens(chance, share)) return [];
    const joinedAt = Math.floor(from + between(chance, 0, 1) ** 2 * (until - from));
    return [{ athlete, joinedAt }];
  });
  return entries.sort((a, b) => a.joinedAt - b.joinedAt);
}

const RIVER_TEAMS = ["Bridge Herons", "Lock Keepers", "Mill Otters", "Quay Swifts"] as const;
const STEP_DIVISIONS = ["Open", "Masters 40+"] as const;
/** Some go alone. */
const ALONE_EVERY = 9;

function inTeams(entries: DemoEntry[]): DemoEntry[] {
  return entries.map((entry, index) =>
    index % ALONE_EVERY === 0 ? entry : { ...entry, team: index % RIVER_TEAMS.length }
  );
}

function inDivisions(entries: DemoEntry[]): DemoEntry[] {
  return entries.map((entry) => {
    const isMaster = entry.athlete.index % 5 < 2;
    return { ...entry, division: STEP_DIVISIONS[isMaster ? 1 : 0] };
  });
}

/** When the local day of an instant begins. */
export function midnight(at: EpochMs, zone: string): EpochMs {
  return dayBounds(localDay(at, zone), zone).startsAt;
}

/** As it goes into inputs. */
export function iso(at: EpochMs): string {
  return new Date(at).toISOString();
}

const DISTANCE_CUP = `Two weeks along the river, on foot: **running, walking and hiking** all count,
every metre of them.

- Record with a watch or phone; sessions entered by hand do not count.
- Late syncs count for a day after the end.
- On equal distance, whoever got there first is ahead.
- Teams compare, day by day, the average of those who were out: nobody has to be many.`;

const STEP_FORTNIGHT = `Fourteen days of steps, from every phone and watch.

A day counts up to **16 000 steps**, so that nobody has to walk the whole night.
The result is provisional until it is approved.`;

const PLANK_WEEK =
  `How long can you hold a plank? Report your **best time in seconds**, to the tenth.
Try as often as you like: only the best counts.`;
