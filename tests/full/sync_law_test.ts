import { checkSyncLaw } from "../support/sync_law.ts";

/** Ten seconds. */
const RUNS = 30;

Deno.test("sync() gives in any order and batching the score of the facts, and the board of the log", async () => {
  await checkSyncLaw(RUNS);
});
