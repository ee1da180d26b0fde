/**
 * Scheduled meetings of everything that moves the money of a competition: a thousand with the pairs,
 * and as many storms as `MONEY_STORMS` asks for.
 */

import { assertEquals } from "@std/assert";
import { openMoneyModel } from "../support/money_model.ts";

const STORMS_DEFAULT = 840;
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
