/** What a request costs to wait in the queue, and what a batch of them costs. */

import { systemClock } from "@/platform/clock.ts";
import { nextTurn, systemTimers } from "@/platform/timers.ts";
import { createScoreQueue, type QueuedWork } from "./score_queue.ts";

const WORK: QueuedWork = { competitionIds: ["cup"], size: 1, isAlone: false };

function openQueue(turn: (run: () => void) => void) {
  return createScoreQueue<QueuedWork, number>({
    clock: systemClock,
    timers: systemTimers,
    nextTurn: turn,
    commit: (batch) => Promise.resolve(batch.map(() => 1)),
  });
}

const queue = openQueue(nextTurn);

for (const size of [1, 128, 1000]) {
  Deno.bench(`${size} at once through the queue`, async () => {
    await Promise.all(Array.from({ length: size }, () => queue.submit(WORK)));
  });
}

const timed = (ms: number) => (run: () => void) => void setTimeout(run, ms);
for (
  const [name, turn] of [["a turn", nextTurn], ["1 ms", timed(1)], ["2 ms", timed(2)]] as const
) {
  const waiting = openQueue(turn);
  Deno.bench(`one alone, leaving after ${name}`, { group: "alone" }, async () => {
    await waiting.submit(WORK);
  });
}
