import { checkSyncLaw } from "../support/sync_law.ts";

/** A second; more stand in tests/full. */
const RUNS = 4;

Deno.test("sync() gives in any order and batching the score of the facts, and the board of the log", async () => {
  await checkSyncLaw(RUNS);
});
