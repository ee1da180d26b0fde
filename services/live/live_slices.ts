/**
 * Sends to thousands of viewers without holding up the requests of this node: so many in one turn
 * of the event loop, the rest in the next. What was begun first is finished first, so that every
 * viewer gets frames in their order.
 *
 * @module
 */

import { getLog } from "@/platform/log.ts";
import type { LiveViewer } from "./live_viewer.ts";

/** Some 10 µs each: a request waits a millisecond or two for a slice. */
const SENDS_PER_SLICE = 128;
/** Large frames take longer to copy; this much is copied in about a millisecond. */
const CHARS_PER_SLICE = 512 * 1024;

/** Gives one viewer what it is due, and tells the characters sent. */
export type SendTo = (viewer: LiveViewer) => number;

interface Job {
  viewers: Iterator<LiveViewer>;
  send: SendTo;
  onDone: (() => void) | undefined;
}

/** What is to be sent, and the turns in which it goes; one for all boards of a node. */
export class LiveSlices {
  readonly #nextTurn: (run: () => void) => void;
  readonly #jobs: Job[] = [];
  #isWaiting = false;

  constructor(nextTurn: (run: () => void) => void) {
    this.#nextTurn = nextTurn;
  }

  /** Sends to each of the viewers, who may come and go meanwhile; the first slice goes at once. */
  send(viewers: Iterable<LiveViewer>, send: SendTo, onDone?: () => void): void {
    this.#jobs.push({ viewers: viewers[Symbol.iterator](), send, onDone });
    if (!this.#isWaiting) this.#work();
  }

  /** Forgets what was not sent. */
  clear(): void {
    this.#jobs.length = 0;
  }

  #work(): void {
    let sends = SENDS_PER_SLICE;
    let chars = CHARS_PER_SLICE;
    for (let job = this.#jobs[0]; job; job = this.#jobs[0]) {
      if (sends <= 0 || chars <= 0) return this.#workLater();
      const { done, value } = job.viewers.next();
      if (done) {
        this.#jobs.shift();
        job.onDone?.();
      } else {
        sends -= 1;
        chars -= sendSafely(job, value);
      }
    }
  }

  #workLater(): void {
    this.#isWaiting = true;
    this.#nextTurn(() => {
      this.#isWaiting = false;
      this.#work();
    });
  }
}

/** One viewer's fault keeps no other from its frame. */
function sendSafely({ send }: Job, viewer: LiveViewer): number {
  try {
    return send(viewer);
  } catch (error) {
    getLog("live").error("Cannot send to a viewer", { error });
    return 0;
  }
}
