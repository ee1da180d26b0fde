/**
 * Group commit: what arrives while one transaction is under way waits and goes together in the next.
 *
 * A batch leaves when the commit before it has returned and the event loop has turned once, so that
 * everything that was already at the door is in it. A batch locks what nobody else holds; work of a
 * competition that another writer holds leaves the batch and waits for the lock in a flight of its
 * own, and a commit that takes long lets others leave beside it. Work of one competition never
 * overtakes other work of it. A transaction that fails for a reason of its content is tried again
 * in halves, until the work that is at fault stands alone; one that fails because the database is
 * away fails whole, for trying again may store twice what the database did store.
 *
 * @module
 */

import { DomainError } from "@/domain/error.ts";
import { type EpochMs, SECOND_MS } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import type { Timers } from "@/platform/timers.ts";

/** What one request wants to be stored, all in the same transaction. */
export interface QueuedWork {
  readonly competitionIds: readonly string[];
  /** Events in it, 1 to `EVENTS_PER_COMMIT_MAX`. */
  readonly size: number;
  /** True where it must not share a transaction, because it may ask to roll it back. */
  readonly isAlone: boolean;
}

/**
 * Whether to wait for competitions that another writer holds, or to answer "busy" for their work and
 * for all that comes behind it in the batch.
 */
export interface CommitOptions {
  isPatient: boolean;
}

export interface ScoreQueueDeps<Work extends QueuedWork, Answer> {
  /** Stores a batch in one transaction; an answer for each of its members, in their order. */
  commit(batch: readonly Work[], options: CommitOptions): Promise<readonly (Answer | "busy")[]>;
  clock: Clock;
  timers: Timers;
  /** Calls back after the event loop has turned once. */
  nextTurn: (run: () => void) => void;
  limits?: Partial<ScoreQueueLimits>;
}

/** What a queue holds and how long. */
export interface ScoreQueueLimits {
  eventsPerCommitMax: number;
  eventsWaitingMax: number;
  flightsMax: number;
  slowAfterMs: number;
  waitMaxMs: number;
}

/** Waiting work, made durable in batches; disposing waits for what is queued. */
export interface ScoreQueue<Work extends QueuedWork, Answer> extends AsyncDisposable {
  /**
   * Resolves when the work is durable. Fails as its commit, and with `SERVICE_UNAVAILABLE` when
   * too much waits, when it waited too long, and after the queue was closed.
   */
  submit(work: Work): Promise<Answer>;
}

/** The largest batch that a request may bring; beyond it a commit gains nothing and delays the next. */
export const EVENTS_PER_COMMIT_MAX = 1000;

const LIMITS: ScoreQueueLimits = {
  eventsPerCommitMax: EVENTS_PER_COMMIT_MAX,
  // About a second of work: who comes later had better come again than wait.
  eventsWaitingMax: 20_000,
  // Most of the pool stays with readers and other writers.
  flightsMax: 4,
  // Ten times a good commit.
  slowAfterMs: 25,
  // Half of a client's patience; the transaction may need the other half.
  waitMaxMs: 5 * SECOND_MS,
};

const RETRY_AFTER_SECONDS = 1;

/** Makes an empty queue. */
export function createScoreQueue<Work extends QueuedWork, Answer>(
  deps: ScoreQueueDeps<Work, Answer>,
): ScoreQueue<Work, Answer> {
  const queue = new WaitingScores(deps);
  return {
    submit: (work) => queue.submit(work),
    [Symbol.asyncDispose]: () => queue.close(),
  };
}

interface Waiting<Work, Answer> {
  readonly work: Work;
  readonly arrivedAt: EpochMs;
  /** True after a batch found one of its competitions held. */
  isPatient: boolean;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** A transaction under way. */
interface Flight<Work, Answer> {
  readonly competitionIds: ReadonlySet<string>;
  readonly isPatient: boolean;
  /** True when others may leave beside it. */
  isSlow: boolean;
  /** What found its competitions held. */
  readonly returned: Waiting<Work, Answer>[];
}

class WaitingScores<Work extends QueuedWork, Answer> {
  readonly #deps: ScoreQueueDeps<Work, Answer>;
  readonly #limits: ScoreQueueLimits;
  readonly #flights = new Set<Flight<Work, Answer>>();
  #waiting: Waiting<Work, Answer>[] = [];
  #eventsWaiting = 0;
  #isWaking = false;
  #cancelExpiry: (() => void) | undefined;
  #closing: PromiseWithResolvers<void> | undefined;

  constructor(deps: ScoreQueueDeps<Work, Answer>) {
    this.#deps = deps;
    this.#limits = { ...LIMITS, ...deps.limits };
  }

  submit(work: Work): Promise<Answer> {
    if (this.#closing) return Promise.reject(unavailable("the server is stopping"));
    if (this.#eventsWaiting + work.size > this.#limits.eventsWaitingMax) {
      return Promise.reject(unavailable("too many updates wait"));
    }
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const arrivedAt = this.#deps.clock.now();
    this.#eventsWaiting += work.size;
    this.#waiting.push({ work, arrivedAt, isPatient: false, resolve, reject });
    this.#wake();
    return promise;
  }

  /** Takes nothing more and resolves when everything is answered. */
  async close(): Promise<void> {
    this.#closing ??= Promise.withResolvers<void>();
    this.#noteIfEmpty();
    await this.#closing.promise;
  }

  #noteIfEmpty(): void {
    if (this.#waiting.length === 0 && this.#flights.size === 0) this.#closing?.resolve();
  }

  #wake(): void {
    this.#armExpiry();
    if (this.#isWaking || this.#waiting.length === 0 || !this.#mayLeave()) return;
    this.#isWaking = true;
    this.#deps.nextTurn(() => {
      this.#isWaking = false;
      this.#leave();
    });
  }

  #mayLeave(): boolean {
    if (this.#flights.size >= this.#limits.flightsMax) return false;
    for (const flight of this.#flights) {
      if (!flight.isSlow) return false;
    }
    return true;
  }

  #leave(): void {
    const batch = this.#pick();
    const [first] = batch;
    if (!first) return;
    const competitionIds = new Set<string>();
    for (const { work } of batch) for (const id of work.competitionIds) competitionIds.add(id);
    // Whoever is alone with its competition has nobody to delay by waiting for it.
    const isPatient = first.isPatient || first.work.isAlone || competitionIds.size === 1;
    void this.#fly(batch, {
      competitionIds,
      isPatient,
      isSlow: first.isPatient,
      returned: [],
    });
  }

  /** Takes what may leave together, oldest first; work behind other work of a competition stays. */
  #pick(): Waiting<Work, Answer>[] {
    const held = new Set<string>();
    for (const { competitionIds } of this.#flights) competitionIds.forEach((id) => held.add(id));
    const batch: Waiting<Work, Answer>[] = [];
    const rest: Waiting<Work, Answer>[] = [];
    let size = 0;
    for (const waiting of this.#waiting) {
      const { work } = waiting;
      const isFree = held.size === 0 || !work.competitionIds.some((id) => held.has(id));
      if (isFree && (batch.length === 0 || this.#goesWith(waiting, batch[0]!, size))) {
        batch.push(waiting);
        size += work.size;
      } else {
        rest.push(waiting);
        for (const id of work.competitionIds) held.add(id);
      }
    }
    this.#waiting = rest;
    this.#eventsWaiting -= size;
    return batch;
  }

  #goesWith(
    { work, isPatient }: Waiting<Work, Answer>,
    first: Waiting<Work, Answer>,
    size: number,
  ): boolean {
    if (work.isAlone || first.work.isAlone) return false;
    if (size + work.size > this.#limits.eventsPerCommitMax) return false;
    return first.isPatient ? isOfSame(work, first.work) : !isPatient;
  }

  async #fly(batch: Waiting<Work, Answer>[], flight: Flight<Work, Answer>): Promise<void> {
    this.#flights.add(flight);
    const cancel = this.#deps.timers.after(this.#limits.slowAfterMs, () => {
      flight.isSlow = true;
      this.#wake();
    });
    if (flight.isSlow) this.#wake();
    await this.#commit(batch, flight);
    cancel();
    this.#flights.delete(flight);
    this.#waiting = [...flight.returned, ...this.#waiting];
    for (const { work } of flight.returned) this.#eventsWaiting += work.size;
    this.#wake();
    this.#noteIfEmpty();
  }

  async #commit(batch: Waiting<Work, Answer>[], flight: Flight<Work, Answer>): Promise<void> {
    const { isPatient } = flight;
    try {
      const answers = await this.#deps.commit(batch.map(({ work }) => work), { isPatient });
      for (let index = 0; index < batch.length; index++) {
        settle(batch[index]!, answers[index]!, flight);
      }
    } catch (error) {
      if (batch.length === 1 || isAway(error)) {
        for (const { reject } of batch) reject(error);
      } else await this.#commitHalves(batch, flight);
    }
  }

  async #commitHalves(batch: Waiting<Work, Answer>[], flight: Flight<Work, Answer>): Promise<void> {
    const middle = Math.ceil(batch.length / 2);
    for (const half of [batch.slice(0, middle), batch.slice(middle)]) {
      const ready = half.filter((waiting) => {
        const isBehind = flight.returned.some(({ work }) => isOfAny(work, waiting.work));
        if (isBehind) flight.returned.push(waiting);
        return !isBehind;
      });
      if (ready.length > 0) await this.#commit(ready, flight);
    }
  }

  /** One timer for all that waits: it rings when the oldest has waited long enough. */
  #armExpiry(): void {
    const [oldest] = this.#waiting;
    if (!oldest) {
      this.#cancelExpiry?.();
      this.#cancelExpiry = undefined;
      return;
    }
    if (this.#cancelExpiry) return;
    const { clock, timers } = this.#deps;
    const leftMs = oldest.arrivedAt + this.#limits.waitMaxMs - clock.now();
    this.#cancelExpiry = timers.after(Math.max(0, leftMs), () => {
      this.#cancelExpiry = undefined;
      this.#expire();
    });
  }

  #expire(): void {
    const until = this.#deps.clock.now() - this.#limits.waitMaxMs;
    const rest: Waiting<Work, Answer>[] = [];
    for (const waiting of this.#waiting) {
      if (waiting.arrivedAt > until) {
        rest.push(waiting);
        continue;
      }
      this.#eventsWaiting -= waiting.work.size;
      waiting.reject(unavailable("earlier updates take too long"));
    }
    this.#waiting = rest;
    this.#wake();
    this.#noteIfEmpty();
  }
}

function settle<Work, Answer>(
  waiting: Waiting<Work, Answer>,
  answer: Answer | "busy",
  flight: Flight<Work, Answer>,
): void {
  if (answer !== "busy") return waiting.resolve(answer);
  waiting.isPatient = true;
  flight.returned.push(waiting);
}

function isOfAny(work: QueuedWork, other: QueuedWork): boolean {
  return work.competitionIds.some((id) => other.competitionIds.includes(id));
}

function isOfSame(work: QueuedWork, other: QueuedWork): boolean {
  return work.competitionIds.length === other.competitionIds.length &&
    work.competitionIds.every((id) => other.competitionIds.includes(id));
}

function isAway(error: unknown): boolean {
  return error instanceof DomainError &&
    (error.code === "SERVICE_UNAVAILABLE" || error.code === "CIRCUIT_OPEN");
}

function unavailable(why: string): DomainError {
  return new DomainError("SERVICE_UNAVAILABLE", `Cannot record the score: ${why}`, {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}
