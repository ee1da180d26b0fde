/** Every page, sound and accessible at both sizes. The longest file, so the first by name. */

import { needsChromium } from "./chromium.ts";
import { openStage } from "./stage.ts";
import { type Look, planTours, walk } from "./visits.ts";

/** All looks with all rules and pictures are the slow suite's; colours differ only between schemes. */
const DESKTOP: Look = { size: "desktop", scheme: "light", hasPicture: false };
const PHONE: Look = { size: "phone", scheme: "dark", rules: ["color-contrast"], hasPicture: false };

Deno.test({
  ...await needsChromium("every page is sound, accessible and fits on desktop and phone"),
  async fn(t) {
    await using stage = await openStage({ DEMO: "on" });
    for (const tour of await planTours(stage)) {
      await t.step(`what a ${tour.who} sees`, async () => {
        await Promise.all([walk(stage, tour, [DESKTOP]), walk(stage, tour, [PHONE])]);
      });
    }
  },
});
