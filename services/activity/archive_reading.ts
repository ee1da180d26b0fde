/** Files of an archive, one after the other: what each holds, or why it cannot be read. */

import type { EpochMs } from "@/domain/time.ts";
import { openUpload, type PackedFile, type PackedFiles } from "@/formats/packed.ts";
import { nameFrom } from "@/formats/name.ts";
import { FormatError } from "@/formats/reader.ts";
import { sha256Aside } from "@/platform/sha256.ts";
import type { ExportNews, ExportProgress } from "./export_worker.ts";
import type { FileReader } from "./file_reader.ts";
import { checkRecord, type IncomingRecord } from "./fitness_record.ts";
import { openFile } from "./uploads.ts";

/** More are read as a job: so many are read and stored within moments. */
const INLINE_FILES_MAX = 25;
const INLINE_BYTES_MAX = 16 * 1024 * 1024;

/** Whether an archive is read while its sender waits. */
export function isShort({ files, bytes }: PackedFiles): boolean {
  return files.length <= INLINE_FILES_MAX && bytes <= INLINE_BYTES_MAX;
}

/** What files held. */
export interface FilesRead {
  incoming: IncomingRecord[];
  /** Hashes of those that could be read. */
  contents: string[];
}

/** Reads files whose first record has the index; one that cannot be read gives one rejected record. */
export async function readFiles(
  reader: FileReader,
  files: readonly PackedFile[],
  { firstIndex, now }: { firstIndex: number; now: EpochMs },
): Promise<FilesRead> {
  const read: FilesRead = { incoming: [], contents: [] };
  for (const file of files) {
    const index = firstIndex + read.incoming.length;
    const name = nameFrom(file.name);
    for (const record of await readFile(reader, file, read.contents)) {
      const placed = { ...record, index: index + record.index, ...(name && { file: name }) };
      read.incoming.push(checkRecord(placed, now));
    }
  }
  return read;
}

/** Its records from index 0 on; its hash goes to the others. */
async function readFile(
  reader: FileReader,
  file: PackedFile,
  contents: string[],
): Promise<IncomingRecord[]> {
  try {
    const bytes = await file.read();
    // As by itself, so that the same file is known whichever way it comes.
    const content = (await sha256Aside(bytes)).toHex();
    const { records } = await reader.read(bytes);
    contents.push(content);
    return records.map((record, index) => ({ index, identity: `${content}#${index}`, record }));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const { reason, message } = error;
    return [{ index: 0, identity: `#${file.name}`, record: { kind: "rejected", reason, message } }];
  }
}

/** Files read and stored at once. */
const FILES_AT_ONCE = 20;

/** Reads a kept archive in parts. Throws when the signal aborts. */
export async function* readArchive(
  reader: FileReader,
  { path, now }: { path: string; now: EpochMs },
  signal: AbortSignal,
): AsyncGenerator<ExportNews> {
  using file = await openFile(path);
  const upload = await openUpload(file.source);
  if (upload.kind !== "archive") throw new Error("Cannot read the archive: it is none any more");
  const progress = { ...NONE_YET, bytesTotal: upload.bytes };
  let firstIndex = 0;
  for (let at = 0; at < upload.files.length; at += FILES_AT_ONCE) {
    signal.throwIfAborted();
    const files = upload.files.slice(at, at + FILES_AT_ONCE);
    const read = await readFiles(reader, files, { firstIndex, now });
    firstIndex += read.incoming.length;
    countIn(progress, files, read.incoming);
    yield { kind: "workouts", ...read, progress: { ...progress } };
  }
  yield { kind: "end", progress };
}

const NONE_YET: ExportProgress = {
  bytes: 0,
  bytesTotal: 0,
  records: 0,
  workouts: 0,
  skipped: [],
  rejected: 0,
};

function countIn(
  progress: ExportProgress,
  files: readonly PackedFile[],
  incoming: readonly IncomingRecord[],
): void {
  for (const { bytes } of files) progress.bytes += bytes;
  for (const { record } of incoming) {
    if (record.kind === "activity") progress.workouts++;
    else progress.records++;
    if (record.kind === "rejected") progress.rejected++;
  }
}
