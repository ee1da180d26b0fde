/**
 * Writes the log of a competition as it would have grown: entries and scores in the order they
 * arrived, each at its own time. Scores come from the same pure function as those of real imports,
 * over facts in memory, because asking the database for each of a thousand takes too long.
 *
 * @module
 */

import type { Tx } from "@/db/client.ts";
import { cutCourse } from "@/domain/score_course.ts";
import {
  type ActivityFact,
  type ActivityScore,
  type SampleFact,
  scoreActivity,
} from "@/domain/scoring.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { IdGenerator } from "@/platform/id.ts";
import type {
  CompetitionLogService,
  LockedCompetition,
  LogDraft,
} from "@/services/leaderboard/competition_log.ts";
import { ofThisImport } from "@/services/activity/fitness_effects.ts";
import type { ScoresWriter } from "@/services/leaderboard/scores.ts";
import { athleteActor } from "./athletes.ts";
import type { ToldSync } from "./told.ts";

/** An athlete who takes part. */
export interface PastParticipant {
  participantId: string;
  userId: string;
  joinedAt: EpochMs;
  division: string | null;
  teamId: string | null;
  /** All the athlete ever told, oldest first. */
  syncs: readonly ToldSync[];
}

export interface ReplayDeps {
  log: CompetitionLogService;
  scores: ScoresWriter;
  newId: IdGenerator;
  /** Sets the clock of `log`. */
  setTime: (at: EpochMs) => void;
}

/** What an athlete's score stands at during the replay. */
interface Course {
  participant: PastParticipant;
  facts: (ActivityFact | SampleFact)[];
  score: number | null;
  reachedAt: EpochMs | null;
}

/** Something that happened: a join, or a sync of somebody who had joined. */
interface Happening {
  at: EpochMs;
  course: Course;
  sync?: ToldSync;
}

/** Replays joins and syncs into the log and the standings, and notes in each sync what it did. */
export async function replay(
  deps: ReplayDeps,
  tx: Tx,
  locked: LockedCompetition,
  participants: readonly PastParticipant[],
): Promise<void> {
  for (const { at, course, sync } of happeningsOf(participants)) {
    const drafts = sync ? syncDrafts(deps, locked, course, sync) : joinDrafts(deps, locked, course);
    deps.setTime(at);
    await deps.log.append(tx, locked, drafts);
  }
  if (locked.rules.scoring.kind === "direct") return;
  await deps.scores.refold(tx, locked, participants.map(({ participantId }) => participantId));
}

function happeningsOf(participants: readonly PastParticipant[]): Happening[] {
  const happenings = participants.flatMap((participant) => {
    const { joinedAt, syncs } = participant;
    const told = syncs.filter(({ at }) => at < joinedAt).flatMap(factsOf);
    const course: Course = { participant, facts: told, score: null, reachedAt: null };
    const later = syncs.filter(({ at }) => at >= joinedAt);
    return [{ at: joinedAt, course }, ...later.map((sync) => ({ at: sync.at, course, sync }))];
  });
  return happenings.sort((a, b) => a.at - b.at);
}

function factsOf(sync: ToldSync): (ActivityFact | SampleFact)[] {
  return sync.records.map(({ fact }) => fact);
}

function joinDrafts(deps: ReplayDeps, locked: LockedCompetition, course: Course): LogDraft[] {
  const { participantId, userId, joinedAt, division, teamId } = course.participant;
  const actor = athleteActor(userId, joinedAt);
  const entry = { kind: "join" as const, participantId, division };
  const computed = compute(locked, course, new Set());
  return [
    { entry, actor },
    ...(teamId === null
      ? []
      : [{ entry: { kind: "team" as const, participantId, teamId }, actor }]),
    ...(computed ? scoreDrafts(deps, locked, { course, computed, cause: "join" }) : []),
  ];
}

function syncDrafts(
  deps: ReplayDeps,
  locked: LockedCompetition,
  course: Course,
  sync: ToldSync,
): LogDraft[] {
  course.facts.push(...factsOf(sync));
  const computed = compute(locked, course, new Set(sync.indexByRecordId.keys()));
  if (!computed) return [];
  const scoreBefore = course.score;
  const drafts = scoreDrafts(deps, locked, { course, computed, cause: "import" });
  const { id: competitionId, slug, name } = locked;
  const changed = drafts.length > 0;
  sync.effects.push({
    ...{ competitionId, slug, name, scoreBefore, score: course.score, changed },
    ...ofThisImport(computed, sync.indexByRecordId),
  });
  return drafts;
}

function compute(
  locked: LockedCompetition,
  course: Course,
  recordIds: ReadonlySet<string>,
): ActivityScore | undefined {
  const { scoring } = locked.rules;
  if (scoring.kind === "direct") return undefined;
  const facts = course.facts.filter((fact) =>
    fact.endedAt > locked.startsAt && fact.startedAt < locked.endsAt || recordIds.has(fact.id)
  );
  return scoreActivity({
    scoring,
    competition: locked,
    wantsCourse: locked.rules.teams !== undefined,
    activities: facts.filter((fact) => fact.kind === "activity"),
    samples: facts.filter((fact) => fact.kind === "sample"),
  });
}

function scoreDrafts(
  deps: ReplayDeps,
  locked: LockedCompetition,
  given: { course: Course; computed: ActivityScore; cause: "join" | "import" },
): LogDraft[] {
  const { course, computed, cause } = given;
  const { score, reachedAt } = computed;
  if (score === course.score && reachedAt === course.reachedAt) return [];
  if (reachedAt === null) throw new RangeError("Cannot replay: a score went away");
  course.score = score;
  course.reachedAt = reachedAt;
  const { participantId, userId, joinedAt, teamId } = course.participant;
  const eventId = deps.newId();
  const actor = athleteActor(userId, joinedAt);
  const result: LogDraft = {
    entry: {
      kind: "score",
      eventId,
      participantId,
      operator: "set",
      value: score,
      occurredAt: reachedAt,
      source: "activity",
      rulesVersion: locked.rules.version,
    },
    actor,
    scoreAfter: score,
    metadata: { cause },
  };
  const { teams } = locked.rules;
  if (!teams || !computed.course) return [result];
  const boundaries = teamId === null ? [] : [joinedAt];
  const steps = cutCourse(computed.course, { timeZone: teams.timeZone, boundaries });
  return [result, { entry: { kind: "course", participantId, eventId, steps }, actor }];
}
