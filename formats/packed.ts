/**
 * What lies inside of what is uploaded: exports of Health, and device files that come in an archive
 * or compressed, as services deliver them.
 *
 * @module
 */

import {
  APPLE_EXPORT_BYTES_MAX,
  ARCHIVE_FILES_BYTES_MAX,
  ARCHIVE_FILES_MAX,
  FIT_BYTES_MAX,
} from "./limits.ts";
import { FormatError } from "./reader.ts";
import { xmlRootName } from "./xml.ts";
import {
  type ByteSource,
  isZip,
  readZipDirectory,
  readZipMember,
  unpackGzip,
  unpackWhole,
  type ZipMember,
} from "./zip.ts";

/** An export of Health, to be read as it comes. */
export interface AppleExport {
  kind: "apple_health";
  /** Of the XML. */
  bytes: number;
  chunks(): AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** A device file, unpacked. */
export interface PlainFile {
  kind: "file";
  bytes: Uint8Array<ArrayBuffer>;
}

/** Several device files in one archive, as services give away all that somebody recorded. */
export interface PackedFiles {
  kind: "archive";
  /** Of all files, unpacked once. */
  bytes: number;
  files: readonly PackedFile[];
}

/** One of them. */
export interface PackedFile {
  name: string;
  bytes: number;
  /** Unpacks it. Throws `FormatError`. */
  read(): Promise<Uint8Array<ArrayBuffer>>;
}

/** Enough to tell what a file is: XML may begin with a licence and a DTD. */
const HEAD_BYTES = 64 * 1024;
/** A read of a plain export. */
const PIECE_BYTES = 256 * 1024;

/**
 * Tells what was uploaded and unpacks it. Throws `FormatError`: `archive_refused` for archives with
 * nothing to read, and what the archive's own faults are.
 */
export async function openUpload(
  source: ByteSource,
): Promise<AppleExport | PlainFile | PackedFiles> {
  const head = await source.read(0, Math.min(HEAD_BYTES, source.size));
  if (isZip(head)) return await openZip(source);
  if (isGzip(head)) return { kind: "file", bytes: await ungzipped(await whole(source)) };
  if (isAppleExport(head)) {
    if (source.size > APPLE_EXPORT_BYTES_MAX) throw tooLarge();
    return { kind: "apple_health", bytes: source.size, chunks: () => pieces(source) };
  }
  return { kind: "file", bytes: await whole(source) };
}

function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** Once: what is packed again inside is no device file. */
async function ungzipped(packed: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return await unpackWhole(unpackGzip(packed), FIT_BYTES_MAX);
}

function isAppleExport(head: Uint8Array): boolean {
  return xmlRootName(head) === "HealthData";
}

async function whole(source: ByteSource): Promise<Uint8Array<ArrayBuffer>> {
  if (source.size > FIT_BYTES_MAX) throw tooLarge();
  return await source.read(0, source.size);
}

async function* pieces(source: ByteSource): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < source.size; at += PIECE_BYTES) {
    yield await source.read(at, Math.min(PIECE_BYTES, source.size - at));
  }
}

async function openZip(source: ByteSource): Promise<AppleExport | PlainFile | PackedFiles> {
  // Finder adds a shadow of each file.
  const members = (await readZipDirectory(source))
    .filter(({ name }) => !/(^|\/)(__MACOSX\/|\.)/.test(name));
  const found = exportIn(members);
  if (found) {
    const chunks = () => readZipMember(source, found, APPLE_EXPORT_BYTES_MAX);
    if (await hasAppleRoot(chunks())) return { kind: "apple_health", bytes: found.bytes, chunks };
  }
  return await openFiles(source, members.filter(({ name }) => DEVICE_FILE.test(name)));
}

async function openFiles(
  source: ByteSource,
  members: readonly ZipMember[],
): Promise<PlainFile | PackedFiles> {
  const [first, ...others] = members;
  if (!first) {
    throw new FormatError(
      "archive_refused",
      "Cannot read archive: it holds no export of Health and no device file",
    );
  }
  if (others.length === 0) return { kind: "file", bytes: await readMember(source, first) };
  const bytes = members.reduce((sum, member) => sum + member.bytes, 0);
  const packedBytes = members.reduce((sum, member) => sum + member.packedBytes, 0);
  // Members that share their data are how a small archive unpacks without end.
  if (members.length > ARCHIVE_FILES_MAX || bytes > ARCHIVE_FILES_BYTES_MAX) throw tooLarge();
  if (packedBytes > source.size) throw tooLarge();
  const files = members.map((member) => ({
    name: member.name,
    bytes: member.bytes,
    read: () => readMember(source, member),
  }));
  return { kind: "archive", bytes, files };
}

async function readMember(
  source: ByteSource,
  member: ZipMember,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await unpackWhole(readZipMember(source, member, FIT_BYTES_MAX), FIT_BYTES_MAX);
  return isGzip(bytes) ? await ungzipped(bytes) : bytes;
}

/** Strava's bulk export packs each by itself. */
const DEVICE_FILE = /\.(fit|tcx|gpx)(\.gz)?$/i;
const XML_FILE = /\.xml$/i;
/** Beside the export lies the same in another form, which hospitals read. */
const CDA_FILE = /_cda\.xml$/i;

/** Its name depends on the language of the phone, so the largest it is. */
function exportIn(members: readonly ZipMember[]): ZipMember | undefined {
  const candidates = members.filter(({ name }) => XML_FILE.test(name) && !CDA_FILE.test(name));
  const named = candidates.find(({ name }) => /(^|\/)export\.xml$/i.test(name));
  return named ?? candidates.sort((a, b) => b.bytes - a.bytes)[0];
}

async function hasAppleRoot(chunks: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<boolean> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += parts[parts.push(chunk) - 1]!.length;
    if (length >= HEAD_BYTES) break;
  }
  return isAppleExport(new Uint8Array(await new Blob(parts).arrayBuffer()));
}

function tooLarge(): FormatError {
  return new FormatError("too_large", "Cannot read file: it is over the limit of its format");
}
