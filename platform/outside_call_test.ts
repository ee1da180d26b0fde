import { assert, assertEquals, assertRejects } from "@std/assert";
import { DomainError } from "@/domain/error.ts";
import { createMetrics } from "./metrics.ts";
import { createOutsideCall, isOutsideFault, type OutsideCallDeps } from "./outside_call.ts";
import { wait } from "./retry.ts";

/** A system called "mail", its pauses taken note of instead of waited for. */
function open(deps: Partial<OutsideCallDeps> = {}) {
  const metrics = createMetrics();
  const pauses: number[] = [];
  const sleep = (ms: number) => {
    pauses.push(ms);
    return Promise.resolve();
  };
  const mail = createOutsideCall({ name: "mail", metrics, random: () => 1, sleep, ...deps });
  return { metrics, pauses, mail, [Symbol.dispose]: () => mail[Symbol.dispose]() };
}

/** An answer of the system that is none of success. */
function answered(status: number): Error {
  return Object.assign(new Error(`Answered ${status}`), { status });
}

/** Work that fails so often before it succeeds, counting. */
function failing(times: number, fault: unknown = answered(503)) {
  const seen = { tries: 0 };
  const work = () => {
    seen.tries += 1;
    return seen.tries > times ? Promise.resolve("sent") : Promise.reject(fault);
  };
  return { seen, work };
}

Deno.test("call() repeats what may be repeated, five times in all, ever later", async () => {
  using test = open();
  const passing = failing(4);
  const lasting = failing(9);

  assertEquals(await test.mail.call("send", passing.work, { isIdempotent: true }), "sent");
  assertEquals(test.pauses, [2_000, 4_000, 8_000, 16_000]);

  using other = open();
  const error = await assertRejects(
    () => other.mail.call("send", lasting.work, { isIdempotent: true, triesMax: 2 }),
    DomainError,
    "Cannot send: the mail does not work right now",
  );
  assertEquals([error.code, lasting.seen.tries], ["SERVICE_UNAVAILABLE", 2]);
  assert(error.retryAfterSeconds! > 0 && error.cause instanceof Error);
});

Deno.test("call() tries once what may not be repeated, and once what was refused for good", async () => {
  using test = open();
  const write = failing(1);
  const refused = failing(1, answered(422));

  await assertRejects(() => test.mail.call("send", write.work), DomainError);
  const error = await assertRejects(
    () => test.mail.call("send", refused.work, { isIdempotent: true }),
  );

  assertEquals([write.seen.tries, refused.seen.tries], [1, 1]);
  assertEquals((error as Error).message, "Answered 422");
  assertEquals(test.pauses, []);
});

Deno.test("call() gives up work that takes too long, whether it listens or not", async () => {
  using test = open({ timeoutMs: 5 });
  let signal: AbortSignal | undefined;
  const never = (given: AbortSignal) => new Promise<never>(() => signal = given);

  const error = await assertRejects(() => test.mail.call("send", never), DomainError);

  assertEquals(error.message, "Cannot send: it took longer than 5 ms");
  assertEquals(error.code, "SERVICE_UNAVAILABLE");
  assert(signal?.aborted);
});

Deno.test("call() leaves a system alone of which half of a window fails, then asks again", async () => {
  using test = open({ resetMs: 5 });
  const fail = () => test.mail.call("send", failing(1).work).catch((error) => error);
  const succeed = () => test.mail.call("send", () => Promise.resolve("sent"));
  const state = async () => (await test.metrics.breakerState.get()).values[0]?.value;
  for (let n = 0; n < 3; n++) await succeed();
  assertEquals(await state(), 0);
  for (let n = 0; n < 4; n++) await fail();

  const lone = failing(0);
  const error = await assertRejects(() => test.mail.call("send", lone.work), DomainError);

  assertEquals([error.code, lone.seen.tries, test.mail.state], ["CIRCUIT_OPEN", 0, "open"]);
  assertEquals(await state(), 2);
  assertEquals((await test.metrics.breakerFailures.get()).values[0]?.value, 4);
  while (test.mail.state !== "half-open") await wait(1);
  assertEquals(await state(), 1);
  assertEquals(await succeed(), "sent");
  assertEquals([test.mail.state, await state()], ["closed", 0]);
});

Deno.test("call() takes refusals and 'too many' for signs of life", async () => {
  using test = open();
  for (const status of [404, 422, 429]) {
    for (let n = 0; n < 10; n++) {
      await test.mail.call("send", failing(1, answered(status)).work).catch(() => {});
    }
  }

  assertEquals(test.mail.state, "closed");
});

Deno.test("call() ends with its caller, in the work and in the pauses", async () => {
  using test = open({ sleep: wait });
  const reason = new Error("client left");
  for (const work of [() => new Promise<never>(() => {}), failing(9).work]) {
    const controller = new AbortController();
    const { signal } = controller;

    const called = test.mail.call("send", work, { isIdempotent: true, signal });
    const failed = assertRejects(() => called);
    await wait(1);
    controller.abort(reason);

    assertEquals(await failed, reason);
  }
});

Deno.test("isOutsideFault() knows what fetch says of a server that is away or breaks off", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const answers = ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab"];
  const serving = (async () => {
    for (const answer of answers) {
      using connection = await listener.accept();
      await connection.read(new Uint8Array(1024));
      await connection.write(new TextEncoder().encode(answer));
    }
  })();
  const ask = () => fetch(`http://127.0.0.1:${port}/`).then((res) => res.text());

  for (const _ of answers) assert(isOutsideFault(await assertRejects(ask)));
  await serving;
  listener.close();

  assert(isOutsideFault(await assertRejects(ask)));
  assert(!isOutsideFault(new TypeError("x is not a function")));
  assert(!isOutsideFault("away"));
  assert(isOutsideFault(Object.assign(new Error("smtp"), { code: "ECONNRESET" })));
});
