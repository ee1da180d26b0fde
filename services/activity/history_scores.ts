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
  type Facts,
  readActivities,
  readFacts,
  readSamples,
  streamSampleLines,
} from "./activity_facts.ts";
import type { ScoreMessage, ScoreOrder } from "./score_worker.ts";

/** Samples take 1 to 2.5 µs each, by the rule for overlaps: so many hold the thread for 8 to 20 ms. */
export const INLINE_SAMPLES_MAX = 8_000;

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
  const activities = await readActivities(tx, userId, range);
  const samples = await readSamples(tx, userId, range, inlineMax);
  if (samples) {
    const facts = { activities, samples };
    const scores = orders.map(({ competition, frame }) => compute(competition, facts, frame));
    return { scores, facts };
  }
  await using worker = new ScoreWorker();
  worker.tell({ activities });
  for await (const sampleLines of streamSampleLines(tx, userId, range, PART_ROWS)) {
    worker.tell({ sampleLines });
  }
  const scores = await worker.score(orders);
  return { scores, facts: await readFacts(tx, userId, factRangeOf([], recordIds)) };
}

/** The thread, which lives as long as one history. */
class ScoreWorker implements AsyncDisposable {
  readonly #worker = new Worker(import.meta.resolve("./score_worker.ts"), { type: "module" });
  readonly #answer = Promise.withResolvers<ActivityScore[]>();

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<ActivityScore[]>) =>
      this.#answer.resolve(data);
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

  async score(orders: readonly ScoreOrder[]): Promise<ActivityScore[]> {
    this.tell({ orders });
    return await this.#answer.promise;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#worker.terminate();
    return Promise.resolve();
  }
}
