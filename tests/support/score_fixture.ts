/** A competition of two athletes whose scores an app sends. */

import type { ScoreUpdate } from "@/contracts/leaderboard.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError, type ErrorCode } from "@/domain/error.ts";
import type { DirectScoring } from "@/domain/rules.ts";
import { assertEquals, assertRejects } from "./assert.ts";
import { type BoardFixture, DIRECT_RULES, keyActor } from "./board_fixture.ts";

/** An app that sends scores. */
export const KEY = keyActor("scores:write");

/** Rules with another direct scoring. */
export function scoring(change: Partial<DirectScoring>): { scoring: DirectScoring } {
  return { scoring: { ...DIRECT_RULES.scoring as DirectScoring, ...change } };
}

/** The call must fail with the code, and name the field first. */
export async function assertFails(run: () => Promise<unknown>, code: ErrorCode, field?: string) {
  const error = await assertRejects(run, DomainError);
  assertEquals(error.code, code);
  if (field !== undefined) assertEquals(error.details?.[0]?.field, field);
}

/** A competition with Ann and Bea; updates for them by an app's key. */
export async function addScoredCompetition(
  fixture: BoardFixture,
  change: Partial<DirectScoring> = {},
) {
  const competitionId = await fixture.addCompetition({ rules: scoring(change) });
  const ann = await fixture.addParticipant(competitionId, "Ann");
  const bea = await fixture.addParticipant(competitionId, "Bea");
  const send = (
    userId: string,
    score: number,
    more: Partial<ScoreUpdate> = {},
    actor: Actor = KEY,
  ) => fixture.leaderboard.update(actor, { competitionId, userId, score, ...more });
  return { competitionId, ann, bea, send };
}
