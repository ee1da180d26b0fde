/** Request bodies within a size and a time: a slow or endless one must not hold memory or a handler. */

import { DomainError } from "@/domain/error.ts";

/** Slower than any network that can carry the app; a body may take the time its size needs at it. */
const BYTES_PER_MS_MIN = 8;

export interface BodyBounds {
  bytesMax: number;
  /** Besides the time the received bytes need at 8 KiB/s. */
  timeoutMs: number;
}

/**
 * Tells whether a request carries a body. The server gives every POST a stream; HTTP/1.1 declares
 * a body by its length or transfer coding, HTTP/2 may send one without, but then with its type.
 */
export function hasBody(request: Request): boolean {
  const { headers, method } = request;
  if (method === "GET" || method === "HEAD") return false;
  const length = headers.get("content-length");
  if (length !== null) return length !== "0";
  // Asked last: to look at a body is to make a stream of it, which costs more than all the rest.
  return (headers.has("transfer-encoding") || headers.has("content-type")) && request.body !== null;
}

/** The error of a body that is larger than its route takes. */
export function tooLarge(bytesMax: number): DomainError {
  // What a multipart body may have around its file is not worth a broken number.
  const limit = bytesMax >= 1024 ** 2
    ? `${Math.floor(bytesMax / 1024 ** 2)} MiB`
    : `${Math.floor(bytesMax / 1024)} KiB`;
  return new DomainError("PAYLOAD_TOO_LARGE", `Cannot read the body: it is larger than ${limit}`);
}

function tooSlow(): DomainError {
  return new DomainError("BAD_REQUEST", "Cannot read the body: it came too slowly");
}

/** The error of a body whose sender went away or broke the transfer. */
function broken(cause: unknown): DomainError {
  return new DomainError("BAD_REQUEST", "Cannot read the body: the transfer broke off", { cause });
}

/** Turns of promises within which a body that had arrived with its head is read. */
const TURNS = 12;

/** Reads a whole body of a declared, already checked size. Fails with `BAD_REQUEST` when it is too slow. */
export async function readWithin(request: Request, timeoutMs: number): Promise<ArrayBuffer> {
  const reading = request.arrayBuffer();
  try {
    // A timer for each request would cost more than reading what is there already.
    if (await settlesSoon(reading)) return await reading;
    const bytes = Number(request.headers.get("content-length") ?? 0);
    return await beforeDeadline(reading, timeoutMs + bytes / BYTES_PER_MS_MIN);
  } catch (error) {
    throw error instanceof DomainError ? error : broken(error);
  }
}

async function settlesSoon(reading: Promise<unknown>): Promise<boolean> {
  let isSettled = false;
  const note = () => void (isSettled = true);
  reading.then(note, note);
  for (let turn = 0; turn < TURNS && !isSettled; turn++) await undefined;
  return isSettled;
}

async function beforeDeadline<T>(reading: Promise<T>, ms: number): Promise<T> {
  const deadline = startDeadline(ms);
  try {
    return await Promise.race([reading, deadline.expired]);
  } finally {
    deadline.clear();
  }
}

/**
 * A body that fails with `PAYLOAD_TOO_LARGE` past `bytesMax` and with `BAD_REQUEST` when it is too
 * slow. Chunks pass as they come; nothing gathers here.
 */
export function boundBody(
  body: ReadableStream<Uint8Array>,
  bounds: BodyBounds,
): ReadableStream<Uint8Array> {
  const { bytesMax, timeoutMs } = bounds;
  const reader = body.getReader();
  const startedMs = performance.now();
  let received = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const elapsedMs = performance.now() - startedMs;
      const leftMs = timeoutMs + received / BYTES_PER_MS_MIN - elapsedMs;
      const chunk = await readChunk(reader, leftMs);
      if (chunk === undefined) return controller.close();
      received += chunk.byteLength;
      if (received > bytesMax) throw await stop(reader, tooLarge(bytesMax));
      controller.enqueue(chunk);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}

async function readChunk(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  leftMs: number,
): Promise<Uint8Array | undefined> {
  try {
    const { done, value } = await beforeDeadline(reader.read(), Math.max(0, leftMs));
    return done ? undefined : value;
  } catch (error) {
    throw await stop(reader, error instanceof DomainError ? error : broken(error));
  }
}

/** Lets go of the sender, whose own failure then says nothing new. */
async function stop(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  error: DomainError,
): Promise<DomainError> {
  await reader.cancel(error).catch(() => undefined);
  return error;
}

interface Deadline {
  /** Rejects when the time is over; never resolves. */
  expired: Promise<never>;
  clear(): void;
}

function startDeadline(ms: number): Deadline {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(tooSlow()), ms);
  return { expired: promise, clear: () => clearTimeout(timer) };
}
