/** Buyers who signed in with an identity provider, which is down, slow, or says no. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { OrderInput } from "@/contracts/orders.ts";
import { DomainError } from "@/domain/error.ts";
import {
  createSupabaseAuth,
  SUPABASE_AUTH,
  type SupabaseAuthDeps,
} from "@/external/supabase_auth.ts";
import { createMetrics } from "@/platform/metrics.ts";
import { createFakeGateway } from "../support/fake_gateway.ts";
import { createManualTime } from "../support/manual_time.ts";
import { openTestServices } from "../support/services.ts";
import { createUser, userActor } from "../support/users.ts";

const KEY = "service-key-of-a-test";
const SLOW_MS = 250;

/** Answers as Supabase's administration does, or as the test wants. */
function startIdentityServer() {
  const state = {
    accounts: new Map<string, Record<string, unknown>>(),
    /** Given in order to the next calls; `hang` never answers. */
    faults: [] as (number | "hang" | "garbage")[],
    calls: 0,
  };
  const ends = new AbortController();
  const answer = async (req: Request): Promise<Response> => {
    state.calls++;
    const fault = state.faults.shift();
    if (fault === "garbage") return new Response("<html>");
    if (fault === "hang") await new Promise((end) => ends.signal.addEventListener("abort", end));
    if (typeof fault === "number") return Response.json({ msg: "fault" }, { status: fault });
    if (req.headers.get("apikey") !== KEY) return Response.json({}, { status: 401 });
    const account = state.accounts.get(new URL(req.url).pathname.split("/").at(-1)!);
    return Response.json(account ?? { msg: "User not found" }, { status: account ? 200 : 404 });
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  return Object.assign(state, {
    url: `http://127.0.0.1:${(server.addr as Deno.NetAddr).port}`,
    async [Symbol.asyncDispose]() {
      ends.abort();
      await server.shutdown();
    },
  });
}

/** More than any test here makes fail. */
const NEVER_OPENS = { kind: "in_a_row", failures: 100 } as const;

async function open(part: Partial<SupabaseAuthDeps> = {}) {
  const server = startIdentityServer();
  const time = createManualTime();
  const gateway = createFakeGateway();
  const identities = createSupabaseAuth({
    url: server.url,
    serviceKey: KEY,
    clock: time,
    metrics: createMetrics(),
    timeoutMs: SLOW_MS,
    sleep: () => Promise.resolve(),
    rule: NEVER_OPENS,
    ...part,
  });
  const test = await openTestServices(time, { gateway, identities });
  let count = 0;
  return {
    ...test,
    gateway,
    server,
    /** Somebody whose account is theirs. */
    async external(account: Record<string, unknown> | null = {}) {
      const actor = userActor(await createUser(test.database));
      const subject = crypto.randomUUID();
      if (account) server.accounts.set(subject, { id: subject, ...account });
      await test.database.sql`
        insert into user_identities (provider, subject, user_id, created_at)
        values (${SUPABASE_AUTH}, ${subject}, ${actor.userId}, now())`;
      return { actor, subject };
    },
    topUp(actor: ReturnType<typeof userActor>) {
      const idempotencyKey = `key-${++count}`;
      const input = OrderInput.parse({ kind: "top_up", currency: "EUR", amount: "5.00" });
      return test.services.orders.place(actor, input, { idempotencyKey });
    },
    async [Symbol.asyncDispose]() {
      await test[Symbol.asyncDispose]();
      identities[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const codeOf = async (work: Promise<unknown>) =>
  (await assertRejects(() => work, DomainError)).code;

Deno.test("buyers are looked up where their account is", async (t) => {
  await using world = await open();
  const { server } = world;

  await t.step("built in: here alone", async () => {
    const actor = userActor(await createUser(world.database));
    assertEquals((await world.topUp(actor)).payment?.isTestMoney, true);
    await world.database.sql`update users set status = 'suspended' where id = ${actor.userId}`;
    assertEquals(await codeOf(world.topUp(actor)), "ACCOUNT_SUSPENDED");
    assertEquals(server.calls, 0);
  });

  await t.step("at the provider: known, banned, banned in the past, gone, deleted", async () => {
    const day = (days: number) => new Date(world.time.now() + days * 86_400_000).toISOString();
    const outcomes: string[] = [];
    const accounts = [{}, { banned_until: day(1) }, { banned_until: day(-1) }, null, {
      deleted_at: day(-1),
    }];
    for (const account of accounts) {
      const { actor } = await world.external(account);
      outcomes.push(
        await world.topUp(actor).then(({ status }) => status, ({ code }: DomainError) => code),
      );
    }
    assertEquals(outcomes, ["pending", "ACCOUNT_SUSPENDED", "pending", "FORBIDDEN", "FORBIDDEN"]);
    // Refused before anything is stored.
    const [row] = await world.database.sql<{ count: number }[]>`select count(*) from orders`;
    assertEquals(row!.count, 3);
  });
});

Deno.test("while the provider cannot tell, orders wait; a job finishes or ends them", async (t) => {
  await using world = await open();
  const { server, gateway } = world;
  const isStarted = (id: string) => gateway.payments.some(({ orderId }) => orderId === id);
  const { money } = world.services;

  for (const fault of ["hang", 429, 500, 503, "garbage", 401, 403] as const) {
    await t.step(`${fault}`, async () => {
      const { actor } = await world.external();
      // As often as is tried: what passes at the second try is no outage.
      server.faults.push(...TRIED_AGAIN.has(fault) ? [fault, fault] : [fault]);
      const { id, status, payment } = await world.topUp(actor);
      assertEquals([status, payment, isStarted(id), server.faults], ["pending", null, false, []]);

      await money.resumePayments();
      assertEquals(isStarted(id), true);
    });
  }

  await t.step("one fault is tried again, and nobody notices", async () => {
    const { actor } = await world.external();
    server.faults.push(503);
    assertEquals((await world.topUp(actor)).payment?.isTestMoney, true);
  });

  await t.step("refused then: the order fails, and nothing is asked of the gateway", async () => {
    const { actor, subject } = await world.external();
    server.faults.push(500, 500);
    const { id } = await world.topUp(actor);
    server.accounts.delete(subject);
    await money.resumePayments();
    const { status, failure } = await world.services.orders.get(actor, id);
    assertEquals([status, isStarted(id)], ["failed", false]);
    assertEquals(failure, "Cannot buy: the account is not known any more");
  });
});

Deno.test("a breaker leaves a provider alone that is down, and orders are taken all the same", async () => {
  await using world = await open({ rule: { kind: "in_a_row", failures: 2 }, resetMs: 200 });
  const { server, gateway } = world;
  const people = await Promise.all(Array.from({ length: 10 }, () => world.external()));
  const down = Array.from({ length: 1000 }, () => 500);
  server.faults.push(...down);

  for (const { actor } of people) assertEquals((await world.topUp(actor)).payment, null);
  // Two tries for each were twenty; one probe at a time is what it gets.
  assert(server.calls < 2 * people.length, `${server.calls} calls`);

  server.faults.length = 0;
  while (gateway.payments.length < people.length) {
    await world.services.money.resumePayments();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assertEquals(new Set(gateway.payments.map(({ userId }) => userId)).size, people.length);
});

/** What passes by itself, so that it is asked once more at once. */
const TRIED_AGAIN: ReadonlySet<unknown> = new Set(["hang", 429, 500, 503]);
