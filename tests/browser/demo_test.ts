/** A product with the demo, from its full pages to the removal of the demo and what is left then. */

import { needsChromium } from "./chromium.ts";
import { docs } from "./docs.ts";
import { firstRun } from "./first_run.ts";
import { mainPages } from "./main_pages.ts";
import { playAll } from "./scenario.ts";
import { openStage } from "./stage.ts";

Deno.test({
  ...await needsChromium("a product with the demo in a browser"),
  async fn(t) {
    await using stage = await openStage({ DEMO: "on" });
    await playAll(t, stage, [mainPages, firstRun, docs]);
  },
});
