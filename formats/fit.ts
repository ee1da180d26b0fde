/**
 * FIT files: one or several parts, each a header, messages and a checksum. Our own small reader:
 * the profile subset a competition needs, checked checksums, bounded work.
 *
 * @module
 */

import { decodeMessages, type FitMessage, type MessageRange } from "./fit_decode.ts";
import { readFitActivities } from "./fit_activity.ts";
import { fitCrc } from "./fit_crc.ts";
import { type FitDevice, fitDeviceName } from "./fit_device.ts";
import { readFitMonitoring } from "./fit_monitoring.ts";
import {
  ACTIVITY_FILES,
  FIELD,
  FILE_TYPE_NAMES,
  MESSAGE,
  MONITORING_FILES,
} from "./fit_profile.ts";
import { FIT_BYTES_MAX, FIT_PARTS_MAX } from "./limits.ts";
import { type DeviceFile, FormatError, type FormatReader } from "./reader.ts";
import { RecordList } from "./record_list.ts";

const HEADER_BYTES = 12;
const HEADER_WITH_CRC_BYTES = 14;
const CRC_BYTES = 2;
/** ".FIT" at byte 8, as a little-endian number. */
const SIGNATURE = 0x5449462e;

/** The reader of FIT activity and monitoring files. */
export const fitReader: FormatReader = {
  format: "fit",
  matches: (head) => hasHeader(viewOf(head), 0),
  read: readFit,
};

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function hasHeader(view: DataView, at: number): boolean {
  return view.byteLength - at >= HEADER_BYTES && view.getUint8(at) >= HEADER_BYTES &&
    view.getUint32(at + 8, true) === SIGNATURE;
}

function readFit(bytes: Uint8Array): DeviceFile {
  if (bytes.length > FIT_BYTES_MAX) {
    throw new FormatError("too_large", `Cannot read FIT: it is over ${FIT_BYTES_MAX} bytes`);
  }
  const list = new RecordList();
  let device: string | undefined;
  let at = 0;
  for (let part = 0; at < bytes.length && !isPadding(bytes, at, part); part++) {
    const result = readPart(bytes, { at, part, list });
    device ??= result.device;
    at = result.end;
  }
  return { format: "fit", ...(device && { device }), records: list.usable() };
}

/** Zeros after the last part are what some devices fill their blocks with. */
function isPadding(bytes: Uint8Array, at: number, part: number): boolean {
  return part > 0 && bytes.subarray(at).every((byte) => byte === 0);
}

interface PartContext {
  at: number;
  part: number;
  list: RecordList;
}

interface PartResult {
  device: string | undefined;
  end: number;
}

/** Reads one part; one that cannot be used becomes one `rejected`, and the next is still tried. */
function readPart(bytes: Uint8Array, { at, part, list }: PartContext): PartResult {
  // Without a known length there is no next part: the rest of the file is lost.
  let end = bytes.length;
  try {
    if (part >= FIT_PARTS_MAX) throw fault("too_large", `more than ${FIT_PARTS_MAX} parts`);
    const range = readHeader(bytes, at);
    end = range.end + CRC_BYTES;
    checkCrcs(bytes, at, range);
    return { device: readMessages(range, list), end };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    list.reject(error.reason, error.message);
    return { device: undefined, end };
  }
}

/** The range of the messages of the part at `at`, as its header tells. */
function readHeader(bytes: Uint8Array, at: number): MessageRange {
  const view = viewOf(bytes);
  if (!hasHeader(view, at)) throw fault("malformed", `no FIT header at byte ${at}`);
  const headerBytes = view.getUint8(at);
  const start = at + headerBytes;
  const end = start + view.getUint32(at + 4, true);
  // A recorder that lost power before it wrote the length leaves it 0.
  if (end + CRC_BYTES > bytes.length || end === start) {
    throw fault("truncated", "it ends before its header says");
  }
  return { view, start, end };
}

/** Checks both checksums; one of the header that is 0 is absent, not wrong. */
function checkCrcs(bytes: Uint8Array, at: number, { view, start, end }: MessageRange): void {
  const headerCrc = start - at >= HEADER_WITH_CRC_BYTES
    ? view.getUint16(at + HEADER_BYTES, true)
    : 0;
  if (headerCrc !== 0 && headerCrc !== fitCrc(bytes, at, at + HEADER_BYTES)) {
    throw fault("bad_crc", "the checksum of its header does not match");
  }
  if (view.getUint16(end, true) !== fitCrc(bytes, at, end)) {
    throw fault("bad_crc", "the checksum of its content does not match");
  }
}

function readMessages(range: MessageRange, list: RecordList): string | undefined {
  const file = readFileId(range);
  const device = fitDeviceName(file);
  if (file.type !== undefined && MONITORING_FILES.has(file.type)) {
    readFitMonitoring(range, device, list);
  } else if (file.type === undefined || ACTIVITY_FILES.has(file.type)) {
    readFitActivities(range, device, list);
  } else {
    const type = FILE_TYPE_NAMES[file.type] ?? `type ${file.type}`;
    throw fault("not_activity", `it is a ${type} file`);
  }
  return device;
}

interface FileId extends FitDevice {
  type: number | undefined;
}

const FILE_ID: ReadonlySet<number> = new Set([MESSAGE.fileId]);

/** The first `file_id`; one that is missing leaves everything undefined. */
function readFileId(range: MessageRange): FileId {
  let fileId: FileId | undefined;
  decodeMessages({ ...range, wanted: FILE_ID }, (message) => {
    fileId = takeFileId(message);
    return false;
  });
  return fileId ?? {
    type: undefined,
    manufacturer: undefined,
    product: undefined,
    productName: undefined,
  };
}

function takeFileId(message: FitMessage): FileId {
  return {
    type: message.number(FIELD.fileId.type),
    manufacturer: message.number(FIELD.fileId.manufacturer),
    product: message.number(FIELD.fileId.product),
    productName: message.text(FIELD.fileId.productName),
  };
}

function fault(reason: FormatError["reason"], state: string): FormatError {
  return new FormatError(reason, `Cannot read FIT: ${state}`);
}
