/** A node with an organiser, athletes and their device files, for tests of activity. */

import type { z } from "zod";
import { type ActivityScoring, CompetitionInput } from "@/contracts/competitions.ts";
import { type CompetitionEffect, type ImportResult, SyncRequest } from "@/contracts/fitness.ts";
import type { UserActor } from "@/domain/actor.ts";
import type { LogEntry } from "@/domain/log.ts";
import { createCompetitionLog } from "@/services/leaderboard/competition_log.ts";
import type { UploadedFile } from "@/services/activity/fitness.ts";
import { field, fileId, fitSeconds, lap, record, session, writeFit } from "./fit_writer.ts";
import { createManualTime } from "./manual_time.ts";
import { openTestServices } from "./services.ts";
import { createUser, userActor } from "./users.ts";

type ScoringInput = z.input<typeof ActivityScoring>;

/** The distance of all runs. */
export const RUNNING: ScoringInput = {
  kind: "activity",
  metric: "distance",
  activityTypes: ["running"],
};

/** Steps, from whatever source. */
export const STEPS: ScoringInput = { kind: "activity", metric: "steps" };

/** What a competition of these tests differs in. */
export type CompetitionPart = Partial<z.input<typeof CompetitionInput>>;

const NOON = "2026-05-01T12:00:00Z";

export type FitnessWorld = Awaited<ReturnType<typeof openFitnessWorld>>;

/** Opens a database of its own, at noon of the first of May 2026 unless told. */
export async function openFitnessWorld(options: { now?: string } = {}) {
  const test = await openTestServices(createManualTime(Date.parse(options.now ?? NOON)));
  const { services, database, time } = test;
  const log = createCompetitionLog({ database, clock: time });
  const organiser = userActor(await createUser(database, { role: "organiser" }), {
    role: "organiser",
  });

  async function draft(part: CompetitionPart = {}): Promise<string> {
    const input = CompetitionInput.parse({
      name: "Distance Cup",
      startsAt: "2000-01-01T00:00:00Z",
      endsAt: "2030-01-01T00:00:00Z",
      scoring: RUNNING,
      ...part,
    });
    return (await services.competitions.create(organiser, input)).id;
  }

  async function compete(part: CompetitionPart = {}): Promise<string> {
    const id = await draft(part);
    await services.competitions.publish(organiser, id);
    return id;
  }

  async function athlete(...competitionIds: readonly string[]): Promise<UserActor> {
    const actor = userActor(await createUser(database));
    for (const id of competitionIds) await services.competitions.join(actor, id, {});
    return actor;
  }

  return {
    ...test,
    log,
    organiser,
    draft,
    compete,
    athlete,
    upload: (actor: UserActor, file: UploadedFile, competitionId?: string): Promise<ImportResult> =>
      services.fitness.importFile(actor, file, { competitionId }),
    sync: (actor: UserActor, request: Partial<Record<keyof SyncRequest, unknown>>) =>
      services.fitness.sync(actor, SyncRequest.parse({ provider: "health_connect", ...request })),
    async entries(competitionId: string): Promise<LogEntry[]> {
      const rows = await log.read(competitionId, { after: 0, limit: 100_000 });
      return rows.map(({ entry }) => entry);
    },
    /** The values and times of the score events, in their order. */
    async scoreEvents(competitionId: string): Promise<(string | number | null)[][]> {
      const rows = await log.read(competitionId, { after: 0, limit: 100_000 });
      return rows.flatMap(({ entry }) =>
        entry.kind === "score" ? [[entry.value, new Date(entry.occurredAt).toISOString()]] : []
      );
    },
    /** The scores on the board, by user. */
    async board(competitionId: string): Promise<Map<string, number | null>> {
      const view = await services.boards.view(competitionId);
      return new Map(view.rows(0, view.total).map((row) => [row.userId, row.score]));
    },
    /** The rows of every table, to see that nothing was stored. */
    async countRows(): Promise<Record<string, number>> {
      const tables = await database.sql<{ name: string }[]>`
        select table_name as name from information_schema.tables
        where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`;
      const counts = tables.map(async ({ name }) => {
        const [row] = await database.sql<{ count: number }[]>`
          select count(*)::int as count from ${database.sql(name)}`;
        return [name, row!.count] as const;
      });
      return Object.fromEntries(await Promise.all(counts));
    },
  };
}

/** A run as a device records it. */
export interface RunSpec {
  start?: string;
  minutes?: number;
  distanceM?: number;
  /** FIT sport; 1 is running. */
  sport?: number;
}

/** The FIT file of one session with two records, as a Garmin fr110 would write it. */
export function runFile(spec: RunSpec = {}): UploadedFile {
  const { start = "2026-04-20T06:00:00Z", minutes = 30, distanceM = 5000, sport = 1 } = spec;
  const startS = fitSeconds(start);
  const endS = startS + minutes * 60;
  const elapsed = { elapsedMs: minutes * 60_000, timerMs: minutes * 60_000 };
  const distanceCm = Math.round(distanceM * 100);
  const bytes = writeFit([
    fileId(),
    record({ at: startS, latitude: 45, longitude: 14, distanceM: 0 }),
    record({ at: endS, latitude: 45.01, longitude: 14, distanceM }),
    lap({ startS, endS, ...elapsed, distanceCm }),
    session({ startS, endS, sport, ...elapsed, distanceCm }),
  ]);
  return { name: "run.fit", bytes };
}

/** Settings of a device: no activity. */
export function settingsFile(): UploadedFile {
  return {
    name: "settings.fit",
    bytes: writeFit([fileId(2), { global: 3, fields: [field(1, "enum", 1)] }]),
  };
}

/** A GPX track; without times where none are given. */
export function trackFile(times: readonly string[] | null): UploadedFile {
  const points = (times ?? ["", "", ""]).map((time, n) =>
    `<trkpt lat="0" lon="${n / 1000}">${time && `<time>${time}</time>`}</trkpt>`
  );
  const text = `<gpx creator="test"><trk><type>running</type><trkseg>${points.join("")}` +
    `</trkseg></trk></gpx>`;
  return { name: "track.gpx", bytes: new TextEncoder().encode(text) };
}

/** A record of steps in an hour of the first of May. */
export function steps(id: string, value: number, change: Record<string, unknown> = {}) {
  return {
    id,
    type: "steps",
    start: "2026-05-01T07:00:00Z",
    end: "2026-05-01T08:00:00Z",
    value,
    ...change,
  };
}

/** A run of half an hour. */
export function workout(id: string, distance: number, change: Record<string, unknown> = {}) {
  return {
    id,
    type: "running",
    start: "2026-05-01T06:00:00Z",
    end: "2026-05-01T06:30:00Z",
    distance,
    ...change,
  };
}

/** What is excluded in a competition, each as `index reason`, with the amount where there is one. */
export function excluded(answer: ImportResult, competitionId: string): string[] {
  return effectOf(answer, competitionId).excluded.map(({ recordIndex, reason, amount }) =>
    `${recordIndex} ${reason}${amount === undefined ? "" : ` ${amount}`}`
  );
}

/** What the import did in one competition. */
export function effectOf(answer: ImportResult, competitionId: string): CompetitionEffect {
  return answer.competitions.find((effect) => effect.competitionId === competitionId)!;
}
