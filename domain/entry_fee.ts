/**
 * What entering costs, and who gets how much of it.
 *
 * @module
 */

import { BASIS_POINTS, partOf } from "./money.ts";

/** The fee of one entry and the shares of all fees; the three shares make 10 000 basis points. */
export interface EntryFee {
  currency: string;
  amountMinor: bigint;
  /** To the prizes, with what rounding leaves. */
  poolBps: number;
  /** The platform's cut. */
  platformBps: number;
  organiserBps: number;
}

/** As a JSON column holds it: amounts as decimal digits. */
export type StoredEntryFee = Omit<EntryFee, "amountMinor"> & { amountMinor: string };

/** Reads the stored form. */
export function entryFeeOf(stored: StoredEntryFee): EntryFee {
  return { ...stored, amountMinor: BigInt(stored.amountMinor) };
}

/** How the fees of a competition are divided when its result is final. */
export interface FeeSplit {
  poolMinor: bigint;
  platformMinor: bigint;
  organiserMinor: bigint;
}

/** Divides all fees: platform and organiser rounded down, the remainder goes to the pool.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { splitFees } from "@/domain/entry_fee.ts";
 *
 * assertEquals(splitFees(999n, { platformBps: 1_000, organiserBps: 500 }), {
 *   poolMinor: 851n,
 *   platformMinor: 99n,
 *   organiserMinor: 49n,
 * });
 * ```
 */
export function splitFees(
  totalMinor: bigint,
  { platformBps, organiserBps }: Pick<EntryFee, "platformBps" | "organiserBps">,
): FeeSplit {
  if (platformBps + organiserBps > BASIS_POINTS) {
    throw new RangeError("Cannot split fees: the shares exceed the whole");
  }
  const platformMinor = partOf(totalMinor, platformBps);
  const organiserMinor = partOf(totalMinor, organiserBps);
  return { poolMinor: totalMinor - platformMinor - organiserMinor, platformMinor, organiserMinor };
}
