/** Archives for tests, right and wrong. */

import { crc32 } from "node:zlib";

/** A member, with what the archive says of it where that is not true. */
export interface ZipMemberSpec {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
  isStored?: boolean;
  flags?: number;
  method?: number;
  crc?: number;
  packed?: Uint8Array<ArrayBuffer>;
  saysBytes?: number;
  saysPacked?: number;
}

const DEFLATED = 8;
const LOCAL_MARK = 0x04034b50;
const MEMBER_MARK = 0x02014b50;
const END_MARK = 0x06054b50;

/**
 * Makes an archive; a wide one has its sizes and places in fields of 64 bits, as writers do that
 * cannot know them before.
 */
export async function zip(
  members: readonly ZipMemberSpec[],
  { isWide = false }: { isWide?: boolean } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const local: Uint8Array<ArrayBuffer>[] = [];
  const directory: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  for (const member of members) {
    const name = new TextEncoder().encode(member.name);
    const packed = member.packed ??
      (member.isStored ? member.bytes : await pack(member.bytes, "deflate-raw"));
    const sizes = [member.saysBytes ?? member.bytes.length, member.saysPacked ?? packed.length];
    const facts = [
      ["u16", isWide ? 45 : 20],
      ["u16", member.flags ?? 0],
      ["u16", member.method ?? (member.isStored ? 0 : DEFLATED)],
      ["u32", 0],
      ["u32", member.crc ?? crc32(member.bytes) >>> 0],
      ["u32", isWide ? TOO_WIDE : sizes[1]!],
      ["u32", isWide ? TOO_WIDE : sizes[0]!],
      ["u16", name.length],
    ] as const;
    const head = written([["u32", LOCAL_MARK], ...facts, ["u16", 0]]);
    local.push(head, name, packed);
    const wide = isWide ? wideExtra([...sizes, at]) : written([]);
    const rest = [["u32", 0], ["u16", 0], ["u32", 0], ["u32", isWide ? TOO_WIDE : at]] as const;
    const entry = [["u16", 20], ...facts, ["u16", wide.length], ...rest] as const;
    directory.push(written([["u32", MEMBER_MARK], ...entry]), name, wide);
    at += head.length + name.length + packed.length;
  }
  const length = directory.reduce((sum, part) => sum + part.length, 0);
  const count = members.length;
  const [shown, counted] = isWide ? [TOO_WIDE, 0xffff] : [undefined, count];
  const end = written([
    ...[["u32", END_MARK], ["u32", 0], ["u16", counted], ["u16", counted]] as const,
    ...[["u32", shown ?? length], ["u32", shown ?? at], ["u16", 0]] as const,
  ]);
  const wideEnd = isWide ? wideEndOf({ count, length, at }) : [];
  return await joined([...local, ...directory, ...wideEnd, end]);
}

const TOO_WIDE = 0xffffffff;

/** Sizes and place of a member in 64 bits each. */
function wideExtra(values: readonly number[]): Uint8Array<ArrayBuffer> {
  return written([
    ...[["u16", 1], ["u16", values.length * 8]] as const,
    ...values.flatMap((value) => [["u32", value], ["u32", 0]] as const),
  ]);
}

/** The wide end of the directory, and where it stands. */
function wideEndOf({ count, length, at }: { count: number; length: number; at: number }) {
  const wide = (value: number) => [["u32", value], ["u32", 0]] as const;
  return [
    written([
      ...[["u32", 0x06064b50], ...wide(44), ["u16", 45], ["u16", 45], ["u32", 0]] as const,
      ...[["u32", 0], ...wide(count), ...wide(count), ...wide(length), ...wide(at)] as const,
    ]),
    written([["u32", 0x07064b50], ["u32", 0], ...wide(at + length), ["u32", 1]]),
  ];
}

/** Packs as `gzip` does. */
export function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return pack(bytes, "gzip");
}

async function pack(
  bytes: Uint8Array<ArrayBuffer>,
  format: CompressionFormat,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream(format));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

type Field = readonly ["u16" | "u32", number];

function written(fields: readonly Field[]): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(fields.length * 4));
  let at = 0;
  for (const [kind, value] of fields) {
    if (kind === "u16") view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += kind === "u16" ? 2 : 4;
  }
  return new Uint8Array(view.buffer, 0, at);
}

async function joined(parts: Uint8Array<ArrayBuffer>[]): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
