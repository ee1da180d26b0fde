/**
 * What is told of one athlete in one competition, from the facts: how far it has come, what counts
 * of each record, what rules would give. Pure, so that it is the same on any thread.
 *
 * @module
 */

import type { ExplainedRecord } from "@/contracts/explanation.ts";
import type { PreviewRow } from "@/contracts/rule_preview.ts";
import type { Progress } from "@/domain/progress.ts";
import type { ActivityScore } from "@/domain/scoring.ts";
import { compute, computeProgress } from "./activity_compute.ts";
import type { Facts } from "./activity_facts.ts";
import type { ScoreOrder } from "./score_worker.ts";

/** What counts of each record, the newest first. */
export interface ToldRecords {
  records: ExplainedRecord[];
  /** How many there are; only some are listed. */
  recordCount: number;
}

/** A score, how many records count, and what was left out for which reason. */
export type ScoreSummary =
  & Pick<ActivityScore, "score" | "reachedAt">
  & Pick<PreviewRow, "counted" | "excluded">;

/** The answers by what was asked. */
export interface HistoryAnswers {
  progress: Progress;
  records: ToldRecords;
  summary: ScoreSummary;
}

/** What can be asked of a history. */
export type HistoryAsk = keyof HistoryAnswers;

/** A season of a daily runner; the newest are listed. */
const RECORDS_MAX = 200;

const ANSWERS: { [Ask in HistoryAsk]: (order: ScoreOrder, facts: Facts) => HistoryAnswers[Ask] } = {
  progress: ({ competition, frame }, facts) => computeProgress(competition, facts, frame),
  records: ({ competition, frame }, facts) => recordsOf(facts, compute(competition, facts, frame)),
  summary({ competition, frame }, facts) {
    const computed = compute(competition, facts, frame);
    const { score, reachedAt } = computed;
    return { score, reachedAt, ...summaryOf(computed) };
  },
};

/** Answers from facts. */
export function answerFrom<Ask extends HistoryAsk>(
  ask: Ask,
  order: ScoreOrder,
  facts: Facts,
): HistoryAnswers[Ask] {
  return ANSWERS[ask](order, facts);
}

type Computed = Pick<ActivityScore, "counted" | "excluded">;

function recordsOf(facts: Facts, { counted, excluded }: Computed): ToldRecords {
  const records = new Map<string, ExplainedRecord>();
  for (const fact of [...facts.activities, ...facts.samples]) {
    records.set(fact.id, {
      recordId: fact.id,
      type: fact.kind === "activity" ? fact.type : fact.quantity,
      startedAt: new Date(fact.startedAt).toISOString(),
      endedAt: new Date(fact.endedAt).toISOString(),
      counted: 0,
      excluded: [],
    });
  }
  for (const { recordId, amount } of counted) records.get(recordId)!.counted += amount;
  for (const { recordId, reason, amount } of excluded) {
    const left = { reason, ...(amount === undefined ? {} : { amount }) };
    records.get(recordId)!.excluded.push(left);
  }
  const told = [...records.values()]
    .filter(({ counted, excluded }) => counted > 0 || excluded.length > 0)
    .sort((a, b) => a.startedAt < b.startedAt ? 1 : a.startedAt > b.startedAt ? -1 : 0);
  return { records: told.slice(0, RECORDS_MAX), recordCount: told.length };
}

/** How many records count, and what was left out for which reason. */
export function summaryOf({ counted, excluded }: Computed): Pick<
  PreviewRow,
  "counted" | "excluded"
> {
  const byReason = Map.groupBy(excluded, ({ reason }) => reason);
  return {
    counted: new Set(counted.map(({ recordId }) => recordId)).size,
    excluded: [...byReason].map(([reason, parts]) => {
      const records = new Set(parts.map(({ recordId }) => recordId)).size;
      const amount = parts.reduce((sum, part) => sum + (part.amount ?? 0), 0);
      return amount > 0 ? { reason, records, amount } : { reason, records };
    }),
  };
}
