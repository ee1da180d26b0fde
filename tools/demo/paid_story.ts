/**
 * The end of the demo's paid competition, told through the ordinary services when the demo is there:
 * the result becomes final, the prizes are paid, and two winners ask for their money. Does nothing
 * to what was done before, so that a start that was interrupted is made good by the next.
 *
 * @module
 */

import type { Database } from "@/db/client.ts";
import type { UserActor } from "@/domain/actor.ts";
import type { Clock } from "@/platform/clock.ts";
import type { Services } from "@/services/mod.ts";
import { athleteActor } from "./athletes.ts";
import { SETTLED_SLUG } from "./paid_competitions.ts";

export interface PaidStoryDeps {
  database: Database;
  clock: Clock;
  services: Pick<
    Services,
    "lifecycle" | "prizes" | "orders" | "payoutAccounts" | "testOnboarding"
  >;
}

/** Finishes what the seed began; undefined where the competition is none of the demo any more. */
export async function settlePaidStory(
  { database, clock, services }: PaidStoryDeps,
  adminId: string,
): Promise<void> {
  const [row] = await database.sql<{ id: string; status: string }[]>`
    select id, status from competitions where slug = ${SETTLED_SLUG} and is_demo`;
  if (!row || !["published", "final", "settled"].includes(row.status)) return;
  const admin: UserActor = { ...athleteActor(adminId, clock.now()), role: "admin" };
  if (row.status === "published") await services.lifecycle.finalise(admin, row.id, {});
  await services.prizes.distribute(admin, row.id, { reason: "The result is final" });
  // Without a gateway nothing can be withdrawn.
  if (services.orders.gateway) await askForMoney({ database, clock, services }, row.id);
}

/** The winner has an account at the gateway; the second asks finance to send the money. */
async function askForMoney(
  { database, clock, services }: PaidStoryDeps,
  competitionId: string,
): Promise<void> {
  const winners = await database.sql<{ userId: string; currency: string; amount: string }[]>`
    select p.user_id as "userId", d.currency, p.amount_minor::text as amount
    from prize_payouts p join prize_distributions d on d.competition_id = p.competition_id
    where p.competition_id = ${competitionId} and p.reversal_id is null
    order by p.first_place, p.participant_id limit 2`;
  const idempotencyKey = `demo-withdrawal-${competitionId}`;
  const asked = await database.sql<{ userId: string }[]>`
    select user_id as "userId" from orders where idempotency_key = ${idempotencyKey}`;
  for (const [index, { userId, currency, amount }] of winners.entries()) {
    if (asked.some((order) => order.userId === userId)) continue;
    const actor = athleteActor(userId, clock.now());
    if (index === 0) await connect(services, actor);
    const withdrawal = { kind: "withdrawal" as const, currency, amountMinor: amount };
    await services.orders.place(
      actor,
      { ...withdrawal, note: "My prize" },
      { idempotencyKey },
    );
  }
}

async function connect(
  { payoutAccounts, testOnboarding }: PaidStoryDeps["services"],
  actor: UserActor,
): Promise<void> {
  if (!testOnboarding) return;
  const { account } = await payoutAccounts.connect(actor, actor.userId);
  await testOnboarding.decide(actor, account, "connect");
}
