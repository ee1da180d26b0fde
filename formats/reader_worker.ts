/**
 * Reads device files away from the main thread, which a large one would hold for seconds. One
 * message in (the bytes), one message out.
 *
 * @module
 */

import type { RejectReason } from "@/domain/activity.ts";
import { type DeviceFile, FormatError, readDeviceFile } from "./mod.ts";

/** What the worker answers. */
export type WorkerAnswer = { file: DeviceFile } | { reason: RejectReason; message: string };

function answer(bytes: Uint8Array): WorkerAnswer {
  try {
    return { file: readDeviceFile(bytes) };
  } catch (error) {
    // Only plain values keep their class across threads; any other error goes to `onerror`.
    if (error instanceof FormatError) return { reason: error.reason, message: error.message };
    throw error;
  }
}

globalThis.addEventListener("message", ({ data }: MessageEvent<Uint8Array>) => {
  globalThis.postMessage(answer(data));
});
