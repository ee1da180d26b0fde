import { assert, assertEquals } from "@std/assert";
import { createHealth, type HealthCheck } from "./health.ts";

function healthOf(checks: HealthCheck[]) {
  const clock = { nowMs: 60_000, now: () => clock.nowMs };
  const options = { clock, version: "0.1.0", startedAt: 0, timeoutMs: 10, rememberMs: 1000 };
  return { clock, health: createHealth({ ...options, checks }) };
}

function part(name: string, isCritical: boolean, check: HealthCheck["check"]): HealthCheck {
  return { name, isCritical, check };
}

const works = () => Promise.resolve({ metadata: { idle: 3 } });
const fails = () => Promise.reject(new Error("connect postgres://app:hidden@db failed"));

Deno.test("createHealth() gives the documented shape", async () => {
  const { health } = healthOf([part("database", true, works)]);

  const report = await health.check();

  const time = report.components.database?.metadata.response_time_ms;
  assert(typeof time === "number" && time >= 0);
  assertEquals(report, {
    status: "healthy",
    version: "0.1.0",
    uptime: 60,
    timestamp: "1970-01-01T00:01:00.000Z",
    components: {
      database: {
        status: "healthy",
        message: "Works",
        last_checked: "1970-01-01T00:01:00.000Z",
        metadata: { response_time_ms: time, idle: 3 },
      },
    },
  });
});

Deno.test("createHealth() is unhealthy without a critical part, degraded without another", async () => {
  const statusOf = async (...checks: HealthCheck[]) => {
    return (await healthOf(checks).health.check()).status;
  };
  const slow = () => Promise.resolve({ status: "degraded" as const });

  assertEquals(await statusOf(part("database", true, fails), part("x", false, works)), "unhealthy");
  assertEquals(await statusOf(part("database", true, works), part("x", false, fails)), "degraded");
  assertEquals(await statusOf(part("database", true, slow)), "degraded");
  assertEquals(await statusOf(), "healthy");
});

Deno.test("createHealth() tells why a part is away, without its secrets", async () => {
  const { health } = healthOf([
    part("database", true, fails),
    part("storage", false, () => new Promise(() => {})),
  ]);

  const { components } = await health.check();

  assertEquals(components.database?.message, "connect postgres://[redacted]@db failed");
  assertEquals(components.storage?.message, "Cannot check the storage: it took longer than 10 ms");
});

Deno.test("createHealth() asks each part once a moment, however many probe", async () => {
  let asked = 0;
  const { health, clock } = healthOf([part("database", true, () => {
    asked += 1;
    return Promise.resolve({});
  })]);

  await Promise.all([health.check(), health.check(), health.check()]);
  assertEquals(asked, 1);
  clock.nowMs += 1000;
  await health.check();

  assertEquals(asked, 2);
});
