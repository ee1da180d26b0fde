/** All rows of the table, in its order; a new kind of request is a file here and a line. */

import type { LoadRow } from "../row.ts";
import { batchUpdate } from "./batch_update.ts";
import { aroundMe, notModified, topHundred } from "./board_reads.ts";
import { daySync, daySyncAmongMany } from "./day_sync.ts";
import { freeJoin, paidJoin } from "./joins.ts";
import { posting } from "./postings.ts";
import { singleUpdate } from "./single_update.ts";

export const ROWS: readonly LoadRow[] = [
  singleUpdate,
  batchUpdate,
  topHundred,
  notModified,
  aroundMe,
  freeJoin,
  paidJoin,
  posting,
  daySync,
  daySyncAmongMany,
];
