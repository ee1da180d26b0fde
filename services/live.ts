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

import {
  type ClientFrame,
  CLOSE_CODES,
  type ServerFrame,
  WINDOW_DEFAULT,
} from "@/contracts/leaderboard.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import type { StreamPosition } from "@/domain/stream.ts";
import { type EpochMs, SECOND_MS } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import type { Timers } from "@/platform/timers.ts";
import { checkSignedIn } from "./access.ts";
import { mayRead, viewFor } from "./board_access.ts";
import type { BoardsService, BoardView } from "./boards.ts";
import { LiveChannel, stateOf, type WindowChoice } from "./live_channel.ts";
import { errorFrame, PONG, readClientFrame } from "./live_frames.ts";
import { LiveViewer } from "./live_viewer.ts";
import type { Meter } from "./meter.ts";

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
  /** The client went away. */
  close(): void;
}

/** How a viewer starts. */
export interface OpenOptions {
  /** Rows from the top; 100 unless told. */
  top?: number;
  /** The rows around oneself instead. */
  around?: "me";
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
}

/** How often the hub looks after its viewers. */
const SWEEP_MS = SECOND_MS;
/** Whoever has read nothing for so long is gone or never will catch up. */
const STUCK_MS = 15 * SECOND_MS;
/** Proxies close streams that are silent for a minute or less. */
const HEARTBEAT_MS = 25 * SECOND_MS;
/** A logout or suspension takes effect within 5 s. */
const RECHECK_MS = 4 * SECOND_MS;

export function createLiveService(deps: LiveDeps): LiveService {
  const hub = new LiveHub(deps);
  return {
    open: (actor, idOrSlug, sink, options = {}) => hub.open(actor, idOrSlug, { sink, options }),
    get viewerCount() {
      return hub.viewers.size;
    },
    closeAll: () => hub.closeAll(),
  };
}

/** A viewer with what only the hub keeps about it. */
interface Guest {
  viewer: LiveViewer;
  channel: LiveChannel;
  recheck: (() => Promise<Actor>) | undefined;
  recheckedAt: EpochMs;
  beatAt: EpochMs;
}

class LiveHub {
  readonly viewers = new Map<LiveViewer, Guest>();
  readonly #deps: LiveDeps;
  readonly #limits: LiveLimits;
  readonly #channels = new Map<string, LiveChannel>();
  readonly #countByUser = new Map<string, number>();
  #cancelSweep: (() => void) | undefined;
  #isClosed = false;
  /** Viewers told to go whose transports are not gone yet. */
  readonly #leaving = new Set<LiveViewer>();
  readonly #allLeft = Promise.withResolvers<void>();

  constructor(deps: LiveDeps) {
    this.#deps = deps;
    this.#limits = { ...LIVE_LIMITS, ...deps.limits };
  }

  async open(
    actor: Actor,
    idOrSlug: string,
    { sink, options }: { sink: ViewerSink; options: OpenOptions },
  ): Promise<Viewer> {
    this.#checkRoom(actor);
    const view = await viewFor(this.#deps.boards, actor, idOrSlug);
    this.#checkRoom(actor);
    const channel = this.#channelOf(view);
    const viewer = new LiveViewer(actor, sink, {
      window: channel.window(choiceOf(actor, options)),
      bufferedBytesMax: this.#limits.bufferedBytesMax,
    });
    const now = this.#deps.clock.now();
    const guest = {
      ...{ viewer, channel, recheck: options.recheck },
      ...{ recheckedAt: now, beatAt: now },
    };
    this.#add(guest);
    this.#greet(guest, options.resume);
    return {
      receive: (text) => this.#receive(guest, text),
      close: () => {
        viewer.isClosed = true;
        this.#remove(viewer);
        this.#left(viewer);
      },
    };
  }

  closeAll(): Promise<void> {
    this.#isClosed = true;
    for (const viewer of [...this.viewers.keys()]) {
      this.#leaving.add(viewer);
      this.#drop(viewer, CLOSE_CODES.RESTART, "restart");
    }
    for (const channel of this.#channels.values()) channel.close();
    this.#channels.clear();
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    this.#left(undefined);
    return this.#allLeft.promise;
  }

  #left(viewer: LiveViewer | undefined): void {
    if (viewer) this.#leaving.delete(viewer);
    if (this.#isClosed && this.#leaving.size === 0) this.#allLeft.resolve();
  }

  #checkRoom(actor: Actor): void {
    if (this.#isClosed) {
      throw new DomainError("SERVICE_UNAVAILABLE", "Cannot open a live board: this node stops");
    }
    const own = actor.kind === "user" ? this.#countByUser.get(actor.userId) ?? 0 : 0;
    if (this.viewers.size < this.#limits.viewersMax && own < this.#limits.viewersPerUserMax) return;
    throw new DomainError("RATE_LIMIT_EXCEEDED", "Cannot open a live board: too many are open");
  }

  #channelOf(view: BoardView): LiveChannel {
    // What staff see of a frozen board goes to nobody else, so that the two share no frame.
    const key = `${view.competitionId}:${view.audience}`;
    const known = this.#channels.get(key);
    if (known) return known;
    const channel = new LiveChannel(view, {
      boards: this.#deps.boards,
      timers: this.#deps.timers,
      now: () => this.#deps.clock.now(),
      countFrames: (type, count) => this.#countFrames(type, count),
      drop: (viewer, code, reason) => this.#drop(viewer, code, reason),
    });
    this.#channels.set(key, channel);
    return channel;
  }

  #countFrames(type: ServerFrame["type"], count: number): void {
    if (count > 0) this.#deps.metrics.socketMessages.inc({ type }, count);
  }

  #greet({ viewer, channel }: Guest, resume: StreamPosition | undefined): void {
    if (!resume) {
      viewer.window.snapshot(viewer, channel.view);
      return;
    }
    viewer.window.resume(viewer, channel.view, resume);
    // The phase may have changed while the client was away.
    this.#send(viewer, "state", stateOf(channel.view));
  }

  #receive(guest: Guest, text: string): void {
    const { viewer } = guest;
    if (viewer.isClosed) return;
    if (text.length > this.#limits.frameCharsMax) {
      return this.#drop(viewer, CLOSE_CODES.TOO_LARGE, "frame too large");
    }
    if (!viewer.countMessage(this.#deps.clock.now())) {
      return this.#drop(viewer, CLOSE_CODES.TOO_MANY, "too many frames");
    }
    try {
      this.#obey(guest, readClientFrame(text));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      this.#send(viewer, "error", errorFrame(error));
    }
  }

  #obey(guest: Guest, frame: ClientFrame): void {
    switch (frame.type) {
      case "ping":
        return this.#send(guest.viewer, "pong", PONG);
      case "subscribe":
        return this.#subscribe(guest, frame);
      case "resume":
        return this.#greet(guest, { epoch: frame.epoch, offset: frame.offset });
    }
  }

  #subscribe(guest: Guest, frame: Extract<ClientFrame, { type: "subscribe" }>): void {
    const { viewer, channel } = guest;
    const window = channel.window(choiceOf(viewer.actor, frame));
    channel.remove(viewer);
    viewer.window = window;
    channel.add(viewer);
    viewer.offset = null;
    this.#greet(guest, undefined);
  }

  #send(viewer: LiveViewer, type: ServerFrame["type"], text: string): void {
    if (viewer.send(text, this.#deps.clock.now())) this.#countFrames(type, 1);
  }

  #add(guest: Guest): void {
    const { viewer, channel } = guest;
    this.viewers.set(viewer, guest);
    channel.add(viewer);
    this.#countUser(viewer.actor, 1);
    this.#tellCount();
    this.#scheduleSweep();
  }

  #remove(viewer: LiveViewer): void {
    const guest = this.viewers.get(viewer);
    if (!guest) return;
    this.viewers.delete(viewer);
    guest.channel.remove(viewer);
    this.#countUser(viewer.actor, -1);
    this.#tellCount();
  }

  #drop(viewer: LiveViewer, code: number, reason: string): void {
    this.#remove(viewer);
    viewer.close(code, reason);
  }

  #countUser(actor: Actor, by: 1 | -1): void {
    if (actor.kind !== "user") return;
    const count = (this.#countByUser.get(actor.userId) ?? 0) + by;
    if (count > 0) this.#countByUser.set(actor.userId, count);
    else this.#countByUser.delete(actor.userId);
  }

  #tellCount(): void {
    this.#deps.metrics.socketsActive.set(this.viewers.size);
    this.#deps.meter.viewers(this.viewers.size);
  }

  #scheduleSweep(): void {
    this.#cancelSweep ??= this.#deps.timers.after(SWEEP_MS, () => {
      this.#cancelSweep = undefined;
      this.#sweep();
      if (!this.#isClosed && this.#channels.size > 0) this.#scheduleSweep();
    });
  }

  /** Besides, asking for each board makes it follow what other nodes wrote. */
  #sweep(): void {
    const now = this.#deps.clock.now();
    for (const guest of [...this.viewers.values()]) this.#lookAfter(guest, now);
    for (const [key, channel] of this.#channels) {
      if (channel.isSpent(now)) {
        channel.close();
        this.#channels.delete(key);
      } else this.#deps.boards.view(channel.view.competitionId).catch(() => {});
    }
  }

  #lookAfter(guest: Guest, now: EpochMs): void {
    const { viewer, channel } = guest;
    const { actor } = viewer;
    if (actor.kind === "user" && actor.expiresAt <= now) {
      return this.#drop(viewer, CLOSE_CODES.TOKEN_EXPIRED, "token expired");
    }
    if (!mayRead(actor, channel.view)) {
      return this.#drop(viewer, CLOSE_CODES.FORBIDDEN, "not visible any more");
    }
    if (viewer.laggingSince !== null) this.#lookAfterLag(guest, now - viewer.laggingSince);
    if (now - guest.beatAt >= HEARTBEAT_MS) {
      guest.beatAt = now;
      viewer.beat();
    }
    if (guest.recheck && now - guest.recheckedAt >= RECHECK_MS) {
      guest.recheckedAt = now;
      guest.recheck().catch((error) => this.#refused(viewer, error));
    }
  }

  #lookAfterLag({ viewer, channel }: Guest, lagMs: number): void {
    if (viewer.window.snapshot(viewer, channel.view)) {
      // The snapshot has the phase as well, so nothing that was skipped is missed.
      return this.#deps.metrics.slowConsumers.inc({ outcome: "recovered" });
    }
    if (lagMs < STUCK_MS) return;
    this.#deps.metrics.slowConsumers.inc({ outcome: "closed" });
    this.#drop(viewer, CLOSE_CODES.TOO_SLOW, "too slow");
  }

  #refused(viewer: LiveViewer, error: unknown): void {
    // Anything but a refusal, such as a database that is away, says nothing about the viewer.
    if (!(error instanceof DomainError) || error.status >= 500) return;
    const isExpired = error.code === "TOKEN_EXPIRED";
    const code = isExpired ? CLOSE_CODES.TOKEN_EXPIRED : CLOSE_CODES.UNAUTHORIZED;
    this.#drop(viewer, code, isExpired ? "token expired" : "session ended");
  }
}

/** The window that a viewer asks for. Fails with `UNAUTHORIZED` for the rows around nobody. */
function choiceOf(
  actor: Actor,
  wanted: { top?: number | undefined; around?: "me" | undefined },
): WindowChoice {
  if (wanted.around) return { aroundUserId: checkSignedIn(actor).userId };
  return { top: wanted.top ?? WINDOW_DEFAULT };
}
