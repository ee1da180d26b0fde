/**
 * What the process takes of the machine, asked of Deno at each scrape: prom-client's own
 * collectors read node's internals, which Deno answers with zeros or not at all.
 *
 * @module
 */

import { Counter, Gauge, type Registry } from "prom-client";
import process from "node:process";

/** Registers the process metrics under the names that Prometheus dashboards expect. */
export function registerProcessMetrics(registry: Registry): void {
  const startedAtSeconds = (Date.now() - performance.now()) / 1000;
  gauge(registry, "process_start_time_seconds", "Start of the process", () => startedAtSeconds);
  gauge(registry, "process_resident_memory_bytes", "Resident memory", () => memory().rss);
  gauge(registry, "process_heap_total_bytes", "Heap reserved", () => memory().heapTotal);
  gauge(registry, "process_heap_used_bytes", "Heap in use", () => memory().heapUsed);
  gauge(registry, "process_external_memory_bytes", "Memory outside the heap", () => {
    return memory().external;
  });
  registerCpu(registry);
  // Deno lets only a process with all permissions look into /proc: no gauge beats a wrong one.
  if (openFiles() !== undefined) {
    gauge(registry, "process_open_fds", "Open file descriptors", () => openFiles() ?? NaN);
  }
}

function memory(): Deno.MemoryUsage {
  return Deno.memoryUsage();
}

function registerCpu(registry: Registry): void {
  new Counter({
    name: "process_cpu_seconds_total",
    help: "Processor time of all threads",
    registers: [registry],
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1_000_000);
    },
  });
}

function openFiles(): number | undefined {
  try {
    return Array.from(Deno.readDirSync("/proc/self/fd")).length;
  } catch {
    return undefined;
  }
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}
