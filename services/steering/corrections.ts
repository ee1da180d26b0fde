/**
 * Corrections by staff. Each is an entry of the log with its actor and reason, so that undoing it
 * restores exactly what was there; nothing is ever edited. What is so already is answered as it is,
 * with `changed: false`, so that a repeated request does no harm.
 *
 * @module
 */

import type {
  AdjustRequest,
  CorrectionRequest,
  EventCorrected,
  EventQuery,
  EventRow,
  ParticipantCorrected,
  ScoreAdjusted,
} from "@/contracts/corrections.ts";
import type { Page } from "@/contracts/envelope.ts";
import type { Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { canCorrect, canDisqualify, checkAllowed } from "@/domain/competition.ts";
import { DomainError } from "@/domain/error.ts";
import { decimalsOf } from "@/domain/rules.ts";
import { formatScore } from "@/domain/score.ts";
import type { ActivityScores } from "../activity/activity_scores.ts";
import { adjust } from "./adjustments.ts";
import { getRow } from "../competitions/competition_access.ts";
import type { LockedCompetition } from "../leaderboard/competition_log.ts";
import { listEvents } from "./event_list.ts";
import type { NoticesService } from "../notices.ts";
import type { ResultsWriter } from "./results.ts";
import type { ScoresWriter } from "../leaderboard/scores.ts";
import type { Settlement } from "../money/settlement.ts";
import {
  checkStaff,
  getParticipant,
  isDecided,
  type JudgedParticipant,
  liveRank,
  steer,
  type SteeringDeps,
} from "./steering.ts";

export interface CorrectionsService {
  /** Lets a score event count as never written; the competition's staff. Fails with `NOT_FOUND`, `FORBIDDEN`, `ALREADY_FINAL`, `COMPETITION_CANCELLED`. */
  voidEvent(actor: Actor, eventId: string, request: CorrectionRequest): Promise<EventCorrected>;
  /** Lets a voided event count again, exactly as before. Fails as `voidEvent`. */
  reinstateEvent(
    actor: Actor,
    eventId: string,
    request: CorrectionRequest,
  ): Promise<EventCorrected>;
  /** Lists a participant last, without rank; the competition's staff. A final result gets another revision. Fails with `NOT_FOUND`, `FORBIDDEN`, `NOT_PUBLISHED`, `COMPETITION_CANCELLED`. */
  disqualify(
    actor: Actor,
    idOrSlug: string,
    participantId: string,
    request: CorrectionRequest,
  ): Promise<ParticipantCorrected>;
  /** Takes a disqualified participant back, with the score of before. Fails as `disqualify`. */
  reinstate(
    actor: Actor,
    idOrSlug: string,
    participantId: string,
    request: CorrectionRequest,
  ): Promise<ParticipantCorrected>;
  /** Enters or corrects a score; who manages the competition. Fails with the refusals of a score update, `ALREADY_FINAL` and `CONFLICT` (key used for another). */
  adjust(
    actor: Actor,
    idOrSlug: string,
    participantId: string,
    request: AdjustRequest,
  ): Promise<ScoreAdjusted>;
  /** The score events, newest first; the competition's staff. */
  events(actor: Actor, idOrSlug: string, query: EventQuery): Promise<Page<EventRow>>;
}

export interface CorrectionsDeps extends SteeringDeps {
  scores: ScoresWriter;
  activityScores: Pick<ActivityScores, "rescore">;
  results: ResultsWriter;
  /** A prize of somebody disqualified afterwards comes back, where the plan says so. */
  settlement: Pick<Settlement, "clawBack">;
  notices: Pick<NoticesService, "tell">;
}

export function createCorrectionsService(deps: CorrectionsDeps): CorrectionsService {
  return {
    voidEvent: (actor, eventId, request) =>
      correctEvent(deps, actor, eventId, { ...request, kind: "void_event" }),
    reinstateEvent: (actor, eventId, request) =>
      correctEvent(deps, actor, eventId, { ...request, kind: "reinstate_event" }),
    disqualify: (actor, idOrSlug, participantId, request) =>
      judge(deps, actor, { idOrSlug, participantId, ...request, kind: "disqualify" }),
    reinstate: (actor, idOrSlug, participantId, request) =>
      judge(deps, actor, { idOrSlug, participantId, ...request, kind: "reinstate" }),
    adjust: (actor, idOrSlug, participantId, request) =>
      adjust(deps, actor, { idOrSlug, participantId, ...request }),
    async events(actor, idOrSlug, query) {
      const row = await getRow(deps.database.db, idOrSlug);
      checkStaff(actor, row);
      return await listEvents(deps.database, row, query);
    },
  };
}

interface EventCorrection extends CorrectionRequest {
  kind: "void_event" | "reinstate_event";
}

/** Where an event is. */
interface EventPlace {
  competitionId: string;
  participantId: string;
  ownerId: string;
}

async function correctEvent(
  deps: CorrectionsDeps,
  actor: Actor,
  givenId: string,
  { kind, reason }: EventCorrection,
): Promise<EventCorrected> {
  const eventId = givenId.toLowerCase();
  const { competitionId, participantId, ownerId } = await findEvent(deps, eventId);
  checkStaff(actor, { ownerId });
  const voided = kind === "void_event";
  const done = await steer(deps, competitionId, async (tx, locked) => {
    checkAllowed(canCorrect(locked));
    const changed = await isVoided(tx, { competitionId, participantId, eventId }) !== voided;
    if (changed) {
      await deps.log.append(tx, locked, [{
        entry: { kind, eventId, participantId },
        actor,
        reason,
      }]);
      await deps.scores.refold(tx, locked, [participantId]);
      await deps.audit.record(tx, actor, {
        action: voided ? "event.void" : "event.reinstate",
        targetKind: "score_event",
        targetId: eventId,
        before: { competitionId, participantId, voided: !voided },
        after: { competitionId, participantId, voided, seq: locked.lastSeq },
        reason,
      });
    }
    return { changed, score: await readScore(deps, tx, locked, participantId) };
  });
  const shown = await liveRank(deps.boards, competitionId, participantId);
  return { competitionId, eventId, participantId, voided, ...done, ...shown };
}

async function findEvent(deps: CorrectionsDeps, eventId: string): Promise<EventPlace> {
  const [row] = await deps.database.sql<EventPlace[]>`
    select l.competition_id as "competitionId", l.participant_id as "participantId",
      c.owner_id as "ownerId"
    from competition_log l join competitions c on c.id = l.competition_id
    where l.event_id = ${eventId} and l.kind = 'score'`;
  if (row) return row;
  throw new DomainError("NOT_FOUND", `Cannot find score event "${eventId}": there is none`);
}

/** By participant, because the log has no index of events that were corrected. */
async function isVoided(
  tx: Tx,
  { competitionId, participantId, eventId }: Omit<EventPlace, "ownerId"> & { eventId: string },
): Promise<boolean> {
  const [last] = await tx.sql<{ kind: string }[]>`
    select kind from competition_log
    where competition_id = ${competitionId} and participant_id = ${participantId}
      and event_id = ${eventId} and kind <> 'score'
    order by seq desc limit 1`;
  return last?.kind === "void_event";
}

async function readScore(
  deps: CorrectionsDeps,
  tx: Tx,
  { id, rules }: LockedCompetition,
  participantId: string,
): Promise<number | null> {
  const score = (await deps.scores.read(tx, id, [participantId])).get(participantId)?.score ?? null;
  return score === null ? null : formatScore(score, decimalsOf(rules.scoring));
}

interface Judgement extends CorrectionRequest {
  idOrSlug: string;
  participantId: string;
  kind: "disqualify" | "reinstate";
}

async function judge(
  deps: CorrectionsDeps,
  actor: Actor,
  judgement: Judgement,
): Promise<ParticipantCorrected> {
  const competition = await getRow(deps.database.db, judgement.idOrSlug);
  checkStaff(actor, competition);
  const participantId = judgement.participantId.toLowerCase();
  const done = await steer(deps, competition.id, async (tx, locked) => {
    checkAllowed(canDisqualify(locked));
    const participant = await getParticipant(tx, locked.id, participantId);
    const status = statusAfter(participant, judgement.kind);
    if (status === participant.status) return { status, changed: false, revision: null };
    await writeStatus(deps, tx, locked, { actor, participant, status, ...judgement });
    const { kind: cause, reason } = judgement;
    if (!isDecided(locked.status)) return { status, changed: true, revision: null };
    const revision = await deps.results.revise(tx, locked, { actor, cause, reason });
    if (cause === "disqualify") {
      await deps.settlement.clawBack(tx, {
        competitionId: locked.id,
        participantId,
        actor,
        reason,
      });
    }
    return { status, changed: true, revision };
  });
  const shown = await liveRank(deps.boards, competition.id, participantId);
  return { competitionId: competition.id, participantId, ...done, ...shown };
}

/** Whoever left before being disqualified has still left. */
function statusAfter(
  participant: JudgedParticipant,
  kind: Judgement["kind"],
): JudgedParticipant["status"] {
  if (kind === "disqualify") return "disqualified";
  if (participant.status !== "disqualified") return participant.status;
  return participant.hasLeft ? "withdrawn" : "active";
}

async function writeStatus(
  deps: CorrectionsDeps,
  tx: Tx,
  locked: LockedCompetition,
  given: Judgement & {
    actor: Actor;
    participant: JudgedParticipant;
    status: JudgedParticipant["status"];
  },
): Promise<void> {
  const { actor, participant, status, kind, reason } = given;
  const { id: participantId } = participant;
  await tx.sql`update participants set status = ${status} where id = ${participantId}`;
  await deps.log.append(tx, locked, [{ entry: { kind, participantId }, actor, reason }]);
  await deps.audit.record(tx, actor, {
    action: `participant.${kind}`,
    targetKind: "participant",
    targetId: participantId,
    before: { competitionId: locked.id, status: participant.status },
    after: { competitionId: locked.id, status },
    reason,
  });
  await deps.notices.tell(tx, [{
    userId: participant.userId,
    kind: kind === "disqualify" ? "participant.disqualified" : "participant.reinstated",
    payload: { competitionId: locked.id, slug: locked.slug, name: locked.name, reason },
  }]);
  if (status !== "active") return;
  // What was recorded meanwhile counts from now on.
  await deps.activityScores.rescore(tx, locked, participant, { actor, reason: "reinstate" });
}
