/**
 * The record layer of FIT: definitions, data messages, compressed timestamps, developer fields.
 * One `FitMessage` is reused for every message and reads its fields on demand, so that a file of
 * records costs no allocation; a visitor must take what it wants before it returns.
 *
 * @module
 */

import type { EpochMs } from "@/domain/time.ts";
import { FIT_MESSAGES_MAX } from "./limits.ts";
import { FormatError } from "./reader.ts";

/** Field 253 of any message. */
export const TIMESTAMP_FIELD = 253;
/** Seconds from 1970-01-01 to 1989-12-31T00:00:00Z, where FIT time begins. */
const FIT_EPOCH_S = 631_065_600;
/** Smaller times count from the device's start, not from a date. */
const RELATIVE_TIME_BELOW = 0x1000_0000;

/** The instant of a FIT `date_time`. */
export function fitInstant(seconds: number): EpochMs {
  return (seconds + FIT_EPOCH_S) * 1000;
}

/** Whether a FIT `date_time` counts from the device's start. */
export function isRelativeTime(seconds: number): boolean {
  return seconds < RELATIVE_TIME_BELOW;
}

interface FieldDefinition {
  number: number;
  offset: number;
  size: number;
  baseType: number;
}

interface Definition {
  globalNumber: number;
  littleEndian: boolean;
  fields: readonly FieldDefinition[];
  /** Bytes of a data message, developer fields included. */
  size: number;
  timestamp: FieldDefinition | undefined;
}

/** Bytes of one value, by the number in the low five bits of the base type (enum … uint64z). */
const VALUE_BYTES = [1, 1, 1, 2, 2, 4, 4, 1, 4, 8, 1, 2, 4, 1, 8, 8, 8] as const;
const STRING_TYPE = 7;

/** The data message under the reader's cursor. */
export class FitMessage {
  /** Absolute FIT seconds, from field 253 or the compressed header; undefined when unknown. */
  timestamp: number | undefined;
  #definition!: Definition;
  #start = 0;

  constructor(readonly view: DataView) {}

  get globalNumber(): number {
    return this.#definition.globalNumber;
  }

  moveTo(definition: Definition, start: number, timestamp: number | undefined): void {
    this.#definition = definition;
    this.#start = start;
    this.timestamp = timestamp;
  }

  /** The first value of a numeric field, raw (unscaled); undefined when absent or invalid. */
  number(field: number): number | undefined {
    const definition = this.#definition.fields.find((each) => each.number === field);
    if (!definition) return undefined;
    return readNumber(this.view, this.#start, definition, this.#definition.littleEndian);
  }

  /** The bytes of a field of any type, in place; undefined when absent. */
  bytes(field: number): Uint8Array | undefined {
    const definition = this.#definition.fields.find((each) => each.number === field);
    return definition && this.#bytesOf(definition);
  }

  #bytesOf({ offset, size }: FieldDefinition): Uint8Array {
    return new Uint8Array(this.view.buffer, this.view.byteOffset + this.#start + offset, size);
  }

  /** A text field up to its first NUL; undefined when absent or empty. */
  text(field: number): string | undefined {
    const definition = this.#definition.fields.find((each) => each.number === field);
    if (!definition || (definition.baseType & 0x1f) !== STRING_TYPE) return undefined;
    const bytes = this.#bytesOf(definition);
    const end = bytes.indexOf(0);
    return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end)) || undefined;
  }
}

function readNumber(
  view: DataView,
  start: number,
  field: FieldDefinition,
  littleEndian: boolean,
): number | undefined {
  const type = field.baseType & 0x1f;
  const bytes = VALUE_BYTES[type];
  // Some devices declare sizes that are no multiple of the type: such a value means nothing.
  if (bytes === undefined || field.size % bytes !== 0) return undefined;
  const at = start + field.offset;
  const value = readValue(view, at, type, littleEndian);
  return value === undefined || Number.isNaN(value) ? undefined : value;
}

function readValue(view: DataView, at: number, type: number, little: boolean): number | undefined {
  switch (type) {
    case 0:
    case 2:
    case 13:
      return unless(view.getUint8(at), 0xff);
    case 1:
      return unless(view.getInt8(at), 0x7f);
    case 3:
      return unless(view.getInt16(at, little), 0x7fff);
    case 4:
      return unless(view.getUint16(at, little), 0xffff);
    case 5:
      return unless(view.getInt32(at, little), 0x7fffffff);
    case 6:
      return unless(view.getUint32(at, little), 0xffffffff);
    case 8:
      return view.getFloat32(at, little);
    case 9:
      return view.getFloat64(at, little);
    case 10:
      return unless(view.getUint8(at), 0);
    case 11:
      return unless(view.getUint16(at, little), 0);
    case 12:
      return unless(view.getUint32(at, little), 0);
    default:
      return readLong(view, at, type, little);
  }
}

const LONG_INVALID: Readonly<Record<number, bigint>> = {
  14: 0x7fffffffffffffffn,
  15: 0xffffffffffffffffn,
  16: 0n,
};

function readLong(view: DataView, at: number, type: number, little: boolean): number | undefined {
  const invalid = LONG_INVALID[type];
  if (invalid === undefined) return undefined;
  const value = type === 14 ? view.getBigInt64(at, little) : view.getBigUint64(at, little);
  return value === invalid ? undefined : Number(value);
}

function unless(value: number, invalid: number): number | undefined {
  return value === invalid ? undefined : value;
}

/** Where the messages of one part lie: `view[start..end)`. */
export interface MessageRange {
  view: DataView;
  start: number;
  end: number;
}

/** The range, and the global numbers of the messages the visitor is to see. */
export interface DecodeOptions extends MessageRange {
  wanted: ReadonlySet<number>;
}

/** Takes what it wants of a message; false ends the walk. */
export type MessageVisitor = (message: FitMessage) => boolean | void;

/**
 * Walks the messages of a part and calls `visit` for the wanted ones. Throws
 * `FormatError("malformed")` where the bytes break the protocol.
 */
export function decodeMessages(
  options: DecodeOptions,
  visit: MessageVisitor,
): void {
  const reader = new MessageReader(options, visit);
  for (let count = 0; reader.hasMore(); count++) {
    if (count >= FIT_MESSAGES_MAX) {
      throw new FormatError("too_large", `Cannot read FIT: more than ${FIT_MESSAGES_MAX} messages`);
    }
    reader.next();
  }
}

class MessageReader {
  readonly #definitions: (Definition | undefined)[] = new Array(16).fill(undefined);
  readonly #message: FitMessage;
  readonly #view: DataView;
  readonly #end: number;
  #at: number;
  #lastTimestamp: number | undefined;
  #isStopped = false;

  constructor(
    readonly options: DecodeOptions,
    readonly visit: MessageVisitor,
  ) {
    this.#view = options.view;
    this.#message = new FitMessage(options.view);
    this.#at = options.start;
    this.#end = options.end;
  }

  hasMore(): boolean {
    return !this.#isStopped && this.#at < this.#end;
  }

  next(): void {
    const header = this.#view.getUint8(this.#at++);
    if (header & 0x80) this.#readCompressed(header);
    else if (header & 0x40) this.#readDefinition(header);
    else this.#readData(header & 0x0f, undefined);
  }

  /** Five bits of time that roll over every 32 s, counted on from the last full timestamp. */
  #readCompressed(header: number): void {
    const last = this.#lastTimestamp;
    const offset = header & 0x1f;
    const timestamp = last === undefined ? undefined : last + ((offset - (last & 0x1f)) & 0x1f);
    this.#readData((header >>> 5) & 0x03, timestamp);
  }

  #readData(local: number, compressed: number | undefined): void {
    const definition = this.#definitions[local];
    if (!definition) throw malformed(`data for undefined local message ${local}`);
    const start = this.#at;
    this.#skip(definition.size);
    const own = definition.timestamp &&
      readNumber(this.#view, start, definition.timestamp, definition.littleEndian);
    const timestamp = own ?? compressed;
    if (timestamp !== undefined) this.#lastTimestamp = timestamp;
    if (!this.options.wanted.has(definition.globalNumber)) return;
    this.#message.moveTo(definition, start, timestamp);
    this.#isStopped = this.visit(this.#message) === false;
  }

  #readDefinition(header: number): void {
    const at = this.#at;
    this.#skip(5);
    const littleEndian = this.#view.getUint8(at + 1) === 0;
    const fieldCount = this.#view.getUint8(at + 4);
    const fields: FieldDefinition[] = [];
    let size = 0;
    for (let index = 0; index < fieldCount; index++) {
      const field = this.#readField(size);
      // An empty field says nothing, and 255 of them would make every look-up of a message long.
      if (field.size > 0) fields.push(field);
      size += field.size;
    }
    if (header & 0x20) size += this.#readDeveloperSizes();
    this.#definitions[header & 0x0f] = {
      globalNumber: this.#view.getUint16(at + 2, littleEndian),
      littleEndian,
      fields,
      size,
      timestamp: fields.find((field) => field.number === TIMESTAMP_FIELD),
    };
  }

  #readField(offset: number): FieldDefinition {
    const at = this.#at;
    this.#skip(3);
    return {
      number: this.#view.getUint8(at),
      size: this.#view.getUint8(at + 1),
      baseType: this.#view.getUint8(at + 2),
      offset,
    };
  }

  /** Developer fields follow the native ones and are only stepped over: their meaning is theirs. */
  #readDeveloperSizes(): number {
    this.#skip(1);
    const count = this.#view.getUint8(this.#at - 1);
    let size = 0;
    for (let index = 0; index < count; index++) {
      this.#skip(3);
      size += this.#view.getUint8(this.#at - 2);
    }
    return size;
  }

  #skip(bytes: number): void {
    this.#at += bytes;
    if (this.#at > this.#end) throw malformed("a message runs over the end of its part");
  }
}

function malformed(state: string): FormatError {
  return new FormatError("malformed", `Cannot read FIT: ${state}`);
}
