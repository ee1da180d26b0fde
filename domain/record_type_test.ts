import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { QUANTITIES, type Quantity } from "./activity.ts";
import { findRecordType, toStoredInteger } from "./record_type.ts";

const QUANTITY_NAMES = Object.keys(QUANTITIES) as Quantity[];

const UNITS = {
  distance: ["m", "km", "mi", "ft", "yd"],
  "moving_time": ["s", "min", "h", "ms"],
  "active_energy": ["kcal", "cal", "kJ", "J"],
  "elevation_gain": ["m", "ft"],
  steps: ["count"],
  floors: ["count"],
} as const;

Deno.test("findRecordType() knows each quantity by its own name, in its own unit", () => {
  for (const quantity of QUANTITY_NAMES) {
    const { unit } = findRecordType(quantity)!;

    assertEquals(findRecordType(quantity)?.quantity, quantity);
    assertEquals(toStoredInteger(quantity, 1, unit), QUANTITIES[quantity].scale);
  }
});

Deno.test("findRecordType() reads platform names with the unit that platform uses", () => {
  const stored = (name: string, value: number) => {
    const type = findRecordType(name)!;
    return [type.quantity, toStoredInteger(type.quantity, value, type.unit)];
  };

  assertEquals(stored("HKQuantityTypeIdentifierDistanceWalkingRunning", 4.83538), [
    "distance",
    4_835_380,
  ]);
  assertEquals(stored("HKQuantityTypeIdentifierDistanceSwimming", 1500), ["distance", 1_500_000]);
  assertEquals(stored("DistanceRecord", 812.5), ["distance", 812_500]);
  assertEquals(stored("com.google.step_count.delta", 42), ["steps", 42]);
  assertEquals(stored("ActiveCaloriesBurnedRecord", 1.5), ["active_energy", 1500]);
  assertEquals(stored("HKQuantityTypeIdentifierFlightsClimbed", 3), ["floors", 3]);
});

Deno.test("findRecordType() knows nothing by the names of an object's own members", () => {
  for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty", ""]) {
    assertEquals(findRecordType(name), undefined);
    assertEquals(toStoredInteger("steps", 1, name), undefined);
  }
});

Deno.test("toStoredInteger() tells large and small calories, miles and feet apart", () => {
  assertEquals(toStoredInteger("active_energy", 2, "Cal"), 2000);
  assertEquals(toStoredInteger("active_energy", 2, "cal"), 2);
  assertEquals(toStoredInteger("active_energy", 4.184, "kJ"), 1000);
  assertEquals(toStoredInteger("distance", 26.2, "mi"), 42_164_813);
  assertEquals(toStoredInteger("elevation_gain", 100, "ft"), 30_480);
  assertEquals(toStoredInteger("moving_time", 1.5, "h"), 5_400_000);
});

Deno.test("toStoredInteger() refuses the units of other quantities", () => {
  assertEquals(toStoredInteger("steps", 1, "km"), undefined);
  assertEquals(toStoredInteger("distance", 1, "kcal"), undefined);
  assertEquals(toStoredInteger("moving_time", 1, "M"), undefined);
});

Deno.test("toStoredInteger() gives a whole number that never falls when the value grows", () => {
  const cases = fc.constantFrom(...QUANTITY_NAMES).chain((quantity) =>
    fc.record({
      quantity: fc.constant(quantity),
      unit: fc.constantFrom(...UNITS[quantity]),
      values: fc.tuple(
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        fc.double({ min: 0, max: 1e6, noNaN: true }),
      ),
    })
  );
  fc.assert(fc.property(cases, ({ quantity, unit, values }) => {
    const [low, high] = values.toSorted((a, b) => a - b).map((value) =>
      toStoredInteger(quantity, value, unit)!
    ) as [number, number];

    assertEquals([Number.isSafeInteger(low), low <= high], [true, true]);
  }));
});
