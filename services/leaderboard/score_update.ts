/**
 * One score update before it is an event: who may send it, what it says under the rules, and what
 * its idempotency key stands for.
 *
 * @module
 */

import type { ScoreUpdate } from "@/contracts/leaderboard.ts";
import type { Actor } from "@/domain/actor.ts";
import { canonicalJson } from "@/domain/canonical_json.ts";
import { canScore, checkAllowed } from "@/domain/competition.ts";
import { DomainError, invalid } from "@/domain/error.ts";
import type { DirectScoring, Rules } from "@/domain/rules.ts";
import { parseScore } from "@/domain/score.ts";
import type { ParticipantStatus } from "@/domain/standing.ts";
import type { EpochMs } from "@/domain/time.ts";
import { sha256Hex } from "@/platform/sha256.ts";
import { checkSignedIn, hasRole } from "../accounts/access.ts";
import type { LockedCompetition } from "./competition_log.ts";
import type { ScoreDraft } from "./scores.ts";

/** The scope of keys that may send scores. */
export const SCORES_WRITE_SCOPE = "scores:write";

/** An update with the person it is for. */
export interface ScoreCommand {
  actor: Actor;
  update: ScoreUpdate;
  userId: string;
  /** Of the person's own result, as opposed to one sent by an app or by staff. */
  isOwnReport: boolean;
}

/** The participant an update is for. */
export interface ScoreTarget {
  participantId: string;
  status: ParticipantStatus;
}

/** The facts that writing depends on. */
export interface WritableCompetition {
  name: string;
  rules: Rules;
}

/**
 * Finds out whom an update is for. Fails with `UNAUTHORIZED`, `FORBIDDEN`, `SELF_REPORT_DISABLED`,
 * `VALIDATION_ERROR` (computed competition, no `userId` from a key, an own report with an event time
 * or another operator).
 */
export function readCommand(
  actor: Actor,
  update: ScoreUpdate,
  competition: WritableCompetition,
): ScoreCommand {
  const mayWriteForAll = canWriteForAll(actor);
  if (!mayWriteForAll) checkOwnReport(actor, update);
  const scoring = directScoring(competition);
  if (mayWriteForAll) {
    const userId = update.userId ?? (actor.kind === "user" ? actor.userId : undefined);
    if (userId) return { actor, update, userId, isOwnReport: false };
    throw invalid("userId", "required", "Whose score it is must be told");
  }
  const { userId } = checkSignedIn(actor);
  checkSelfReport(update, scoring, competition);
  return { actor, update, userId, isOwnReport: true };
}

/** Keys with the scope, admins and the product itself write for everybody. */
function canWriteForAll(actor: Actor): boolean {
  if (actor.kind === "api_key") return actor.scopes.includes(SCORES_WRITE_SCOPE);
  return hasRole(actor, "admin");
}

function checkOwnReport(actor: Actor, update: ScoreUpdate): void {
  if (actor.kind === "api_key") {
    throw new DomainError("FORBIDDEN", `Cannot write scores: the key lacks ${SCORES_WRITE_SCOPE}`);
  }
  const { userId } = checkSignedIn(actor);
  if (update.userId === undefined || update.userId === userId) return;
  throw new DomainError("FORBIDDEN", "Cannot write the score of another person");
}

function directScoring({ name, rules }: WritableCompetition): DirectScoring {
  if (rules.scoring.kind === "direct") return rules.scoring;
  const message = `Cannot score in competition "${name}": its scores are computed from activity`;
  throw invalid("competitionId", "computed_scores", message);
}

function checkSelfReport(
  update: ScoreUpdate,
  scoring: DirectScoring,
  { name }: WritableCompetition,
): void {
  if (!scoring.selfReport) {
    const message = `Cannot score in competition "${name}": participants do not report themselves`;
    throw new DomainError("SELF_REPORT_DISABLED", message);
  }
  if (update.occurredAt !== undefined) {
    throw invalid("occurredAt", "not_allowed", "An own report counts when it arrives");
  }
  if (update.operator !== undefined && update.operator !== scoring.operator) {
    const message = `An own report must use the operator "${scoring.operator}"`;
    throw invalid("operator", "not_allowed", message);
  }
}

/**
 * Turns a command into an event of the locked competition. Fails with the refusals of `canScore`,
 * `NOT_A_PARTICIPANT`, `PARTICIPANT_DISQUALIFIED`, `VALIDATION_ERROR`.
 */
export function draftScore(
  command: ScoreCommand,
  locked: LockedCompetition,
  context: { target: ScoreTarget | undefined; now: EpochMs; eventId: string },
): ScoreDraft {
  const { update, actor } = command;
  const scoring = directScoring(locked);
  const occurredAt = eventTime(command, locked, context.now);
  const participantId = checkTarget(context.target, locked);
  return {
    entry: {
      kind: "score",
      eventId: context.eventId,
      participantId,
      operator: update.operator ?? scoring.operator,
      value: parseScore(update.score, scoring.decimals),
      occurredAt,
      source: "direct",
      rulesVersion: locked.rules.version,
    },
    actor,
    idempotencyKey: update.idempotencyKey,
    requestHash: update.idempotencyKey === undefined ? undefined : hashOf(command),
    metadata: update.metadata,
  };
}

function eventTime(command: ScoreCommand, locked: LockedCompetition, now: EpochMs): EpochMs {
  const { occurredAt: given } = command.update;
  const occurredAt = given === undefined ? now : Date.parse(given);
  if (given !== undefined && locked.status === "published" && now >= locked.startsAt) {
    if (occurredAt > now) {
      throw invalid("occurredAt", "in_future", "The event time must not be in the future");
    }
    if (occurredAt < locked.startsAt) {
      throw invalid("occurredAt", "before_start", "The event time must not be before the start");
    }
  }
  const isStaff = hasRole(command.actor, "admin");
  checkAllowed(canScore(locked, { occurredAt, now, isStaff }));
  return occurredAt;
}

/** Gives the participant to score. Fails with `NOT_A_PARTICIPANT`, `PARTICIPANT_DISQUALIFIED`. */
export function checkTarget(target: ScoreTarget | undefined, { name }: { name: string }): string {
  if (target === undefined || target.status === "withdrawn") {
    const message = `Cannot score in competition "${name}": the person does not take part`;
    throw new DomainError("NOT_A_PARTICIPANT", message);
  }
  if (target.status === "disqualified") {
    const message = `Cannot score in competition "${name}": the participant is disqualified`;
    throw new DomainError("PARTICIPANT_DISQUALIFIED", message);
  }
  return target.participantId;
}

/** Texts that JSON writes as they are. */
const PLAIN = /^[\w-]*$/;

/** The hash, in hex, of what an update says, so that its key cannot be used for another. */
export function hashOf({ update, userId }: ScoreCommand): string {
  const { competitionId, score, operator, occurredAt, metadata } = update;
  const at = occurredAt === undefined ? undefined : Date.parse(occurredAt);
  if (metadata !== undefined || !PLAIN.test(userId) || !PLAIN.test(competitionId)) {
    return sha256Hex(
      canonicalJson({ competitionId, occurredAt: at, operator, score, userId, metadata }),
    );
  }
  // The same text, spelled out: its keys are sorted, and what is absent is left out.
  const occurred = at === undefined ? "" : `"occurredAt":${at},`;
  const operated = operator === undefined ? "" : `"operator":"${operator}",`;
  return sha256Hex(
    `{"competitionId":"${competitionId}",${occurred}${operated}"score":${score},"userId":"${userId}"}`,
  );
}
