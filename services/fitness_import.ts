/** The way in: read, check, store, score, in one transaction; then tell the boards. */

import type { ImportResult, RecordResult, SyncRequest } from "@/contracts/fitness.ts";
import type { Tx } from "@/db/client.ts";
import type { Actor, UserActor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import { FormatError, readDeviceFile } from "@/formats/mod.ts";
import { sha256 } from "@/platform/sha256.ts";
import { checkSignedIn } from "./access.ts";
import { lockAthlete } from "./activity_scores.ts";
import type { FitnessDeps, UploadedFile } from "./fitness.ts";
import { type Effect, scoreImport, toCompetitionEffects, toStanding } from "./fitness_effects.ts";
import { insertImport, setEffects, toSummary } from "./fitness_imports.ts";
import { checkRecord, type IncomingRecord } from "./fitness_record.ts";
import { storeRecords } from "./fitness_store.ts";
import { readSync } from "./fitness_sync.ts";

/** What is imported, and under which name. */
export interface ImportSource {
  kind: "file" | "sync";
  provider: string;
  format: string | null;
  fileName: string | null;
  fileHash: Uint8Array | null;
  sizeBytes: number;
}

/** Longer names are cut, not refused. */
const FILE_NAME_MAX = 255;

export async function importFile(
  deps: FitnessDeps,
  actor: Actor,
  file: UploadedFile,
  options: { competitionId?: string | undefined },
): Promise<ImportResult> {
  const user = checkSignedIn(actor);
  const hash = sha256(file.bytes);
  const { format, records } = readFile(file);
  const source: ImportSource = {
    kind: "file",
    provider: "file",
    format,
    fileName: file.name.slice(-FILE_NAME_MAX) || null,
    fileHash: hash,
    sizeBytes: file.bytes.length,
  };
  const now = deps.clock.now();
  // A file is known by its content, so the same one under another name is the same.
  const incoming = records.map((record, index) =>
    checkRecord({ index, identity: `${hash.toHex()}#${index}`, record }, now)
  );
  checkUsable(incoming);
  return await run(deps, user, { source, incoming, competitionId: options.competitionId });
}

export async function syncRecords(
  deps: FitnessDeps,
  actor: Actor,
  request: SyncRequest,
): Promise<ImportResult> {
  const user = checkSignedIn(actor);
  const incoming = readSync(request).map((record) => checkRecord(record, deps.clock.now()));
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
  return await run(deps, user, { source, incoming, competitionId: request.competitionId });
}

function readFile(file: UploadedFile) {
  try {
    return readDeviceFile(file.bytes);
  } catch (error) {
    if (error instanceof FormatError) throw importRejected(error.reason, error.message, error);
    throw error;
  }
}

/** A file without one usable record is refused with the first reason, and leaves no trace. */
function checkUsable(incoming: readonly IncomingRecord[]): void {
  if (incoming.some(({ record }) => record.kind !== "rejected")) return;
  const first = incoming[0]?.record;
  if (first?.kind === "rejected") throw importRejected(first.reason, first.message);
  throw importRejected("empty", "The file has no records");
}

function importRejected(reason: string, message: string, cause?: unknown): DomainError {
  return new DomainError("IMPORT_REJECTED", `Cannot import the file: ${message}`, {
    cause,
    details: [{ field: "file", code: reason, message }],
  });
}

interface Import {
  source: ImportSource;
  incoming: readonly IncomingRecord[];
  competitionId: string | undefined;
}

interface Stored {
  id: string;
  results: RecordResult[];
  effects: Effect[];
  createdAt: number;
}

async function run(deps: FitnessDeps, user: UserActor, given: Import): Promise<ImportResult> {
  // A wrong id is told before anything is stored.
  if (given.competitionId !== undefined) await deps.boards.view(given.competitionId);
  const stored = await deps.database.transaction(
    (tx) => store(deps, tx, user, given),
    { name: "fitness.import" },
  );
  const changed = stored.effects.filter((effect) => effect.changed);
  await Promise.all(changed.map((effect) => deps.boards.committed(effect.competitionId)));
  deps.onImport?.(given.source.kind, "done");
  const competitions = await toCompetitionEffects(deps, user.userId, stored.effects);
  const standing = given.competitionId === undefined
    ? undefined
    : await toStanding(deps, user.userId, given.competitionId);
  const { id, results, createdAt } = stored;
  return {
    import: toSummary({ id, createdAt, results, ...given.source }),
    records: results,
    competitions,
    ...(standing === undefined ? {} : { standing }),
  };
}

async function store(deps: FitnessDeps, tx: Tx, user: UserActor, given: Import): Promise<Stored> {
  const id = deps.newId();
  const createdAt = deps.clock.now();
  await lockAthlete(tx, user.userId);
  await insertImport(tx, { id, userId: user.userId, createdAt, ...given.source });
  const { results, indexByRecordId, affected } = await storeRecords(deps, tx, {
    userId: user.userId,
    importId: id,
    provider: given.source.provider,
    incoming: given.incoming,
    at: createdAt,
  });
  const effects = await scoreImport(deps, tx, user, { indexByRecordId, affected });
  await setEffects(tx, id, results, effects);
  return { id, results, effects, createdAt };
}
