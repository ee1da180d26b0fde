/**
 * Writes small FIT files, so that tests of the reader need no recordings. It shares nothing with
 * the reader: numbers of messages and fields are given as the profile prints them.
 *
 * @module
 */

/** Base types by name: their byte in a definition, and the bytes of one value. */
const BASE_TYPES = {
  enum: [0x00, 1],
  sint8: [0x01, 1],
  uint8: [0x02, 1],
  sint16: [0x83, 2],
  uint16: [0x84, 2],
  sint32: [0x85, 4],
  uint32: [0x86, 4],
  string: [0x07, 1],
  float32: [0x88, 4],
  float64: [0x89, 8],
  uint8z: [0x0a, 1],
  uint16z: [0x8b, 2],
  uint32z: [0x8c, 4],
  byte: [0x0d, 1],
  sint64: [0x8e, 8],
  uint64: [0x8f, 8],
  uint64z: [0x90, 8],
} as const;
export type FitBaseType = keyof typeof BASE_TYPES;

/** One field with its values; text for `string`. */
export interface FitFieldSpec {
  number: number;
  type: FitBaseType;
  values: readonly number[] | string;
  /** Bytes to declare, when not the true ones. */
  declaredBytes?: number;
}

/** One data message; its definition is written before it unless the local number still has it. */
export interface FitMessageSpec {
  global: number;
  fields: readonly FitFieldSpec[];
  local?: number;
  bigEndian?: boolean;
  /** Contents of developer fields, appended after the native ones. */
  developer?: readonly Uint8Array[];
  /** FIT seconds, written as the five bits of a compressed header. */
  compressedTimestamp?: number;
}

/** How the file around the messages is made. */
export interface FitFileOptions {
  headerBytes?: 12 | 14;
  headerCrc?: "valid" | "absent" | "wrong";
  fileCrc?: "valid" | "wrong";
}

/** A field of one number. */
export function field(number: number, type: FitBaseType, value: number): FitFieldSpec {
  return { number, type, values: [value] };
}

/** A whole FIT file (one part) of the messages. */
export function writeFit(
  messages: readonly FitMessageSpec[],
  options: FitFileOptions = {},
): Uint8Array<ArrayBuffer> {
  const defined = new Map<number, string>();
  const content = messages.flatMap((message) => messageBytes(message, defined));
  const body = [...headerOf(content.length, options), ...content];
  const crc = crcOf(body) ^ (options.fileCrc === "wrong" ? 0x5555 : 0);
  return Uint8Array.from([...body, crc & 0xff, crc >>> 8]);
}

/** The files one after the other, as devices chain them. */
export function chain(...files: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(files.flatMap((file) => [...file]));
}

/** The same bytes with a right checksum again, so that a change in them reaches the reader. */
export function resealed(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const body = [...bytes.subarray(0, -2)];
  const crc = crcOf(body);
  return Uint8Array.from([...body, crc & 0xff, crc >>> 8]);
}

function headerOf(contentBytes: number, options: FitFileOptions): number[] {
  const size = options.headerBytes ?? 14;
  const header = new DataView(new ArrayBuffer(12));
  header.setUint8(0, size);
  header.setUint8(1, 0x20);
  header.setUint16(2, 2140, true);
  header.setUint32(4, contentBytes, true);
  [0x2e, 0x46, 0x49, 0x54].forEach((byte, index) => header.setUint8(8 + index, byte));
  const bytes = [...new Uint8Array(header.buffer)];
  if (size === 12) return bytes;
  const kind = options.headerCrc ?? "valid";
  const crc = kind === "absent" ? 0 : crcOf(bytes) ^ (kind === "wrong" ? 0x5555 : 0);
  return [...bytes, crc & 0xff, crc >>> 8];
}

/** Bit by bit, unlike the reader's table. */
function crcOf(bytes: readonly number[]): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return crc;
}

/** `defined` holds the last definition of each local number. */
function messageBytes(message: FitMessageSpec, defined: Map<number, string>): number[] {
  const local = message.local ?? 0;
  const little = !message.bigEndian;
  const header = message.compressedTimestamp === undefined
    ? local
    : 0x80 | (local << 5) | (message.compressedTimestamp & 0x1f);
  const definition = definitionBytes(message, local);
  const isDefined = defined.get(local) === definition.join();
  defined.set(local, definition.join());
  return [
    ...(isDefined ? [] : definition),
    header,
    ...message.fields.flatMap((spec) => valueBytes(spec, little)),
    ...(message.developer ?? []).flatMap((bytes) => [...bytes]),
  ];
}

function definitionBytes(message: FitMessageSpec, local: number): number[] {
  const { global, fields, developer = [] } = message;
  const globalBytes = [global & 0xff, global >>> 8];
  return [
    0x40 | (developer.length > 0 ? 0x20 : 0) | local,
    0,
    message.bigEndian ? 1 : 0,
    ...(message.bigEndian ? globalBytes.reverse() : globalBytes),
    fields.length,
    ...fields.flatMap((spec) => [
      spec.number,
      spec.declaredBytes ?? valueBytes(spec, true).length,
      BASE_TYPES[spec.type][0],
    ]),
    ...(developer.length > 0 ? [developer.length] : []),
    ...developer.flatMap((bytes, index) => [index, bytes.length, 0]),
  ];
}

function valueBytes({ type, values }: FitFieldSpec, little: boolean): number[] {
  if (typeof values === "string") return [...new TextEncoder().encode(values), 0];
  return values.flatMap((value) => {
    const view = new DataView(new ArrayBuffer(BASE_TYPES[type][1]));
    setValue(view, type, value, little);
    return [...new Uint8Array(view.buffer)];
  });
}

function setValue(view: DataView, type: FitBaseType, value: number, little: boolean): void {
  if (type === "float32") view.setFloat32(0, value, little);
  else if (type === "float64") view.setFloat64(0, value, little);
  else if (view.byteLength === 8) view.setBigInt64(0, BigInt(value), little);
  else if (view.byteLength === 4) view.setUint32(0, value, little);
  else if (view.byteLength === 2) view.setUint16(0, value, little);
  else view.setUint8(0, value);
}

/** FIT seconds of an ISO time. */
export function fitSeconds(iso: string): number {
  return Date.parse(iso) / 1000 - 631_065_600;
}

/** A `file_id` of the type (4 activity, 32 monitoring), made by a Garmin fr110 with a serial number. */
export function fileId(type = 4): FitMessageSpec {
  return {
    global: 0,
    fields: [
      field(0, "enum", type),
      field(1, "uint16", 1),
      field(2, "uint16", 1124),
      field(3, "uint32z", 3_819_347_952),
    ],
  };
}

/** Amounts of a session or lap as the profile stores them; what is left out is not written. */
export interface FitSummarySpec {
  startS?: number;
  endS?: number;
  sport?: number;
  subSport?: number;
  elapsedMs?: number;
  timerMs?: number;
  movingMs?: number;
  distanceCm?: number;
  cycles?: number;
  calories?: number;
  ascentM?: number;
}

const SESSION_FIELDS: Readonly<Record<keyof FitSummarySpec, readonly [number, FitBaseType]>> = {
  endS: [253, "uint32"],
  startS: [2, "uint32"],
  sport: [5, "enum"],
  subSport: [6, "enum"],
  elapsedMs: [7, "uint32"],
  timerMs: [8, "uint32"],
  movingMs: [59, "uint32"],
  distanceCm: [9, "uint32"],
  cycles: [10, "uint32"],
  calories: [11, "uint16"],
  ascentM: [22, "uint16"],
};

const LAP_FIELDS: typeof SESSION_FIELDS = {
  ...SESSION_FIELDS,
  sport: [25, "enum"],
  subSport: [39, "enum"],
  movingMs: [52, "uint32"],
  ascentM: [21, "uint16"],
};

/** A session message. */
export function session(spec: FitSummarySpec): FitMessageSpec {
  return { global: 18, local: 1, fields: summaryFields(spec, SESSION_FIELDS) };
}

/** A lap message. */
export function lap(spec: FitSummarySpec): FitMessageSpec {
  return { global: 19, local: 2, fields: summaryFields(spec, LAP_FIELDS) };
}

function summaryFields(spec: FitSummarySpec, numbers: typeof SESSION_FIELDS): FitFieldSpec[] {
  return (Object.entries(spec) as [keyof FitSummarySpec, number][]).map(([key, value]) => {
    const [number, type] = numbers[key];
    return field(number, type, value);
  });
}

/** A record: one point of the recording; degrees, metres and FIT seconds. */
export interface FitRecordSpec {
  at: number;
  latitude?: number;
  longitude?: number;
  distanceM?: number;
  elevationM?: number;
}

/** A record message. */
export function record(spec: FitRecordSpec): FitMessageSpec {
  const semicircles = (degrees: number) => Math.round(degrees * 2 ** 31 / 180) >>> 0;
  const fields = [field(253, "uint32", spec.at)];
  if (spec.latitude !== undefined) fields.push(field(0, "sint32", semicircles(spec.latitude)));
  if (spec.longitude !== undefined) fields.push(field(1, "sint32", semicircles(spec.longitude)));
  if (spec.distanceM !== undefined) fields.push(field(5, "uint32", spec.distanceM * 100));
  if (spec.elevationM !== undefined) {
    fields.push(field(2, "uint16", Math.round((spec.elevationM + 500) * 5)));
  }
  return { global: 20, local: 3, fields };
}

/** A timer event: `start`, or `stop` of every kind. */
export function timerEvent(at: number, kind: "start" | "stop"): FitMessageSpec {
  return {
    global: 21,
    local: 4,
    fields: [
      field(253, "uint32", at),
      field(0, "enum", 0),
      field(1, "enum", kind === "start" ? 0 : 4),
    ],
  };
}
