/** The panel by keyboard alone, and its times in the zone of the browser. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import { createApi } from "./api.ts";
import type { Scenario } from "./scenario.ts";
import { ADMIN, hydrated } from "./stage.ts";

export const keyboard: Scenario = {
  name: "the panel answers to the keyboard",
  async play(t, stage) {
    const api = await createApi(stage.product.url, ADMIN);
    const { id } = await api.makeCompetition({ name: "Key Cup" });
    await using context = await stage.open({ timezoneId: "Asia/Tokyo" });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const page = await context.newPage();

    await t.step("signing in needs no mouse", async () => {
      await page.goto("/sign-in");
      await page.getByLabel("E-mail").focus();
      await page.keyboard.type(ADMIN.email);
      await page.keyboard.press("Tab");
      await page.keyboard.type(ADMIN.password);
      await page.keyboard.press("Enter");

      await page.waitForURL("**/admin");
    });

    await t.step("the first Tab offers to skip the menu", async () => {
      await page.reload();
      await page.keyboard.press("Tab");
      assertEquals(await focusedText(page), "Skip to content");
      await page.keyboard.press("Enter");

      assertEquals(await page.evaluate("document.activeElement.id"), "main");
    });

    await t.step("two keys open a page, / its search, ? the list of keys", async () => {
      await hydrated(page);
      await page.keyboard.press("g");
      await page.keyboard.press("c");
      await page.waitForURL("**/admin/competitions");
      await hydrated(page);
      await page.keyboard.press("/");
      assertEquals(await page.evaluate("document.activeElement.name"), "q");
      await page.keyboard.type("g c?");
      assertEquals(await page.getByLabel("Search").inputValue(), "g c?");
      await page.getByRole("button", { name: "Apply" }).focus();
      await page.keyboard.press("?");

      const dialog = page.getByRole("dialog");
      assert(await dialog.isVisible());
      assertMatch(await dialog.textContent() ?? "", /Search this list/);
      await page.keyboard.press("Escape");
      assertEquals(await dialog.isVisible(), false);
    });

    await t.step("every focused control shows that it is", async () => {
      await page.goto(`/admin/competitions/${id}/edit`);
      await hydrated(page);
      for (let stop = 0; stop < 40; stop++) {
        await page.keyboard.press("Tab");
        const { outline, name } = await page.evaluate<{ outline: number; name: string }>(`(() => {
          const { activeElement } = document;
          const outline = parseFloat(getComputedStyle(activeElement).outlineWidth);
          return { outline, name: activeElement.outerHTML.slice(0, 80) };
        })()`);
        assert(outline >= 2, `${name} has no outline`);
      }
    });

    await t.step("code is copied by its button", async () => {
      await page.goto(`/admin/competitions/${id}/api`);
      await hydrated(page);
      await page.getByRole("button", { name: "Copy" }).first().press("Enter");
      await page.getByRole("button", { name: "Copied" }).waitFor();

      const copied = await page.evaluate<string>("navigator.clipboard.readText()");
      assertMatch(copied, new RegExp(`${stage.product.url}/api/v1/leaderboard/${id}`));
    });

    await t.step("times are in the zone of the browser, which is named", async () => {
      await page.goto(`/admin/competitions/${id}`);
      await hydrated(page);

      const start = page.locator("dd time").first();
      assertMatch(await start.textContent() ?? "", /GMT\+9|JST/);
      assertMatch(await start.getAttribute("datetime") ?? "", /Z$/);
    });
  },
};

function focusedText(page: Page): Promise<string> {
  return page.evaluate("document.activeElement.textContent.trim()");
}
