/**
 * Breakers: when another system fails again and again, calls to it are refused at once for a while,
 * so that neither it nor we drown in waiting. opossum keeps the states and the rolling window; the
 * rule "so many failures in a row" is ours.
 *
 * @module
 */

import CircuitBreaker from "opossum";
import { DomainError } from "@/domain/error.ts";
import type { Metrics } from "./metrics.ts";

export type BreakerState = "closed" | "half-open" | "open";

/** When it opens: after failures in a row, or when a share of the calls of a window failed. */
export type BreakerRule =
  | { kind: "in_a_row"; failures: number }
  | { kind: "share"; percent: number; callsMin: number; windowMs: number };

export interface BreakerOptions {
  /** In errors and metrics: `database`, `strava`. */
  name: string;
  rule: BreakerRule;
  /** How long it stays open before it lets one call try. */
  resetMs: number;
  /** Which errors mean that the system is away; a refusal it gave on purpose is none. */
  isFailure: (error: unknown) => boolean;
  /** Tries the system when it may be back, so that this is found out at nobody's cost. */
  probe?: () => Promise<unknown>;
  metrics: Pick<Metrics, "breakerState" | "breakerFailures">;
}

export interface Breaker extends Disposable {
  readonly state: BreakerState;
  /** Runs the work, or fails with `CIRCUIT_OPEN` without running it. */
  call<T>(work: () => Promise<T>): Promise<T>;
  /** Notes the begin of something that settles elsewhere; the function given notes its end. Fails with `CIRCUIT_OPEN`. */
  enter(): (error?: unknown) => void;
}

/** The part of opossum that is used; the package has no types of its own. */
interface Opossum {
  opened: boolean;
  halfOpen: boolean;
  fire(work: () => Promise<unknown>): Promise<unknown>;
  open(): void;
  shutdown(): void;
  on(event: "open" | "halfOpen" | "close" | "failure" | "success", run: () => void): void;
}
type OpossumClass = new (
  action: (work: () => Promise<unknown>) => Promise<unknown>,
  options: Record<string, unknown>,
) => Opossum;

const STATE_VALUES: Record<BreakerState, number> = { closed: 0, "half-open": 1, open: 2 };

/** Makes a closed breaker; disposing it stops its timers. */
export function createBreaker(options: BreakerOptions): Breaker {
  const { name, rule, resetMs, metrics } = options;
  const circuit = new (CircuitBreaker as unknown as OpossumClass)((work) => work(), {
    name,
    // The deadline is the caller's, who knows what the work may take.
    timeout: false,
    resetTimeout: resetMs,
    errorFilter: (error: unknown) => !options.isFailure(error),
    ...windowOf(rule),
  });
  if (rule.kind === "in_a_row") openInARow(circuit, rule.failures);
  const showState = () =>
    metrics.breakerState.set({ breaker: name }, STATE_VALUES[stateOf(circuit)]);
  for (const event of ["open", "halfOpen", "close"] as const) circuit.on(event, showState);
  circuit.on("failure", () => metrics.breakerFailures.inc({ breaker: name }));
  const { probe } = options;
  if (probe) circuit.on("halfOpen", () => void circuit.fire(probe).catch(() => {}));
  showState();
  return {
    get state() {
      return stateOf(circuit);
    },
    async call<T>(work: () => Promise<T>): Promise<T> {
      try {
        return await circuit.fire(work) as T;
      } catch (error) {
        throw isOpenError(error) ? circuitOpen(name, resetMs, error) : error;
      }
    },
    enter() {
      const end = Promise.withResolvers<void>();
      let isIn = false;
      // opossum begins the work before it returns, or not at all.
      circuit.fire(() => (isIn = true, end.promise)).catch(() => {});
      if (!isIn) throw circuitOpen(name, resetMs);
      return (error) => error === undefined ? end.resolve() : end.reject(error);
    },
    [Symbol.dispose]: () => circuit.shutdown(),
  };
}

function windowOf(rule: BreakerRule): Record<string, number> {
  if (rule.kind === "in_a_row") return { volumeThreshold: Number.MAX_SAFE_INTEGER };
  return {
    errorThresholdPercentage: rule.percent,
    volumeThreshold: rule.callsMin,
    rollingCountTimeout: rule.windowMs,
  };
}

function openInARow(circuit: Opossum, failuresMax: number): void {
  let failures = 0;
  circuit.on("success", () => failures = 0);
  circuit.on("failure", () => {
    failures += 1;
    if (failures >= failuresMax) circuit.open();
  });
}

function stateOf(circuit: Opossum): BreakerState {
  if (circuit.opened) return "open";
  return circuit.halfOpen ? "half-open" : "closed";
}

function isOpenError(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EOPENBREAKER";
}

function circuitOpen(name: string, resetMs: number, cause?: unknown): DomainError {
  return new DomainError("CIRCUIT_OPEN", `Cannot reach the ${name}: it failed several times`, {
    retryAfterSeconds: Math.max(1, Math.ceil(resetMs / 1000)),
    cause,
  });
}
