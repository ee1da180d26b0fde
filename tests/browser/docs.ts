import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import type { Scenario } from "./scenario.ts";
import { ADMIN, checkAccessible, hydrated, signIn, watch } from "./stage.ts";

export const docs: Scenario = {
  name: "the API reference is searched, read and tried, with script and without",
  async play(t, stage) {
    await using visitor = await stage.open();
    const page = await visitor.newPage();
    const seen = await watch(page);
    await page.goto("/docs");
    await hydrated(page);

    await t.step("hydration keeps what the server sent, and no policy is broken", async () => {
      assertEquals(await seen.faults(), { csp: [], hydration: [] });
      assertEquals(seen.console, []);
    });

    await t.step("the search narrows the contents as one types, and Enter the page", async () => {
      const search = page.getByLabel("Find an operation");
      await search.fill("publish a draft");
      assertEquals(await page.locator("#ref-groups li").allTextContents(), [
        "POSTPublish a draft",
      ]);
      await search.press("Enter");
      await page.waitForURL("**/docs?q=publish+a+draft");
      assertEquals(await page.locator(".operation").count(), 1);
      await page.goto("/docs");
      await hydrated(page);
    });

    await t.step("a language chosen once is chosen everywhere, and remembered", async () => {
      const first = page.getByRole("tablist").first();
      await first.getByRole("tab", { name: "curl" }).focus();
      await page.keyboard.press("ArrowRight");
      const chosen = page.getByRole("tab", { name: "JavaScript", selected: true });
      assertEquals(await chosen.count(), await page.getByRole("tablist").count());
      await page.reload();
      await chosen.first().waitFor();
    });

    await t.step("the form signs somebody up, and the token serves the other forms", async () => {
      const register = await openForm(page, "register");
      await register.getByRole("button", { name: "Send POST" }).click();
      assertEquals(await register.locator(".status").textContent(), "201 Created");
      await register.getByRole("button", { name: "Use this token" }).click();
      const account = await openForm(page, "getAccount");
      await account.getByRole("button", { name: "Send GET" }).click();
      assertEquals(await account.locator(".status").textContent(), "200 OK");
      assert((await account.getByLabel("Body").textContent())?.includes("mira@example.org"));
      await checkAccessible(page, "open forms of the reference", ["#register", "#getAccount"]);
    });

    await t.step("what is missing is told before anything is sent", async () => {
      const read = await openForm(page, "getCompetition");
      await read.getByRole("button", { name: "Send GET" }).click();
      assertEquals(await read.locator(".fault").textContent(), "Fill in id first");
      await read.getByLabel("id path").fill("nowhere");
      await read.getByRole("button", { name: "Send GET" }).click();
      await read.getByRole("link", { name: "What this code means" }).click();
      await page.waitForURL("**/docs/errors/NOT_FOUND");
    });

    await t.step("a write goes with the session of the page", async () => {
      await using context = await stage.open();
      const panel = await context.newPage();
      await signIn(panel, ADMIN);
      await panel.goto("/docs#createCompetition");
      await hydrated(panel);
      const form = await openForm(panel, "createCompetition");
      await form.getByRole("button", { name: "Send POST" }).click();
      assertEquals(await form.locator(".status").textContent(), "201 Created");
    });

    await t.step("without script both languages are shown, and the server searches", async () => {
      await using context = await stage.open({ javaScriptEnabled: false });
      const plain = await context.newPage();
      await plain.goto("/docs?q=log+in");
      const login = plain.locator("#login");
      assertEquals(await login.locator(".snippet:visible").count(), 2);
      assertEquals(await login.locator(".try:visible").count(), 0);
      await plain.getByLabel("Find an operation").fill("refresh");
      await plain.keyboard.press("Enter");
      await plain.waitForURL("**/docs?q=refresh");
      assertEquals(await plain.locator(".operation h3").allTextContents(), [
        "Exchange a refresh token for new tokens",
      ]);
    });
  },
};

/** Opens the form of an operation and gives its section. */
async function openForm(page: Page, id: string) {
  const section = page.locator(`#${id}`);
  await section.getByRole("button", { name: "Try it" }).click();
  return section;
}
