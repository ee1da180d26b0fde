import { assertEquals, assertRejects } from "@std/assert";
import { DomainError } from "@/domain/error.ts";
import { createFakeGateway } from "@/tests/support/fake_gateway.ts";
import { withCallFaults } from "./local_faults.ts";

const request = { orderId: "o", userId: "u", account: "a", currency: "EUR", amountMinor: 5n };

Deno.test("withCallFaults() fails before the effect, after it, or not at all", async () => {
  const draws = [0.01, 0.09, 0.5];
  const fake = createFakeGateway();
  const gateway = withCallFaults(fake, { percent: 10, random: () => draws.shift()! });

  const before = await assertRejects(() => gateway.payout(request), DomainError);
  assertEquals([before.code, fake.payouts.length], ["SERVICE_UNAVAILABLE", 0]);
  const after = await assertRejects(() => gateway.payout(request), DomainError);
  assertEquals([after.code, fake.payouts.length], ["SERVICE_UNAVAILABLE", 1]);
  assertEquals(await gateway.payout(request), { reference: "out_o" });
});

Deno.test("withCallFaults() does nothing where nothing is to go wrong", async () => {
  const gateway = withCallFaults(createFakeGateway(), { percent: 0, random: () => 0 });

  assertEquals(await gateway.payout(request), { reference: "out_o" });
});
