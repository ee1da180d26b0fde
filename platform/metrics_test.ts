import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createMetrics } from "./metrics.ts";
import { monitorEventLoop } from "./event_loop.ts";

const NAMES = [
  "http_requests_total",
  "http_request_duration_seconds",
  "http_request_size_bytes",
  "http_response_size_bytes",
  "leaderboard_updates_total",
  "websocket_connections_active",
  "websocket_messages_sent_total",
  "websocket_slow_consumers_total",
  "db_connections_active",
  "db_connections_idle",
  "db_connections_max",
  "db_query_duration_seconds",
  "db_query_errors_total",
  "authentication_attempts_total",
  "business_events_total",
  "errors_total",
  "rate_limited_total",
  "active_users",
  "process_resident_memory_bytes",
  "process_cpu_seconds_total",
  "process_start_time_seconds",
];

/** The value of the sample whose line starts so. */
function sample(text: string, start: string): number {
  const line = text.split("\n").find((line) => line.startsWith(`${start} `));
  return Number(line?.slice(start.length));
}

Deno.test("createMetrics() registers every metric of the contract", async () => {
  const text = await createMetrics().registry.metrics();

  for (const name of NAMES) assertStringIncludes(text, `# TYPE ${name} `);
});

Deno.test("createMetrics() gives each app counters of its own", async () => {
  const one = createMetrics();
  const two = createMetrics();

  one.httpRequests.inc({ method: "GET", route: "/", status: "200" });

  const line = 'http_requests_total{method="GET",route="/",status="200"}';
  assertEquals(sample(await one.registry.metrics(), line), 1);
  assertEquals(sample(await two.registry.metrics(), line), NaN);
});

Deno.test("registerProcessMetrics() reads the process at each scrape", async () => {
  const { registry } = createMetrics();

  const first = await registry.metrics();
  let sum = 0;
  for (let i = 0; i < 20_000_000; i++) sum += i;
  const second = await registry.metrics();

  assert(sum > 0);
  const cpu = "process_cpu_seconds_total";
  assert(sample(second, cpu) > sample(first, cpu));
  assert(sample(first, "process_resident_memory_bytes") > 10_000_000);
  assert(Math.abs(sample(first, "process_start_time_seconds") - Date.now() / 1000) < 3600);
});

Deno.test("monitorEventLoop() measures how late its timer fires", async () => {
  const { registry } = createMetrics();
  let nowMs = 0;
  using monitor = monitorEventLoop({ registry, intervalMs: 1, elapsedMs: () => nowMs += 301 });

  await new Promise((resolve) => {
    const poll = setInterval(() => {
      if (monitor.lagMs === 0) return;
      clearInterval(poll);
      resolve(undefined);
    }, 1);
  });

  assertEquals(monitor.lagMs, 300);
  const text = await registry.metrics();
  assert(sample(text, 'event_loop_lag_seconds_bucket{le="0.5"}') >= 1);
  assertEquals(sample(text, 'event_loop_lag_seconds_bucket{le="0.25"}'), 0);
});
