/** The product's main job as an organiser sees it: files come in, the board moves. */

import { assertEquals } from "@std/assert";
import { createApi } from "./api.ts";
import type { Scenario } from "./scenario.ts";
import { ADMIN, signIn, watch } from "./stage.ts";

const FOLDER = Deno.env.get("DEVICE_FILES");
/** Boards group digits by a narrow space. */
const SHOWS_SUM = () =>
  /13\s?843/.test(globalThis.document.querySelector("tr[data-id]")?.textContent ?? "");

export const mainJob: Scenario = {
  name: "device files of an athlete move the admin's live page",
  needs: FOLDER ? undefined : "DEVICE_FILES",
  async play(_t, stage) {
    const api = await createApi(stage.product.url, ADMIN);
    const competition = await api.makeCompetition({
      name: "All Time Distance",
      startsAt: "2000-01-01T00:00:00Z",
      endsAt: "2035-01-01T00:00:00Z",
      scoring: {
        kind: "activity",
        metric: "distance",
        aggregate: "total",
        activityTypes: ["running"],
      },
    });
    const athlete = await api.makeParticipant(competition, "Ada Runner");
    await using context = await stage.open();
    const page = await context.newPage();
    const seen = await watch(page);
    await signIn(page, ADMIN);
    await page.goto(`/admin/competitions/${competition.id}`);
    await page.waitForSelector("[data-link=live]");
    await page.evaluate("window.__sameDocument = true");

    for (const name of ["run_fr110.fit", "run_fenix2_9km.fit"]) {
      await api.upload(athlete, `${FOLDER}/${name}`);
    }

    await page.waitForFunction(SHOWS_SUM);
    assertEquals(await page.evaluate("window.__sameDocument"), true);
    assertEquals(await seen.faults(), { csp: [], hydration: [] });
  },
};
