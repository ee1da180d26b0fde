import { assertEquals, assertThrows } from "@std/assert";
import { DomainError } from "./error.ts";
import { isSettled, nextStatus, ORDER_EVENTS, ORDER_STATUSES, stepOrder } from "./order.ts";

Deno.test("nextStatus() allows exactly these steps", () => {
  const steps = ORDER_STATUSES.flatMap((status) =>
    ORDER_EVENTS.flatMap((event) => {
      const next = nextStatus(status, event);
      return next ? [`${status} ${event} ${next}`] : [];
    })
  );

  assertEquals(steps, [
    "pending pay paid",
    "pending fail failed",
    "pending cancel cancelled",
    "paid fulfil fulfilled",
    "paid fail failed",
    "paid refund refunded",
    "fulfilled refund refunded",
    "failed pay paid",
    "cancelled pay paid",
  ]);
});

Deno.test("stepOrder() fails with ORDER_STATE where nothing can happen", () => {
  const error = assertThrows(
    () => stepOrder({ id: "o1", status: "refunded" }, "refund"),
    DomainError,
  );

  assertEquals(error.code, "ORDER_STATE");
  assertEquals(ORDER_STATUSES.filter(isSettled), ["fulfilled", "failed", "cancelled", "refunded"]);
});
