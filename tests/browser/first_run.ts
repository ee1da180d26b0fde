/** What a newcomer does first: the banner's link, the moving board, and away with the demo. */

import { assert, assertEquals } from "@std/assert";
import type { Scenario } from "./scenario.ts";
import { hydrated } from "./stage.ts";

/** The simulator moves somebody every few seconds. */
const MOVES_WITHIN_MS = 30_000;

export const firstRun: Scenario = {
  name: "a first run shows a moving demo that goes away in one click",
  async play(t, stage) {
    const link = stage.product.signInLink!;
    await using context = await stage.open();
    const page = await context.newPage();

    await t.step("looking at the link does not use it up", async () => {
      assertEquals((await fetch(link).then(async (res) => [res.status, await res.text()]))[0], 200);
      await page.goto(link);
      await page.getByRole("button", { name: "Continue" }).click();

      await page.waitForURL("**/admin");
    });

    await t.step("the link works once", async () => {
      await using other = await stage.open();
      const second = await other.newPage();
      await second.goto(link);
      await second.getByRole("button", { name: "Continue" }).click();

      await second.getByRole("heading", { name: "This link is used up" }).waitFor();
      assertEquals((await other.cookies()).length, 0);
    });

    await t.step("a demo board moves by itself", async () => {
      await page.goto("/");
      await page.locator(".contest a").first().click();
      await hydrated(page);
      const before = await page.getAttribute("[data-offset]", "data-offset");

      await page.waitForFunction(
        (offset) => {
          const shown = globalThis.document.querySelector("[data-offset]");
          return shown?.getAttribute("data-offset") !== offset;
        },
        before,
        { timeout: MOVES_WITHIN_MS },
      );
    });

    await t.step("the demo goes after its consequences were shown", async () => {
      await page.goto("/admin");
      await page.getByRole("link", { name: "Remove demo data" }).click();
      assert(await page.locator(".consequences li").count() >= 3);
      await page.getByRole("button", { name: "Remove demo data" }).click();
      await page.waitForURL("**/admin");

      assertEquals(await page.getByText("You are looking at demo data").count(), 0);
      await page.getByRole("heading", { name: "Nothing runs today" }).waitFor();
      await page.goto("/admin/competitions");
      await page.getByRole("heading", { name: "Make the first competition" }).waitFor();
    });
  },
};
