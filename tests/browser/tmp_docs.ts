import axe from "axe-core";
import { LOOKS, openStage } from "./stage.ts";
await using stage = await openStage({ DEMO: "off" });
const pages = [
  "/docs",
  "/docs?q=join",
  "/docs/errors",
  "/docs/errors/VALIDATION_ERROR",
  "/docs/reasons",
  "/docs/socket",
];
const out = "/tmp/ad/shots";
await Deno.mkdir(out, { recursive: true });
for (const [look, options] of Object.entries(LOOKS)) {
  const context = await stage.browser.newContext(options);
  const page = await context.newPage();
  page.on("console", (m) => {
    if (m.type() === "error" || m.type() === "warning") console.log(look, m.type(), m.text());
  });
  page.on("pageerror", (e) => console.log("PAGEERROR", e.message));
  for (const path of pages) {
    const t = performance.now();
    const res = await page.goto(stage.product.url + path, { waitUntil: "networkidle" });
    const html = (await res!.body()).length;
    const name = path.replace(/[^\w]+/g, "_");
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    await page.addScriptTag({ content: axe.source }).catch(async () => {
      await page.evaluate(axe.source);
    });
    const { violations } = await page.evaluate(() => (globalThis as any).axe.run()) as any;
    console.log(
      look,
      path,
      res!.status(),
      html,
      Math.round(performance.now() - t),
      "overflow",
      wide,
      "axe",
      violations.map((v: any) => v.id + ":" + v.nodes.length + " " + v.nodes[0].html.slice(0, 160)),
    );
    await page.screenshot({ path: `${out}/${look}${name}.png` });
    if (path === "/docs") {
      await page.evaluate(() => document.querySelector("#createCompetition")!.scrollIntoView());
      await page.waitForTimeout(400);
      await page.screenshot({ path: `${out}/${look}_docs_create.png` });
      const op = page.locator("#login");
      await op.getByRole("button", { name: /Try it/ }).click();
      await op.getByRole("button", { name: /Send POST/ }).click();
      await op.locator(".answer, .fault").first().waitFor();
      await op.scrollIntoViewIfNeeded();
      await page.screenshot({ path: `${out}/${look}_docs_try.png` });
      const { violations } = await page.evaluate(() => (globalThis as any).axe.run()) as any;
      console.log(
        "  try axe",
        violations.map((v: any) =>
          v.id + ":" + v.nodes.length + " " + v.nodes[0].html.slice(0, 160)
        ),
      );
    }
  }
  await context.close();
}
await stage.browser.close();
