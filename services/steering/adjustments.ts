/** Scores that staff enter or correct: events of source `staff`, on top of whatever else counts. */

import type { AdjustRequest, ScoreAdjusted } from "@/contracts/corrections.ts";
import type { Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { canonicalJson } from "@/domain/canonical_json.ts";
import { canScore, checkAllowed } from "@/domain/competition.ts";
import { DomainError, invalid } from "@/domain/error.ts";
import { decimalsOf, type ScoreOperator } from "@/domain/rules.ts";
import { formatScore, parseScore } from "@/domain/score.ts";
import type { EpochMs } from "@/domain/time.ts";
import { sha256Hex } from "@/platform/sha256.ts";
import { checkManages } from "../accounts/access.ts";
import { getRow } from "../competitions/competition_access.ts";
import type { LockedCompetition } from "../leaderboard/competition_log.ts";
import type { CorrectionsDeps } from "./corrections.ts";
import { checkTarget } from "../leaderboard/score_update.ts";
import { getParticipant, liveRank, steer } from "./steering.ts";

/** An adjustment of one participant. */
export interface Adjustment extends AdjustRequest {
  idOrSlug: string;
  participantId: string;
}

/** What was written, or had been written under the same key. */
interface Written {
  eventId: string;
  score: number | null;
}

/** Writes an adjustment. Fails as `CorrectionsService.adjust`. */
export async function adjust(
  deps: CorrectionsDeps,
  actor: Actor,
  adjustment: Adjustment,
): Promise<ScoreAdjusted> {
  const competition = await getRow(deps.database.db, adjustment.idOrSlug);
  checkManages(actor, competition);
  const participantId = adjustment.participantId.toLowerCase();
  const given = { ...adjustment, participantId };
  const { eventId, score } = await steer(deps, competition.id, async (tx, locked) => {
    return await findWritten(tx, locked, given) ?? await write(deps, tx, locked, { actor, given });
  });
  const shown = await liveRank(deps.boards, competition.id, participantId);
  const decimals = decimalsOf(competition.rules.scoring);
  return {
    competitionId: competition.id,
    participantId,
    eventId,
    score: score === null ? null : formatScore(score, decimals),
    ...shown,
  };
}

async function write(
  deps: CorrectionsDeps,
  tx: Tx,
  locked: LockedCompetition,
  { actor, given }: { actor: Actor; given: Adjustment },
): Promise<Written> {
  const { participantId, reason, idempotencyKey } = given;
  const now = Math.max(deps.clock.now(), locked.lastArrivedAt ?? 0);
  const occurredAt = eventTime(given, locked, now);
  const participant = await getParticipant(tx, locked.id, participantId);
  checkTarget({ participantId, status: participant.status }, locked);
  const [written] = await deps.scores.write(tx, locked, [{
    entry: {
      kind: "score",
      eventId: deps.newId(),
      participantId,
      ...await changeOf(deps, tx, locked, given),
      occurredAt,
      source: "staff",
      rulesVersion: locked.rules.version,
    },
    actor,
    reason,
    idempotencyKey,
    requestHash: idempotencyKey === undefined ? undefined : hashOf(given),
  }]);
  return { eventId: written!.eventId, score: written!.after.score };
}

/** Computed scores take additions alone, so making one of them a value adds the difference. */
async function changeOf(
  deps: CorrectionsDeps,
  tx: Tx,
  locked: LockedCompetition,
  { score, operator, participantId }: Adjustment,
): Promise<{ operator: ScoreOperator; value: number }> {
  const { scoring } = locked.rules;
  const value = parseScore(score, decimalsOf(scoring));
  if (operator !== "set" || scoring.kind === "direct") return { operator, value };
  const before = (await deps.scores.read(tx, locked.id, [participantId])).get(participantId)?.score;
  const difference = value - (before ?? 0);
  if (Number.isSafeInteger(difference)) return { operator: "increment", value: difference };
  throw invalid("score", "out_of_range", "Score is too far from the present one");
}

function eventTime(
  { occurredAt: given }: Adjustment,
  locked: LockedCompetition,
  now: EpochMs,
): EpochMs {
  const occurredAt = given === undefined ? Math.min(now, locked.endsAt - 1) : Date.parse(given);
  if (given !== undefined && occurredAt > now) {
    throw invalid("occurredAt", "in_future", "The event time must not be in the future");
  }
  checkAllowed(canScore(locked, { occurredAt, now, isStaff: true }));
  return occurredAt;
}

async function findWritten(
  tx: Tx,
  { id }: LockedCompetition,
  given: Adjustment,
): Promise<Written | undefined> {
  if (given.idempotencyKey === undefined) return undefined;
  const [row] = await tx.sql<(Written & { requestHash: string | null })[]>`
    select event_id as "eventId", score_after as score, encode(request_hash, 'hex') as "requestHash"
    from competition_log where competition_id = ${id} and idempotency_key = ${given.idempotencyKey}`;
  if (!row) return undefined;
  if (row.requestHash === hashOf(given)) return row;
  const message = `Cannot use key "${given.idempotencyKey}": it stands for another update`;
  throw new DomainError("CONFLICT", message);
}

function hashOf({ participantId, score, operator, occurredAt, reason }: Adjustment): string {
  const at = occurredAt === undefined ? undefined : Date.parse(occurredAt);
  const body = { adjust: participantId, score, operator, occurredAt: at, reason };
  return sha256Hex(canonicalJson(body));
}
