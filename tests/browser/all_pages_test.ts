/**
 * Every page, sound and accessible at the size that its people come with: the panel at a desk, the
 * rest on a phone. The slow suite looks at all of them in all four looks. The longest file, so the
 * first by name.
 *
 * @module
 */

import { needsChromium } from "./chromium.ts";
import { openStage } from "./stage.ts";
import { type Look, planTours, walk } from "./visits.ts";

const DESKTOP: Look = { size: "desktop", scheme: "light", hasPicture: false };
const PHONE: Look = { size: "phone", scheme: "dark", hasPicture: false };

Deno.test({
  ...await needsChromium("every page is sound, accessible and fits where its people see it"),
  async fn(t) {
    await using stage = await openStage({ DEMO: "on" });
    const tours = await planTours(stage);
    await Promise.all(tours.map((tour) =>
      t.step({
        name: `what a ${tour.who} sees`,
        fn: () => walk(stage, tour, [tour.who === "admin" ? DESKTOP : PHONE]),
        sanitizeOps: false,
        sanitizeResources: false,
        sanitizeExit: false,
      })
    ));
  },
});
