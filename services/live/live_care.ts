/** What the hub looks after once a second for each viewer: its token, its rights, its backlog. */

import { CLOSE_CODES } from "@/contracts/leaderboard.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import { type EpochMs, SECOND_MS } from "@/domain/time.ts";
import { mayRead } from "../boards/board_access.ts";
import type { LiveChannel, WindowChoice } from "./live_channel.ts";
import type { LiveMetrics } from "./live.ts";
import type { LiveViewer } from "./live_viewer.ts";

/** Whoever has read nothing for so long is gone or never will catch up. */
const STUCK_MS = 15 * SECOND_MS;
/** Proxies close streams that are silent for a minute or less. */
const HEARTBEAT_MS = 25 * SECOND_MS;
/** A logout or suspension takes effect within 5 s. */
const RECHECK_MS = 4 * SECOND_MS;

/** A viewer with what only the hub keeps about it. */
export interface Guest {
  viewer: LiveViewer;
  channel: LiveChannel;
  choice: WindowChoice;
  recheck: (() => Promise<Actor>) | undefined;
  recheckedAt: EpochMs;
  beatAt: EpochMs;
}

/** What the hub does on behalf of its care. */
export interface LiveCareDeps {
  metrics: Pick<LiveMetrics, "slowConsumers">;
  drop(viewer: LiveViewer, code: number, reason: string): void;
  /** The viewer is known to be this actor now, whose rights may differ. */
  rechecked(guest: Guest, actor: Actor): Promise<void>;
}

/** Looks after one viewer. */
export function lookAfter(deps: LiveCareDeps, guest: Guest, now: EpochMs): void {
  const { viewer, channel } = guest;
  const { actor } = viewer;
  if (actor.kind === "user" && actor.expiresAt <= now) {
    return deps.drop(viewer, CLOSE_CODES.TOKEN_EXPIRED, "token expired");
  }
  if (!mayRead(actor, channel.view)) {
    return deps.drop(viewer, CLOSE_CODES.FORBIDDEN, "not visible any more");
  }
  if (viewer.laggingSince !== null) lookAfterLag(deps, guest, now - viewer.laggingSince);
  if (now - guest.beatAt >= HEARTBEAT_MS) {
    guest.beatAt = now;
    viewer.beat();
  }
  if (guest.recheck && now - guest.recheckedAt >= RECHECK_MS) {
    guest.recheckedAt = now;
    recheck(deps, guest, guest.recheck);
  }
}

function lookAfterLag(deps: LiveCareDeps, { viewer, channel }: Guest, lagMs: number): void {
  if (viewer.window.snapshot(viewer, channel.view)) {
    // The snapshot has the phase as well, so nothing that was skipped is missed.
    return deps.metrics.slowConsumers.inc({ outcome: "recovered" });
  }
  if (lagMs < STUCK_MS) return;
  deps.metrics.slowConsumers.inc({ outcome: "closed" });
  deps.drop(viewer, CLOSE_CODES.TOO_SLOW, "too slow");
}

function recheck(deps: LiveCareDeps, guest: Guest, ask: () => Promise<Actor>): void {
  const refused = (error: unknown) => {
    // Anything but a refusal, such as a database that is away, says nothing about the viewer.
    if (!(error instanceof DomainError) || error.status >= 500) return;
    const isExpired = error.code === "TOKEN_EXPIRED";
    const code = isExpired ? CLOSE_CODES.TOKEN_EXPIRED : CLOSE_CODES.UNAUTHORIZED;
    deps.drop(guest.viewer, code, isExpired ? "token expired" : "session ended");
  };
  ask().then((actor) => deps.rechecked(guest, actor), refused);
}
