/** A live board as server-sent events, for clients and proxies that know no sockets. */

import type { StreamQuery } from "@/contracts/leaderboard.ts";
import type { StreamPosition } from "@/domain/stream.ts";
import type { Viewer, ViewerSink } from "@/services/live/live.ts";
import type { Services } from "@/services/mod.ts";
import type { AppContext } from "../app_env.ts";
import { type LiveCaller, positionIn, readLiveCaller } from "../live_caller.ts";

const ENCODER = new TextEncoder();

/** Answers the stream. Fails as `LiveService.open`, with an HTTP status that ends an `EventSource`. */
export async function streamBoard(
  c: AppContext,
  services: Pick<Services, "live" | "accounts" | "apiKeys">,
  { competitionId, query }: { competitionId: string; query: StreamQuery },
): Promise<Response> {
  const { actor, recheck } = await callerOf(c, services, query);
  const events = new EventSink();
  const { top, division } = query;
  events.viewer = await services.live.open(actor, competitionId, events, {
    ...(top === undefined ? {} : { top }),
    ...(division === undefined ? {} : { division }),
    ...(recheck === undefined ? {} : { recheck }),
    ...(positionInId(c.req.header("last-event-id")) ?? positionIn(query)),
  });
  return c.body(events.stream, 200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache, no-transform",
    // Tells nginx not to hold events back until its buffer is full.
    "x-accel-buffering": "no",
  });
}

async function callerOf(
  c: AppContext,
  services: Pick<Services, "accounts" | "apiKeys">,
  { token }: StreamQuery,
): Promise<LiveCaller> {
  const { actor } = c.var;
  if (actor.kind !== "anonymous" || token === undefined) return { actor };
  const { requestId, clientAddress: address } = c.var;
  return await readLiveCaller(services, { token }, { requestId, address });
}

/** `Last-Event-ID: epoch:offset`; undefined for anything else. */
function positionInId(header: string | undefined): { resume: StreamPosition } | undefined {
  const match = /^([\w-]{1,64}):(\d{1,15})$/.exec(header ?? "");
  return match ? { resume: { epoch: match[1]!, offset: Number(match[2]) } } : undefined;
}

/** A viewer behind a stream of events; what the network has not taken yet counts as buffered. */
class EventSink implements ViewerSink {
  readonly stream: ReadableStream<Uint8Array>;
  viewer: Viewer | undefined;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #isClosed = false;

  constructor() {
    this.stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => {
        this.#isClosed = true;
        this.viewer?.close();
      },
    }, { highWaterMark: 0, size: (chunk) => chunk.byteLength });
  }

  get bufferedAmount(): number {
    return this.#isClosed ? 0 : -(this.#controller.desiredSize ?? 0);
  }

  send(frame: string, position?: StreamPosition): void {
    const id = position ? `id: ${position.epoch}:${position.offset}\n` : "";
    this.#write(`${id}data: ${frame}\n\n`);
  }

  beat(): void {
    this.#write(":\n\n");
  }

  close(code: number, reason: string): void {
    this.#write(`event: close\ndata: ${JSON.stringify({ code, reason })}\n\n`);
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#controller.close();
    this.viewer?.close();
  }

  #write(text: string): void {
    if (!this.#isClosed) this.#controller.enqueue(encode(text));
  }
}

/** Viewers of a window are sent the same text one after the other. */
let encoded = { text: "", bytes: new Uint8Array() };

function encode(text: string): Uint8Array {
  if (encoded.text !== text) encoded = { text, bytes: ENCODER.encode(text) };
  return encoded.bytes;
}
