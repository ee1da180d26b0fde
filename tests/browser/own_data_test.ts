/** A product without the demo, whose people and competitions come in by forms and by the API. */

import { needsChromium } from "./chromium.ts";
import { installed } from "./installed.ts";
import { keyboard } from "./keyboard.ts";
import { live } from "./live.ts";
import { mainJob } from "./main_job.ts";
import { noScript } from "./no_script.ts";
import { readme } from "./readme.ts";
import { playAll } from "./scenario.ts";
import { openStage } from "./stage.ts";

Deno.test({
  ...await needsChromium("a product without the demo in a browser"),
  async fn(t) {
    await using stage = await openStage();
    // The live board comes last: its end is the product's.
    await playAll(t, stage, [readme, keyboard, noScript, installed, mainJob, live]);
  },
});
