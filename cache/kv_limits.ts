/** Limits of `Deno.Kv`, kept to the byte: what one driver takes, the other must take too. */

/** Bytes of an encoded key that may be written. */
export const WRITE_KEY_BYTES_MAX = 2048;
/** One more than written: the bounds of a range carry a closing byte. */
export const READ_KEY_BYTES_MAX = WRITE_KEY_BYTES_MAX + 1;
/** Bytes of a serialised value or message. */
export const VALUE_BYTES_MAX = 65_536;
/** Keys of one `getMany`. */
export const READ_RANGES_MAX = 10;
/** Entries of one read, and so the greatest `batchSize`. */
export const READ_ENTRIES_MAX = 1000;
export const CHECKS_MAX = 100;
/** Mutations and messages of one commit together. */
export const MUTATIONS_MAX = 1000;
export const TOTAL_MUTATION_BYTES_MAX = 819_200;
export const TOTAL_KEY_BYTES_MAX = 81_920;
export const WATCHED_KEYS_MAX = 10;
/** 30 days. */
export const QUEUE_DELAY_MAX_MS = 30 * 24 * 60 * 60 * 1000;
export const BACKOFF_INTERVALS_MAX = 5;
/** One hour. */
export const BACKOFF_INTERVAL_MAX_MS = 60 * 60 * 1000;
/** Entries fetched at once when a list names no size. */
export const BATCH_SIZE_DEFAULT = 100;
/** A limit above this does not make the batches larger. */
export const BATCH_SIZE_BY_LIMIT_MAX = 500;

/** Refuses an expiry that is no whole number of milliseconds; TypeError. */
export function checkExpireIn(expireIn: number | undefined): void {
  if (expireIn === undefined || (Number.isInteger(expireIn) && expireIn >= 0)) return;
  throw new TypeError(`expireIn must be a non-negative integer: received ${expireIn}`);
}

/** Refuses a delay that a message cannot have; TypeError. */
export function checkDelay(delayMs: number): void {
  if (typeof delayMs !== "number") {
    throw new TypeError(`Delay must be a number: received ${delayMs}`);
  }
  if (delayMs < 0) throw new TypeError(`Delay must be >= 0: received ${delayMs}`);
  if (delayMs > QUEUE_DELAY_MAX_MS) {
    throw new TypeError(`Delay cannot be greater than 30 days: received ${delayMs}`);
  }
  if (Number.isNaN(delayMs)) throw new TypeError("Delay cannot be NaN");
}

/** Refuses a schedule of retries that is too long or waits too long; TypeError. */
export function checkBackoffSchedule(schedule: readonly number[]): void {
  if (schedule.length > BACKOFF_INTERVALS_MAX) {
    throw new TypeError(
      `Invalid backoffSchedule, max ${BACKOFF_INTERVALS_MAX} intervals allowed`,
    );
  }
  for (const [index, interval] of schedule.entries()) {
    if (interval >= 0 && interval <= BACKOFF_INTERVAL_MAX_MS) continue;
    throw new TypeError(`Invalid backoffSchedule, interval at index ${index} is invalid`);
  }
}

/** Refuses a key that is too long to be looked for; TypeError. */
export function checkReadKey(key: Uint8Array): void {
  if (key.length <= READ_KEY_BYTES_MAX) return;
  throw new TypeError(`Key too large for read (max ${READ_KEY_BYTES_MAX} bytes)`);
}

/** Refuses a key that is empty or too long to be written; TypeError. */
export function checkWriteKey(key: Uint8Array): void {
  if (key.length === 0) throw new TypeError("key cannot be empty");
  if (key.length <= WRITE_KEY_BYTES_MAX) return;
  throw new TypeError(`Key too large for write (max ${WRITE_KEY_BYTES_MAX} bytes)`);
}

/** Refuses what is neither "strong" nor "eventual"; TypeError. */
export function checkConsistency(consistency: string | undefined): void {
  if (consistency === undefined || consistency === "strong" || consistency === "eventual") return;
  throw new TypeError(`unknown variant \`${consistency}\`, expected \`strong\` or \`eventual\``);
}
