/**
 * The pages that people see most, sound and accessible where they see them: the panel at a desk, the
 * rest on a phone. The slow suite looks at every page in all four looks.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { needsChromium } from "./chromium.ts";
import { openStage } from "./stage.ts";
import { type Look, planTours, type Tour, walk } from "./visits.ts";

const DESKTOP: Look = { size: "desktop", scheme: "light", hasPicture: false };
const PHONE: Look = { size: "phone", scheme: "dark", hasPicture: false };

/** By who sees them. */
const MAIN_PAGES: Record<string, readonly string[]> = {
  visitor: ["home", "sign-in", "register", "public-board", "not-found"],
  member: ["me", "upload", "public-board-joined", "import"],
  admin: ["overview", "competitions", "new-competition", "competition-board", "audit"],
};

Deno.test({
  ...await needsChromium("the main pages are sound, accessible and fit where people see them"),
  async fn(t) {
    await using stage = await openStage({ DEMO: "on" });
    for (const tour of await planTours(stage)) {
      await t.step(`what a ${tour.who} sees`, () => {
        return walk(stage, mainPagesOf(tour), [tour.who === "admin" ? DESKTOP : PHONE]);
      });
    }
  },
});

function mainPagesOf(tour: Tour): Tour {
  const names = MAIN_PAGES[tour.who]!;
  const visits = tour.visits.filter(({ name }) => names.includes(name));
  assertEquals(visits.length, names.length, `a page of ${names.join(", ")} has another name`);
  return { ...tour, visits };
}
