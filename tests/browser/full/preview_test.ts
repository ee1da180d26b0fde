/** The rule editor shows what a rule does while it is made. */

import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { needsChromium } from "../chromium.ts";
import { ADMIN, checkAccessible, hydrated, openStage, signIn, watch } from "../stage.ts";

Deno.test({
  ...await needsChromium("the rule editor tries the rule on sample athletes after each change"),
  async fn() {
    await using stage = await openStage();
    await using context = await stage.open();
    const page = await context.newPage();
    const seen = await watch(page);
    await signIn(page, ADMIN);
    await page.goto("/admin/competitions/new");
    await hydrated(page);
    assertEquals(await leader(page), ["1", "Cyclist"]);

    await page.getByRole("checkbox", { name: "Running" }).check();
    await page.locator(".preview-table tbody tr").first().getByText("Runner", { exact: true })
      .waitFor();
    await page.getByLabel("Measures").selectOption("steps");
    await page.getByRole("checkbox", { name: "Running" }).uncheck();
    await page.locator(".preview-table tbody tr").first().getByText("Walker", { exact: true })
      .waitFor();
    await page.locator(".more summary").first().click();
    await page.getByLabel("Daily cap").fill("none");

    await page.locator(".preview .notice").waitFor();
    await page.getByLabel("Daily cap").fill("3000");
    await page.locator(".preview .notice").waitFor({ state: "detached" });
    await page.locator(".line", { hasText: "Over a cap" }).first().waitFor();
    await page.locator(".preview-records summary").first().click();
    await checkAccessible(page, "the preview");
    assertEquals(await seen.faults(), { csp: [], hydration: [] });
  },
});

function leader(page: Page): Promise<string[]> {
  const cells = page.locator(".preview-table tbody tr").first().locator("td");
  return Promise.all([cells.nth(0).innerText(), cells.nth(1).locator("b").innerText()]);
}
