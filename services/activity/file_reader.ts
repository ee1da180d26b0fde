/**
 * Reads device files without holding up everybody else: small ones at once, larger ones in a
 * worker of their own, one after the other. A worker lives as long as its file.
 *
 * @module
 */

import { DomainError } from "@/domain/error.ts";
import { MINUTE_MS } from "@/domain/time.ts";
import { type DeviceFile, FormatError, readDeviceFile } from "@/formats/mod.ts";
import type { WorkerAnswer } from "@/formats/reader_worker.ts";
import type { Timers } from "@/platform/timers.ts";

export interface FileReader {
  /**
   * Reads a file; the bytes of a large one are given away. Fails with `FormatError`, and with
   * `SERVICE_UNAVAILABLE` when too much waits already.
   */
  read(bytes: Uint8Array<ArrayBuffer>): Promise<DeviceFile>;
}

export interface FileReaderDeps {
  timers: Timers;
  limits?: Partial<FileReaderLimits>;
}

/** Bounds of what is read where. */
export interface FileReaderLimits {
  /** XML is read at some 20 MB/s: this holds the thread for about 15 ms. */
  inlineBytesMax: number;
  /** Bytes that wait for the worker; four of the largest files. */
  waitingBytesMax: number;
  /** The largest file takes 4 s; who needs longer was made to. */
  timeoutMs: number;
}

export const FILE_READER_LIMITS: FileReaderLimits = {
  inlineBytesMax: 256 * 1024,
  waitingBytesMax: 256 * 1024 * 1024,
  timeoutMs: MINUTE_MS,
};

/** What a client waits when the queue is full; the queue takes some ten seconds. */
const RETRY_AFTER_SECONDS = 10;

export function createFileReader(deps: FileReaderDeps): FileReader {
  const limits = { ...FILE_READER_LIMITS, ...deps.limits };
  let waitingBytes = 0;
  let last: Promise<unknown> = Promise.resolve();
  return {
    async read(bytes) {
      const { length } = bytes;
      if (length <= limits.inlineBytesMax) return readDeviceFile(bytes);
      if (waitingBytes + length > limits.waitingBytesMax) throw tooBusy();
      waitingBytes += length;
      const mine = last.then(() => readInWorker(deps.timers, bytes, limits.timeoutMs))
        .finally(() => waitingBytes -= length);
      last = mine.catch(() => undefined);
      return await mine;
    },
  };
}

function tooBusy(): DomainError {
  return new DomainError("SERVICE_UNAVAILABLE", "Cannot read the file: many others wait", {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}

/** Starts a worker for one file, and ends it whatever happens. */
async function readInWorker(
  timers: Timers,
  bytes: Uint8Array<ArrayBuffer>,
  timeoutMs: number,
): Promise<DeviceFile> {
  const worker = new Worker(import.meta.resolve("@/formats/reader_worker.ts"), { type: "module" });
  const { promise, resolve, reject } = Promise.withResolvers<WorkerAnswer>();
  const cancel = timers.after(timeoutMs, () => {
    reject(new FormatError("too_large", "Cannot read file: it takes too long"));
  });
  worker.onmessage = ({ data }: MessageEvent<WorkerAnswer>) => resolve(data);
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new Error(`Cannot read file: ${event.message}`));
  };
  try {
    worker.postMessage(bytes, [bytes.buffer]);
    const answer = await promise;
    if ("file" in answer) return answer.file;
    throw new FormatError(answer.reason, answer.message);
  } finally {
    cancel();
    worker.terminate();
  }
}
