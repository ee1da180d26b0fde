/** The viewers of one competition: its windows, their rhythm, and the news that all of them get. */

import { type BoardRow, CLOSE_CODES, type ServerFrame } from "@/contracts/leaderboard.ts";
import { DomainError } from "@/domain/error.ts";
import type { EpochMs } from "@/domain/time.ts";
import { AROUND_ROWS, aroundRows } from "../boards/board_window.ts";
import type { BoardList, BoardsService, BoardView } from "../boards/boards.ts";
import { type Announcement, announcementFrame } from "./live_frames.ts";
import { LiveNews, type LiveNewsDeps } from "./live_news.ts";
import type { SendTo } from "./live_slices.ts";
import type { LiveViewer } from "./live_viewer.ts";
import { LiveWindow, type WindowDeps } from "./live_window.ts";
import type { Timers } from "@/platform/timers.ts";

/** Ten frames a second: more than an eye follows. */
const TICK_MS = 100;
/**
 * A tick that comes late by so much does not put off the next: else updates that come ten times a
 * second would fall behind the ticks, further and further.
 */
const TICK_LATE_MS = 20;
/** Each window costs a comparison a tick; pages of one site use two or three. */
const TOP_WINDOWS_MAX = 64;
/** A channel without viewers keeps its deltas this long for those who come back. */
export const LINGER_MS = 30_000;

export interface ChannelDeps extends Omit<WindowDeps, "onOverdue">, LiveNewsDeps {
  boards: Pick<BoardsService, "listen">;
  timers: Timers;
  /** Lets go of a viewer that the channel closes. */
  drop: (viewer: LiveViewer, code: number, reason: string) => void;
}

/** How the keys of windows begin. */
const TOP = "top:";
const AROUND = "around:";

/** What part of the board a viewer wants; of one division, or of all. */
export type WindowChoice = ({ top: number } | { aroundUserId: string }) & {
  division?: string | undefined;
};

export class LiveChannel {
  readonly view: BoardView;
  readonly #deps: ChannelDeps;
  readonly #windows = new Map<string, LiveWindow>();
  readonly #stopListening: () => void;
  readonly #news: LiveNews;
  #state: string;
  #lastTickAt: EpochMs = 0;
  #nextTick: { at: EpochMs; cancel: () => void } | undefined;
  #emptySince: EpochMs | null = null;

  constructor(view: BoardView, deps: ChannelDeps) {
    this.view = view;
    this.#deps = deps;
    this.#state = stateOf(view);
    const { competitionId, audience } = view;
    this.#stopListening = deps.boards.listen(competitionId, (view) => this.#heard(view), audience);
    this.#news = new LiveNews(competitionId, deps, (announcement) => this.#sendNews(announcement));
  }

  *viewers(): Iterable<LiveViewer> {
    for (const window of this.#windows.values()) yield* window.viewers;
  }

  /** The window of a choice, made when nobody has it yet. Fails with `RATE_LIMIT_EXCEEDED`. */
  window(choice: WindowChoice): LiveWindow {
    const isTop = "top" in choice;
    const part = isTop ? `${TOP}${choice.top}` : `${AROUND}${choice.aroundUserId}`;
    const { division } = choice;
    const key = division === undefined ? part : `${part}:${division}`;
    const known = this.#windows.get(key);
    if (known) return known;
    if (isTop) this.#makeRoom();
    const rowsMax = isTop ? choice.top : 2 * AROUND_ROWS + 1;
    const select = selectorOf(choice);
    const deps = { ...this.#deps, onOverdue: () => this.#tickWhenDue() };
    const listOf = (view: BoardView) => division === undefined ? view : view.division(division);
    const window = new LiveWindow(key, this.view, { listOf, select, rowsMax, deps });
    this.#windows.set(key, window);
    return window;
  }

  /** Puts a viewer into its window. */
  add(viewer: LiveViewer): void {
    viewer.window.viewers.add(viewer);
    this.#emptySince = null;
  }

  remove(viewer: LiveViewer): void {
    const { window } = viewer;
    window.viewers.delete(viewer);
    // Rows around one person are watched by nobody else.
    if (window.viewers.size === 0 && window.key.startsWith(AROUND)) {
      this.#windows.delete(window.key);
    }
  }

  /** Whether nobody has watched for so long that the channel can go. */
  isSpent(now: EpochMs): boolean {
    for (const _ of this.viewers()) return false;
    this.#emptySince ??= now;
    return now - this.#emptySince >= LINGER_MS;
  }

  /** Tells everybody who watches. */
  announce(announcement: Announcement): void {
    this.#news.tell(announcement);
  }

  #sendNews(announcement: Announcement): void {
    const text = announcementFrame(announcement);
    const now = this.#deps.now();
    this.#sendAll("announcement", (viewer) => viewer.sendNews(text, now) ? text.length : 0);
  }

  close(): void {
    this.#stopListening();
    this.#news.close();
    this.#nextTick?.cancel();
    this.#windows.clear();
  }

  #heard(view: BoardView | undefined): void {
    if (!view) {
      for (const viewer of [...this.viewers()]) {
        this.#deps.drop(viewer, CLOSE_CODES.NOT_FOUND, "competition removed");
      }
      return;
    }
    this.#tellState();
    this.#tickWhenDue();
  }

  #tellState(): void {
    const state = stateOf(this.view);
    if (state === this.#state) return;
    this.#state = state;
    const now = this.#deps.now();
    this.#sendAll("state", (viewer) => viewer.send(state, now) ? state.length : 0);
  }

  #sendAll(type: ServerFrame["type"], send: SendTo): void {
    let sent = 0;
    const sendOne = (viewer: LiveViewer) => {
      const chars = send(viewer);
      if (chars > 0) sent += 1;
      return chars;
    };
    this.#deps.slices.send(this.viewers(), sendOne, () => this.#deps.countFrames(type, sent));
  }

  #tickWhenDue(): void {
    this.#scheduleTick(this.#lastTickAt + TICK_MS - this.#deps.now());
  }

  /** Ticks after the delay, or earlier where that was planned. */
  #scheduleTick(delayMs: number): void {
    const at = this.#deps.now() + Math.max(0, delayMs);
    if (this.#nextTick && this.#nextTick.at <= at) return;
    this.#nextTick?.cancel();
    const cancel = this.#deps.timers.after(at - this.#deps.now(), () => {
      this.#nextTick = undefined;
      this.#tick(at);
    });
    this.#nextTick = { at, cancel };
  }

  #tick(plannedAt: EpochMs): void {
    this.#lastTickAt = Math.max(plannedAt, this.#deps.now() - TICK_LATE_MS);
    let againInMs: number | null = null;
    for (const window of this.#windows.values()) {
      const delayMs = window.publish(this.view);
      if (delayMs !== null) againInMs = Math.min(againInMs ?? delayMs, delayMs);
    }
    if (againInMs !== null) this.#scheduleTick(Math.max(TICK_MS, againInMs));
  }

  #makeRoom(): void {
    const tops = [...this.#windows].filter(([key]) => key.startsWith(TOP));
    if (tops.length < TOP_WINDOWS_MAX) return;
    for (const [key, window] of tops) {
      if (window.viewers.size > 0) continue;
      this.#windows.delete(key);
      return;
    }
    throw new DomainError(
      "RATE_LIMIT_EXCEEDED",
      `Cannot open another window: the board has ${TOP_WINDOWS_MAX}, use a top that others use`,
    );
  }
}

function selectorOf(choice: WindowChoice): (list: BoardList) => BoardRow[] {
  if ("top" in choice) return (list) => list.rows(0, choice.top);
  return (list) => aroundRows(list, choice.aroundUserId);
}

/** The `state` frame of now. */
export function stateOf({ phase, frozen }: BoardView): string {
  return JSON.stringify({ type: "state", phase, frozen } satisfies ServerFrame);
}
