/**
 * Boards on many nodes. After each commit a node tells the others what became of the board; a node
 * where somebody listens to that board applies a change that follows its own offset, and reads what
 * it lacks from the database otherwise. Messages may be lost: whoever watches a board asks for its
 * head besides, so that every node ends at the committed log whatever happens to the messages.
 *
 * @module
 */

import type { Clock } from "@/platform/clock.ts";
import type { Timers } from "@/platform/timers.ts";
import { BOARD_NEWS, type BoardNews, committedOf, newsOf } from "./board_news.ts";
import type { BoardsService, BoardView } from "./boards.ts";
import type { Broker } from "./broker.ts";

/** What sharing needs besides the boards. */
export interface SharedBoardsDeps {
  broker: Broker;
  clock: Clock;
  timers: Timers;
}

/** Many commits in a row that do not follow are read together, well within a viewer's 250 ms. */
const READ_INTERVAL_MS = 50;

/** Boards that tell the other nodes of each commit, and hear of theirs while somebody listens. */
export function shareBoards(boards: BoardsService, deps: SharedBoardsDeps): BoardsService {
  const followers = new Map<string, BoardFollower>();
  function follow(id: string): () => void {
    const follower = followers.get(id) ?? new BoardFollower(id, boards, deps);
    followers.set(id, follower);
    follower.users += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      follower.users -= 1;
      if (follower.users > 0) return;
      followers.delete(id);
      follower.close();
    };
  }
  return {
    ...boards,
    committed(competitionId, change) {
      deps.broker.publish(BOARD_NEWS, competitionId, newsOf(change));
      return boards.committed(competitionId, change);
    },
    listen(competitionId, ...rest) {
      const stopListening = boards.listen(competitionId, ...rest);
      const stopFollowing = follow(competitionId);
      return () => {
        stopListening();
        stopFollowing();
      };
    },
  };
}

/** Keeps one board of this node up with the commits of the others. */
class BoardFollower {
  users = 0;
  readonly #id: string;
  readonly #boards: BoardsService;
  readonly #deps: SharedBoardsDeps;
  readonly #stopHearing: () => void;
  /** Tells the live offset of now; undefined before the first reading. */
  #view: BoardView | undefined;
  #readAt = 0;
  #cancelRead: (() => void) | undefined;

  constructor(id: string, boards: BoardsService, deps: SharedBoardsDeps) {
    this.#id = id;
    this.#boards = boards;
    this.#deps = deps;
    this.#stopHearing = deps.broker.subscribe(BOARD_NEWS, id, {
      heard: (news) => this.#heard(news),
      missed: () => this.#readSoon(),
    });
  }

  close(): void {
    this.#stopHearing();
    this.#cancelRead?.();
    this.#cancelRead = undefined;
  }

  #heard({ change }: BoardNews): void {
    const view = this.#view;
    if (!change || !view) return this.#readSoon();
    const isSameEpoch = change.head.epoch === view.epoch;
    // A message that comes late or twice.
    if (isSameEpoch && change.head.lastSeq <= view.offset) return;
    const follows = isSameEpoch && change.from === view.offset;
    const committed = follows ? committedOf(change) : undefined;
    if (!committed) return this.#readSoon();
    this.#settle(this.#boards.committed(this.#id, committed));
  }

  #readSoon(): void {
    if (this.#cancelRead) return;
    const { clock, timers } = this.#deps;
    const delayMs = Math.max(0, this.#readAt + READ_INTERVAL_MS - clock.now());
    this.#cancelRead = timers.after(delayMs, () => {
      this.#cancelRead = undefined;
      this.#readAt = clock.now();
      this.#settle(this.#read());
    });
  }

  async #read(): Promise<void> {
    await this.#boards.refresh(this.#id);
    this.#view ??= await this.#boards.view(this.#id, "staff");
  }

  /** A database that is away makes the board stale; whoever watches asks again. */
  #settle(reading: Promise<void>): void {
    reading.catch(() => {});
  }
}
