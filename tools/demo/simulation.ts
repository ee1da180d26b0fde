/**
 * What the simulator does at each step: one or two athletes of the moving competition tell of the
 * piece of way they finished just now, and now and then somebody's watch is read later, as a file.
 *
 * A step reads everything it needs from the database, so that it does the right thing after a
 * restart, after the demo was removed, and beside whatever people do in the panel.
 *
 * @module
 */

import type { Database } from "@/db/client.ts";
import { DAY_MS, type EpochMs, HOUR_MS, MINUTE_MS, SECOND_MS } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import type { BoardsService } from "@/services/boards/boards.ts";
import type { CompetitionsService } from "@/services/competitions/competitions.ts";
import type { FitnessService } from "@/services/activity/fitness.ts";
import { athleteActor, SYSTEM } from "./athletes.ts";
import { around, between, type Chance, happens, pick } from "./chance.ts";
import { findMovingCompetition, type MovingCompetition, readField, type Runner } from "./field.ts";
import { tcxFile } from "./tcx.ts";
import { type Session, sessionEndsAt, workoutOf } from "./workouts.ts";

export interface SimulationDeps {
  database: Database;
  services: {
    fitness: Pick<FitnessService, "sync" | "importFile">;
    competitions: Pick<CompetitionsService, "change">;
    boards: Pick<BoardsService, "view">;
  };
  clock: Clock;
  random: Chance;
}

export interface Simulation {
  /** Moves the competition a little; gives the time to wait before the next step, in ms. */
  step(): Promise<number>;
}

/** Between steps while there is much of the day's way left. */
const PAUSE_MS = { from: 1 * SECOND_MS, to: 4 * SECOND_MS };
/** How long to wait before looking for the demo again when it is not there. */
const ABSENT_PAUSE_MS = 30 * SECOND_MS;
/** Pauses grow up to this factor as the day's way runs out: one step in about a minute. */
const STRETCH_MAX = 25;
/** Below this share of the day's way pauses begin to grow. */
const PLENTY = 0.5;

/** The competition is made longer before it ends, since it is there to be watched. */
const END_NEAR_MS = DAY_MS;
const EXTENSION_MS = 8 * DAY_MS;

/** A piece of way: long enough to be seen on the board, short enough to come often. */
const PIECE_MS = { from: 2 * MINUTE_MS, to: 9 * MINUTE_MS };
/** Somebody who rested longer goes on from here: what is told late moves the board all the same. */
const REST_MAX_MS = 3 * HOUR_MS;
/** Somebody who told just now has nothing new; a piece any shorter would not move the board. */
const PIECE_MIN_MS = 40 * SECOND_MS;
/** As `PIECE_MIN_MS`, for somebody whose day's way is nearly done. */
const PIECE_MIN_M = 100;
/** Where pieces are chosen to change the ranks that most people look at. */
const TOP = 15;
const TOP_PROBABILITY = 0.6;
const DRAWN = 3;

/** Pieces that wait on a watch, and how long. */
const HELD_MAX = 3;
const HELD_PROBABILITY = 0.05;
const HELD_MS = { from: 20 * SECOND_MS, to: 3 * MINUTE_MS };

/** A piece on a watch that was not read yet. */
interface Held {
  userId: string;
  session: Session;
  dueAt: EpochMs;
}

export function createSimulation(deps: SimulationDeps): Simulation {
  const held: Held[] = [];
  return {
    async step() {
      const competition = await findMovingCompetition(deps.database);
      if (!competition) return ABSENT_PAUSE_MS;
      await keepOpen(deps, competition);
      await readWatches(deps, held);
      const field = withHeld(await readField(deps.database, competition, deps.clock.now()), held);
      for (const runner of await chooseRunners(deps, competition, field)) {
        await move(deps, runner, held);
      }
      const { from, to } = PAUSE_MS;
      return Math.round(between(deps.random, from, to) * stretchOf(field));
    },
  };
}

async function keepOpen(deps: SimulationDeps, { id, endsAt }: MovingCompetition): Promise<void> {
  const now = deps.clock.now();
  if (endsAt - now > END_NEAR_MS) return;
  const later = Math.ceil((now + EXTENSION_MS) / HOUR_MS) * HOUR_MS;
  await deps.services.competitions.change(SYSTEM, id, { endsAt: new Date(later).toISOString() });
}

async function readWatches(deps: SimulationDeps, held: Held[]): Promise<void> {
  const now = deps.clock.now();
  for (const item of held.filter(({ dueAt }) => dueAt <= now)) {
    held.splice(held.indexOf(item), 1);
    const actor = athleteActor(item.userId, now + DAY_MS);
    await deps.services.fitness.importFile(actor, tcxFile(item.session), {});
  }
}

/** What waits on a watch has been run already. */
function withHeld(field: readonly Runner[], held: readonly Held[]): Runner[] {
  return field.map((runner) => {
    const sessions = held.filter(({ userId }) => userId === runner.userId)
      .map(({ session }) => session);
    const ends = sessions.map(sessionEndsAt);
    const distanceM = sessions.reduce((sum, session) => sum + session.distanceM, 0);
    const lastEndedAt = Math.max(runner.lastEndedAt, ...ends);
    return { ...runner, lastEndedAt, todayM: runner.todayM + distanceM };
  });
}

/** The way left today; nobody goes further than a long day's worth of sessions. */
function wayLeftM({ athlete, todayM }: Runner): number {
  return Math.max(0, wayOfDayM(athlete.habits.sessionM) - todayM);
}

function wayOfDayM(sessionM: number): number {
  return 2.5 * sessionM + 5_000;
}

/** Pauses grow with the square of what is gone, so that the day's way lasts until midnight. */
function stretchOf(field: readonly Runner[]): number {
  const whole = field.reduce((sum, runner) => sum + wayOfDayM(runner.athlete.habits.sessionM), 0);
  const left = field.reduce((sum, runner) => sum + wayLeftM(runner), 0);
  if (whole === 0 || left >= whole * PLENTY) return 1;
  return Math.min(STRETCH_MAX, (PLENTY * whole / Math.max(left, 1)) ** 2);
}

async function chooseRunners(
  deps: SimulationDeps,
  competition: MovingCompetition,
  field: readonly Runner[],
): Promise<Runner[]> {
  const now = deps.clock.now();
  const isReady = (runner: Runner) =>
    now - runner.lastEndedAt > PIECE_MIN_MS && wayLeftM(runner) > PIECE_MIN_M;
  const ready = field.filter(isReady);
  const gaps = await readGaps(deps, competition);
  const leading = ready.filter(({ userId }) => gaps.has(userId));
  const chosen = new Set<Runner>();
  for (let count = happens(deps.random, 0.5) ? 2 : 1; count > 0; count--) {
    const pool = happens(deps.random, TOP_PROBABILITY) && leading.length > 0 ? leading : ready;
    const drawn = Array.from({ length: DRAWN }, () => pick(deps.random, pool));
    // Of some, the one nearest to the rank above: there a piece of way changes something.
    const [runner] = drawn.filter((one) => one !== undefined)
      .sort((a, b) => (gaps.get(a.userId) ?? 0) - (gaps.get(b.userId) ?? 0));
    if (runner) chosen.add(runner);
  }
  return [...chosen];
}

/** Metres to the next rank, of those at the top. */
async function readGaps(
  deps: SimulationDeps,
  { id }: MovingCompetition,
): Promise<Map<string, number>> {
  const rows = (await deps.services.boards.view(id)).rows(0, TOP);
  return new Map(rows.map(({ userId, score }, place) => {
    const above = rows[place - 1]?.score;
    return [userId, above === undefined ? Infinity : (above ?? 0) - (score ?? 0)];
  }));
}

async function move(deps: SimulationDeps, runner: Runner, held: Held[]): Promise<void> {
  const now = deps.clock.now();
  const session = pieceOf(deps.random, runner, now);
  if (held.length < HELD_MAX && happens(deps.random, HELD_PROBABILITY)) {
    const dueAt = now + between(deps.random, HELD_MS.from, HELD_MS.to);
    held.push({ userId: runner.userId, session, dueAt });
    return;
  }
  await deps.services.fitness.sync(athleteActor(runner.userId, now + DAY_MS), {
    provider: runner.athlete.habits.provider,
    records: [],
    workouts: [workoutOf(runner.athlete, session, deps.random)],
  });
}

/** The next piece after the last record, finished by now. */
function pieceOf(chance: Chance, runner: Runner, now: EpochMs): Session {
  const { sport, speed: usual } = runner.athlete.habits;
  const startedAt = Math.max(runner.lastEndedAt, now - REST_MAX_MS) + SECOND_MS;
  const wanted = between(chance, PIECE_MS.from, PIECE_MS.to);
  const lengthMs = Math.min(wanted, now - SECOND_MS - startedAt);
  const speed = usual * around(chance, 1, 0.1);
  // Slower than `speed` allows, because sessions have their stops.
  const distanceM = Math.min(lengthMs / SECOND_MS * speed / 1.05, wayLeftM(runner));
  return { sport, startedAt, distanceM, speed };
}
