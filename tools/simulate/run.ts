/**
 * A run of the simulator: people register and join over the API, then reports are sent at a fixed
 * rate, whether or not the answers to earlier ones have come, as many devices together would.
 *
 * @module
 */

import type { Tokens } from "@/contracts/auth.ts";
import type { Competition } from "@/contracts/competitions.ts";
import { type EpochMs, SECOND_MS } from "@/domain/time.ts";
import { type Chance, pick } from "@/tools/demo/chance.ts";
import { type Api, type ApiDeps, createApi } from "./api.ts";
import { createDevice, type Device } from "./device.ts";
import { countFailure, createTally, type Tally } from "./summary.ts";

export interface RunOptions {
  /** Id or slug. */
  competition: string;
  athletes: number;
  /** Reports a second, of all devices together. */
  rate: number;
  seconds: number;
  inviteCode: string | undefined;
}

export interface RunDeps extends ApiDeps {
  now: () => EpochMs;
  random: Chance;
  /** Tells this run from others: part of addresses and identities. */
  runId: string;
  say: (line: string) => void;
}

/** What a run leaves to be told. */
export interface Run {
  tally: Tally;
  competition: Competition;
  durationMs: number;
}

/** Registrations at once: each costs the server a slow hash. */
const REGISTRATIONS_AT_ONCE = 4;
/** Reports without an answer; more would only measure our own queue. */
const UNDER_WAY_MAX = 512;

/** Runs to the end. Fails when the competition takes no reports, or when nobody could join. */
export async function runDevices(deps: RunDeps, options: RunOptions): Promise<Run> {
  const api = createApi(deps);
  const path = `/competitions/${encodeURIComponent(options.competition)}`;
  const competition = await api.get<Competition>(path);
  checkTakesReports(competition);
  deps.say(`Registering ${options.athletes} athletes for "${competition.name}"`);
  const athletes = await enterAll(deps, competition, options);
  deps.say(`Sending ${options.rate} reports a second for ${options.seconds} s`);
  const tally = createTally();
  const startedAt = deps.now();
  await sendAll(deps, athletes, { ...options, tally, startedAt });
  return { tally, competition, durationMs: deps.now() - startedAt };
}

function checkTakesReports({ name, phase, scoring }: Competition): void {
  if (phase !== "active") throw new Error(`Cannot simulate "${name}": it is ${phase}`);
  if (scoring.kind === "direct" && !scoring.selfReport) {
    throw new Error(`Cannot simulate "${name}": participants may not report their own scores`);
  }
}

interface SimulatedAthlete {
  api: Api;
  device: Device;
}

async function enterAll(
  deps: RunDeps,
  competition: Competition,
  options: RunOptions,
): Promise<SimulatedAthlete[]> {
  const entered: SimulatedAthlete[] = [];
  const places = Array.from({ length: options.athletes }, (_, place) => place).values();
  const worker = async () => {
    for (const place of places) entered.push(await enter(deps, competition, place, options));
  };
  await Promise.all(Array.from({ length: REGISTRATIONS_AT_ONCE }, worker));
  return entered;
}

async function enter(
  deps: RunDeps,
  competition: Competition,
  place: number,
  { inviteCode }: RunOptions,
): Promise<SimulatedAthlete> {
  const api = createApi(deps);
  const name = `device-${deps.runId}-${place}`;
  api.signIn(
    await api.post<Tokens>("/auth/register", {
      email: `${name}@simulate.invalid`,
      password: `${name} ${crypto.randomUUID()}`,
      name: `Simulated ${place + 1}`,
    }),
  );
  await api.post(`/competitions/${competition.id}/join`, inviteCode ? { inviteCode } : {});
  const device = createDevice({ ...deps, competition, name, now: deps.now() });
  return { api, device };
}

async function sendAll(
  deps: RunDeps,
  athletes: readonly SimulatedAthlete[],
  run: RunOptions & { tally: Tally; startedAt: EpochMs },
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  const total = Math.round(run.rate * run.seconds);
  for (let sent = 0; sent < total; sent++) {
    const dueAt = run.startedAt + sent / run.rate * SECOND_MS;
    if (dueAt > deps.now()) await deps.wait(dueAt - deps.now());
    if (underWay.size >= UNDER_WAY_MAX) {
      run.tally.skipped += 1;
      continue;
    }
    const sending = send(deps, pick(deps.random, athletes), run.tally, dueAt)
      .finally(() => underWay.delete(sending));
    underWay.add(sending);
  }
  await Promise.all(underWay);
}

/** Latency counts from when the report was due, so that our own lateness does not flatter it. */
async function send(
  deps: RunDeps,
  athlete: SimulatedAthlete | undefined,
  tally: Tally,
  dueAt: EpochMs,
): Promise<void> {
  const report = athlete?.device.nextReport(deps.now());
  if (!athlete || !report) return;
  try {
    await athlete.api.post(report.path, report.body);
    tally.latenciesMs.push(deps.now() - dueAt);
  } catch (error) {
    countFailure(tally, error);
  }
}
