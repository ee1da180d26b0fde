import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { AdjustmentRequest } from "@/contracts/ledger.ts";
import type { UserActor } from "@/domain/actor.ts";
import { openTestApp, TEST_PASSWORD, type TestApp, type TestPerson } from "@/tests/support/app.ts";
import { createFakeGateway } from "@/tests/support/fake_gateway.ts";
import { createTestLedger } from "@/tests/support/money.ts";
import { createPaidWorld } from "@/tests/support/paid_competition.ts";
import { createPageClient, faultsOf, mainText } from "@/tests/support/page_client.ts";
import { userActor } from "@/tests/support/users.ts";

const HOUR_MS = 3_600_000;

async function signIn(test: TestApp, { email }: TestPerson) {
  const client = createPageClient(test);
  await client.get("/sign-in");
  await client.post("/sign-in", { email, password: TEST_PASSWORD });
  return client;
}

/** The local date and time of an instant, as browsers post it. */
function local(at: number): string {
  return new Date(at).toISOString().slice(0, 16);
}

Deno.test("a fee is set, paid, won and withdrawn in the browser, without script", async (t) => {
  const gateway = createFakeGateway();
  await using test = await openTestApp({ services: { gateway } });
  const { services, time } = test;
  const people = {
    organiser: await test.person("organiser", "Olli Organiser"),
    finance: await test.person("finance", "Fay Finance"),
    mira: await test.person("member", "Mira Koskela"),
    tom: await test.person("member", "Tom Virtanen"),
  };
  const organiser = await signIn(test, people.organiser);
  const finance = await signIn(test, people.finance);
  const mira = await signIn(test, people.mira);
  const actorOf = ({ userId }: TestPerson, role: UserActor["role"] = "member") =>
    userActor(userId, { role });
  let id = "";

  await t.step("the form names what is wrong with fee and prizes, and keeps the rest", async () => {
    await organiser.get("/admin/competitions/new");
    const form = {
      ...{ name: "Paid Cup", visibility: "public", timeZone: "UTC", graceHours: "1" },
      ...{ startsAt: local(time.now() + HOUR_MS), endsAt: local(time.now() + 5 * HOUR_MS) },
      ...{ "scoring.kind": "direct", "scoring.operator": "set", "scoring.direction": "higher" },
      ...{ "scoring.decimals": "0", rankMethod: "standard" },
      ...{ "money.fee": "10.00", "money.currency": "eur", "money.organiser": "10" },
      ...{ "money.rest": "organiser", "money.clawBack": "manual", "money.approvals": "1" },
      ...{ "money.tiers.0.places": "1", "money.tiers.0.worth": "60 %" },
    };
    const faulty = await organiser.post("/admin/competitions/new", {
      ...form,
      "money.fee": "ten",
      "money.tiers.0.worth": "some",
      "money.platform": "200",
    });
    const made = await organiser.post("/admin/competitions/new", form);
    id = made.path.split("/").at(-1)!;
    const edit = await organiser.get(`/admin/competitions/${id}/edit`);
    await organiser.post(`/admin/competitions/${id}/danger`, { action: "publish" });
    const locked = await organiser.get(`/admin/competitions/${id}/edit`);

    assertEquals(faulty.status, 422);
    assertEquals(Object.keys(faultsOf(faulty)).sort(), [
      "money-fee",
      "money-platform",
      "money-tiers-0-worth",
    ]);
    assertStringIncludes(edit.html, 'value="60 %"');
    assertStringIncludes(mainText(locked), "90 % to the prizes, 10 % to the organiser");
  });

  await t.step("who has too little tops up, and pays from the wallet", async () => {
    const card = await mira.get("/c/paid-cup");
    await mira.get("/me/wallet/top-up?currency=EUR&amount=25.00");
    const faulty = await mira.post("/me/wallet/top-up", { amount: "2.555", currency: "EUR" });
    const placed = await mira.post("/me/wallet/top-up", {
      amount: "25,00",
      currency: "EUR",
      key: "a key of this form",
    });
    const orderId = placed.path.split("/").at(-1)!;
    await services.payments.handle(
      gateway.event("captured", { id: orderId, amountMinor: "2500" }),
    );
    const wallet = await mira.get("/me/wallet");
    await mira.get("/c/paid-cup");
    const joined = await mira.post("/c/paid-cup/join", {});
    const notices = await mira.get("/me/notices");
    const read = await mira.post("/me/notices", {
      upTo: /name="upTo" value="(\d+)"/.exec(notices.html)?.[1] ?? "",
    });

    assertStringIncludes(mainText(card), "Top up the wallet first");
    assertEquals(faultsOf(faulty), { amount: "EUR has no such small unit" });
    assertStringIncludes(mainText(placed), "Pay now");
    assertStringIncludes(mainText(wallet), "25.00");
    assertStringIncludes(mainText(joined), "You are in");
    assertStringIncludes(mainText(await mira.get("/me/wallet/transactions")), "−10.00");
    assertStringIncludes(mainText(notices), "Entry fee of 10.00");
    assertMatch(notices.html, /side-count">2/);
    assert(!read.html.includes("side-count"));
  });

  await t.step("prizes are previewed, paid, and shown with their proof", async () => {
    const admin = actorOf(people.organiser, "admin");
    const { fill } = createTestLedger(test.database, time);
    await fill(people.tom.userId, 1000n);
    await services.competitions.join(actorOf(people.tom), id, {});
    time.advance(2 * HOUR_MS);
    for (const [person, score] of [[people.mira, 9], [people.tom, 7]] as const) {
      const { userId } = person;
      await services.leaderboard.update(admin, { competitionId: id, userId, score });
    }
    const preview = await finance.get(`/admin/competitions/${id}/prizes`);
    time.advance(5 * HOUR_MS);
    await services.lifecycle.finalise(admin, id, {});
    await finance.get(`/admin/competitions/${id}/prizes`);
    const path = `/admin/competitions/${id}/prizes`;
    const refused = await organiser.post(path, { action: "distribute" });
    const paid = await finance.post(path, { action: "distribute", reason: "Approved" });
    const proof = await createPageClient(test).get("/c/paid-cup/prizes");
    const board = await createPageClient(test).get("/c/paid-cup");

    assertStringIncludes(mainText(preview), "Provisional");
    assertStringIncludes(mainText(preview), "10.80");
    assertEquals(refused.status, 403);
    assertStringIncludes(mainText(paid), "1 of 1 prizes in their wallets");
    assertStringIncludes(mainText(proof), "Place 1: 10.80 EUR");
    assertStringIncludes(mainText(proof), "Mira Koskela");
    assertStringIncludes(mainText(board), "All, with proof");
  });

  await t.step("finance decides withdrawals with a reason", async () => {
    await mira.get("/me/wallet/withdraw");
    const tooMuch = await mira.post("/me/wallet/withdraw", { amount: "99", currency: "EUR" });
    const asked = await mira.post("/me/wallet/withdraw", { amount: "5", currency: "EUR" });
    const orderId = asked.path.split("/").at(-1)!;
    const queue = await finance.get("/admin/orders?kind=withdrawal&status=pending");
    await finance.get(`/admin/orders/${orderId}`);
    const silent = await finance.post(`/admin/orders/${orderId}`, { action: "reject" });
    const rejected = await finance.post(`/admin/orders/${orderId}`, {
      action: "reject",
      reason: "Wrong account",
    });

    assertEquals(faultsOf(tooMuch), { amount: "The wallet holds less than that" });
    assertStringIncludes(mainText(queue), "Mira Koskela");
    assertEquals([silent.status, Object.keys(faultsOf(silent))], [422, ["reject-reason"]]);
    assertStringIncludes(mainText(rejected), "Wrong account");
    assertStringIncludes(mainText(await mira.get(asked.path)), "back in your wallet");
  });

  await t.step("finance reads the books and takes a move back", async () => {
    const adjusted = await services.books.adjust(
      actorOf(people.finance, "finance"),
      AdjustmentRequest.parse({
        ...{ from: { kind: "clearing", gateway: "manual" }, currency: "EUR", amount: "1.00" },
        ...{ to: { kind: "wallet", userId: people.mira.userId }, reference: "a", reason: "Bank" },
      }),
    );
    const accounts = await finance.get("/admin/ledger?kind=wallet");
    const account = /href="(\/admin\/ledger\/accounts\/\d+)"/.exec(accounts.html)?.[1] ?? "";
    const statement = await finance.get(account);
    const href = /href="(\/admin\/ledger\/transactions\/[^"]+)"/.exec(statement.html)?.[1] ?? "";
    const own = `/admin/ledger/transactions/${adjusted.id}`;
    const transaction = await finance.get(own);
    const silent = await finance.post(own, { action: "reverse" });
    const reversed = await finance.post(own, { action: "reverse", reason: "Wrong cup" });
    const [prize] = await test.database.sql<{ id: string }[]>`
      select id from ledger_transactions where kind = 'prize' limit 1`;
    const ofPrize = `/admin/ledger/transactions/${prize!.id}`;
    assert(!mainText(await finance.get(ofPrize)).includes("Reverse"));
    const refused = await finance.post(ofPrize, { action: "reverse", reason: "Wrong cup" });
    assertEquals(refused.status, 409);
    const books = await finance.get("/admin/ledger/reconciliation");

    assertStringIncludes(mainText(accounts), "Wallet");
    assertStringIncludes(mainText(statement), "Balance");
    assertStringIncludes(mainText(transaction), "Reverse");
    assertEquals(silent.status, 422);
    assertStringIncludes(mainText(reversed), "Takes back");
    assertStringIncludes(mainText(reversed), "Wrong cup");
    assertStringIncludes(mainText(books), "sum to zero");
    for (const path of ["/admin/orders", "/admin/ledger", href]) {
      assertEquals((await organiser.get(path)).status, 403, path);
    }
  });
});

Deno.test("two people approve the prizes, and finance takes back that of somebody disqualified", async () => {
  await using test = await openTestApp();
  const world = await createPaidWorld(test);
  const tiers = [{ places: 1, shareBps: 10_000 }];
  const { id, participants } = await world.final({
    prizes: { tiers, clawBack: "manual", approvals: 2 },
  }, [9, 7]);
  const path = `/admin/competitions/${id}/prizes`;
  const first = await signIn(test, await test.person("finance", "Fay Finance"));
  const second = await signIn(test, await test.person("finance", "Sam Second"));

  await first.get(path);
  const asked = await first.post(path, { action: "distribute" });
  const waiting = await second.get(path);
  const paid = await second.post(path, { action: "distribute" });
  await test.services.corrections.disqualify(world.admin, id, participants[0]!, {
    reason: "Rode a bicycle",
  });
  const payouts = await first.get(`${path}?takeBack=${participants[0]}`);
  const silent = await first.post(path, { action: "clawBack", participantId: participants[0]! });
  const back = await first.post(path, {
    action: "clawBack",
    participantId: participants[0]!,
    reason: "Rode a bicycle",
  });

  assertStringIncludes(mainText(asked), "The plan wants a second person");
  assertStringIncludes(mainText(waiting), "Approve and pay the prizes");
  assertStringIncludes(mainText(waiting), "Fay Finance");
  assertStringIncludes(mainText(paid), "1 of 1 prizes in their wallets");
  assertStringIncludes(mainText(payouts), "Take back 10.00 EUR");
  assertEquals(silent.status, 422);
  assertStringIncludes(mainText(back), "Taken back");
});
