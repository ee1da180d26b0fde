/**
 * Uploaded files until they are read: small ones in memory, others on the disk of the node, from
 * where its jobs read them. Nodes that share the folder share the work.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { DomainError } from "@/domain/error.ts";
import { type ByteSource, sourceOf } from "@/formats/zip.ts";
import { systemClock } from "@/platform/clock.ts";
import type { IdGenerator } from "@/platform/id.ts";
import { nextTurn } from "@/platform/timers.ts";

/** A file that arrived whole. Disposing forgets it, unless it is kept. */
export interface Upload extends AsyncDisposable {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  /** SHA-256. */
  readonly hash: Uint8Array<ArrayBuffer>;
  readonly source: ByteSource;
  /** Leaves it to a job, under its id. */
  keep(): Promise<void>;
}

/** A kept file, open. */
export interface OpenUpload extends Disposable {
  readonly source: ByteSource;
}

type Chunks = AsyncIterable<Uint8Array<ArrayBuffer>> | Iterable<Uint8Array<ArrayBuffer>>;

export interface UploadsService {
  /** Names the folder: jobs that read from it go by this name. */
  readonly storeId: string;
  /** Takes a file in. Fails with `SERVICE_UNAVAILABLE` when the folder is full. */
  receive(name: string, chunks: Chunks): Promise<Upload>;
  /** The path of what was kept; undefined when it is not here any more. */
  find(id: string): Promise<string | undefined>;
  remove(id: string): Promise<void>;
  /** The files that lie in the folder, and for how long nobody has written to each. */
  list(): Promise<{ id: string; untouchedMs: number }[]>;
}

export interface UploadsDeps {
  /** Is made when it is needed. */
  directory: string;
  newId: IdGenerator;
}

/** Device files are smaller; only exports and long tracks go to the disk. */
const MEMORY_BYTES_MAX = 1024 * 1024;
/** What may lie on the disk at once: four of the largest. */
const STORED_BYTES_MAX = 8 * 1024 * 1024 * 1024;
const STORE_ID_FILE = "store_id";
const RETRY_AFTER_SECONDS = 60;
/** Some 3 ms for hash and disk; what a fast sender has buffered comes without a pause between. */
const TURN_BYTES = 1024 * 1024;
/** Other files in the folder are somebody else's. */
const UPLOAD_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function createUploadsService(deps: UploadsDeps): UploadsService {
  return new DiskUploads(deps);
}

class DiskUploads implements UploadsService {
  #storeId: string | undefined;

  constructor(readonly deps: UploadsDeps) {}

  get storeId(): string {
    return this.#storeId ??= readOrMakeId(this.deps);
  }

  async receive(name: string, chunks: Chunks): Promise<Upload> {
    const incoming = new Incoming(name, this.deps.newId(), this.deps.directory);
    try {
      let sinceTurn = 0;
      for await (const chunk of chunks) {
        await incoming.write(chunk);
        sinceTurn += chunk.length;
        if (sinceTurn < TURN_BYTES) continue;
        sinceTurn = 0;
        await new Promise<void>(nextTurn);
      }
      return incoming.finish();
    } catch (error) {
      await incoming[Symbol.asyncDispose]();
      throw error;
    }
  }

  async find(id: string): Promise<string | undefined> {
    const path = join(this.deps.directory, id);
    try {
      return (await Deno.stat(path)).isFile ? path : undefined;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  async remove(id: string): Promise<void> {
    await removeIfThere(join(this.deps.directory, id));
  }

  async list(): Promise<{ id: string; untouchedMs: number }[]> {
    const { directory } = this.deps;
    const files: { id: string; untouchedMs: number }[] = [];
    await Deno.mkdir(directory, { recursive: true });
    for await (const { name, isFile } of Deno.readDir(directory)) {
      if (!isFile || !UPLOAD_ID.test(name)) continue;
      const info = await Deno.stat(join(directory, name)).catch(() => undefined);
      // The file system's clock is that of the machine, whatever time it is for the product.
      const untouchedMs = systemClock.now() - (info?.mtime?.getTime() ?? Infinity);
      files.push({ id: name, untouchedMs });
    }
    return files;
  }
}

/** Opens a kept file by its path, also on another thread. */
export async function openFile(path: string): Promise<OpenUpload> {
  const file = await Deno.open(path);
  const { size } = await file.stat();
  return { source: fileSource(file, size), [Symbol.dispose]: () => file.close() };
}

/** Of two processes that begin at once, one makes it. */
function readOrMakeId({ directory, newId }: UploadsDeps): string {
  const path = join(directory, STORE_ID_FILE);
  Deno.mkdirSync(directory, { recursive: true });
  try {
    const id = newId();
    Deno.writeTextFileSync(path, id, { createNew: true });
    return id;
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    return Deno.readTextFileSync(path).trim();
  }
}

class Incoming implements Upload {
  size = 0;
  hash = new Uint8Array(0);
  source: ByteSource = sourceOf(new Uint8Array(0));
  #isKept = false;
  #file: Deno.FsFile | undefined;
  readonly #parts: Uint8Array<ArrayBuffer>[] = [];
  readonly #hasher = createHash("sha256");
  readonly #path: string;

  constructor(readonly name: string, readonly id: string, readonly directory: string) {
    this.#path = join(directory, id);
  }

  async write(chunk: Uint8Array<ArrayBuffer>): Promise<void> {
    this.size += chunk.length;
    this.#hasher.update(chunk);
    if (!this.#file && this.size <= MEMORY_BYTES_MAX) return void this.#parts.push(chunk);
    this.#file ??= await this.#spill();
    await writeAll(this.#file, chunk);
  }

  finish(): Upload {
    this.hash = new Uint8Array(this.#hasher.digest());
    this.source = this.#file
      ? fileSource(this.#file, this.size)
      : sourceOf(joined(this.#parts, this.size));
    return this;
  }

  async keep(): Promise<void> {
    if (!this.#file) this.#file = await this.#spill();
    await this.#file.syncData();
    this.#isKept = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    if (!file) return;
    file.close();
    if (!this.#isKept) await removeIfThere(this.#path);
  }

  async #spill(): Promise<Deno.FsFile> {
    await checkRoom(this.directory);
    const file = await Deno.open(this.#path, { read: true, write: true, createNew: true });
    for (const part of this.#parts) await writeAll(file, part);
    return file;
  }
}

async function checkRoom(directory: string): Promise<void> {
  await Deno.mkdir(directory, { recursive: true });
  let bytes = 0;
  for await (const { name, isFile } of Deno.readDir(directory)) {
    if (isFile) bytes += await sizeOf(join(directory, name));
  }
  if (bytes < STORED_BYTES_MAX) return;
  throw new DomainError("SERVICE_UNAVAILABLE", "Cannot take the file: too many others wait", {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}

/** Nothing, when a job was done with it meanwhile. */
async function sizeOf(path: string): Promise<number> {
  const info = await Deno.stat(path).catch(() => undefined);
  return info?.size ?? 0;
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
}

/** Readings take turns: a file has one place, and whoever let a stream go may still be reading. */
function fileSource(file: Deno.FsFile, size: number): ByteSource {
  let last: Promise<unknown> = Promise.resolve();
  return {
    size,
    read(at, length) {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - at)));
      const reading = last.then(() => fill(file, bytes, at));
      last = reading.catch(() => {});
      return reading;
    },
  };
}

async function fill(
  file: Deno.FsFile,
  bytes: Uint8Array<ArrayBuffer>,
  at: number,
): Promise<Uint8Array<ArrayBuffer>> {
  await file.seek(at, Deno.SeekMode.Start);
  for (let filled = 0; filled < bytes.length;) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) throw new Error("Cannot read the upload: it became shorter");
    filled += count;
  }
  return bytes;
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
