/** What people do with a product: steps of a test whose scenarios share a product and a browser. */

import type { Stage } from "./stage.ts";

/** Keeps to accounts and competitions of its own, so that others may come before and after it. */
export interface Scenario {
  name: string;
  /** What is not there on this machine; the scenario is skipped then. */
  needs?: string | undefined;
  play(t: Deno.TestContext, stage: Stage): Promise<void>;
}

/** Plays one after the other; a failed one does not keep the next from being played. */
export async function playAll(
  t: Deno.TestContext,
  stage: Stage,
  scenarios: readonly Scenario[],
): Promise<void> {
  for (const { name, needs, play } of scenarios) {
    await t.step({
      name: needs === undefined ? name : `${name} [needs ${needs}]`,
      ignore: needs !== undefined,
      fn: (step) => play(step, stage),
    });
  }
}
