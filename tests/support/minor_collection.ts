/**
 * Tells how many works of transactions V8's young generation cannot let go of, because something of
 * the driver's that lives with the old objects still sees them. A program of its own, because
 * collections can be asked for only where V8 is started so.
 *
 *     DATABASE_URL=… deno run --v8-flags=--expose-gc … tests/support/minor_collection.ts
 *
 * @module
 */

import { openDatabase } from "@/db/client.ts";

const TRANSACTIONS = 40;

/** V8's, where it is exposed. */
declare const gc: (options: { type: "minor" }) => void;

async function main(): Promise<void> {
  await using database = await openDatabase({ url: Deno.env.get("DATABASE_URL")!, poolMax: 2 });
  const kept = { works: [] as WeakRef<object>[], values: [] as WeakRef<object>[] };
  for (let round = 0; round < TRANSACTIONS; round++) await transact(database, kept);
  // Those that survive a first collection are old after a second.
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setTimeout(resolve));
    gc({ type: "minor" });
  }
  await new Promise((resolve) => setTimeout(resolve));
  const alive = (refs: readonly WeakRef<object>[]) => refs.filter((ref) => ref.deref()).length;
  const counts = { works: alive(kept.works), values: alive(kept.values) };
  await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(counts)));
}

async function transact(
  database: Awaited<ReturnType<typeof openDatabase>>,
  { works, values }: { works: WeakRef<object>[]; values: WeakRef<object>[] },
): Promise<void> {
  const work = { done: 0 };
  works.push(new WeakRef(work));
  await database.transaction(async (tx) => {
    const given = [work.done];
    values.push(new WeakRef(given));
    await tx.sql.unsafe("select $1::int", given);
    work.done += 1;
  });
}

if (import.meta.main) await main();
