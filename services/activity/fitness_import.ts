/** The way in: read, check, store, score, in one transaction; then tell the boards. */

import type { ImportResult, RecordResult, SyncRequest } from "@/contracts/fitness.ts";
import type { Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { REJECT_REASONS, type RejectReason } from "@/domain/activity.ts";
import { DomainError } from "@/domain/error.ts";
import { type DeviceFile, FormatError } from "@/formats/mod.ts";
import {
  type AppleExport,
  openUpload,
  type PackedFiles,
  type PlainFile,
} from "@/formats/packed.ts";
import { sha256Aside } from "@/platform/sha256.ts";
import { type AthleteActor, checkAthlete, checkSignedIn } from "../accounts/access.ts";
import { lockAthlete } from "./activity_scores.ts";
import { checkMayRead } from "../boards/board_access.ts";
import { isShort, readFiles } from "./archive_reading.ts";
import type { FitnessDeps } from "./fitness.ts";
import {
  type ImportScores,
  scoreImport,
  toCompetitionEffects,
  toStanding,
} from "./fitness_effects.ts";
import { enqueueExport } from "./fitness_export.ts";
import { insertImport, setEffects, toSummary } from "./fitness_imports.ts";
import { checkRecord, type IncomingRecord } from "./fitness_record.ts";
import { markMerged, readDoubles } from "./fitness_doubles.ts";
import { markFlagged, readSharers } from "./fitness_flags.ts";
import { keepOthers } from "./fitness_other.ts";
import { holdSharers, rescoreSharers } from "./fitness_sharing.ts";
import { storeRecords, type StoreResult } from "./fitness_store.ts";
import { readSync } from "./fitness_sync.ts";
import type { Upload } from "./uploads.ts";

/** What is imported, and under which name. */
export interface ImportSource {
  kind: "file" | "sync";
  provider: string;
  format: string | null;
  fileName: string | null;
  fileHash: Uint8Array | null;
  sizeBytes: number;
}

/** Longer names are cut, not refused; the end of a name says more than its start. */
const FILE_NAME_CHARS_MAX = 255;

export async function importFile(
  deps: FitnessDeps,
  actor: Actor,
  upload: Upload,
  options: { competitionId?: string | undefined },
): Promise<ImportResult> {
  const user = checkSignedIn(actor);
  const file = await open(deps, upload);
  if (file.kind === "archive" && isShort(file)) {
    return await importArchive(deps, user, { upload, file, ...options });
  }
  if (file.kind !== "file") {
    const fileName = cleanFileName(upload.name);
    return await enqueueExport(deps, user, {
      upload,
      kind: file.kind,
      bytes: file.bytes,
      fileName,
    });
  }
  const { bytes } = file;
  // Of what was inside: packed or not, it is the same file.
  const hash = await sha256Aside(bytes);
  const { format, records } = await readFile(deps, bytes);
  const source: ImportSource = {
    kind: "file",
    provider: "file",
    format,
    fileName: cleanFileName(upload.name),
    fileHash: hash,
    sizeBytes: upload.size,
  };
  const now = deps.clock.now();
  // A file is known by its content, so the same one under another name is the same.
  const content = hash.toHex();
  const incoming = records.map((record, index) =>
    checkRecord({ index, identity: `${content}#${index}`, record }, now)
  );
  checkUsable(deps, incoming);
  const { competitionId } = options;
  return await run(deps, user, { source, incoming, contents: [content], competitionId });
}

/** A few files at once, as if they were one. */
async function importArchive(
  deps: FitnessDeps,
  user: AthleteActor,
  { upload, file, competitionId }: {
    upload: Upload;
    file: PackedFiles;
    competitionId?: string | undefined;
  },
): Promise<ImportResult> {
  const at = { firstIndex: 0, now: deps.clock.now() };
  const { incoming, contents } = await readFiles(deps.files, file.files, at);
  checkUsable(deps, incoming);
  const source: ImportSource = {
    kind: "file",
    provider: "file",
    format: "archive",
    fileName: cleanFileName(upload.name),
    fileHash: upload.hash,
    sizeBytes: upload.size,
  };
  return await run(deps, user, { source, incoming, contents, competitionId });
}

/** A name as it can be stored and shown: its last part, without control characters. */
function cleanFileName(name: string): string | null {
  const last = name.slice(-4 * FILE_NAME_CHARS_MAX).toWellFormed().split(/[\\/]/).at(-1)!;
  const words = last.replace(/[\p{Cc}\s]+/gu, " ").trim();
  return [...words].slice(-FILE_NAME_CHARS_MAX).join("").trim() || null;
}

export async function syncRecords(
  deps: FitnessDeps,
  actor: Actor,
  request: SyncRequest,
): Promise<ImportResult> {
  const user = checkAthlete(actor, request.userId);
  if (actor.kind === "api_key") await checkThere(deps, user.userId);
  const now = deps.clock.now();
  const incoming = readSync(request).map((record) => checkRecord(record, now));
  if (incoming.length === 0) {
    throw new DomainError("VALIDATION_ERROR", "Cannot sync: there are no records or workouts", {
      details: [{ field: "records", code: "too_small", message: "Give a record or a workout" }],
    });
  }
  const source: ImportSource = {
    kind: "sync",
    provider: request.provider,
    format: null,
    fileName: null,
    fileHash: null,
    sizeBytes: 0,
  };
  const { competitionId } = request;
  return await run(deps, user, { source, incoming, contents: [], competitionId });
}

/** Whom a key names may be nobody; who is signed in is there. */
async function checkThere({ database }: FitnessDeps, userId: string): Promise<void> {
  const [row] = await database.sql`select 1 from users where id = ${userId} and status = 'active'`;
  if (!row) throw new DomainError("NOT_FOUND", `Cannot find user "${userId}": there is none`);
}

async function open(
  deps: FitnessDeps,
  { source }: Upload,
): Promise<AppleExport | PlainFile | PackedFiles> {
  try {
    return await openUpload(source);
  } catch (error) {
    if (error instanceof FormatError) throw importRejected(deps, error, error);
    throw error;
  }
}

async function readFile(deps: FitnessDeps, bytes: PlainFile["bytes"]): Promise<DeviceFile> {
  try {
    return await deps.files.read(bytes);
  } catch (error) {
    if (error instanceof FormatError) throw importRejected(deps, error, error);
    throw error;
  }
}

/** A file without one usable record is refused with the first reason, and leaves no trace. */
function checkUsable(deps: FitnessDeps, incoming: readonly IncomingRecord[]): void {
  if (incoming.some(({ record }) => record.kind !== "rejected")) return;
  const first = incoming[0]?.record;
  if (first?.kind === "rejected") throw importRejected(deps, first);
  throw importRejected(deps, { reason: "empty", message: "The file has no records" });
}

function importRejected(
  deps: FitnessDeps,
  { reason, message }: { reason: RejectReason; message: string },
  cause?: unknown,
): DomainError {
  deps.onImport?.("file", "rejected");
  const meaning = REJECT_REASONS[reason].replace(/^./, (first) => first.toLowerCase());
  return new DomainError("IMPORT_REJECTED", `Cannot import the file: ${meaning.slice(0, -1)}`, {
    cause,
    details: [{ field: "file", code: reason, message }],
  });
}

interface Import {
  source: ImportSource;
  incoming: readonly IncomingRecord[];
  /** Hashes of the files that held them. */
  contents: readonly string[];
  competitionId: string | undefined;
}

interface Stored extends ImportScores {
  id: string;
  results: RecordResult[];
  createdAt: number;
}

async function run(deps: FitnessDeps, user: AthleteActor, given: Import): Promise<ImportResult> {
  // A wrong id is told before anything is stored.
  if (given.competitionId !== undefined) {
    checkMayRead(user, await deps.boards.view(given.competitionId));
  }
  const stored = await deps.database.transaction(
    (tx) => store(deps, tx, user, given),
    { name: "fitness.import" },
  );
  await Promise.all(
    stored.committed.map((change) => deps.boards.committed(change.locked.id, change)),
  );
  deps.onImport?.(given.source.kind, "done");
  deps.onScores?.(stored.committed.reduce((sum, change) => sum + change.scores.length, 0));
  return await answer(deps, user, given, stored);
}

async function answer(
  deps: FitnessDeps,
  user: AthleteActor,
  { source, competitionId }: Import,
  { id, results, effects, createdAt }: Stored,
): Promise<ImportResult> {
  const competitions = await toCompetitionEffects(deps, user, user.userId, effects);
  const standing = competitionId === undefined
    ? undefined
    : await toStanding(deps, user, competitionId);
  return {
    import: toSummary({ id, createdAt, results, ...source }),
    records: results,
    competitions,
    ...(standing === undefined ? {} : { standing }),
  };
}

async function store(
  deps: FitnessDeps,
  tx: Tx,
  user: AthleteActor,
  given: Import,
): Promise<Stored> {
  const id = deps.newId();
  const sharers = await readSharers(tx, user.userId, given.contents);
  for (const userId of [user.userId, ...sharers].sort()) await lockAthlete(tx, userId);
  // Asked under the lock, so that of two imports the one that waited is the later one.
  const createdAt = deps.clock.now();
  await insertImport(tx, { id, userId: user.userId, createdAt, ...given.source });
  const request = {
    userId: user.userId,
    importId: id,
    provider: given.source.provider,
    incoming: given.incoming,
    at: createdAt,
  };
  const stored = await storeRecords(deps, tx, request);
  const merged = await mergeDoubles(tx, user, stored);
  const kept = await keepOthers(tx, deps.newId, request, merged);
  const { contents } = given;
  const shared = await holdSharers(deps, tx, { contents, sharers, userId: user.userId });
  const scores = await scoreImport(deps, tx, user, { importId: id, ...stored });
  const doubt = { effects: scores.effects, sharedIds: shared.ownIds };
  const results = markFlagged(kept, given.incoming, doubt);
  await setEffects(tx, id, results, scores.effects);
  const committed = [...scores.committed, ...await rescoreSharers(deps, tx, shared.others)];
  return { id, results, createdAt, effects: scores.effects, committed };
}

/** Tells records of sessions that another source brought as well. */
async function mergeDoubles(
  tx: Tx,
  { userId }: AthleteActor,
  { results, span }: StoreResult,
): Promise<RecordResult[]> {
  const hasNew = results.some(({ kind, outcome }) => kind === "activity" && outcome === "imported");
  if (!hasNew || span === null) return results;
  return markMerged(results, await readDoubles(tx, userId, span));
}
