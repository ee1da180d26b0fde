/** What planning and serialising a batch costs before it goes to the database. */

import { plainArray, textArray } from "@/db/array_literal.ts";
import type { ScoreEntry } from "@/domain/log.ts";
import type { FoldedScore } from "@/domain/standing.ts";
import { nextFold, NO_SCORE } from "@/domain/standings.ts";
import { DIRECT_RULES, keyActor } from "@/tests/support/board_fixture.ts";
import { hashOf, type ScoreCommand } from "./score_update.ts";

const SIZE = 128;
const ID = "0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c42";
const uuids = Array.from({ length: SIZE }, () => ID);
const keys = Array.from({ length: SIZE }, (_, index) => `load-${index}`);
const rows = keys.map((idempotencyKey, seq) => ({ seq, idempotencyKey, participantId: ID }));

Deno.bench(`plainArray() of ${SIZE} ids`, () => void plainArray(uuids));
Deno.bench(`textArray() of ${SIZE} keys`, () => void textArray(keys));
Deno.bench(`JSON of ${SIZE} rows of three columns`, () => void JSON.stringify(rows));

const COMMAND: ScoreCommand = {
  actor: keyActor("scores:write"),
  update: { competitionId: ID, score: 5, idempotencyKey: "k" },
  userId: ID,
  isOwnReport: false,
};
Deno.bench("hashOf() an update", () => void hashOf(COMMAND));

const EVENT: ScoreEntry = {
  ...{ seq: 1, kind: "score", arrivedAt: 1, eventId: ID, participantId: ID, value: 5 },
  ...{ operator: "increment", occurredAt: 1, source: "direct", rulesVersion: 1 },
};
let fold: FoldedScore = NO_SCORE;
Deno.bench("nextFold() of an increment", () => {
  fold = nextFold(fold, EVENT, DIRECT_RULES.scoring) ?? NO_SCORE;
});
