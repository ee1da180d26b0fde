/**
 * The announcements of one competition, to those who watch it: told by whichever node they were made
 * on, and read from the database where the connection between nodes may have lost some.
 *
 * @module
 */

import { type EpochMs, MINUTE_MS } from "@/domain/time.ts";
import type { Broker } from "../boards/broker.ts";
import { type Announcement, ANNOUNCEMENTS } from "./live_frames.ts";

export interface LiveNewsDeps {
  broker: Broker;
  now: () => EpochMs;
  /** Announcements made after the instant; absent where none are stored. */
  announcementsSince?: AnnouncementsSince | undefined;
}

/** Reads a competition's announcements from an instant on, oldest first. */
export type AnnouncementsSince = (
  competitionId: string,
  since: EpochMs,
) => Promise<readonly Announcement[]>;

/** Longer than clocks of two nodes may be apart and a transaction takes. */
const OVERLAP_MS = 2 * MINUTE_MS;

/** What is remembered of those told; only the last minutes' are looked up. */
const KNOWN_MAX = 1_000;

/** The announcements of one competition. */
export class LiveNews {
  readonly #competitionId: string;
  readonly #deps: LiveNewsDeps;
  readonly #send: (announcement: Announcement) => void;
  readonly #stopHearing: () => void;
  /** What was told, or made before anybody watched. */
  #known = new Set<string>();
  #readAt: EpochMs | undefined;

  constructor(
    competitionId: string,
    deps: LiveNewsDeps,
    send: (announcement: Announcement) => void,
  ) {
    this.#competitionId = competitionId;
    this.#deps = deps;
    this.#send = send;
    this.#stopHearing = deps.broker.subscribe(ANNOUNCEMENTS, competitionId, {
      heard: (announcement) => this.tell(announcement),
      missed: () => void this.#catchUp().catch(() => {}),
    });
  }

  /** Sends it, unless that was done already. */
  tell(announcement: Announcement): void {
    const key = keyOf(announcement);
    if (this.#known.has(key)) return;
    this.#known.add(key);
    this.#send(announcement);
  }

  close(): void {
    this.#stopHearing();
  }

  async #catchUp(): Promise<void> {
    const { announcementsSince, now } = this.#deps;
    if (!announcementsSince) return;
    const isFirst = this.#readAt === undefined;
    const since = (this.#readAt ?? now()) - OVERLAP_MS;
    const startedAt = now();
    const made = await announcementsSince(this.#competitionId, since);
    this.#readAt = startedAt;
    // Whoever watches from now on finds the older ones on the competition's page.
    for (const announcement of made) {
      if (isFirst) this.#known.add(keyOf(announcement));
      else this.tell(announcement);
    }
    if (this.#known.size > KNOWN_MAX) this.#known = new Set(made.map(keyOf));
  }
}

function keyOf({ at, text }: Announcement): string {
  return `${at} ${text}`;
}
