/** The one interface of device file readers: bytes in, records out, no I/O. */

import type { ParsedRecord, RejectReason } from "@/domain/activity.ts";

/** What a reader makes of one file. `device` is maker and product where the file says so. */
export interface DeviceFile {
  format: "fit" | "tcx" | "gpx";
  device?: string;
  records: ParsedRecord[];
}

/** Reads one format. */
export interface FormatReader {
  readonly format: DeviceFile["format"];
  /** Tells by the first bytes (not the name) whether the file is of this format. */
  matches(head: Uint8Array): boolean;
  /** Reads the whole file. Throws `FormatError` when nothing in it can be used. */
  read(bytes: Uint8Array): DeviceFile;
}

/** The file as a whole cannot be used; `reason` is the documented code. */
export class FormatError extends Error {
  override readonly name = "FormatError";
  constructor(readonly reason: RejectReason, message: string, options: ErrorOptions = {}) {
    super(message, options);
  }
}
