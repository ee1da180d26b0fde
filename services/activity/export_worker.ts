/**
 * Reads an export on a thread of its own. Batches go to the main thread, which stores them; no more
 * than a few are under way, so that a slow database bounds the memory of both.
 *
 * @module
 */

import type { RejectReason } from "@/domain/activity.ts";
import type { EpochMs } from "@/domain/time.ts";
import { AppleHealthReader } from "@/formats/apple_health.ts";
import { openUpload } from "@/formats/packed.ts";
import { FormatError } from "@/formats/reader.ts";
import type { ByteSource } from "@/formats/zip.ts";
import { systemClock } from "@/platform/clock.ts";
import { createIdGenerator } from "@/platform/id.ts";
import { ExportRows } from "./export_rows.ts";
import { checkRecord, faultOf, type IncomingRecord } from "./fitness_record.ts";
import { openFile } from "./uploads.ts";

/** What the worker is told: the file and whose it is, then that a batch was stored. */
export type ExportOrder = { path: string; zone: string; now: EpochMs } | "stored";

/** How far it has come. */
export interface ExportProgress {
  bytes: number;
  bytesTotal: number;
  records: number;
  workouts: number;
  /** Readings of types that do not count, by type. */
  skipped: [type: string, count: number][];
  /** Readings and workouts that cannot be used. */
  rejected: number;
}

/** What the worker tells. */
export type ExportNews =
  | { kind: "batch"; rows: Uint8Array<ArrayBuffer>; count: number; progress: ExportProgress }
  | {
    kind: "workouts";
    incoming: IncomingRecord[];
    progress: ExportProgress;
    /** Hashes of the files that held them, of an archive. */
    contents?: string[];
  }
  | { kind: "end"; progress: ExportProgress; fault?: { reason: RejectReason; message: string } };

/** Batches under way: one is stored, one waits, one is made. */
const UNDER_WAY_MAX = 2;
/** Workouts of one message; each is checked against those that are stored. */
const WORKOUTS_MAX = 500;
/** Rejected records are told one by one up to here, and counted beyond. */
const REJECTED_TOLD_MAX = 200;

class ExportReading {
  readonly #rows = new ExportRows(createIdGenerator(systemClock));
  #incoming: IncomingRecord[] = [];
  #rejected = 0;
  #bytes = 0;
  #bytesTotal = 0;
  #underWay = 0;
  #stored: PromiseWithResolvers<void> | undefined;
  readonly #reader: AppleHealthReader;
  #index = 0;

  constructor(zone: string, readonly now: EpochMs) {
    this.#reader = new AppleHealthReader({
      sample: (record, identity) => {
        const fault = faultOf(record, now);
        if (fault) this.#reject({ index: this.#index++, identity, record });
        else {
          this.#index++;
          this.#rows.add(record, identity);
        }
      },
      activity: (record, identity) => {
        const incoming = { index: this.#index++, identity: `workout:${identity}`, record };
        this.#incoming.push(checkRecord(incoming, now));
      },
      reject: (reason, message) => {
        const index = this.#index++;
        this.#reject({
          index,
          identity: `#${index}`,
          record: { kind: "rejected", reason, message },
        });
      },
    }, zone);
  }

  async run(source: ByteSource): Promise<void> {
    try {
      const upload = await openUpload(source);
      if (upload.kind !== "apple_health") throw new FormatError("unknown_format", MESSAGES_UNKNOWN);
      this.#bytesTotal = upload.bytes;
      for await (const chunk of upload.chunks()) await this.#read(chunk);
      this.#reader.end();
      await this.#flush();
      post({ kind: "end", progress: this.#progress() });
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      await this.#flush();
      const fault = { reason: error.reason, message: error.message };
      post({ kind: "end", progress: this.#progress(), fault });
    }
  }

  stored(): void {
    this.#underWay--;
    this.#stored?.resolve();
  }

  async #read(chunk: Uint8Array): Promise<void> {
    this.#reader.push(chunk);
    this.#bytes += chunk.length;
    if (this.#rows.isFull) await this.#sendRows();
    if (this.#incoming.length >= WORKOUTS_MAX) await this.#sendWorkouts();
  }

  async #flush(): Promise<void> {
    if (this.#rows.count > 0) await this.#sendRows();
    if (this.#incoming.length > 0) await this.#sendWorkouts();
  }

  #reject(incoming: IncomingRecord): void {
    this.#rejected++;
    if (this.#rejected <= REJECTED_TOLD_MAX) this.#incoming.push(checkRecord(incoming, this.now));
  }

  async #sendRows(): Promise<void> {
    const { count } = this.#rows;
    const rows = this.#rows.take();
    await this.#send({ kind: "batch", rows, count, progress: this.#progress() }, [rows.buffer]);
  }

  async #sendWorkouts(): Promise<void> {
    const incoming = this.#incoming;
    this.#incoming = [];
    await this.#send({ kind: "workouts", incoming, progress: this.#progress() }, []);
  }

  async #send(news: ExportNews, transfer: Transferable[]): Promise<void> {
    this.#underWay++;
    post(news, transfer);
    while (this.#underWay > UNDER_WAY_MAX) {
      this.#stored = Promise.withResolvers();
      await this.#stored.promise;
    }
  }

  #progress(): ExportProgress {
    const { records, workouts, skipped } = this.#reader.totals;
    return {
      bytes: this.#bytes,
      bytesTotal: this.#bytesTotal,
      records,
      workouts,
      skipped: [...skipped],
      rejected: this.#rejected,
    };
  }
}

const MESSAGES_UNKNOWN = "Cannot read file: it is no export of Health";

function post(news: ExportNews, transfer: Transferable[] = []): void {
  globalThis.postMessage(news, { transfer });
}

let reading: ExportReading | undefined;

async function begin(order: Exclude<ExportOrder, "stored">): Promise<void> {
  reading = new ExportReading(order.zone, order.now);
  using file = await openFile(order.path);
  await reading.run(file.source);
}

globalThis.addEventListener("message", ({ data }: MessageEvent<ExportOrder>) => {
  if (data === "stored") return reading?.stored();
  // What is no fault of the file goes to `onerror` of whoever started the worker.
  begin(data).catch((error) => reportError(error));
});
