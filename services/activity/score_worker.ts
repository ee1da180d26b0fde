/**
 * Scores long histories on a thread of their own: facts come in parts, then the competitions, and
 * back go the scores with what is told of them.
 *
 * @module
 */

import type { ActivityScore } from "@/domain/scoring.ts";
import type { ScoringTerms } from "./activity_entries.ts";
import { compute, type ComputeFrame } from "./activity_compute.ts";
import type { Facts } from "./activity_facts.ts";
import { answerFrom, type HistoryAnswers, type HistoryAsk } from "./history_answers.ts";
import { samplesOf } from "./sample_lines.ts";

/** One competition, and for whom and as of when. */
export interface ScoreOrder {
  competition: ScoringTerms;
  frame: ComputeFrame;
}

/** What the worker is told: a part of the facts, at last what to make of them. */
export type ScoreMessage =
  | { activities: Facts["activities"] }
  | { sampleLines: string }
  | { orders: readonly ScoreOrder[] }
  | { ask: HistoryAsk; order: ScoreOrder };

/** What comes back: the scores, or the answer. */
export type ScoreAnswer = ActivityScore[] | HistoryAnswers[HistoryAsk];

const facts: Facts = { activities: [], samples: [] };

globalThis.addEventListener("message", ({ data }: MessageEvent<ScoreMessage>) => {
  if ("orders" in data) return tell(data.orders.map(score));
  if ("ask" in data) return tell(answerFrom(data.ask, data.order, facts));
  if ("activities" in data) return void facts.activities.push(...data.activities);
  for (const sample of samplesOf(data.sampleLines)) facts.samples.push(sample);
});

function tell(answer: ScoreAnswer): void {
  globalThis.postMessage(answer);
}

function score({ competition, frame }: ScoreOrder): ActivityScore {
  return ofInterest(compute(competition, facts, frame), new Set(frame.recordIds));
}

/**
 * What anybody asks about: the named records, and what waits for review. The rest of a hundred
 * thousand records would hold the other thread as long as scoring them.
 */
function ofInterest(computed: ActivityScore, named: ReadonlySet<string>): ActivityScore {
  return {
    ...computed,
    counted: computed.counted.filter(({ recordId }) => named.has(recordId)),
    excluded: computed.excluded.filter(({ recordId, reason }) =>
      named.has(recordId) || reason === "in_review" || reason === "implausible"
    ),
  };
}
