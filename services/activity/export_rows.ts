/** Readings of an export as lines of PostgreSQL's COPY, gathered so that a batch is one message. */

import type { SampleRecord } from "@/domain/activity.ts";
import { SECOND_MS } from "@/domain/time.ts";
import type { IdGenerator } from "@/platform/id.ts";

/** Rows of a batch: about a megabyte, a few tens of milliseconds of the database's time. */
export const BATCH_ROWS = 5_000;

/** The columns of a line, in their order, with the types of a table that takes them. */
export const STAGE_COLUMNS = "id uuid, quantity text, value bigint, started_s bigint, " +
  "ended_s bigint, zone smallint, method text, app text, device text, identity text";

export class ExportRows {
  #text = "";
  #count = 0;
  readonly #encoder = new TextEncoder();

  constructor(readonly newId: IdGenerator) {}

  get isFull(): boolean {
    return this.#count >= BATCH_ROWS;
  }

  get count(): number {
    return this.#count;
  }

  add(record: SampleRecord, identity: string): void {
    const { quantity, value, startedAt, endedAt, zoneOffsetMinutes, source } = record;
    this.#text += `${this.newId()}\t${quantity}\t${value}\t${startedAt / SECOND_MS}\t${
      endedAt / SECOND_MS
    }\t${zoneOffsetMinutes ?? "\\N"}\t${source.recordingMethod}\t${textOf(source.app)}\t${
      textOf(source.device)
    }\t${identity}\n`;
    this.#count++;
  }

  /** The lines so far, and begins anew. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = this.#encoder.encode(this.#text);
    this.#text = "";
    this.#count = 0;
    return bytes;
  }
}

/** Names have neither tabs nor line ends; a backslash would begin an escape. */
function textOf(name: string | undefined): string {
  return name === undefined ? "\\N" : name.replaceAll("\\", "\\\\");
}
