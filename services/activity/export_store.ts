/** Stores batches of an export's readings, by their thousands. */

import { pipeline } from "node:stream/promises";
import type { Tx } from "@/db/client.ts";
import type { EpochMs } from "@/domain/time.ts";
import { STAGE_COLUMNS } from "./export_rows.ts";

/** Whose readings they are. */
export interface BatchOwner {
  userId: string;
  importId: string;
  provider: string;
  at: EpochMs;
}

/**
 * Stores what is not there yet and gives how many that were; the identity decides. Through a table
 * of the transaction's own, since COPY cannot leave out what is there.
 */
export async function storeBatch(
  { sql }: Tx,
  { userId, importId, provider, at }: BatchOwner,
  rows: Uint8Array<ArrayBuffer>,
): Promise<number> {
  await sql.unsafe(`create temporary table export_stage (${STAGE_COLUMNS}) on commit drop`);
  const copy = await sql`copy export_stage from stdin`.writable();
  await pipeline([rows], copy);
  const stored = await sql`
    insert into samples (id, user_id, import_id, provider, identity, content_hash, quantity, value,
      started_at, ended_at, zone_offset_minutes, recording_method, source_app, source_device,
      arrived_at)
    select id, ${userId}, ${importId}, ${provider}, identity, convert_to(identity, 'UTF8'),
      quantity, value, to_timestamp(started_s), to_timestamp(ended_s), zone, method, app, device,
      ${at}
    from export_stage
    on conflict (user_id, provider, identity) where deleted_at is null do nothing`;
  return stored.count;
}
