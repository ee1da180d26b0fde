/// <reference lib="deno.unstable" />
/**
 * What every driver of `KvStore` must do. Runs on each of them; on `Deno.openKv` it proves the suite
 * itself, for Deno's own store is the oracle.
 *
 * @module
 */

import type { KvStore } from "@/cache/kv.ts";
import { needs } from "./needs.ts";
import { ATOMIC_CASES } from "./kv_conformance_atomic.ts";
import { FAULT_CASES } from "./kv_conformance_faults.ts";
import { HOST_CASES } from "./kv_conformance_hosts.ts";
import { LIST_CASES } from "./kv_conformance_list.ts";
import { QUEUE_CASES } from "./kv_conformance_queue.ts";
import { VALUE_CASES } from "./kv_conformance_values.ts";
import { WATCH_CASES } from "./kv_conformance_watch.ts";

/** One fact about a store, which starts empty and is closed afterwards. */
export type KvCases = Readonly<Record<string, (kv: KvStore) => Promise<void>>>;

/** A driver to test. */
export interface KvDriver {
  name: string;
  /** What it needs, as a skip names it. */
  needs: string;
  isThere: boolean;
  /** Opens an empty store. */
  open(): Promise<KvStore>;
}

const CASES: KvCases = {
  ...VALUE_CASES,
  ...HOST_CASES,
  ...ATOMIC_CASES,
  ...LIST_CASES,
  ...FAULT_CASES,
  ...WATCH_CASES,
  ...QUEUE_CASES,
};

/** Declares the tests of the driver. */
export function testKvConformance(driver: KvDriver): void {
  for (const [name, run] of Object.entries(CASES)) {
    Deno.test({
      ...needs(driver.needs, driver.isThere, `${driver.name}: ${name}`),
      async fn() {
        using kv = await driver.open();
        await run(kv);
      },
    });
  }
}

/** All entries of a list, in order. */
export function collect<T>(list: Deno.KvListIterator<T>): Promise<Deno.KvEntry<T>[]> {
  return Array.fromAsync(list);
}

/** Entries under `a` and `b` that the cases of lists look at; gives their versionstamp. */
export async function fillStore(kv: KvStore): Promise<string> {
  const atomic = kv.atomic().set(["a"], -1).set(["b"], 99).set(["b", "a"], 100);
  for (const [index, part] of ["a", "b", "c", "d", "e"].entries()) atomic.set(["a", part], index);
  const result = await atomic.commit();
  if (!result.ok) throw new Error("Cannot fill the store");
  return result.versionstamp;
}
