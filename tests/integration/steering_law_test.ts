import { checkBoardsFollowLog, checkUndoRestores } from "@/tests/support/steering_laws.ts";

/** A few sequences; `tests/full` tries many. */
const RUNS = 3;

Deno.test("whatever staff and athletes do, boards are what the log says, to each audience", async () => {
  await checkBoardsFollowLog(RUNS);
});

Deno.test("voiding and reinstating, disqualifying and reinstating restore byte for byte", async () => {
  await checkUndoRestores(RUNS);
});
