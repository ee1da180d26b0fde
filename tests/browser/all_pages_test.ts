/** Every page in every look: sound, accessible, and photographed. The longest file, so the first by name. */

import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import type { BrowserContext, Page } from "playwright-core";
import { needsChromium } from "./chromium.ts";
import {
  checkAccessible,
  hydrated,
  openStage,
  register,
  SIZES,
  type Stage,
  watch,
} from "./stage.ts";
import { track } from "./track.ts";

const SHOTS_DIR = new URL("../../reports/screenshots/", import.meta.url);

/** A picture costs more than all checks of its page, and these two show every size and colour. */
const SHOTS: readonly string[] = ["desktop-light", "phone-dark"];

interface Visit {
  /** Name of the screenshot. */
  name: string;
  path: string;
  status?: number;
}

Deno.test({
  ...await needsChromium("every page is sound, accessible and fits in each look"),
  async fn(t) {
    await Deno.mkdir(SHOTS_DIR, { recursive: true });
    await using stage = await openStage({ DEMO: "on" });
    const admin = await adminCookies(stage);
    const member = await memberCookies(stage);
    const visits = await plan(stage, admin);
    for (const [who, cookies] of Object.entries({ visitor: [], member: member.cookies, admin })) {
      await t.step(`what a ${who} sees`, async () => {
        const own = who === "member" ? [member.visit] : [];
        const all = [...visits[who] ?? [], ...own];
        await Promise.all(
          Object.keys(SIZES).map(async (size) => {
            await using context = await stage.open(SIZES[size]);
            await context.addCookies(cookies);
            for (const visit of all) await check(context, visit, size);
          }),
        );
      });
    }
  },
});

type Cookies = Awaited<ReturnType<BrowserContext["cookies"]>>;

async function adminCookies(stage: Stage): Promise<Cookies> {
  await using context = await stage.open();
  const page = await context.newPage();
  await page.goto(stage.product.signInLink!);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForURL("**/admin");
  return await context.cookies();
}

/** Somebody who has joined and uploaded, so that the own pages have something to show. */
async function memberCookies(stage: Stage): Promise<{ cookies: Cookies; visit: Visit }> {
  await using context = await stage.open();
  const page = await context.newPage();
  await register(page, "Mira Koskela");
  await page.goto(await firstCard(page));
  await page.getByRole("button", { name: "Join this competition" }).click();
  await page.waitForSelector("text=You take part");
  await page.goto("/me/upload");
  await page.getByLabel("File").setInputFiles({
    name: "morning.gpx",
    mimeType: "application/gpx+xml",
    buffer: Buffer.from(track()),
  });
  await page.getByRole("button", { name: "Upload" }).click();
  await page.waitForURL("**/me/imports/*");
  const visit = { name: "import", path: new URL(page.url()).pathname };
  return { cookies: await context.cookies(), visit };
}

async function firstCard(page: Page): Promise<string> {
  await page.goto("/");
  return await page.locator(".contest a").first().getAttribute("href") ?? "";
}

async function plan(stage: Stage, cookies: Cookies): Promise<Record<string, Visit[]>> {
  await using context = await stage.open();
  await context.addCookies(cookies);
  const page = await context.newPage();
  const board = await firstCard(page);
  await page.goto("/admin/competitions");
  const competition = await page.locator("tr:has([data-tone=live]) td a").first()
    .getAttribute("href") ?? "";
  await page.goto("/admin/users");
  const user = await page.locator("td a").first().getAttribute("href") ?? "";
  const tabs = ["participants", "rules", "log", "api", "danger", "edit"];
  return {
    visitor: [
      { name: "home", path: "/" },
      { name: "home-nothing-found", path: "/?q=no-such-competition" },
      { name: "sign-in", path: "/sign-in" },
      { name: "register", path: "/register" },
      { name: "sign-in-link", path: "/sign-in/link?token=unknown" },
      { name: "public-board", path: board },
      { name: "wall", path: `${board}?view=wall` },
      { name: "docs", path: "/docs" },
      { name: "docs-errors", path: "/docs/errors" },
      { name: "docs-error", path: "/docs/errors/COMPETITION_FULL" },
      { name: "docs-reasons", path: "/docs/reasons" },
      { name: "docs-socket", path: "/docs/socket" },
      { name: "not-found", path: "/nowhere", status: 404 },
    ],
    member: [
      { name: "me", path: "/me" },
      { name: "upload", path: "/me/upload" },
      { name: "imports", path: "/me/imports" },
      { name: "profile", path: "/me/profile" },
      { name: "delete-account", path: "/me/delete" },
      { name: "public-board-joined", path: board },
      { name: "leave", path: `${board}/leave` },
      { name: "forbidden", path: "/admin", status: 403 },
    ],
    admin: [
      { name: "overview", path: "/admin" },
      { name: "remove-demo", path: "/admin/demo" },
      { name: "competitions", path: "/admin/competitions" },
      { name: "competitions-nothing-found", path: "/admin/competitions?q=no-such-competition" },
      { name: "new-competition", path: "/admin/competitions/new" },
      { name: "competition-board", path: competition },
      ...tabs.map((tab) => ({ name: `competition-${tab}`, path: `${competition}/${tab}` })),
      { name: "users", path: "/admin/users" },
      { name: "user", path: user },
      { name: "audit", path: "/admin/audit" },
    ],
  };
}

async function check(context: BrowserContext, visit: Visit, size: string): Promise<void> {
  const { name, path, status = 200 } = visit;
  const page = await context.newPage();
  const seen = await watch(page);
  const res = await page.goto(path);
  assertEquals(res?.status(), status, path);
  await hydrated(page);
  if (await page.locator(".live-board").count() > 0) await page.waitForSelector("[data-link=live]");
  assertEquals(await sidewaysPx(page), 0, `${path} scrolls sideways on a ${size}`);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(AT_REST);
    if (SHOTS.includes(`${size}-${colorScheme}`)) {
      const shot = new URL(`${name}-${size}-${colorScheme}.png`, SHOTS_DIR);
      await page.screenshot({ path: shot.pathname });
    }
    // Nothing but colours depends on the scheme.
    const rules = colorScheme === "dark" ? ["color-contrast"] : undefined;
    await checkAccessible(page, `${path} ${size} ${colorScheme}`, rules);
  }
  assertEquals(await seen.faults(), { csp: [], hydration: [] }, path);
  // A browser reports each answer of 400 and more of its own accord.
  assertEquals(seen.console.filter((line) => !line.includes(`status of ${status}`)), [], path);
  await page.close();
}

/** Runs in the page: resolves when nothing fades any more. */
const AT_REST = `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>
  Promise.allSettled(document.getAnimations().map(({ finished }) => finished)).then(() => done()))))`;

function sidewaysPx(page: Page): Promise<number> {
  return page.evaluate("Math.max(0, document.documentElement.scrollWidth - screen.width)");
}
