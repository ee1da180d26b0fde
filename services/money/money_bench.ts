/** Postings a second, and what a fee adds to joining. Needs the test database. */

import { CompetitionInput } from "@/contracts/competitions.ts";
import { DAY_MS } from "@/domain/time.ts";
import { moveOf } from "@/domain/ledger.ts";
import { openTestDatabase } from "@/tests/support/database.ts";
import { createManualTime } from "@/tests/support/manual_time.ts";
import { addPayers, createTestLedger, walletOf } from "@/tests/support/money.ts";
import { createTestServices } from "@/tests/support/services.ts";
import { createUser, SYSTEM, userActor } from "@/tests/support/users.ts";

const PAYERS = 50;

async function openWorld() {
  const { database } = await openTestDatabase();
  const time = createManualTime();
  const money = createTestLedger(database, time);
  const payers = await addPayers(database, PAYERS, { ...money, amountMinor: 50_000_000_000n });
  const services = createTestServices(database, time);
  const owner = userActor(await createUser(database, { role: "admin" }), { role: "admin" });
  const competition = async (entryFee: unknown) => {
    const { id } = await services.competitions.create(
      owner,
      CompetitionInput.parse({
        name: "Cup",
        startsAt: new Date(time.now() + DAY_MS).toISOString(),
        endsAt: new Date(time.now() + 2 * DAY_MS).toISOString(),
        scoring: { kind: "direct" },
        entryFee,
      }),
    );
    await services.competitions.publish(owner, id);
    return id;
  };
  const [free, paid] = [
    await competition(null),
    await competition({ currency: "EUR", amountMinor: "500" }),
  ];
  return { database, money, payers, services, free, paid };
}

let world: ReturnType<typeof openWorld> | undefined;
/** Opened by the first bench; the test server drops the database when it stops. */
const open = () => world ??= openWorld();

function drafts(payers: readonly string[], count: number) {
  return Array.from({ length: count }, (_, index) => ({
    kind: "adjustment" as const,
    reference: crypto.randomUUID(),
    postings: moveOf(
      walletOf(payers[index % PAYERS]!),
      walletOf(payers[(index + 1) % PAYERS]!),
      1n,
    ),
    actor: SYSTEM,
  }));
}

for (const count of [1, 100, 500]) {
  Deno.bench(`${count} transactions of two postings, one commit`, { group: "post" }, async (b) => {
    const { database, money, payers } = await open();
    const given = drafts(payers, count);
    b.start();
    await database.transaction((tx) => money.ledger.post(tx, given));
    b.end();
  });
}

for (const kind of ["free", "paid"] as const) {
  const options = { group: "join", baseline: kind === "free" };
  Deno.bench(`join and leave, ${kind}`, options, async (b) => {
    const { services, payers, [kind]: id } = await open();
    const member = userActor(payers[0]!);
    b.start();
    await services.competitions.join(member, id, {});
    await services.competitions.leave(member, id);
    b.end();
  });
}
