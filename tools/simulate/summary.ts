/** What a run of the simulator did, counted and printed. */

import { SECOND_MS } from "@/domain/time.ts";
import { ApiError } from "./api.ts";

/** Counts reports and how long their answers took. */
export interface Tally {
  /** Answers that came, in ms from the moment each was due. */
  latenciesMs: number[];
  /** Failures by code. */
  failures: Map<string, number>;
  /** Answers with a status of 500 and above, or none at all. */
  faults: number;
  /** Reports not sent because too many were under way. */
  skipped: number;
}

/** Makes an empty count. */
export function createTally(): Tally {
  return { latenciesMs: [], failures: new Map(), faults: 0, skipped: 0 };
}

/** Counts a failure under its code. */
export function countFailure(tally: Tally, error: unknown): void {
  const { code, status } = error instanceof ApiError ? error : { code: "INTERNAL", status: 500 };
  tally.failures.set(code, (tally.failures.get(code) ?? 0) + 1);
  if (status === 0 || status >= 500) tally.faults += 1;
}

/** The smallest value that a share of all does not exceed; NaN of none.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { quantile } from "@/tools/simulate/summary.ts";
 *
 * assertEquals(quantile([4, 1, 3, 2], 0.5), 2);
 * assertEquals(quantile([4, 1, 3, 2], 1), 4);
 * ```
 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

/** The lines to print. */
export function summaryText(
  tally: Tally,
  run: { athletes: number; durationMs: number; competition: string },
): string {
  const { latenciesMs, failures, skipped } = tally;
  const seconds = run.durationMs / SECOND_MS;
  const ms = (share: number) => `${Math.round(quantile(latenciesMs, share))} ms`;
  const rows: [string, string][] = [
    ["competition", run.competition],
    ["athletes", String(run.athletes)],
    ["accepted", `${latenciesMs.length} (${(latenciesMs.length / seconds).toFixed(1)}/s)`],
  ];
  if (latenciesMs.length > 0) {
    rows.push(["latency", `p50 ${ms(0.5)}  p95 ${ms(0.95)}  p99 ${ms(0.99)}  max ${ms(1)}`]);
  }
  if (skipped > 0) rows.push(["not sent", `${skipped}: too many answers were missing`]);
  for (const [code, count] of [...failures].sort((a, b) => b[1] - a[1])) {
    rows.push(["failed", `${count} ${code}`]);
  }
  return rows.map(([name, value]) => `${name.padEnd(12)}${value}\n`).join("");
}
