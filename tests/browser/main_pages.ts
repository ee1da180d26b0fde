/**
 * The pages that people see most, sound and accessible where they see them: the panel at a desk, the
 * rest on a phone. The slow suite looks at every page in all four looks.
 *
 * @module
 */

import type { Scenario } from "./scenario.ts";
import type { Stage } from "./stage.ts";
import { adminCookies, firstCard, type Look, openMember, type Tour, walk } from "./visits.ts";

const DESKTOP: Look = { size: "desktop", scheme: "light", hasPicture: false };
const PHONE: Look = { size: "phone", scheme: "dark", hasPicture: false };

export const mainPages: Scenario = {
  name: "the main pages are sound, accessible and fit where people see them",
  async play(t, stage) {
    for (const tour of await planMainTours(stage)) {
      await t.step(`what a ${tour.who} sees`, () => {
        return walk(stage, tour, [tour.who === "admin" ? DESKTOP : PHONE]);
      });
    }
  },
};

async function planMainTours(stage: Stage): Promise<Tour[]> {
  const admin = await adminCookies(stage);
  await using member = await openMember(stage);
  await using context = await stage.open();
  await context.addCookies(admin);
  const page = await context.newPage();
  const board = await firstCard(page);
  await page.goto("/admin/competitions");
  const competition = await page.locator("tr:has([data-tone=live]) td a").first()
    .getAttribute("href") ?? "";
  return [
    {
      who: "visitor",
      cookies: [],
      visits: [
        { name: "home", path: "/" },
        { name: "sign-in", path: "/sign-in" },
        { name: "register", path: "/register" },
        { name: "public-board", path: board },
        { name: "not-found", path: "/nowhere", status: 404 },
      ],
    },
    {
      who: "member",
      cookies: await member.context.cookies(),
      visits: [
        { name: "me", path: "/me" },
        { name: "upload", path: "/me/upload" },
        { name: "public-board-joined", path: board },
        { name: "import", path: member.importPath },
      ],
    },
    {
      who: "admin",
      cookies: admin,
      visits: [
        { name: "overview", path: "/admin" },
        { name: "competitions", path: "/admin/competitions" },
        { name: "new-competition", path: "/admin/competitions/new" },
        { name: "competition-board", path: competition },
        { name: "audit", path: "/admin/audit" },
      ],
    },
  ];
}
