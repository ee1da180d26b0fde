/**
 * Scheduled meetings of everything that moves the money of a competition: with the pairs about half
 * a thousand; `MONEY_STORMS=900` makes a thousand and more.
 */

import { assertEquals } from "@std/assert";
import { openMoneyModel } from "../support/money_model.ts";

const STORMS_DEFAULT = 300;
const ROUNDS_OF_PAIRS = 3;

Deno.test("all pairs and storms of joins, leaves, cancels, refunds and settlements keep the books", async () => {
  const storms = Number(Deno.env.get("MONEY_STORMS") ?? STORMS_DEFAULT);
  await using model = await openMoneyModel();
  let pairs = 0;

  for (let round = 1; round <= ROUNDS_OF_PAIRS; round++) pairs += await model.playPairs(round);
  for (let seed = 1; seed <= storms; seed++) await model.playStorm(seed);

  assertEquals(pairs, 168);
  await model.assertBooks();
});
