/**
 * The live hub of this node: one conflated frame a tick for each window, serialised once, sent to
 * every viewer.
 *
 * The hub never waits for a viewer. One that reads too slowly misses frames and gets a snapshot
 * when it has caught up; one that stays behind is closed. One timer of a second looks after all
 * viewers: their tokens' ends, their rights, their backlog; it runs only while there are any.
 *
 * @module
 */

import type { Actor } from "@/domain/actor.ts";
import type { StreamPosition } from "@/domain/stream.ts";
import type { Clock } from "@/platform/clock.ts";
import type { Timers } from "@/platform/timers.ts";
import type { BoardsService } from "../boards/boards.ts";
import type { Broker } from "../boards/broker.ts";
import type { Announcement } from "./live_frames.ts";
import { LiveHub } from "./live_hub.ts";
import type { AnnouncementsSince } from "./live_news.ts";
import type { Meter } from "../meter.ts";

export type { Announcement };

/** One viewer's way out; the hub never waits for it. */
export interface ViewerSink {
  /** `position` is the board's after the frame, where the frame brings one. */
  send(frame: string, position?: StreamPosition): void;
  close(code: number, reason: string): void;
  /** Bytes not yet taken by the network. */
  readonly bufferedAmount: number;
  /** Sends a sign of life; transports that have their own leave it out. */
  beat?(): void;
}

/** A viewer as the hub knows it; the transport feeds it the client's frames. */
export interface Viewer {
  receive(text: string): void;
  /** The client went away; silent, when it answered no ping. */
  close(how?: "silent"): void;
}

/** How a viewer starts. */
export interface OpenOptions {
  /** Rows from the top; 100 unless told. */
  top?: number;
  /** The rows around oneself instead. */
  around?: "me";
  /** Only this division, as a board of its own. */
  division?: string;
  /** What the client has already: only what changed since is sent. */
  resume?: StreamPosition;
  /** Asks anew who the viewer is, so that a session that ended takes its sockets along. */
  recheck?: () => Promise<Actor>;
}

export interface LiveService {
  /** Starts a viewer with a snapshot (or a resume). Fails with `NOT_FOUND`, `UNAUTHORIZED`, `FORBIDDEN`, `RATE_LIMIT_EXCEEDED`, and `SERVICE_UNAVAILABLE` after `closeAll`. */
  open(
    actor: Actor,
    idOrSlug: string,
    sink: ViewerSink,
    options?: OpenOptions,
  ): Promise<Viewer>;
  /** Tells all viewers of a competition, on every node. Whoever is not watching never hears of it. */
  announce(competitionId: string, announcement: Announcement): void;
  /** Viewers connected now. */
  readonly viewerCount: number;
  /**
   * Closes every viewer, with 1012, and lets no more in. Resolves when their transports are gone,
   * which one that does not answer may never be.
   */
  closeAll(): Promise<void>;
}

/** What the hub tells the metrics; the shapes of prom-client. */
export interface LiveMetrics {
  socketsActive: { set(value: number): void };
  socketMessages: { inc(labels: { type: string }, count: number): void };
  slowConsumers: { inc(labels: { outcome: string }): void };
}

/** The hub's limits; a deployment may set them. */
export interface LiveLimits {
  /** At some 20 KB a viewer, this is what half a gigabyte holds. */
  viewersMax: number;
  /** A person's tabs and devices; also what one token can take from the others. */
  viewersPerUserMax: number;
  /** The longest good frame of a client, a resume, has 130 characters. */
  frameCharsMax: number;
  /** Above it a viewer gets no frames until it has read: some snapshots of a top 1000. */
  bufferedBytesMax: number;
}

export const LIVE_LIMITS: LiveLimits = {
  viewersMax: 20_000,
  viewersPerUserMax: 100,
  frameCharsMax: 4096,
  bufferedBytesMax: 1024 * 1024,
};

export interface LiveDeps {
  boards: BoardsService;
  clock: Clock;
  timers: Timers;
  meter: Pick<Meter, "viewers">;
  metrics: LiveMetrics;
  limits?: Partial<LiveLimits>;
  /** The way to other nodes; a node alone needs none. */
  broker?: Broker;
  announcementsSince?: AnnouncementsSince;
  /** Runs something after the event loop has turned once. */
  nextTurn?: (run: () => void) => void;
}

export function createLiveService(deps: LiveDeps): LiveService {
  const hub = new LiveHub(deps);
  return {
    open: (actor, idOrSlug, sink, options = {}) => hub.open(actor, idOrSlug, { sink, options }),
    announce: (competitionId, announcement) => hub.announce(competitionId, announcement),
    get viewerCount() {
      return hub.viewers.size;
    },
    closeAll: () => hub.closeAll(),
  };
}
