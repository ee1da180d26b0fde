import { assertEquals } from "@std/assert";
import { Counter, Histogram, Registry } from "prom-client";
import { SeriesCounter, SeriesHistogram } from "./series.ts";

const labelNames = ["method", "route"] as const;
const GET = { method: "GET", route: "/things/:id" };
const POST = { method: "POST", route: '/odd "route"' };

Deno.test("SeriesCounter and SeriesHistogram print what prom-client's own would", async () => {
  const ours = new Registry();
  const theirs = new Registry();
  const about = { name: "requests_total", help: "Requests", labelNames };
  const times = { name: "request_seconds", help: "Time", labelNames, buckets: [0.1, 1, 5] };
  const counter = new SeriesCounter({ ...about, registers: [ours] });
  const histogram = new SeriesHistogram({ ...times, registers: [ours] });
  const theirCounter = new Counter({ ...about, registers: [theirs] });
  const theirHistogram = new Histogram({ ...times, registers: [theirs] });

  for (const [labels, value] of [[GET, 0.1], [GET, 0.5], [POST, 7], [GET, 5]] as const) {
    counter.series(labels).inc();
    theirCounter.inc(labels);
    histogram.series(labels).observe(value);
    theirHistogram.observe(labels, value);
  }
  counter.inc(POST, 3);
  theirCounter.inc(POST, 3);

  assertEquals(await ours.metrics(), await theirs.metrics());
});

Deno.test("SeriesCounter.series() gives one series for the same labels, until it is reset", async () => {
  const counter = new SeriesCounter({ name: "a", help: "A", labelNames, registers: [] });

  assertEquals(counter.series(GET) === counter.series({ ...GET }), true);
  assertEquals(counter.series(GET) === counter.series(POST), false);
  counter.reset();
  counter.inc(GET, 2);

  assertEquals((await counter.get()).values, [{ labels: GET, value: 2 }]);
});
