import { assert, assertEquals, assertRejects } from "@std/assert";
import { z } from "zod";
import { DomainError } from "@/domain/error.ts";
import type { Metrics } from "@/platform/metrics.ts";
import { jobKind } from "@/services/jobs/job_kinds.ts";
import type { EnqueueOptions } from "@/services/jobs/jobs.ts";
import { openTestApp, type TestApp } from "@/tests/support/app.ts";
import { createTestServices } from "@/tests/support/services.ts";
import { ANONYMOUS } from "@/tests/support/users.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const greet = jobKind({ name: "test.greet", payload: z.object({ who: z.string() }) });

/** Notes whom it greets; fails for those whose name is in `refused`. */
function greeter(test: Pick<TestApp, "services">) {
  const greeted: string[] = [];
  const refused = new Set<string>();
  test.services.jobs.handle(greet, ({ who }) => {
    if (refused.has(who)) return Promise.reject(new Error(`Cannot greet "${who}": refused`));
    greeted.push(who);
    return Promise.resolve();
  });
  return { greeted, refused };
}

async function enqueue(test: TestApp, who: string, options?: EnqueueOptions): Promise<string> {
  const { database, services } = test;
  return await database.transaction((tx) => services.jobs.enqueue(tx, greet, { who }, options));
}

async function durationCount(metrics: Metrics, outcome: string): Promise<number> {
  const { values } = await metrics.jobDuration.get();
  const found = values.find(({ metricName, labels }) =>
    metricName?.endsWith("_count") && labels.outcome === outcome && labels.job === greet.name
  );
  return found?.value ?? 0;
}

Deno.test("jobs run by the clock, once, in the transaction's wake", async (t) => {
  await using test = await openTestApp();
  const { time, database, services: { jobs } } = test;
  const { greeted, refused } = greeter(test);
  await jobs.runDue();

  await t.step("a job exists if and only if its transaction commits", async () => {
    await assertRejects(() =>
      database.transaction(async (tx) => {
        await jobs.enqueue(tx, greet, { who: "nobody" });
        throw new Error("rolled back");
      })
    );
    await enqueue(test, "Ada");

    assertEquals(await jobs.runDue(), { done: [greet.name], failed: [] });
    assertEquals(greeted.splice(0), ["Ada"]);
    assertEquals(await jobs.runDue(), { done: [], failed: [] });
  });

  await t.step("a job of later waits for its instant, to the millisecond", async () => {
    await enqueue(test, "Bo", { runAt: time.now() + HOUR_MS });
    time.advance(HOUR_MS - 1);
    await jobs.runDue();
    assertEquals(greeted, []);

    time.advance(1);
    await jobs.runDue();

    assertEquals(greeted.splice(0), ["Bo"]);
  });

  await t.step(
    "the newest job under a key replaces those that wait; remove() takes it back",
    async () => {
      for (const who of ["Cem", "Dora"]) {
        await enqueue(test, who, {
          key: "k",
          runAt: time.now() + 1,
        });
      }
      await enqueue(test, "Eve", { key: "gone", runAt: time.now() + 1 });
      await database.transaction((tx) => jobs.remove(tx, "gone"));
      time.advance(1);

      await jobs.runDue();

      assertEquals(greeted.splice(0), ["Dora"]);
    },
  );

  await t.step(
    "a job that throws is due again, later each time, until it is given up",
    async () => {
      refused.add("Finn");
      await enqueue(test, "Finn", { attemptsMax: 3 });
      const pauses: number[] = [];
      for (let tries = 0; tries < 3; tries++) {
        const before = time.now();
        const report = await jobs.runDue();
        assertEquals(report.failed.map(({ error }) => error.message), [
          'Cannot greet "Finn": refused',
        ]);
        const [job] = (await listJobs(test, "?name=test.greet")).body.data;
        pauses.push(Math.round((Date.parse(job.runAt) - before) / 1000));
        time.advance(MINUTE_MS);
      }

      assertEquals((await jobs.runDue()).failed, []);
      assertEquals(pauses, [3, 7, 20]);
      assertEquals(await durationCount(test.metrics, "failed"), 3);
    },
  );

  await t.step("a payload that does not fit its kind is refused before it is stored", async () => {
    const wrong = { who: 7 } as unknown as { who: string };
    await assertRejects(() => database.transaction((tx) => jobs.enqueue(tx, greet, wrong)));
  });
});

let adminToken = "";

async function listJobs(test: TestApp, query = "") {
  adminToken ||= (await test.person("admin")).token;
  return await test.call("GET", `/admin/jobs${query}`, { token: adminToken });
}

Deno.test("/admin/jobs lists, retries and cancels, for admins", async () => {
  adminToken = "";
  await using test = await openTestApp();
  const { greeted, refused } = greeter(test);
  const { jobs } = test.services;
  await jobs.runDue();
  refused.add("Gus");
  const failed = await enqueue(test, "Gus", { attemptsMax: 1 });
  const later = await enqueue(test, "Hal", { runAt: test.time.now() + HOUR_MS, key: "hal" });
  await jobs.runDue();

  const { body } = await listJobs(test);
  const page = await test.call("GET", "//admin/jobs", {});
  refused.clear();
  const retried = await test.call("POST", `/admin/jobs/${failed}/retry`, { token: adminToken });
  const cancelled = await test.call("DELETE", `/admin/jobs/${later}`, { token: adminToken });
  const gone = await test.call("DELETE", `/admin/jobs/${later}`, { token: adminToken });
  const member = await test.person();
  const refusal = await test.call("GET", "/admin/jobs", { token: member.token });
  await jobs.runDue();

  // deno-lint-ignore no-explicit-any -- rows as a client reads them
  const shown = body.data.map((job: any) => [job.id, job.state, job.key, job.attempts]);
  assertEquals(shown, [[failed, "failed", null, 1], [later, "scheduled", "hal", 0]]);
  assertEquals(body.data[0].lastError, 'Cannot greet "Gus": refused');
  assertEquals(page.status, 303);
  assertEquals([retried.status, retried.body.data.state], [200, "ready"]);
  assertEquals([cancelled.status, gone.status, refusal.status], [200, 404, 403]);
  assertEquals(greeted, ["Gus"]);
  const audit = await test.call("GET", "/admin/audit?targetKind=job", { token: adminToken });
  // deno-lint-ignore no-explicit-any -- rows as a client reads them
  assertEquals(audit.body.data.map((row: any) => row.action), ["job.cancel", "job.retry"]);
  const error = await assertRejects(
    () => jobs.list(ANONYMOUS, { page: 1, page_size: 20 }),
    DomainError,
  );
  assertEquals(error.code, "UNAUTHORIZED");
});

Deno.test("schedules come once for all nodes, and a missed turn is made up for once", async () => {
  await using test = await openTestApp();
  const { time, services } = test;
  await using other = createTestServices(test.database, time);
  const hourly = { name: "test.hourly", kind: greet, payload: { who: "hour" }, everyMs: HOUR_MS };
  const { greeted } = greeter(test);
  other.jobs.handle(greet, ({ who }) => Promise.resolve(void greeted.push(who)));
  for (const { jobs } of [services, other]) jobs.schedule(hourly);
  const runBoth = () => Promise.all([services.jobs.runDue(), other.jobs.runDue()]);

  await runBoth();
  assertEquals(greeted.splice(0), ["hour"]);
  time.advance(HOUR_MS - 1);
  await runBoth();
  assertEquals(greeted.splice(0), []);
  time.advance(1);
  await runBoth();
  assertEquals(greeted.splice(0), ["hour"]);
  time.advance(5 * HOUR_MS);
  await runBoth();

  assertEquals(greeted.splice(0), ["hour"]);
});

Deno.test("nodes at work share the queue, stop when drained, and take up a dead one's jobs", async (t) => {
  await using test = await openTestApp();
  const { database, time, services } = test;
  await using other = createTestServices(database, time);
  const ran: string[] = [];
  let expected = 20;
  let whole = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  for (const [node, { jobs }] of [services, other].entries()) {
    jobs.handle(greet, async ({ who }, { signal }) => {
      if (who === "slow") {
        whole.resolve();
        await gate.promise;
        assert(!signal.aborted);
      }
      ran.push(`${node} ${who}`);
      if (ran.length === expected) whole.resolve();
    });
  }
  await Promise.all([services.jobs.start(), other.jobs.start()]);

  await t.step("each job runs on one node", async () => {
    for (let at = 0; at < 20; at++) await enqueue(test, `n${at}`);
    await whole.promise;

    const names = ran.splice(0).map((entry) => entry.split(" ")[1]!);
    assertEquals(new Set(names).size, 20);
  });

  await t.step("a dead node's job is taken up by those that live", async () => {
    whole = Promise.withResolvers();
    expected = 1;
    const id = await enqueue(test, "orphan", { runAt: time.now() + 365 * 24 * HOUR_MS });
    await database.sql`
      update graphile_worker._private_jobs set locked_by = 'pool-dead', attempts = 1,
        locked_at = now() - interval '1 hour', run_at = now() where id = ${id}`;
    time.advance(10_000);
    await whole.promise;

    assertEquals(ran.splice(0).map((entry) => entry.split(" ")[1]), ["orphan"]);
  });

  await t.step("stop() waits for what runs", async () => {
    whole = Promise.withResolvers();
    await enqueue(test, "slow");
    await whole.promise;
    const stopped = Promise.all([services.jobs.stop(), other.jobs.stop()]);
    gate.resolve();
    await stopped;

    assertEquals(ran.map((entry) => entry.split(" ")[1]), ["slow"]);
    const [{ count } = { count: -1 }] = await database.sql<{ count: number }[]>`
      select count(*) from graphile_worker.jobs where task_identifier = 'test.greet'`;
    assertEquals(count, 0);
    assertEquals(await database.sql`select * from job_nodes`.then((rows) => rows.length), 0);
  });
});
