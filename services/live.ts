/**
 * The live hub of this node: one conflated frame a tick for each window, serialised once, sent to
 * every viewer.
 *
 * @module
 */

import type { Actor } from "@/domain/actor.ts";

/** One viewer's way out; the hub never waits for it. */
export interface ViewerSink {
  send(frame: string): void;
  close(code: number, reason: string): void;
  /** Bytes not yet taken by the network. */
  readonly bufferedAmount: number;
}

/** A viewer as the hub knows it; the transport feeds it the client's frames. */
export interface Viewer {
  receive(text: string): void;
  close(): void;
}

export interface LiveService {
  /** Starts a viewer with a snapshot (or a resume). Fails with `NOT_FOUND`, `UNAUTHORIZED`, `FORBIDDEN`, `RATE_LIMIT_EXCEEDED`. */
  open(
    actor: Actor,
    competitionId: string,
    sink: ViewerSink,
    options?: { top?: number; resume?: { epoch: string; offset: number } },
  ): Promise<Viewer>;
  /** Viewers connected now. */
  readonly viewerCount: number;
  /** Closes every viewer, with 1012. */
  closeAll(): void;
}
