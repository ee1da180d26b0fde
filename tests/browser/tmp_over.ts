import { LOOKS, openStage } from "./stage.ts";
await using stage = await openStage({ DEMO: "off" });
for (
  const [look, path] of [["desktop-light", "/docs?q=join"], ["phone-light", "/docs"], [
    "phone-light",
    "/docs/socket",
  ], ["desktop-light", "/docs"]] as const
) {
  const context = await stage.browser.newContext({ ...LOOKS[look], isMobile: false });
  const page = await context.newPage();
  await page.goto(stage.product.url + path, { waitUntil: "networkidle" });
  if (path === "/docs") {
    await page.locator("#login").getByRole("button", { name: /Try it/ }).click();
    await page.locator("#login").getByRole("button", { name: /Send/ }).click();
    await page.waitForTimeout(800);
  }
  console.log(
    look,
    path,
    await page.evaluate(() => {
      const w = innerWidth;
      return [...document.querySelectorAll("body *")].filter((e) => {
        const r = e.getBoundingClientRect();
        return r.right > w + 1 && r.width > 0 && !e.closest("pre");
      }).slice(0, 8).map((e) =>
        e.tagName + "." + e.className + "#" + e.id + " " +
        Math.round(e.getBoundingClientRect().left) + "-" +
        Math.round(e.getBoundingClientRect().right) + " " + (e.textContent ?? "").slice(0, 40)
      );
    }),
  );
}
await stage.browser.close();
