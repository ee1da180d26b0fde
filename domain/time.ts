/** An instant: milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;

/** One second, minute, hour and day of 24 hours, in milliseconds. */
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** The earliest instant any record may have; older ones are a device without a clock. */
export const EARLIEST_AT: EpochMs = Date.UTC(2000, 0, 1);
