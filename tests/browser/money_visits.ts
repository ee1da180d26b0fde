/** Money that moves in the browser, and the pages that show it afterwards. */

import type { Page } from "playwright-core";
import type { Visit } from "./visits.ts";

/** The demo's competition with a fee. */
const PAID_PATH = "/c/harbour-prize-run";

/** Tops up test money, joins with it and asks for some back; gives the person's own pages. */
export async function payAndJoin(page: Page): Promise<Visit[]> {
  await page.goto("/me/wallet/top-up");
  await page.getByLabel("Amount").fill("40.00");
  await page.getByRole("button", { name: "Go on to pay" }).click();
  await page.waitForURL("**/checkout/*");
  const checkout = new URL(page.url()).pathname;
  await page.getByRole("button", { name: "Pay", exact: true }).click();
  await page.waitForSelector("text=The test payment arrived");
  await page.goto(PAID_PATH);
  await page.getByRole("button", { name: "from the wallet and join" }).click();
  await page.waitForSelector("text=You take part");
  await page.goto("/me/wallet/withdraw");
  await page.getByLabel("Amount").fill("5.00");
  await page.getByRole("button", { name: "Ask for it" }).click();
  await page.waitForURL("**/me/wallet/orders/*");
  return [
    { name: "checkout", path: checkout },
    { name: "wallet", path: "/me/wallet" },
    { name: "wallet-transactions", path: "/me/wallet/transactions" },
    { name: "wallet-orders", path: "/me/wallet/orders" },
    { name: "wallet-order", path: new URL(page.url()).pathname },
    { name: "top-up", path: "/me/wallet/top-up" },
    { name: "withdraw", path: "/me/wallet/withdraw" },
    { name: "notices", path: "/me/notices" },
    { name: "paid-joined", path: PAID_PATH },
    { name: "paid-leave", path: `${PAID_PATH}/leave` },
    { name: "prizes", path: `${PAID_PATH}/prizes` },
  ];
}

/** The pages of finance, once somebody has paid. */
export async function financeVisits(page: Page): Promise<Visit[]> {
  const order = await firstLink(page, "/admin/orders");
  const account = await firstLink(page, "/admin/ledger?kind=wallet");
  const transaction = await firstLink(page, account);
  await page.goto("/admin/competitions?q=harbour");
  const paid = await page.locator("td a").first().getAttribute("href") ?? "";
  return [
    { name: "orders", path: "/admin/orders" },
    { name: "orders-nothing-found", path: "/admin/orders?user=nobody@example.org" },
    { name: "order", path: order },
    { name: "ledger", path: "/admin/ledger" },
    { name: "statement", path: account },
    { name: "transaction", path: transaction },
    { name: "reconciliation", path: "/admin/ledger/reconciliation" },
    { name: "competition-paid-prizes", path: `${paid}/prizes` },
  ];
}

/** Where the first row of a list leads. */
export async function firstLink(page: Page, list: string): Promise<string> {
  await page.goto(list);
  return await page.locator("td a").first().getAttribute("href") ?? "";
}
