/** Members and finance at a gateway that a test plays: what arrives, leaves and comes back. */

import { OrderInput } from "@/contracts/orders.ts";
import type { UserActor } from "@/domain/actor.ts";
import { createFakeGateway } from "./fake_gateway.ts";
import { createTestLedger } from "./money.ts";
import { openTestServices } from "./services.ts";
import { createUser, userActor } from "./users.ts";

/** Opens the services with the gateway in the test's hand. */
export async function openMoneyDesk() {
  const gateway = createFakeGateway();
  const test = await openTestServices(undefined, { gateway });
  const { database, services, time } = test;
  const money = createTestLedger(database, time);
  const staff = async (role: "finance" | "admin") =>
    userActor(await createUser(database, { role }), { role });
  const place = (actor: UserActor, body: Record<string, unknown>) =>
    services.orders.place(actor, OrderInput.parse({ currency: "EUR", ...body }));
  return {
    ...test,
    gateway,
    money,
    staff,
    finance: await staff("finance"),
    place,
    member: async () => userActor(await createUser(database)),
    /** A top-up that arrived. */
    async topUp(actor: UserActor, amountMinor: number) {
      const order = await place(actor, { kind: "top_up", amountMinor });
      await services.payments.handle(gateway.event("captured", order));
      return order;
    },
  };
}
