/** Money over the API: orders, wallet, statements, prizes, reconciliation; who may see what. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { DAY_MS } from "@/domain/time.ts";
import { openTestApp } from "../support/app.ts";
import { createFakeGateway } from "../support/fake_gateway.ts";
import { createManualTime } from "../support/manual_time.ts";
import { SYSTEM } from "../support/users.ts";

Deno.test("money over the API", async (t) => {
  const gateway = createFakeGateway();
  const time = createManualTime();
  await using app = await openTestApp({ time, services: { gateway } });
  const { call, services } = app;
  const [mira, odd] = [await app.person(), await app.person("member", "Odd")];
  const organiser = await app.person("organiser");
  const finance = await app.person("finance");
  const get = (path: string, token?: string) => call("GET", path, token ? { token } : {});
  const post = (path: string, token: string, body: unknown, headers = {}) =>
    call("POST", path, { token, body, headers });
  let orderId = "";
  let competitionId = "";

  await t.step("POST /orders fills the wallet through the gateway", async () => {
    const order = { kind: "top_up", currency: "EUR", amount: "20.00" };
    const placed = await post("/orders", mira.token, order, { "idempotency-key": "a" });
    const again = await post("/orders", mira.token, order, { "idempotency-key": "a" });
    orderId = placed.body.data.id;
    await services.payments.handle(gateway.event("captured", placed.body.data));

    assertEquals([placed.status, placed.body.data.amountMinor], [201, "2000"]);
    assertEquals(again.body.data.id, orderId);
    assertEquals(placed.body.data.payment.isTestMoney, true);
    const wallet = await get(`/users/${mira.userId}/wallet`, mira.token);
    assertEquals(wallet.body.data.map((one: { balance: string }) => one.balance), ["20.00"]);
    const list = await get(`/orders?status=fulfilled`, mira.token);
    assertEquals([list.body.data.length, list.body.meta.total], [1, 1]);
  });

  await t.step("faulty orders are named by field", async () => {
    const faults: [unknown, string][] = [
      [{ kind: "top_up", currency: "EUR", amount: "1.005" }, "amountMinor"],
      [{ kind: "top_up", currency: "XXX", amount: "1" }, "currency"],
      [{ kind: "top_up", currency: "EUR", amountMinor: 0 }, "amountMinor"],
      [{ kind: "top_up", currency: "EUR" }, "amountMinor"],
      [{ kind: "top_up", currency: "EUR", amountMinor: 1, amount: "1.00" }, "amountMinor"],
      [{ kind: "top_up", currency: "EUR", amountMinor: "100000000001" }, "amountMinor"],
    ];
    for (const [body, field] of faults) {
      const answer = await post("/orders", mira.token, body);
      assertEquals([answer.status, answer.body.error.details[0].field], [400, field]);
    }
  });

  await t.step("POST /competitions/:id/join charges; without the money 402", async () => {
    const created = await post("/competitions", organiser.token, {
      name: "Paid Cup",
      startsAt: new Date(time.now() + DAY_MS).toISOString(),
      endsAt: new Date(time.now() + 3 * DAY_MS).toISOString(),
      scoring: { kind: "direct" },
      entryFee: { currency: "EUR", amount: "5.00", platformBps: 1000 },
      prizes: { tiers: [{ shareBps: 10000 }] },
    });
    competitionId = created.body.data.id;
    assertEquals(created.body.data.entryFee, {
      currency: "EUR",
      amountMinor: "500",
      amount: "5.00",
      poolBps: 9000,
      platformBps: 1000,
      organiserBps: 0,
    });
    await services.settings.change(SYSTEM, { platformCutBasisPoints: 1500 });
    const cut = await post(`/competitions/${competitionId}/clone`, organiser.token, {});
    const { poolBps, platformBps } = cut.body.data.entryFee;
    assertEquals([poolBps, platformBps], [8500, 1500]);
    await services.settings.change(SYSTEM, { platformCutBasisPoints: 0 });
    assertEquals(created.body.data.prizes.tiers, [{ places: 1, shareBps: 10000 }]);
    await call("POST", `/competitions/${competitionId}/publish`, { token: organiser.token });
    const clone = await post(`/competitions/${competitionId}/clone`, organiser.token, {});
    assertEquals(clone.body.data.entryFee, created.body.data.entryFee);
    assertEquals(clone.body.data.prizes, created.body.data.prizes);
    const locked = await call("PUT", `/competitions/${competitionId}`, {
      token: organiser.token,
      body: { entryFee: null },
    });
    assertEquals(locked.body.error.code, "RULES_LOCKED");

    const joined = await post(`/competitions/${competitionId}/join`, mira.token, {});
    const refused = await post(`/competitions/${competitionId}/join`, odd.token, {});
    assertEquals([joined.status, refused.status, refused.body.error.code], [
      201,
      402,
      "INSUFFICIENT_FUNDS",
    ]);
  });

  await t.step("others' money is nobody's business", async () => {
    for (
      const path of [
        `/orders/${orderId}`,
        `/orders?user=${mira.userId}`,
        `/users/${mira.userId}/transactions`,
        `/users/${mira.userId}/transactions?format=csv`,
        `/users/${mira.userId}/wallet`,
        `/users/${mira.userId}/notices`,
        "/admin/ledger/accounts",
        "/admin/ledger/reconciliation",
      ]
    ) {
      assertEquals((await get(path, odd.token)).status, 403, path);
      assertEquals((await get(path)).status, 401, path);
    }
    const tried = await post(`/prizes/distribute/${competitionId}`, organiser.token, {});
    assertEquals(tried.status, 403);
  });

  await t.step("GET /users/:id/transactions pages, filters, and writes CSV", async () => {
    const path = `/users/${mira.userId}/transactions`;
    const all = await get(path, mira.token);
    assertEquals(
      all.body.data.map((line: Record<string, string>) => [
        line.kind,
        line.amount,
        line.balanceAfter,
      ]),
      [["entry", "-5.00", "15.00"], ["top_up", "20.00", "20.00"]],
    );
    const first = await get(`${path}?page_size=1`, mira.token);
    assertEquals([first.body.meta.total, first.body.meta.totalPages], [2, 2]);
    const second = await get(`${path}?page_size=1&page=2`, mira.token);
    const next = await get(`${path}?page_size=1&cursor=${first.body.meta.nextCursor}`, mira.token);
    assertEquals(second.body.data, next.body.data);
    assertEquals(next.body.meta.nextCursor, null);
    const filtered = await get(`${path}?kind=entry&currency=EUR`, mira.token);
    assertEquals([filtered.body.data.length, filtered.body.meta.total], [1, 1]);
    assertEquals((await get(`${path}?currency=USD`, mira.token)).body.data, []);
    const csv = await get(`${path}?format=csv`, mira.token);
    assertEquals(csv.headers.get("content-type"), "text/csv; charset=utf-8");
    assertEquals(csv.body.split("\r\n").length, 4);
    assertMatch(csv.body, /entry,wallet,EUR,-5.00,15.00,/);
  });

  await t.step("finance reads statements and transactions, adjusts and reverses", async () => {
    const bank = {
      currency: "EUR",
      amount: "7.50",
      from: { kind: "clearing", gateway: "manual" },
      to: { kind: "wallet", userId: odd.userId },
      reference: "bank-17",
      reason: "Bank transfer",
    };
    const adjusted = await post("/admin/ledger/adjustments", finance.token, bank);
    const again = await post("/admin/ledger/adjustments", finance.token, bank);
    assertEquals([adjusted.status, again.body.error.code], [201, "CONFLICT"]);
    const { id, lines } = adjusted.body.data;
    const told = await get(`/users/${odd.userId}/notices?unread=true`, odd.token);
    const [{ kind, payload }] = told.body.data;
    assertEquals([kind, payload.amount, payload.reason], [
      "wallet.adjusted",
      "7.50",
      "Bank transfer",
    ]);
    const reversed = await post(`/admin/ledger/transactions/${id}/reverse`, finance.token, {
      reason: "Came back",
    });
    const twice = await post(`/admin/ledger/transactions/${id}/reverse`, finance.token, {
      reason: "Came back",
    });
    assertEquals([reversed.status, twice.status], [201, 409]);
    const read = await get(`/admin/ledger/transactions/${id}`, finance.token);
    assertEquals(read.body.data.reversedById, reversed.body.data.id);
    const { account } = lines.find((line: { amount: string }) => line.amount === "7.50");
    const statement = await get(`/admin/ledger/accounts/${account.id}/statement`, finance.token);
    assertEquals(
      statement.body.data.lines.map((line: Record<string, string>) => line.balanceAfter),
      ["0.00", "7.50"],
    );
    const nobody = { ...bank, reference: "x", to: { kind: "wallet", userId: crypto.randomUUID() } };
    assertEquals((await post("/admin/ledger/adjustments", finance.token, nobody)).status, 404);
    const faults = [
      { ...bank, from: bank.to, reference: "to itself" },
      { ...bank, from: { kind: "clearing", gateway: "invented" }, reference: "from nowhere" },
    ];
    for (const fault of faults) {
      const refused = await post("/admin/ledger/adjustments", finance.token, fault);
      assertEquals(refused.body.error.code, "VALIDATION_ERROR", fault.reference);
    }
    const missing = await get("/admin/ledger/accounts/999999/statement", finance.token);
    assertEquals(missing.status, 404);
  });

  await t.step("prizes are previewed and distributed", async () => {
    time.advance(5 * DAY_MS);
    const admin = await app.person("admin");
    const late = await app.person("finance");
    const final = await post(`/competitions/${competitionId}/finalize`, admin.token, {});
    assertEquals(final.status, 200);
    const preview = await post(`/prizes/calculate/${competitionId}`, late.token, {});
    // Nobody scored: everything is rest, and goes to the organiser.
    assertEquals([preview.body.data.restMinor, preview.body.data.payouts], ["450", []]);
    const done = await post(`/prizes/distribute/${competitionId}`, late.token, {});
    assertEquals([done.status, done.body.data.status], [200, "settled"]);
    const shown = await get(`/prizes/${competitionId}`);
    assertEquals([shown.status, shown.body.meta.total], [200, 0]);
  });

  await t.step("GET /admin/ledger/reconciliation tells whether the books are true", async () => {
    const late = await app.person("finance");
    gateway.totals = () => Promise.resolve([{ currency: "EUR", amountMinor: 2000n }]);
    const { body } = await get("/admin/ledger/reconciliation", late.token);
    assertEquals([body.data.balanced, body.data.books[0].sumMinor], [true, "0"]);
    assertEquals(body.data.gateways.find((one: { gateway: string }) => one.gateway === "test"), {
      gateway: "test",
      currency: "EUR",
      ledgerMinor: "2000",
      gatewayMinor: "2000",
      agrees: true,
    });
    await services.books.checkBooks();

    gateway.totals = () => Promise.resolve([{ currency: "EUR", amountMinor: 1999n }]);
    const off = await get("/admin/ledger/reconciliation", late.token);
    assertEquals(off.body.data.balanced, false);
    const failed = await services.books.checkBooks().then(() => false, () => true);
    assert(failed);
  });
});
