/** A thousand scheduled meetings of everything that moves the money of a competition. */

import { assertEquals } from "@std/assert";
import { openMoneyModel } from "../support/money_model.ts";

/** With the pairs a thousand and more. */
const STORMS = 900;
const ROUNDS_OF_PAIRS = 3;

Deno.test("all pairs and 900 storms of joins, leaves, cancels, refunds and settlements keep the books", async () => {
  await using model = await openMoneyModel();
  let pairs = 0;

  for (let round = 1; round <= ROUNDS_OF_PAIRS; round++) pairs += await model.playPairs(round);
  for (let seed = 1; seed <= STORMS; seed++) await model.playStorm(seed);

  assertEquals(pairs, 168);
  await model.assertBooks();
});
