/** A competition that comes again and asks something of those who enter, and the pages of it. */

import type { Page } from "playwright-core";
import type { Visit } from "./visits.ts";

const DAY_MS = 86_400_000;

/** Makes it by the forms, with an invite; gives the pages by who sees them. */
export async function entryVisits(page: Page): Promise<Record<string, Visit[]>> {
  const base = await makeSeries(page);
  await page.goto(`${base}/invites`);
  await page.getByLabel("What it is for").fill("Poster in the hall");
  await page.getByLabel("At most so many join by it").fill("50");
  await page.getByRole("button", { name: "Make the invite" }).click();
  await page.waitForSelector(".qr");
  const poster = new URL(page.url()).pathname;
  const link = await page.locator(".poster a").getAttribute("href") ?? "";
  const invite = new URL(link).pathname;
  await page.goto(`${base}/invites`);
  return {
    visitor: [
      { name: "invite-visitor", path: invite },
      { name: "invite-none", path: "/i/nothing", status: 404 },
    ],
    member: [
      { name: "invite", path: invite },
      { name: "public-board-conditions", path: "/c/park-week" },
    ],
    admin: [
      { name: "competition-invites", path: `${base}/invites` },
      { name: "invite-poster", path: poster },
      { name: "competition-series", path: `${base}/series` },
    ],
  };
}

async function makeSeries(page: Page): Promise<string> {
  await page.goto("/admin/competitions/new");
  await page.locator("#name").fill("Park Week");
  await page.locator("#startsAt").fill(localDate(1));
  await page.locator("#endsAt").fill(localDate(8));
  await page.locator("#recurrence-every").selectOption("weekly");
  await page.locator("#entryConditions-minimumAge").fill("16");
  await page.locator("#entryConditions-countries").fill("FI, SE");
  await page.getByRole("checkbox", { name: "agree to the rules" }).check();
  await page.getByRole("checkbox", { name: "consent to use health data" }).check();
  await page.getByRole("button", { name: "Save draft" }).click();
  await page.waitForSelector("text=The draft is saved");
  const base = new URL(page.url()).pathname;
  await page.goto(`${base}/danger`);
  await page.getByRole("button", { name: "Publish" }).click();
  await page.waitForSelector("text=is published");
  return base;
}

/** Midnight some days ahead, as a browser's field has it. */
function localDate(days: number): string {
  return `${new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10)}T00:00`;
}
