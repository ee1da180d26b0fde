/**
 * Archives as phones and services give them: the directory at the end says what is inside, and one
 * member is read as a stream. No extraction, so that no name in an archive ever becomes a path.
 *
 * Inflating is the platform's (`DecompressionStream`); what is left of the format is small enough
 * that a package would only add what must not be used here: trust in local headers, names to
 * write to, archives in archives.
 *
 * @module
 */

import { crc32 } from "node:zlib";
import {
  ARCHIVE_DIRECTORY_BYTES_MAX,
  ARCHIVE_MEMBERS_MAX,
  ARCHIVE_RATIO_FREE_BYTES,
  ARCHIVE_RATIO_MAX,
} from "./limits.ts";
import { FormatError } from "./reader.ts";

/** Bytes that can be read anywhere, such as a file or a buffer. */
export interface ByteSource {
  readonly size: number;
  read(at: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** One member of an archive. */
export interface ZipMember {
  name: string;
  method: number;
  crc: number;
  packedBytes: number;
  bytes: number;
  headerAt: number;
}

/** A buffer as a source. */
export function sourceOf(bytes: Uint8Array<ArrayBuffer>): ByteSource {
  return {
    size: bytes.length,
    read: (at, length) => Promise.resolve(bytes.subarray(at, at + length)),
  };
}

/** Whether bytes begin as an archive does. */
export function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4;
}

const END_BYTES = 22;
/** The longest comment that the end may have. */
const COMMENT_BYTES_MAX = 0xffff;
const END_MARK = 0x06054b50;
const MEMBER_MARK = 0x02014b50;
const MEMBER_BYTES = 46;
const LOCAL_MARK = 0x04034b50;
const LOCAL_BYTES = 30;
/** What stands where a field is too small; a wider one stands elsewhere. */
const TOO_WIDE = 0xffffffff;
const TOO_MANY = 0xffff;
/** Wide fields of a member, in its extra data … */
const WIDE_EXTRA = 1;
/** … and of the directory: a mark before its end tells where they stand. */
const WIDE_PLACE_MARK = 0x07064b50;
const WIDE_PLACE_BYTES = 20;
const WIDE_END_MARK = 0x06064b50;
const WIDE_END_BYTES = 56;
const ENCRYPTED = 1;
const STORED = 0;
const DEFLATED = 8;

/**
 * Reads the directory, folders left out. Throws `FormatError` with `malformed`, `too_large`, or
 * `archive_refused` for names that point outside and members that nobody can read.
 */
export async function readZipDirectory(source: ByteSource): Promise<ZipMember[]> {
  const tailAt = Math.max(0, source.size - END_BYTES - COMMENT_BYTES_MAX);
  const tail = await source.read(tailAt, source.size - tailAt);
  const { count, length, at } = await placeOf(source, tail);
  if (count > ARCHIVE_MEMBERS_MAX || length > ARCHIVE_DIRECTORY_BYTES_MAX) {
    throw new FormatError("too_large", "Cannot read archive: it has too many members");
  }
  if (at + length > source.size) throw malformed("its directory lies outside");
  const bytes = await source.read(at, length);
  const members = membersIn(bytes, count);
  for (const member of members) checkMember(member, at);
  return members.filter(({ name }) => !name.endsWith("/"));
}

/** Where the directory lies. */
interface DirectoryPlace {
  count: number;
  length: number;
  at: number;
}

async function placeOf(source: ByteSource, tail: Uint8Array): Promise<DirectoryPlace> {
  const endAt = endIn(tail);
  const end = viewOf(tail, endAt, END_BYTES);
  const count = end.getUint16(10, true);
  const length = end.getUint32(12, true);
  const at = end.getUint32(16, true);
  const isWide = count === TOO_MANY || length === TOO_WIDE || at === TOO_WIDE;
  if (!isWide || endAt < WIDE_PLACE_BYTES) return { count, length, at };
  const place = viewOf(tail, endAt - WIDE_PLACE_BYTES, WIDE_PLACE_BYTES);
  if (place.getUint32(0, true) !== WIDE_PLACE_MARK) return { count, length, at };
  const wideAt = Number(place.getBigUint64(8, true));
  if (wideAt + WIDE_END_BYTES > source.size) throw malformed("its directory lies outside");
  const wide = viewOf(await source.read(wideAt, WIDE_END_BYTES), 0, WIDE_END_BYTES);
  if (wide.getUint32(0, true) !== WIDE_END_MARK) throw malformed("its directory is damaged");
  return {
    count: Number(wide.getBigUint64(32, true)),
    length: Number(wide.getBigUint64(40, true)),
    at: Number(wide.getBigUint64(48, true)),
  };
}

function endIn(tail: Uint8Array): number {
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (viewOf(tail, at, 4).getUint32(0, true) === END_MARK) return at;
  }
  throw new FormatError("truncated", "Cannot read archive: its end is missing");
}

const decoder = new TextDecoder();
/** Where a member tells its size, its packed size and its place. */
const SIZE_FIELDS = [24, 20, 42] as const;

function membersIn(bytes: Uint8Array, count: number): ZipMember[] {
  const members: ZipMember[] = [];
  let at = 0;
  for (let n = 0; n < count; n++) {
    const view = viewOf(bytes, at, MEMBER_BYTES);
    if (view.getUint32(0, true) !== MEMBER_MARK) throw malformed("its directory is damaged");
    const nameLength = view.getUint16(28, true);
    const nameAt = at + MEMBER_BYTES;
    const extraAt = nameAt + nameLength;
    const extraLength = view.getUint16(30, true);
    const narrow = SIZE_FIELDS.map((field) => view.getUint32(field, true));
    const isWide = narrow.includes(TOO_WIDE);
    const wide = isWide ? wideFields(bytes, extraAt, extraLength) : [];
    // In this order, each only where the narrow one is too small.
    const [size, packedBytes, headerAt] = narrow.map((value) => {
      return value === TOO_WIDE ? wide.shift() ?? value : value;
    }) as [number, number, number];
    members.push({
      name: decoder.decode(bytes.subarray(nameAt, nameAt + nameLength)),
      // Encryption is told as a method that nobody has.
      method: view.getUint16(8, true) & ENCRYPTED ? -1 : view.getUint16(10, true),
      crc: view.getUint32(16, true),
      packedBytes,
      bytes: size,
      headerAt,
    });
    at = extraAt + extraLength + view.getUint16(32, true);
  }
  return members;
}

/** The wide fields among a member's extra data; none where it has none. */
function wideFields(bytes: Uint8Array, from: number, length: number): number[] {
  const view = viewOf(bytes, from, length);
  for (let at = 0; at + 4 <= length;) {
    const size = view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === WIDE_EXTRA) {
      const count = Math.floor(Math.min(size, length - at - 4) / 8);
      return Array.from(
        { length: count },
        (_, n) => Number(view.getBigUint64(at + 4 + n * 8, true)),
      );
    }
    at += 4 + size;
  }
  return [];
}

function checkMember(member: ZipMember, directoryAt: number): void {
  const { name, method, packedBytes, bytes, headerAt } = member;
  const isOutside = /^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)|\\|\0/.test(name);
  if (isOutside) throw refused("a name in it points outside of it");
  if (method !== STORED && method !== DEFLATED) {
    throw refused("it is encrypted or packed unusually");
  }
  if (headerAt + LOCAL_BYTES + packedBytes > directoryAt) throw malformed("a member lies outside");
  const isBomb = bytes > ARCHIVE_RATIO_FREE_BYTES && bytes > packedBytes * ARCHIVE_RATIO_MAX;
  if (isBomb) throw new FormatError("too_large", "Cannot read archive: it unpacks to too much");
}

/** Packed bytes a step: at the most that deflate can pack, they unpack to 8 MB. */
const STEP_BYTES = 8 * 1024;

/**
 * Reads a member. Throws `FormatError` with `too_large` when it unpacks to more than it says or may,
 * `malformed` or `bad_crc` when it is damaged.
 */
export async function* readZipMember(
  source: ByteSource,
  member: ZipMember,
  bytesMax: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  if (member.bytes > bytesMax) throw tooLarge(bytesMax);
  const header = viewOf(await source.read(member.headerAt, LOCAL_BYTES), 0, LOCAL_BYTES);
  if (header.getUint32(0, true) !== LOCAL_MARK) throw malformed("a member has no header");
  const at = member.headerAt + LOCAL_BYTES + header.getUint16(26, true) +
    header.getUint16(28, true);
  if (at + member.packedBytes > source.size) throw malformed("a member lies outside");
  const packed = piecesOf(source, at, member.packedBytes);
  const chunks = member.method === STORED ? packed : unpack(packed, "deflate-raw");
  let length = 0;
  let crc = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > member.bytes) throw malformed("a member is longer than it says");
    crc = crc32(chunk, crc);
    yield chunk;
  }
  if (length !== member.bytes) throw malformed("a member is shorter than it says");
  if (crc >>> 0 !== member.crc) {
    throw new FormatError("bad_crc", "Cannot read archive: a checksum does not match");
  }
}

async function* piecesOf(
  source: ByteSource,
  from: number,
  length: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < length; at += STEP_BYTES) {
    yield await source.read(from + at, Math.min(STEP_BYTES, length - at));
  }
}

/** Unpacks in steps small enough that none of them can fill the memory. */
export async function* unpack(
  packed: AsyncIterable<Uint8Array<ArrayBuffer>>,
  format: CompressionFormat,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const stream = ReadableStream.from(packed).pipeThrough(new DecompressionStream(format));
  const reader = stream.getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      yield value as Uint8Array<ArrayBuffer>;
    }
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw new FormatError("malformed", "Cannot unpack: the data is damaged", { cause: error });
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** Unpacks a whole file in memory. Throws `FormatError` with `too_large`. */
export async function unpackWhole(
  chunks: AsyncIterable<Uint8Array<ArrayBuffer>>,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > bytesMax) throw tooLarge(bytesMax);
    parts.push(chunk);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** In the same steps, from memory. */
export function unpackGzip(
  bytes: Uint8Array<ArrayBuffer>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  return unpack(piecesOf(sourceOf(bytes), 0, bytes.length), "gzip");
}

function viewOf(bytes: Uint8Array, at: number, length: number): DataView {
  if (at < 0 || at + length > bytes.length) throw malformed("it ends too early");
  return new DataView(bytes.buffer, bytes.byteOffset + at, length);
}

function tooLarge(bytesMax: number): FormatError {
  return new FormatError("too_large", `Cannot unpack: it is over ${bytesMax} bytes`);
}

function malformed(state: string): FormatError {
  return new FormatError("malformed", `Cannot read archive: ${state}`);
}

function refused(state: string): FormatError {
  return new FormatError("archive_refused", `Cannot read archive: ${state}`);
}
