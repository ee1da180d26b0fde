/** Every page in every look, with all of axe's rules and a picture of each. */

import { needsChromium } from "../chromium.ts";
import { openStage } from "../stage.ts";
import { type Look, planTours, walk } from "../visits.ts";

const SIZES = ["desktop", "phone"] as const;
const SCHEMES = ["light", "dark"] as const;

Deno.test({
  ...await needsChromium("every page is accessible at both sizes, in light and dark"),
  async fn(t) {
    await using stage = await openStage({ DEMO: "on" });
    for (const tour of await planTours(stage)) {
      await t.step(`what a ${tour.who} sees`, async () => {
        await Promise.all(SIZES.map((size) => walk(stage, tour, looksAt(size))));
      });
    }
  },
});

function looksAt(size: Look["size"]): Look[] {
  return SCHEMES.map((scheme) => ({ size, scheme, hasPicture: true }));
}
