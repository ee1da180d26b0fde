/** Test money from the first order to the withdrawal, in a browser without script. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createLocalGateway } from "@/external/local_gateway.ts";
import { createTestAccounts, type TestAccounts } from "@/services/money/test_accounts.ts";
import { createTestTransfers, type TestTransfers } from "@/services/money/test_transfers.ts";
import { openTestApp, TEST_PASSWORD, type TestPerson } from "../support/app.ts";
import { createManualTime } from "../support/manual_time.ts";
import { assertBooksBalance } from "../support/money.ts";
import { createPageClient } from "../support/page_client.ts";

const MINUTE_MS = 60_000;

async function open() {
  const time = createManualTime();
  // The records stand in the app's own database, which is not open yet.
  const testTransfers = {} as TestTransfers;
  const testAccounts = {} as TestAccounts;
  const gateway = createLocalGateway({
    ...{ transfers: testTransfers, accounts: testAccounts, publicUrl: "http://localhost" },
  });
  const app = await openTestApp({ time, services: { gateway, testTransfers, testAccounts } });
  const shared = { database: app.database, clock: time };
  Object.assign(testTransfers, createTestTransfers(shared));
  Object.assign(testAccounts, createTestAccounts(shared));
  const browserOf = async ({ email }: TestPerson) => {
    const browser = createPageClient(app);
    await browser.get("/sign-in");
    await browser.post("/sign-in", { email, password: TEST_PASSWORD });
    return browser;
  };
  return Object.assign(app, { gateway, testTransfers, browserOf });
}

Deno.test("test money: topped up on the checkout page, withdrawn, given back, all books equal", async (t) => {
  await using app = await open();
  const { call, services } = app;
  const [payer, other] = [await app.person(), await app.person("member", "Aino")];
  const finance = await app.person("finance", "Olavi");
  const browser = await app.browserOf(payer);
  const order = async (body: Record<string, unknown>) => {
    const placed = await call("POST", "/orders", {
      token: payer.token,
      body: { currency: "EUR", ...body },
    });
    assertEquals(placed.status, 201);
    const payUrl: string | undefined = placed.body.data.payment?.payUrl;
    return { id: placed.body.data.id as string, path: payUrl && new URL(payUrl).pathname };
  };
  const statusOf = async (id: string) =>
    (await call("GET", `/orders/${id}`, { token: payer.token })).body.data.status;
  const wallet = async () => {
    const { body } = await call("GET", `/users/${payer.userId}/wallet`, { token: payer.token });
    return body.data.find(({ kind }: { kind: string }) => kind === "wallet")?.balance ?? "0.00";
  };

  await t.step("pays by a form; once more does nothing", async () => {
    const { id, path } = await order({ kind: "top_up", amount: "20.00" });
    const page = await browser.get(path!);
    assertStringIncludes(page.html, "Test money");
    assertStringIncludes(page.html, "20.00 EUR");
    assertMatch((await browser.post(path!, { choice: "pay" })).html, /Paid/);
    assertEquals([await statusOf(id), await wallet()], ["fulfilled", "20.00"]);
    await browser.post(path!, { choice: "fail" });
    assertEquals([await statusOf(id), await wallet()], ["fulfilled", "20.00"]);
  });
  await t.step("lets it fail, gives up, chooses nothing known", async () => {
    const [failing, left] = [
      await order({ kind: "top_up", amount: "5.00" }),
      await order({ kind: "top_up", amount: "6.00" }),
    ];
    await browser.get(failing.path!);
    assertEquals((await browser.post(failing.path!, { choice: "steal" })).status, 400);
    await browser.get(failing.path!);
    await browser.post(failing.path!, { choice: "fail" });
    await browser.get(left.path!);
    await browser.post(left.path!, { choice: "cancel" });
    const statuses = [await statusOf(failing.id), await statusOf(left.id), await wallet()];
    assertEquals(statuses, ["failed", "failed", "20.00"]);
  });
  await t.step("somebody else sees and pays nothing, a stranger signs in first", async () => {
    const { id, path } = await order({ kind: "top_up", amount: "7.00" });
    const theirs = await app.browserOf(other);
    assertEquals((await theirs.get(path!)).status, 403);
    assertEquals((await theirs.post(path!, { choice: "pay" })).status, 403);
    assertMatch((await createPageClient(app).get(path!)).path, /^\/sign-in/);
    assertEquals((await theirs.get("/checkout/test_pay_none")).status, 404);
    assertEquals(await statusOf(id), "pending");
    await call("DELETE", `/orders/${id}`, { token: payer.token });
    assertEquals(
      (await app.testTransfers.find(path!.slice("/checkout/".length)))!.state,
      "cancelled",
    );
  });
  await t.step("a report that was lost is made again by the job, once", async () => {
    const { id, path } = await order({ kind: "top_up", amount: "8.00" });
    // The gateway noted the payment, and the process died before the books had it.
    await app.testTransfers.decide(path!.slice("/checkout/".length), "done");
    assertEquals(await statusOf(id), "pending");
    app.time.advance(MINUTE_MS);
    assertEquals((await services.jobs.runDue()).failed, []);
    assertEquals([await statusOf(id), await wallet()], ["fulfilled", "28.00"]);
    assertEquals(await services.testCheckout!.report(), 0);
  });
  await t.step("connects an account on the gateway's page, or is refused", async () => {
    const start = "/me/wallet/payouts";
    assertStringIncludes((await browser.get(start)).html, "Connect an account");
    const opened = await browser.post(start, {});
    assertMatch(opened.path, /^\/checkout\/accounts\/test_acct_/);
    const theirs = await app.browserOf(other);
    assertEquals((await theirs.get(opened.path)).status, 403);
    assertMatch((await createPageClient(app).get(opened.path)).path, /^\/sign-in/);
    assertStringIncludes((await browser.get(start)).html, "Go on at the gateway");
    await browser.get(opened.path);
    assertStringIncludes((await browser.post(opened.path, { choice: "connect" })).html, "Ready");
    await theirs.get(start);
    const refused = await theirs.post(start, {});
    assertStringIncludes((await theirs.post(refused.path, { choice: "refuse" })).html, "by hand");
  });
  await t.step("withdraws with approval, is given back a payment; both books agree", async () => {
    const { id } = await order({ kind: "withdrawal", amount: "3.00" });
    const approval = { status: "paid", reason: "Known" };
    await call("PUT", `/orders/${id}`, { token: finance.token, body: approval });
    const paid = await order({ kind: "top_up", amount: "1.00" });
    await browser.get(paid.path!);
    await browser.post(paid.path!, { choice: "pay" });
    const reference = `test_pay_${paid.id}`;
    const refund = { key: "k", reference, currency: "EUR", amountMinor: 60n };
    await app.gateway.refund(refund);
    await app.gateway.refund(refund);
    let refused = false;
    await app.gateway.refund({ ...refund, key: "k2" }).catch(() => refused = true);
    assert(refused);
    const large = await order({ kind: "top_up", amount: "2.00" });
    await browser.get(large.path!);
    await browser.post(large.path!, { choice: "pay" });
    const byFinance = { token: finance.token, body: { reason: "Paid twice" } };
    const asked = [0, 1].map(() => call("POST", `/admin/payments/${large.id}/refund`, byFinance));
    assertEquals((await Promise.all(asked)).map(({ status }) => status), [200, 200]);
    const refusal = await call("POST", `/admin/payments/${id}/refund`, byFinance);
    assertEquals(refusal.body.error.code, "ORDER_STATE");
    app.time.advance(MINUTE_MS);
    await services.jobs.runDue();
    assertEquals([await statusOf(id), await wallet()], ["fulfilled", "25.40"]);
    assertEquals(await statusOf(large.id), "refunded");
    const again = await call("POST", `/admin/payments/${large.id}/refund`, byFinance);
    assertEquals([again.status, await wallet()], [200, "25.40"]);
    const path = "/admin/ledger/reconciliation";
    const { body } = await call("GET", path, { token: finance.token });
    assertEquals(body.data.balanced, true);
    const { gatewayMinor, ledgerMinor, agrees } = body.data.gateways[0];
    assertEquals([gatewayMinor, ledgerMinor, agrees], ["2540", "2540", true]);
    await assertBooksBalance(app.database);
  });
});
