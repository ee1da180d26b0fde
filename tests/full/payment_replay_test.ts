/** What a gateway reports, each report twice and in any order, comes to the same money. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { OrderInput } from "@/contracts/orders.ts";
import type { UserActor } from "@/domain/actor.ts";
import type { PaymentEvent } from "@/services/money/payment_gateway.ts";
import { createFakeGateway } from "../support/fake_gateway.ts";
import { createManualTime } from "../support/manual_time.ts";
import { addPayers, assertBooksBalance, createTestLedger } from "../support/money.ts";
import { openTestServices } from "../support/services.ts";
import { createUser, userActor } from "../support/users.ts";

const FUNDS = 10_000n;
const WITHDRAWN = 3_000n;
const RUNS = 25;

const paymentArbitrary = fc.record({
  amountMinor: fc.bigInt({ min: 2n, max: 20_000n }),
  fate: fc.constantFrom("captured", "failed", "failed, then captured"),
  goneAs: fc.constantFrom(undefined, "refunded", "disputed"),
  isPart: fc.boolean(),
  comesBack: fc.boolean(),
});
type Payment = typeof paymentArbitrary extends fc.Arbitrary<infer T> ? T : never;

const storyArbitrary = fc.record({
  payments: fc.array(paymentArbitrary, { minLength: 1, maxLength: 3 }),
  payout: fc.constantFrom("payout_paid", "payout_failed", "both"),
  /** Sorts the reports. */
  order: fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
});
type Story = typeof storyArbitrary extends fc.Arbitrary<infer T> ? T : never;

async function open() {
  const gateway = createFakeGateway();
  const time = createManualTime();
  const test = await openTestServices(time, { gateway });
  const money = createTestLedger(test.database, time);
  const finance = userActor(await createUser(test.database, { role: "finance" }), {
    role: "finance",
  });
  return { ...test, ...money, gateway, finance };
}
type World = Awaited<ReturnType<typeof open>>;

Deno.test("handle() books the same of any reports, doubled and in any order", async () => {
  await using world = await open();

  await fc.assert(
    fc.asyncProperty(storyArbitrary, (story) => play(world, story)),
    { numRuns: RUNS },
  );

  await assertBooksBalance(world.database);
});

async function play(world: World, story: Story): Promise<void> {
  const { services, database, wallet, balance } = world;
  const [userId] = await addPayers(database, 1, { ...world, amountMinor: FUNDS });
  const member = userActor(userId!);
  const paid = await Promise.all(
    story.payments.map((payment) => placeTopUp(world, member, payment)),
  );
  const withdrawal = await placeWithdrawal(world, member);
  const events = [
    ...paid.flatMap(({ events }) => events),
    ...payoutEvents(world, withdrawal, story.payout),
  ];

  for (const event of shuffled([...events, ...events], story.order)) {
    await services.payments.handle(event);
  }

  const owed = await balance({ kind: "receivable", userId: member.userId, currency: "EUR" });
  const net = paid.reduce((sum, { netMinor }) => sum + netMinor, 0n);
  const sent = story.payout === "payout_paid" ? WITHDRAWN : 0n;
  assertEquals(await wallet(member.userId) + owed, FUNDS + net - sent);
  for (const { id, status } of paid) {
    assertEquals((await services.orders.get(member, id)).status, status);
  }
}

/** An order, what the gateway tells of it, and what comes of that. */
async function placeTopUp({ services, gateway }: World, member: UserActor, payment: Payment) {
  const { fate, goneAs, isPart, comesBack } = payment;
  const amountMinor = `${payment.amountMinor}`;
  const input = OrderInput.parse({ kind: "top_up", currency: "EUR", amountMinor });
  const order = await services.orders.place(member, input);
  const { id } = order;
  const isCaptured = fate !== "failed";
  const gone = isCaptured && goneAs ? payment.amountMinor / (isPart ? 2n : 1n) : 0n;
  const tell = (kind: PaymentEvent["kind"], minor: bigint, reference = `pay_${id}`) =>
    gateway.event(kind, { id, amountMinor: `${minor}` }, { reference });
  const events: PaymentEvent[] = [];
  if (fate !== "captured") events.push(tell("payment_failed", payment.amountMinor));
  if (isCaptured) events.push(tell("captured", payment.amountMinor));
  if (gone > 0n) events.push(tell(goneAs!, gone, `back_${id}`));
  const back = goneAs === "refunded" ? "refund_failed" : "dispute_won";
  if (gone > 0n && comesBack) events.push(tell(back, gone, `back_${id}`));
  return {
    id,
    events,
    netMinor: isCaptured ? payment.amountMinor - (comesBack ? 0n : gone) : 0n,
    // A part that went back leaves the order as it is.
    status: gone === payment.amountMinor ? "refunded" : isCaptured ? "fulfilled" : "failed",
  };
}

async function placeWithdrawal({ services, finance }: World, member: UserActor): Promise<string> {
  const amountMinor = `${WITHDRAWN}`;
  const input = OrderInput.parse({ kind: "withdrawal", currency: "EUR", amountMinor });
  const { id } = await services.orders.place(member, input);
  await services.orders.change(finance, id, { status: "paid", reason: "Looked at" });
  return id;
}

function payoutEvents({ gateway }: World, id: string, payout: Story["payout"]): PaymentEvent[] {
  const kinds = payout === "both" ? ["payout_paid", "payout_failed"] as const : [payout];
  return kinds.map((kind) => gateway.event(kind, { id, amountMinor: `${WITHDRAWN}` }));
}

function shuffled<T>(items: readonly T[], order: readonly number[]): T[] {
  const keys = new Map(items.map((item, index) => [index, [order[index] ?? 0, item] as const]));
  return [...keys.values()].sort(([a], [b]) => a - b).map(([, item]) => item);
}
