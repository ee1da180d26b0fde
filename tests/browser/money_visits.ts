/** Money that moves in the browser, and the pages that show it afterwards. */

import type { Page } from "playwright-core";
import type { Visit } from "./visits.ts";

/** The demo's competitions with a fee: one to join, one that is paid out. */
const PAID_PATH = "/c/harbour-prize-run";
const SETTLED_PATH = "/c/canal-endurance-week";

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
  const withdrawal = new URL(page.url()).pathname;
  await page.goto("/me/wallet/payouts");
  await page.getByRole("button", { name: "Connect an account" }).click();
  await page.waitForURL("**/checkout/accounts/*");
  return [
    { name: "checkout", path: checkout },
    { name: "test-account", path: new URL(page.url()).pathname },
    { name: "payouts", path: "/me/wallet/payouts" },
    { name: "wallet", path: "/me/wallet" },
    { name: "wallet-transactions", path: "/me/wallet/transactions" },
    { name: "wallet-orders", path: "/me/wallet/orders" },
    { name: "wallet-order", path: withdrawal },
    { name: "top-up", path: "/me/wallet/top-up" },
    { name: "withdraw", path: "/me/wallet/withdraw" },
    { name: "notices", path: "/me/notices" },
    { name: "paid-joined", path: PAID_PATH },
    { name: "paid-leave", path: `${PAID_PATH}/leave` },
    { name: "prizes", path: `${PAID_PATH}/prizes` },
    { name: "prizes-settled", path: `${SETTLED_PATH}/prizes` },
  ];
}

/** The pages of finance, once somebody has paid. */
export async function financeVisits(page: Page): Promise<Visit[]> {
  const order = await firstLink(page, "/admin/orders");
  const topUp = await firstLink(page, "/admin/orders?kind=top_up&status=fulfilled");
  const waiting = await firstLink(page, "/admin/orders?kind=withdrawal&status=pending");
  const account = await firstLink(page, "/admin/ledger?kind=wallet");
  const transaction = await firstLink(page, account);
  await page.goto("/admin/competitions?q=harbour");
  const paid = await page.locator("td a").first().getAttribute("href") ?? "";
  await page.goto("/admin/competitions?q=canal");
  const settled = await page.locator("td a").first().getAttribute("href") ?? "";
  return [
    { name: "orders", path: "/admin/orders" },
    { name: "orders-nothing-found", path: "/admin/orders?user=nobody@example.org" },
    { name: "order", path: order },
    { name: "order-top-up", path: topUp },
    { name: "order-withdrawal", path: waiting },
    { name: "withdrawals-queue", path: "/admin/orders?kind=withdrawal&status=pending" },
    { name: "ledger", path: "/admin/ledger" },
    { name: "statement", path: account },
    { name: "transaction", path: transaction },
    { name: "reconciliation", path: "/admin/ledger/reconciliation" },
    { name: "competition-paid-prizes", path: `${paid}/prizes` },
    { name: "competition-settled-prizes", path: `${settled}/prizes` },
  ];
}

/** Where the first row of a list leads. */
export async function firstLink(page: Page, list: string): Promise<string> {
  await page.goto(list);
  return await page.locator("td a").first().getAttribute("href") ?? "";
}
