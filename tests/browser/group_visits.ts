/** Pages of teams and divisions, found by the demo: its moving competition has teams. */

import type { Page } from "playwright-core";
import type { Visit } from "./visits.ts";

/** Those of the panel, and those that everybody may open; `competition` is its path in the panel. */
export async function groupVisits(
  page: Page,
  { competition, board }: { competition: string; board: string },
): Promise<{ visitor: Visit[]; admin: Visit[] }> {
  await page.goto(`${competition}/teams`);
  const team = await page.locator("td a").first().getAttribute("href") ?? "";
  const id = team.split("/").at(-1);
  return {
    visitor: [
      { name: "team-board", path: `${board}?board=teams` },
      { name: "team", path: `${board}/teams/${id}` },
      { name: "division-board", path: "/c/step-fortnight?division=Open" },
    ],
    admin: [
      { name: "teams", path: `${competition}/teams` },
      { name: "team-in-panel", path: team },
    ],
  };
}
