import type { ParsedRecord, RejectReason } from "@/domain/activity.ts";
import { RECORDS_MAX } from "./limits.ts";
import { FormatError } from "./reader.ts";

/** The records of one file, bounded by `RECORDS_MAX`. */
export class RecordList {
  readonly records: ParsedRecord[] = [];

  /** Adds a record; throws `FormatError("too_large")` when the file yields too many. */
  add(record: ParsedRecord): void {
    if (this.records.length >= RECORDS_MAX) {
      throw new FormatError("too_large", `Cannot read file: more than ${RECORDS_MAX} records`);
    }
    this.records.push(record);
  }

  /** Adds a part that cannot be used. */
  reject(reason: RejectReason, message: string): void {
    this.add({ kind: "rejected", reason, message });
  }

  /** The records, or `FormatError` with the first reason when not one of them is usable. */
  usable(): ParsedRecord[] {
    if (this.records.some((record) => record.kind !== "rejected")) return this.records;
    const [first] = this.records;
    if (first?.kind === "rejected") throw new FormatError(first.reason, first.message);
    throw new FormatError("empty", "Cannot read file: it holds no activity");
  }
}
