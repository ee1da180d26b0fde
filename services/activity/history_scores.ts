/**
 * Scores of an athlete in several competitions from one reading of the facts. What a person does in
 * a month is scored at once; a long history would hold everybody's requests for longer than 20 ms,
 * so it is read in parts and scored on a thread of its own, within the same transaction.
 *
 * @module
 */

import type { Tx } from "@/db/client.ts";
import type { ActivityScore } from "@/domain/scoring.ts";
import { compute, factRangeOf } from "./activity_compute.ts";
import {
  type FactRange,
  type Facts,
  readActivities,
  readFacts,
  readSamples,
  streamSampleLines,
} from "./activity_facts.ts";
import { answerFrom, type HistoryAnswers, type HistoryAsk } from "./history_answers.ts";
import type { ScoreAnswer, ScoreMessage, ScoreOrder } from "./score_worker.ts";

/** Samples take 1 to 2.5 µs each, by the rule for overlaps: so many hold the thread for 8 to 20 ms. */
export const INLINE_SAMPLES_MAX = 8_000;

/** Activities take some 10 µs each, most of it to find those that are there twice. */
const INLINE_ACTIVITIES_MAX = 1_500;

/** Rows read and handed over at once: some milliseconds. */
const PART_ROWS = 1_000;

/** Whose facts, and which records are asked about wherever they lie. */
export interface HistoryOf {
  userId: string;
  recordIds: readonly string[];
}

/** Scores in the order asked for, and the facts at hand: all of them, of a long history the named ones. */
export interface HistoryScores {
  scores: ActivityScore[];
  facts: Facts;
}

/** Computes the scores. `inlineMax` is for tests. */
export async function scoreHistory(
  tx: Tx,
  orders: readonly ScoreOrder[],
  { userId, recordIds }: HistoryOf,
  inlineMax = INLINE_SAMPLES_MAX,
): Promise<HistoryScores> {
  const range = factRangeOf(orders.map(({ competition }) => competition), recordIds);
  await using history = await readHistory(tx, userId, range, inlineMax);
  if (history.facts) {
    const { facts } = history;
    const scores = orders.map(({ competition, frame }) => compute(competition, facts, frame));
    return { scores, facts };
  }
  const scores = await history.worker.ask<ActivityScore[]>({ orders });
  return { scores, facts: await readFacts(tx, userId, factRangeOf([], recordIds)) };
}

/** Answers what is asked of one athlete in one competition. `inlineMax` is for tests. */
export async function askHistory<Ask extends HistoryAsk>(
  tx: Tx,
  ask: Ask,
  { order, userId }: { order: ScoreOrder; userId: string },
  inlineMax = INLINE_SAMPLES_MAX,
): Promise<HistoryAnswers[Ask]> {
  const range = factRangeOf([order.competition], order.frame.recordIds);
  await using history = await readHistory(tx, userId, range, inlineMax);
  if (history.facts) return answerFrom(ask, order, history.facts);
  return await history.worker.ask<HistoryAnswers[Ask]>({ ask, order });
}

/** The facts at hand, or the thread that has them. */
type History =
  & AsyncDisposable
  & ({ facts: Facts; worker?: never } | { worker: ScoreWorker; facts?: never });

async function readHistory(
  tx: Tx,
  userId: string,
  range: FactRange,
  inlineMax: number,
): Promise<History> {
  const activities = await readActivities(tx, userId, range);
  const samples = await readSamples(tx, userId, range, inlineMax);
  if (samples && activities.length <= INLINE_ACTIVITIES_MAX) {
    return { facts: { activities, samples }, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const worker = new ScoreWorker();
  try {
    for (let at = 0; at < activities.length; at += PART_ROWS) {
      worker.tell({ activities: activities.slice(at, at + PART_ROWS) });
    }
    for await (const sampleLines of streamSampleLines(tx, userId, range, PART_ROWS)) {
      worker.tell({ sampleLines });
    }
  } catch (error) {
    await worker[Symbol.asyncDispose]();
    throw error;
  }
  return { worker, [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose]() };
}

/** The thread, which lives as long as one history. */
class ScoreWorker implements AsyncDisposable {
  readonly #worker = new Worker(import.meta.resolve("./score_worker.ts"), { type: "module" });
  readonly #answer = Promise.withResolvers<unknown>();

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<ScoreAnswer>) => this.#answer.resolve(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#answer.reject(new Error(`Cannot score the history: ${event.message}`));
    };
    // Told before anybody waits for the answer, a fault is nobody's but this one's.
    this.#answer.promise.catch(() => {});
  }

  tell(message: ScoreMessage): void {
    this.#worker.postMessage(message);
  }

  /** The answer, of the shape that the message asks for. */
  async ask<Answer extends ScoreAnswer>(message: ScoreMessage): Promise<Answer> {
    this.tell(message);
    return await this.#answer.promise as Answer;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#worker.terminate();
    return Promise.resolve();
  }
}
