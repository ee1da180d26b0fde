/** Bounds of what the readers take on, so that no file, however made, costs unbounded work. */

/** A day at one record a second with every sensor is about 10 MB; more is not a recording. */
export const FIT_BYTES_MAX = 64 * 1024 * 1024;
/** Each part has its own header and checksum; devices chain a handful (settings, activity). */
export const FIT_PARTS_MAX = 64;
/** Ten million one-byte messages would pass the size limit; a week at 1 Hz is 0.6 million. */
export const FIT_MESSAGES_MAX = 10_000_000;
/** A day at one point a second is about 20 MB of GPX or 50 MB of TCX with every extension. */
export const XML_BYTES_MAX = 64 * 1024 * 1024;
/** The schemas nest below 12; extensions add a few. */
export const XML_DEPTH_MAX = 64;
/** About six elements a point: nine days at one point a second. */
export const XML_ELEMENTS_MAX = 5_000_000;
/** One text, comment, attribute list or DOCTYPE; descriptions of tracks stay far below. */
export const XML_TOKEN_CHARS_MAX = 1024 * 1024;
/** What one file may yield: a month of minute samples is 43 200. */
export const RECORDS_MAX = 100_000;
/** Text taken over from a file (device and app names) is cut here. */
export const NAME_CHARS_MAX = 80;
/** An export of Health has a route for each workout outdoors: some thousands in ten years. */
export const ARCHIVE_MEMBERS_MAX = 65_535;
/** So many names of 200 characters. */
export const ARCHIVE_DIRECTORY_BYTES_MAX = 16 * 1024 * 1024;
/** Exports pack to a thirtieth; deflate could reach a thousandth, of nothing but the same letter … */
export const ARCHIVE_RATIO_MAX = 200;
/** … which small files may. */
export const ARCHIVE_RATIO_FREE_BYTES = 16 * 1024 * 1024;
/** A session and a file of steps each day for ten years, as services give them back. */
export const ARCHIVE_FILES_MAX = 10_000;
/** So many of 400 KB. */
export const ARCHIVE_FILES_BYTES_MAX = 4 * 1024 * 1024 * 1024;
/** Ten years of a watch's readings are 1 to 3 GB of XML. */
export const APPLE_EXPORT_BYTES_MAX = 4 * 1024 * 1024 * 1024 - 2;
