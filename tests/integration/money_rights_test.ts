/** Who moves money: its owner and finance; and finance touches no score. */

import { assertEquals } from "@std/assert";
import { SCOPE_NAMES } from "@/domain/scope.ts";
import { openTestApp, type TestApp } from "@/tests/support/app.ts";
import { createFakeGateway } from "@/tests/support/fake_gateway.ts";

const HOUR_MS = 3_600_000;

/** A paid competition with one entrant, whose withdrawal waits; and everybody who looks at it. */
async function open() {
  const gateway = createFakeGateway();
  const app = await openTestApp({ services: { gateway } });
  const { call, services, time } = app;
  const people = {
    admin: await app.person("admin", "Ada"),
    finance: await app.person("finance", "Fay"),
    organiser: await app.person("organiser", "Olli"),
    other: await app.person("organiser", "Oona"),
    referee: await app.person("referee", "Rita"),
    owner: await app.person("member", "Mira"),
    member: await app.person("member", "Tom"),
  };
  const { token } = people.owner;
  const order = async (body: Record<string, unknown>) =>
    (await call("POST", "/orders", { token, body: { currency: "EUR", ...body } })).body.data;
  const topUp = await order({ kind: "top_up", amount: "20.00" });
  await services.payments.handle(gateway.event("captured", topUp));
  const withdrawal = await order({ kind: "withdrawal", amount: "2.00" });
  const created = await call("POST", "/competitions", {
    token: people.organiser.token,
    body: {
      name: "Paid Cup",
      startsAt: new Date(time.now() + HOUR_MS).toISOString(),
      endsAt: new Date(time.now() + 9 * HOUR_MS).toISOString(),
      scoring: { kind: "direct" },
      entryFee: { currency: "EUR", amount: "5.00" },
    },
  });
  const competitionId: string = created.body.data.id;
  await call("POST", `/competitions/${competitionId}/publish`, { token: people.organiser.token });
  const joined = await call("POST", `/competitions/${competitionId}/join`, { token, body: {} });
  const key = await call("POST", "/admin/api-keys", {
    token: people.admin.token,
    body: { name: "Everything", scopes: [...SCOPE_NAMES] },
  });
  const [move] = await app.database.sql<{ id: string; account: number }[]>`
    select t.id, p.account_id as account from ledger_transactions t
    join ledger_postings p on p.transaction_id = t.id where t.kind = 'top_up' and p.line = 2`;
  const participantId: string = joined.body.data.participantId;
  return Object.assign(app, {
    ...{ people, topUp, withdrawal, competitionId, participantId, move: move! },
    key: key.body.data.key as string,
  });
}

type World = TestApp & Awaited<ReturnType<typeof open>>;
type Ask = [method: string, path: string, body?: unknown];

/** What its owner, or finance, may do. */
function ownersPaths({ people, withdrawal }: World): Ask[] {
  const own = `/users/${people.owner.userId}`;
  return [
    ["GET", `/orders/${withdrawal.id}`],
    ["PUT", `/orders/${withdrawal.id}`, { note: "Mine" }],
    ["DELETE", `/orders/${withdrawal.id}`],
    ["GET", `/orders?user=${people.owner.userId}`],
    ["GET", `${own}/transactions`],
    ["GET", `${own}/wallet`],
    ["GET", `${own}/payout-account`],
    ["POST", `${own}/payout-account/connect`],
  ];
}

/** What finance alone may do; also not the owner. */
function financePaths(world: World): Ask[] {
  const { people, withdrawal, topUp, competitionId, participantId, move } = world;
  const wallet = { kind: "wallet", userId: people.owner.userId };
  const reason = "Because";
  return [
    ["PUT", `/orders/${withdrawal.id}`, { status: "paid", reason }],
    ["PUT", `/orders/${withdrawal.id}`, { status: "failed", reason }],
    ["POST", `/admin/withdrawals/${withdrawal.id}/sent`, { reference: "SEPA" }],
    ["POST", `/admin/withdrawals/${withdrawal.id}/returned`, { reason }],
    ["POST", `/admin/payments/${topUp.id}/refund`, { reason }],
    ["PUT", `/admin/payout-accounts/${people.owner.userId}`, { account: "acct_123" }],
    ["GET", "/admin/ledger/accounts"],
    ["GET", `/admin/ledger/accounts/${move.account}/statement`],
    ["GET", `/admin/ledger/transactions/${move.id}`],
    ["GET", "/admin/ledger/reconciliation"],
    ["POST", `/admin/ledger/transactions/${move.id}/reverse`, { reason }],
    ["POST", "/admin/ledger/adjustments", {
      ...{ from: { kind: "fees" }, to: wallet, currency: "EUR", amount: "9.00", reason },
      reference: "r-1",
    }],
    ["POST", `/prizes/distribute/${competitionId}`, {}],
    ["POST", `/prizes/${competitionId}/participants/${participantId}/take-back`, { reason }],
  ];
}

/** What referees and organisers may do to scores. */
function scorePaths({ competitionId, participantId, people, move }: World): Ask[] {
  const reason = "Because";
  const participant = `/competitions/${competitionId}/participants/${participantId}`;
  return [
    ["POST", "/leaderboard/update", { competitionId, userId: people.owner.userId, score: 9 }],
    ["POST", `/leaderboard/events/${move.id}/void`, { reason }],
    ["POST", `${participant}/disqualify`, { reason }],
    ["POST", `${participant}/adjust`, { score: 3, reason }],
    ["POST", `/competitions/${competitionId}/freeze`, {}],
    ["POST", `/competitions/${competitionId}/cancel`, { reason }],
  ];
}

async function refusalsOf(world: World, token: string | undefined, asked: readonly Ask[]) {
  const heard: string[] = [];
  for (const [method, path, body] of asked) {
    const call = { ...(token ? { token } : {}), ...(body === undefined ? {} : { body }) };
    const { status } = await world.call(method, path, call);
    heard.push(`${status} ${method} ${path}`);
  }
  return heard;
}

const all = (status: number, asked: readonly Ask[]) =>
  asked.map(([method, path]) => `${status} ${method} ${path}`);

Deno.test("money is its owner's and finance's, scores are not finance's", async (t) => {
  await using world = await open() as World;
  const { people, key } = world;
  const ofOwner = ownersPaths(world);
  const ofFinance = financePaths(world);

  for (const who of ["member", "organiser", "other", "referee"] as const) {
    await t.step(`${who}: forbidden`, async () => {
      const asked = [...ofOwner, ...ofFinance];
      assertEquals(await refusalsOf(world, people[who].token, asked), all(403, asked));
    });
  }
  await t.step("nobody: asked to sign in; a key of every scope: it takes a person", async () => {
    const asked = [...ofOwner, ...ofFinance];
    assertEquals(await refusalsOf(world, undefined, asked), all(401, asked));
    assertEquals(await refusalsOf(world, key, asked), all(403, asked));
  });
  await t.step("the owner decides nothing, and opens nobody's books", async () => {
    assertEquals(await refusalsOf(world, people.owner.token, ofFinance), all(403, ofFinance));
  });
  await t.step(
    "finance: no scores; another's prizes are previewed by who manages them",
    async () => {
      const scores = scorePaths(world);
      // An unknown event is not there for whoever may not void one either.
      const heard = await refusalsOf(world, people.finance.token, scores);
      assertEquals(heard.filter((line) => !/^(403|404) /.test(line)), []);
      const preview: Ask[] = [["POST", `/prizes/calculate/${world.competitionId}`]];
      assertEquals(await refusalsOf(world, people.other.token, preview), all(403, preview));
      assertEquals(await refusalsOf(world, people.referee.token, preview), all(403, preview));
      assertEquals(await refusalsOf(world, key, preview), all(403, preview));
      assertEquals(await refusalsOf(world, people.finance.token, preview), all(200, preview));
      assertEquals(await refusalsOf(world, people.organiser.token, preview), all(200, preview));
    },
  );
  await t.step("nothing has happened", async () => {
    const { body } = await world.call("GET", `/users/${people.owner.userId}/wallet`, {
      token: people.owner.token,
    });
    const [wallet] = body.data;
    assertEquals([wallet.balanceMinor, wallet.reservedMinor], ["1500", "200"]);
  });
});
