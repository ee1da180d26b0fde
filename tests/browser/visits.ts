/** Every page of the product, by who sees it, and what a page must be in one look. */

import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import type { BrowserContext, Page } from "playwright-core";
import {
  ADMIN,
  AT_REST,
  checkAccessible,
  hydrated,
  register,
  signIn,
  SIZES,
  type Stage,
  watch,
} from "./stage.ts";
import { entryVisits } from "./entry_visits.ts";
import { groupVisits } from "./group_visits.ts";
import { financeVisits, firstLink, payAndJoin } from "./money_visits.ts";
import { track } from "./track.ts";

const SHOTS_DIR = new URL("../../reports/screenshots/", import.meta.url);

/** A page to look at. */
export interface Visit {
  /** Name of the screenshot. */
  name: string;
  path: string;
  status?: number;
}

/** How a page is looked at. */
export interface Look {
  size: "desktop" | "phone";
  scheme: "light" | "dark";
  hasPicture: boolean;
}

/** Somebody with the pages to visit. */
export interface Tour {
  who: string;
  cookies: Cookies;
  visits: Visit[];
}

/** Signs everybody in and finds the pages of the demo. */
export async function planTours(stage: Stage): Promise<Tour[]> {
  const admin = await adminCookies(stage);
  const member = await memberTour(stage);
  const visits = await plan(stage, admin);
  return [
    { who: "visitor", cookies: [], visits: visits.visitor ?? [] },
    { who: "member", cookies: member.cookies, visits: [...visits.member ?? [], ...member.visits] },
    { who: "admin", cookies: admin, visits: visits.admin ?? [] },
  ];
}

/** Visits all pages of a tour in the looks, which share a size. */
export async function walk(stage: Stage, tour: Tour, looks: readonly Look[]): Promise<void> {
  await Deno.mkdir(SHOTS_DIR, { recursive: true });
  const { size } = looks[0]!;
  await using context = await stage.open(SIZES[size]);
  await context.addCookies(tour.cookies);
  for (const visit of tour.visits) await check(context, visit, looks);
}

/** Who somebody is. */
export type Cookies = Awaited<ReturnType<BrowserContext["cookies"]>>;

/** The first admin, signed in. */
export async function adminCookies(stage: Stage): Promise<Cookies> {
  await using context = await stage.open();
  const page = await context.newPage();
  await signIn(page, ADMIN);
  return await context.cookies();
}

/** Somebody who has joined and uploaded, so that the own pages have something to show. */
export async function openMember(stage: Stage) {
  const context = await stage.open();
  const page = await context.newPage();
  await register(page, "Mira Koskela");
  await page.goto(await firstCard(page));
  await page.getByRole("button", { name: "Join this competition" }).click();
  await page.waitForSelector("text=You take part");
  const why = await page.getByRole("link", { name: "Why am I ranked here?" }).getAttribute("href");
  await upload(page, "morning.gpx", track());
  return {
    context,
    page,
    whyPath: why ?? "",
    importPath: new URL(page.url()).pathname,
    [Symbol.asyncDispose]: () => context.close(),
  };
}

async function memberTour(stage: Stage): Promise<{ cookies: Cookies; visits: Visit[] }> {
  await using member = await openMember(stage);
  const { context, page } = member;
  const startsAt = Date.now() - 3 * 3_600_000;
  // 30 km/h for half an hour is more than anybody has run, so that a referee has to look.
  await upload(page, "fast.gpx", track({ startsAt, metres: 15_000, minutes: 30 }));
  const visits = [
    { name: "import", path: member.importPath },
    { name: "activity", path: await firstLink(page, "/me/activities") },
    { name: "own-review", path: await firstLink(page, "/me/reviews") },
    { name: "why-own", path: member.whyPath },
    ...await payAndJoin(page),
  ];
  return { cookies: await context.cookies(), visits };
}

async function upload(page: Page, name: string, text: string): Promise<void> {
  await page.goto("/me/upload");
  await page.getByLabel("File").setInputFiles({
    name,
    mimeType: "application/gpx+xml",
    buffer: Buffer.from(text),
  });
  await page.getByRole("button", { name: "Upload" }).click();
  await page.waitForURL("**/me/imports/*");
}

/** Makes the result of the demo's ended competition final; gives the path of its board. */
async function makeResult(page: Page): Promise<string> {
  await page.goto("/admin/competitions?phase=provisional");
  const competition = await page.locator("td a").first().getAttribute("href") ?? "";
  await page.goto(`${competition}/steering`);
  await checkAccessible(page, "a result before its approval");
  await page.getByRole("checkbox", { name: "approve this result" }).check();
  await page.getByRole("button", { name: "Make the result final" }).click();
  await page.waitForSelector("text=is final and signed");
  await checkAccessible(page, "a result that was just approved");
  const result = await page.getByRole("link", { name: "Result page" }).getAttribute("href") ?? "";
  return result;
}

/** Where the first competition of the home page leads. */
export async function firstCard(page: Page): Promise<string> {
  await page.goto("/");
  return await page.locator(".contest a").first().getAttribute("href") ?? "";
}

/** Makes an API key and gives its page; the one page that shows the key is looked at here. */
async function makeKey(page: Page): Promise<string> {
  await page.goto("/admin/api-keys/new");
  await page.getByRole("textbox", { name: "Name" }).fill("Gym app");
  await page.getByRole("checkbox", { name: "scores:write" }).check();
  await page.getByRole("button", { name: "Make the key" }).click();
  await page.waitForSelector("text=Copy the key now");
  await checkAccessible(page, "a key that was just made");
  return await page.getByRole("link", { name: "I have copied it" }).getAttribute("href") ?? "";
}

/** Each page that a kind of person may open. */
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
  const apiKey = await makeKey(page);
  const person = await firstLink(page, `${competition}/participants`);
  const review = await firstLink(page, "/admin/reviews");
  const result = await makeResult(page);
  const money = await financeVisits(page);
  const entry = await entryVisits(page);
  const groups = await groupVisits(page, { competition, board });
  const tabs = [
    ...["participants", "events", "steering", "announcements", "prizes", "rules", "log", "api"],
    ...["danger", "edit", "rules/change"],
  ];
  return {
    visitor: [
      { name: "home", path: "/" },
      { name: "home-nothing-found", path: "/?q=no-such-competition" },
      { name: "sign-in", path: "/sign-in" },
      { name: "register", path: "/register" },
      { name: "sign-in-link", path: "/sign-in/link?token=unknown" },
      { name: "public-board", path: board },
      { name: "wall", path: `${board}?view=wall` },
      { name: "result", path: result },
      { name: "result-not-final", path: `${board}/result` },
      { name: "why", path: person.replace(/.*\/participants\//, `${board}/why/`) },
      { name: "docs", path: "/docs" },
      { name: "docs-errors", path: "/docs/errors" },
      { name: "docs-error", path: "/docs/errors/COMPETITION_FULL" },
      { name: "docs-reasons", path: "/docs/reasons" },
      { name: "docs-api-keys", path: "/docs/api-keys" },
      { name: "docs-socket", path: "/docs/socket" },
      { name: "offline", path: "/offline.html" },
      { name: "not-found", path: "/nowhere", status: 404 },
      ...entry.visitor ?? [],
      ...groups.visitor,
    ],
    member: [
      { name: "me", path: "/me" },
      { name: "upload", path: "/me/upload" },
      { name: "my-competitions", path: "/me/competitions" },
      { name: "imports", path: "/me/imports" },
      { name: "activities", path: "/me/activities" },
      { name: "own-reviews", path: "/me/reviews" },
      { name: "connections", path: "/me/connections" },
      { name: "profile", path: "/me/profile" },
      { name: "delete-account", path: "/me/delete" },
      { name: "public-board-joined", path: board },
      { name: "leave", path: `${board}/leave` },
      { name: "forbidden", path: "/admin", status: 403 },
      ...entry.member ?? [],
    ],
    admin: [
      { name: "overview", path: "/admin" },
      { name: "remove-demo", path: "/admin/demo" },
      { name: "competitions", path: "/admin/competitions" },
      { name: "competitions-nothing-found", path: "/admin/competitions?q=no-such-competition" },
      { name: "new-competition", path: "/admin/competitions/new" },
      { name: "competition-board", path: competition },
      ...tabs.map((tab) => ({
        name: `competition-${tab.replace("/", "-")}`,
        path: `${competition}/${tab}`,
      })),
      { name: "participant", path: person },
      { name: "reviews", path: "/admin/reviews" },
      { name: "review", path: review },
      { name: "users", path: "/admin/users" },
      { name: "user", path: user },
      ...money,
      ...entry.admin ?? [],
      ...groups.admin,
      { name: "jobs", path: "/admin/jobs" },
      { name: "api-keys", path: "/admin/api-keys" },
      { name: "new-api-key", path: "/admin/api-keys/new" },
      { name: "api-key", path: apiKey },
      { name: "settings", path: "/admin/settings" },
      { name: "audit", path: "/admin/audit" },
    ],
  };
}

async function check(
  context: BrowserContext,
  visit: Visit,
  looks: readonly Look[],
): Promise<void> {
  const { path, status = 200 } = visit;
  const { size } = looks[0]!;
  const page = await context.newPage();
  const seen = await watch(page);
  const res = await page.goto(path);
  assertEquals(res?.status(), status, path);
  await hydrated(page);
  if (await page.locator(".live-board").count() > 0) await page.waitForSelector("[data-link=live]");
  assertEquals(await sidewaysPx(page), 0, `${path} scrolls sideways on a ${size}`);
  for (const look of looks) await see(page, visit, look);
  assertEquals(await seen.faults(), { csp: [], hydration: [] }, path);
  // A browser reports each answer of 400 and more of its own accord.
  assertEquals(seen.console.filter((line) => !line.includes(`status of ${status}`)), [], path);
  await page.close();
}

async function see(page: Page, { name, path }: Visit, look: Look): Promise<void> {
  const { size, scheme, hasPicture } = look;
  await page.emulateMedia({ colorScheme: scheme });
  await page.evaluate(AT_REST);
  if (hasPicture) {
    const shot = new URL(`${name}-${size}-${scheme}.png`, SHOTS_DIR);
    await page.screenshot({ path: shot.pathname });
  }
  await checkAccessible(page, `${path} ${size} ${scheme}`);
}

function sidewaysPx(page: Page): Promise<number> {
  return page.evaluate("Math.max(0, document.documentElement.scrollWidth - screen.width)");
}
