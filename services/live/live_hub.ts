/** The hub behind `LiveService`: viewers, their channels and the rhythm of its care. */

import {
  type ClientFrame,
  CLOSE_CODES,
  type ServerFrame,
  WINDOW_DEFAULT,
} from "@/contracts/leaderboard.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import type { StreamPosition } from "@/domain/stream.ts";
import { SECOND_MS } from "@/domain/time.ts";
import { nextTurn } from "@/platform/timers.ts";
import { checkSignedIn } from "../accounts/access.ts";
import { audienceOf, viewFor } from "../boards/board_access.ts";
import type { BoardView } from "../boards/boards.ts";
import type { Broker } from "../boards/broker.ts";
import {
  LIVE_LIMITS,
  type LiveDeps,
  type LiveLimits,
  type OpenOptions,
  type Viewer,
  type ViewerSink,
} from "./live.ts";
import { type Guest, type LiveCareDeps, lookAfter } from "./live_care.ts";
import { LiveChannel, stateOf, type WindowChoice } from "./live_channel.ts";
import {
  type Announcement,
  ANNOUNCEMENTS,
  errorFrame,
  PONG,
  readClientFrame,
} from "./live_frames.ts";
import { LiveRoom } from "./live_room.ts";
import { LiveSlices } from "./live_slices.ts";
import { LiveViewer } from "./live_viewer.ts";
import { createLonelyBroker } from "../boards/local_broker.ts";

/** How often the hub looks after its viewers. */
const SWEEP_MS = SECOND_MS;

/** All viewers of this node. */
export class LiveHub {
  readonly viewers = new Map<LiveViewer, Guest>();
  readonly #deps: LiveDeps;
  readonly #limits: LiveLimits;
  readonly #broker: Broker;
  readonly #room: LiveRoom;
  readonly #slices: LiveSlices;
  readonly #care: LiveCareDeps;
  readonly #channels = new Map<string, LiveChannel>();
  #cancelSweep: (() => void) | undefined;
  #isClosed = false;

  constructor(deps: LiveDeps) {
    this.#deps = deps;
    this.#limits = { ...LIVE_LIMITS, ...deps.limits };
    this.#broker = deps.broker ?? createLonelyBroker();
    this.#room = new LiveRoom(this.#limits);
    this.#slices = new LiveSlices(deps.nextTurn ?? nextTurn);
    this.#care = {
      metrics: deps.metrics,
      drop: (viewer, code, reason) => this.#drop(viewer, code, reason),
      rechecked: (guest, actor) => this.#rechecked(guest, actor),
    };
  }

  async open(
    actor: Actor,
    idOrSlug: string,
    { sink, options }: { sink: ViewerSink; options: OpenOptions },
  ): Promise<Viewer> {
    this.#room.check(actor);
    const view = await viewFor(this.#deps.boards, actor, idOrSlug);
    if (isAhead(options.resume, view)) await this.#deps.boards.refresh(view.competitionId);
    this.#room.check(actor);
    const guest = this.#admit(actor, view, { sink, options });
    this.#greet(guest, options.resume);
    return {
      receive: (text) => this.#receive(guest, text),
      close: (how) => this.#gone(guest.viewer, how),
    };
  }

  announce(competitionId: string, announcement: Announcement): void {
    this.#broker.publish(ANNOUNCEMENTS, competitionId, announcement);
    for (const channel of this.#channels.values()) {
      if (channel.view.competitionId === competitionId) channel.announce(announcement);
    }
  }

  closeAll(): Promise<void> {
    this.#isClosed = true;
    this.#slices.clear();
    for (const viewer of [...this.viewers.keys()]) {
      this.#drop(viewer, CLOSE_CODES.RESTART, "restart");
    }
    for (const channel of this.#channels.values()) channel.close();
    this.#channels.clear();
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    return this.#room.close();
  }

  #admit(
    actor: Actor,
    view: BoardView,
    { sink, options }: { sink: ViewerSink; options: OpenOptions },
  ): Guest {
    const channel = this.#channelOf(view);
    const choice = choiceOf(actor, options);
    const viewer = new LiveViewer(actor, sink, {
      window: channel.window(choice),
      bufferedBytesMax: this.#limits.bufferedBytesMax,
    });
    const now = this.#deps.clock.now();
    const guest = {
      ...{ viewer, channel, choice, recheck: options.recheck },
      ...{ recheckedAt: now, beatAt: now },
    };
    this.#room.enter(viewer);
    this.viewers.set(viewer, guest);
    channel.add(viewer);
    this.#tellCount();
    this.#scheduleSweep();
    return guest;
  }

  #channelOf(view: BoardView): LiveChannel {
    // What staff see of a frozen board goes to nobody else, so that the two share no frame.
    const key = `${view.competitionId}:${view.audience}`;
    const known = this.#channels.get(key);
    if (known) return known;
    const channel = new LiveChannel(view, {
      boards: this.#deps.boards,
      broker: this.#broker,
      announcementsSince: this.#deps.announcementsSince,
      timers: this.#deps.timers,
      slices: this.#slices,
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
        return this.#move(guest, guest.channel, choiceOf(guest.viewer.actor, frame));
      case "resume":
        return this.#greet(guest, { epoch: frame.epoch, offset: frame.offset });
    }
  }

  /** Shows another window, from its beginning. */
  #move(guest: Guest, channel: LiveChannel, choice: WindowChoice): void {
    const { viewer } = guest;
    const window = channel.window(choice);
    guest.channel.remove(viewer);
    Object.assign(guest, { channel, choice });
    viewer.window = window;
    viewer.offset = null;
    channel.add(viewer);
    this.#greet(guest, undefined);
  }

  /** Whoever became staff sees the board live, and whoever is staff no more what all see. */
  async #rechecked(guest: Guest, actor: Actor): Promise<void> {
    guest.viewer.actor = actor;
    const { view } = guest.channel;
    if (audienceOf(actor, view) === view.audience) return;
    try {
      const next = await viewFor(this.#deps.boards, actor, view.competitionId);
      if (!this.viewers.has(guest.viewer) || next.audience === guest.channel.view.audience) return;
      this.#move(guest, this.#channelOf(next), guest.choice);
    } catch {
      // Whoever may not see this board must not stay because the other cannot be shown.
      this.#drop(guest.viewer, CLOSE_CODES.RESTART, "rights changed");
    }
  }

  #send(viewer: LiveViewer, type: ServerFrame["type"], text: string): void {
    if (viewer.send(text, this.#deps.clock.now())) this.#countFrames(type, 1);
  }

  #remove(viewer: LiveViewer): void {
    const guest = this.viewers.get(viewer);
    if (!guest) return;
    this.viewers.delete(viewer);
    guest.channel.remove(viewer);
    this.#tellCount();
  }

  #drop(viewer: LiveViewer, code: number, reason: string): void {
    this.#remove(viewer);
    viewer.close(code, reason);
  }

  #gone(viewer: LiveViewer, how: "silent" | undefined): void {
    const wasThere = this.viewers.has(viewer);
    if (wasThere && how === "silent") this.#deps.metrics.slowConsumers.inc({ outcome: "silent" });
    viewer.isClosed = true;
    this.#remove(viewer);
    this.#room.leave(viewer);
  }

  #tellCount(): void {
    this.#deps.metrics.socketsActive.set(this.viewers.size);
    this.#deps.meter.viewers(this.viewers.size);
  }

  #scheduleSweep(): void {
    this.#cancelSweep ??= this.#deps.timers.after(SWEEP_MS, () => {
      this.#cancelSweep = undefined;
      this.#sweep();
    });
  }

  #sweep(): void {
    const look = (viewer: LiveViewer) => {
      const guest = this.viewers.get(viewer);
      if (guest) lookAfter(this.#care, guest, this.#deps.clock.now());
      return 0;
    };
    this.#slices.send(this.viewers.keys(), look, () => {
      this.#sweepChannels();
      if (!this.#isClosed && this.#channels.size > 0) this.#scheduleSweep();
    });
  }

  /** Asking for each board makes it follow what other nodes wrote, whatever they told of it. */
  #sweepChannels(): void {
    const now = this.#deps.clock.now();
    for (const [key, channel] of this.#channels) {
      if (channel.isSpent(now)) {
        channel.close();
        this.#channels.delete(key);
      } else this.#deps.boards.view(channel.view.competitionId).catch(() => {});
    }
  }
}

/** Whether a client saw more of the board on another node than this one knows. */
function isAhead(position: StreamPosition | undefined, { epoch, offset }: BoardView): boolean {
  return position?.epoch === epoch && position.offset > offset;
}

/** The window that a viewer asks for. Fails with `UNAUTHORIZED` for the rows around nobody. */
function choiceOf(
  actor: Actor,
  { top, around, division }: {
    top?: number | undefined;
    around?: "me" | undefined;
    division?: string | undefined;
  },
): WindowChoice {
  const part = around
    ? { aroundUserId: checkSignedIn(actor).userId }
    : { top: top ?? WINDOW_DEFAULT };
  return division === undefined ? part : { ...part, division };
}
