/** One viewer: what it was sent, how far behind its network is, and what it may still send. */

import type { Actor } from "@/domain/actor.ts";
import type { StreamPosition } from "@/domain/stream.ts";
import { type EpochMs, SECOND_MS } from "@/domain/time.ts";
import type { ViewerSink } from "./live.ts";
import type { LiveWindow } from "./live_window.ts";

/** A client asks for something at most a few times a minute; ten times that is a fault. */
const MESSAGES_MAX = 60;
const MESSAGES_WINDOW_MS = 10 * SECOND_MS;

/** A frame and the position after it. */
export interface PlacedFrame extends StreamPosition {
  text: string;
}

/** A delta: it applies at `from` only. */
export interface Step extends PlacedFrame {
  from: number;
}

/** What became of an attempt to send. */
export type Delivery = "sent" | "skipped" | "lost";

/** Announcements kept for somebody who reads slowly; more are on the board's page. */
const MISSED_NEWS_MAX = 8;

export class LiveViewer {
  /** As it was when last asked: roles change. */
  actor: Actor;
  readonly #sink: ViewerSink;
  window: LiveWindow;
  /** The offset of its board; null when only a snapshot will do. */
  offset: number | null = null;
  /** Since when it reads slower than it is sent to. */
  laggingSince: EpochMs | null = null;
  isClosed = false;
  readonly #bufferedBytesMax: number;
  #messages = { since: 0, count: 0 };
  /** What was said while it was too slow, which no later board makes good. */
  #missedNews: string[] = [];

  constructor(
    actor: Actor,
    sink: ViewerSink,
    options: { window: LiveWindow; bufferedBytesMax: number },
  ) {
    this.actor = actor;
    this.#sink = sink;
    this.window = options.window;
    this.#bufferedBytesMax = options.bufferedBytesMax;
  }

  /** Sends unless the viewer is too far behind; whatever it misses, a snapshot makes good. */
  send(text: string, now: EpochMs, position?: StreamPosition): boolean {
    if (this.isClosed) return false;
    if (this.#sink.bufferedAmount > this.#bufferedBytesMax) {
      this.laggingSince ??= now;
      return false;
    }
    this.#sink.send(text, position);
    return true;
  }

  /** Sends a whole board, after which deltas from its offset apply. */
  sendSnapshot(snapshot: PlacedFrame, now: EpochMs): boolean {
    if (!this.send(snapshot.text, now, snapshot)) return false;
    this.offset = snapshot.offset;
    this.laggingSince = null;
    for (const text of this.#missedNews.splice(0)) this.send(text, now);
    return true;
  }

  /** Sends an announcement, now or when the viewer has caught up. */
  sendNews(text: string, now: EpochMs): boolean {
    if (this.laggingSince === null && this.send(text, now)) return true;
    this.#missedNews.push(text);
    if (this.#missedNews.length > MISSED_NEWS_MAX) this.#missedNews.shift();
    return false;
  }

  /** Sends a delta that follows what the viewer has; "lost" where it does not follow. */
  sendStep(step: Step, now: EpochMs): Delivery {
    // Whoever came while the delta was on its way to others has it already, or more.
    if (this.offset !== null && this.offset >= step.offset) return "skipped";
    if (this.offset !== step.from) return "lost";
    if (!this.send(step.text, now, step)) return "lost";
    this.offset = step.offset;
    return "sent";
  }

  /** Whether the viewer still sends within reason. */
  countMessage(now: EpochMs): boolean {
    if (now - this.#messages.since > MESSAGES_WINDOW_MS) this.#messages = { since: now, count: 0 };
    this.#messages.count += 1;
    return this.#messages.count <= MESSAGES_MAX;
  }

  /** Breaks a silence that proxies would end. */
  beat(): void {
    if (!this.isClosed) this.#sink.beat?.();
  }

  close(code: number, reason: string): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#sink.close(code, reason);
  }
}
