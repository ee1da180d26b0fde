/** Columns whose values the domain has in a form of its own. */

import { bigint, customType } from "drizzle-orm/pg-core";
import type { EpochMs } from "@/domain/time.ts";

/** `timestamptz(3)` as epoch milliseconds, the form the domain uses. */
export const instant = customType<{ data: EpochMs; driverData: string | number | Date }>({
  dataType: () => "timestamptz(3)",
  toDriver: (at) => new Date(at).toISOString(),
  fromDriver: (value) => typeof value === "number" ? value : new Date(value).getTime(),
});

/** `bytea` as bytes. */
export const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => "bytea",
});

/** `bigint` holding minor units of money. */
export const minorUnits = (name: string) => bigint(name, { mode: "bigint" });

/** `bigint` holding a safe integer (scores, millimetres, sizes). */
export const safeInteger = (name: string) => bigint(name, { mode: "number" });
