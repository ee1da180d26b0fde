/** Everything that moves the money of a competition, meeting in orders that a seed draws. */

import { openMoneyModel } from "../support/money_model.ts";

/** A second; a thousand and all pairs stand in tests/full. */
const STORMS = 10;

Deno.test("joins, leaves, cancels, refunds and settlements that meet keep the books true", async () => {
  await using model = await openMoneyModel();

  for (let seed = 1; seed <= STORMS; seed++) await model.playStorm(seed);

  await model.assertBooks();
});
