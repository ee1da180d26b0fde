/** The ledger on a real database, and what the database refuses by itself. */

import { assertEquals, assertRejects } from "@std/assert";
import type { AccountName } from "@/domain/ledger.ts";
import { moveOf } from "@/domain/ledger.ts";
import { DomainError } from "@/domain/error.ts";
import { openTestDatabase } from "../support/database.ts";
import { createManualTime } from "../support/manual_time.ts";
import { assertBooksBalance, createTestLedger, walletOf } from "../support/money.ts";
import { createUser, SYSTEM } from "../support/users.ts";

const FEES: AccountName = { kind: "fees", currency: "EUR" };

async function open() {
  const test = await openTestDatabase();
  const time = createManualTime();
  const mira = await createUser(test.database);
  const odd = await createUser(test.database, { name: "Odd" });
  return { ...test, sql: test.database.sql, ...createTestLedger(test.database, time), mira, odd };
}

type World = Awaited<ReturnType<typeof open>>;

const draft = (from: AccountName, to: AccountName, amountMinor: bigint, reference: string) => ({
  kind: "adjustment" as const,
  reference,
  postings: moveOf(from, to, amountMinor),
  actor: SYSTEM,
});

async function sqlState(run: () => Promise<unknown>): Promise<string> {
  const error = await assertRejects(run);
  return (error as { code?: string }).code ?? String(error);
}

Deno.test("the ledger posts, reserves, posts what it held, voids and reverses", async (t) => {
  await using world = await open();
  const { ledger, run, fill, wallet, mira, odd } = world;
  const pay = (amount: bigint, reference: string) =>
    draft(walletOf(mira), walletOf(odd), amount, reference);
  await fill(mira, 1000n);
  let held = "";
  let paid = "";

  await t.step("post() moves money once a reference", async () => {
    paid = (await run<string[]>((tx) => ledger.post(tx, [pay(300n, "a")])))[0]!;
    const again = await assertRejects(
      () => run((tx) => ledger.post(tx, [pay(300n, "a")])),
      DomainError,
    );

    assertEquals(again.code, "CONFLICT");
    assertEquals([await wallet(mira), await wallet(odd)], [700n, 300n]);
  });
  await t.step("post() refuses what the wallet does not hold", async () => {
    const error = await assertRejects(
      () => run((tx) => ledger.post(tx, [pay(701n, "b")])),
      DomainError,
    );

    assertEquals(error.code, "INSUFFICIENT_FUNDS");
  });
  await t.step("hold() reserves: the balance stays, the rest cannot be spent twice", async () => {
    held = await run<string>((tx) => ledger.hold(tx, pay(600n, "c")));
    const error = await assertRejects(
      () => run((tx) => ledger.post(tx, [pay(101n, "d")])),
      DomainError,
    );

    assertEquals(error.code, "INSUFFICIENT_FUNDS");
    assertEquals(await ledger.balance(world.database, walletOf(mira)), {
      balanceMinor: 700n,
      reservedMinor: 600n,
    });
  });
  await t.step("postHeld() makes it count, once", async () => {
    await run((tx) => ledger.postHeld(tx, held, { actor: SYSTEM, reference: "c:post" }));
    const again = await assertRejects(
      () => run((tx) => ledger.voidHeld(tx, held, { actor: SYSTEM, reference: "c:void" })),
      DomainError,
    );

    assertEquals(again.code, "CONFLICT");
    assertEquals([await wallet(mira), await wallet(odd)], [100n, 900n]);
  });
  await t.step("voidHeld() lets it go", async () => {
    held = await run<string>((tx) => ledger.hold(tx, pay(100n, "e")));
    await run((tx) => ledger.voidHeld(tx, held, { actor: SYSTEM, reference: "e:void" }));

    assertEquals(await ledger.balance(world.database, walletOf(mira)), {
      balanceMinor: 100n,
      reservedMinor: 0n,
    });
  });
  await t.step("reverse() takes back whole, once", async () => {
    await run((tx) => ledger.reverse(tx, paid, { actor: SYSTEM, reference: "a:back" }));
    const again = await assertRejects(
      () => run((tx) => ledger.reverse(tx, paid, { actor: SYSTEM, reference: "a:again" })),
      DomainError,
    );

    assertEquals(again.code, "CONFLICT");
    assertEquals([await wallet(mira), await wallet(odd)], [400n, 600n]);
  });
  await assertBooksBalance(world.database);
});

Deno.test("the database refuses what would make the books untrue, also by raw SQL", async (t) => {
  await using world = await open();
  const { sql, ledger, run, fill, mira, odd } = world;
  await fill(mira, 500n);
  const held = await run<string>((tx) =>
    ledger.hold(tx, draft(walletOf(mira), walletOf(odd), 200n, "held"))
  );
  await run((tx) => ledger.post(tx, [draft(walletOf(mira), FEES, 100n, "paid")]));

  await t.step("change, removal and emptying of what was written", async () => {
    for (const table of ["accounts", "transactions", "postings", "holds"]) {
      const name = sql(`ledger_${table}`);
      assertEquals(await sqlState(async () => await sql`delete from ${name}`), "PB001");
      assertEquals(await sqlState(async () => await sql`truncate ${name} cascade`), "PB001");
    }
    const updates = [
      () => sql`update ledger_accounts set currency = 'USD'`,
      () => sql`update ledger_transactions set reason = 'x'`,
      () => sql`update ledger_postings set amount_minor = amount_minor + 1`,
      () => sql`update ledger_holds set amount_minor = amount_minor + 1`,
      () => sql`update ledger_balances set balance_minor = balance_minor + 1`,
      () => sql`delete from ledger_balances`,
      () => sql`truncate ledger_balances`,
      () => sql`insert into ledger_balances (account_id, has_floor) values (99, true)`,
    ];
    for (const update of updates) assertEquals(await sqlState(async () => await update()), "PB001");
  });

  await t.step("a transaction that is not balanced, or lacks a line", async () => {
    const cases: [number, [string, bigint][]][] = [
      [2, [["wallet", 5n], ["fees", -4n]]],
      [2, [["wallet", 5n]]],
      [3, [["wallet", 5n], ["fees", -5n]]],
    ];
    for (const [lineCount, lines] of cases) {
      assertEquals(await sqlState(() => insertRaw(world, { lineCount, lines })), "PB002");
    }
  });

  await t.step("lines of a transaction that is written, of none, or of another phase", async () => {
    const late = (id: string, line: number) => () => insertLine(world, { id, line, amount: 5n });
    const [paid] = await sql<{ id: string }[]>`
      select id from ledger_transactions where reference = 'paid'`;
    assertEquals(await sqlState(late(paid!.id, 3)), "PB002");
    assertEquals(await sqlState(late(paid!.id, 2)), "CONFLICT");
    assertEquals(await sqlState(late(held, 1)), "PB002");
    assertEquals(await sqlState(late(crypto.randomUUID(), 1)), "23503");
  });

  await t.step("an account below its floor", async () => {
    const lines: [string, bigint][] = [["wallet", -201n], ["fees", 201n]];
    assertEquals(await sqlState(() => insertRaw(world, { lineCount: 2, lines })), "23514");
  });

  await t.step("settling what is not pending, and posting other than what was held", async () => {
    const [paid] = await sql<{ id: string }[]>`
      select id from ledger_transactions where reference = 'paid'`;
    const settle = (resolvesId: string, amount: bigint) => () =>
      insertRaw(world, {
        ...{ lineCount: 2, resolvesId, phase: "post" },
        lines: [["wallet", -amount], ["fees", amount]],
      });
    assertEquals(await sqlState(settle(paid!.id, 100n)), "PB002");
    assertEquals(await sqlState(settle(held, 200n)), "PB002");
  });
  await assertBooksBalance(world.database);
});

interface RawTransaction {
  lineCount: number;
  lines: readonly [string, bigint][];
  phase?: string;
  resolvesId?: string;
}

async function insertRaw(world: World, raw: RawTransaction): Promise<void> {
  const id = crypto.randomUUID();
  await world.sql.begin(async (sql) => {
    await sql`
      insert into ledger_transactions (id, at, kind, phase, reference, line_count, resolves_id,
        actor_kind)
      values (${id}, now(), 'adjustment', ${raw.phase ?? "posted"}, ${id}, ${raw.lineCount},
        ${raw.resolvesId ?? null}, 'system')`;
    for (const [index, [kind, amount]] of raw.lines.entries()) {
      await sql`
        insert into ledger_postings (transaction_id, line, account_id, amount_minor)
        select ${id}, ${index + 1}, id, ${`${amount}`} from ledger_accounts
        where kind = ${kind} and (user_id = ${world.mira} or user_id is null)`;
    }
  });
}

async function insertLine(
  { sql }: World,
  line: { id: string; line: number; amount: bigint },
): Promise<void> {
  await sql`
    insert into ledger_postings (transaction_id, line, account_id, amount_minor)
    select ${line.id}, ${line.line}, id, ${`${line.amount}`} from ledger_accounts
    where kind = 'fees'`;
}
