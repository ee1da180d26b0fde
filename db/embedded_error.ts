/** Why the embedded PostgreSQL cannot be had; the message names the remedy and is for the operator. */

/** What went wrong: another app has the folder, no user reaches it, no binary, another release, other. */
export type EmbeddedFault =
  | "FOLDER_IN_USE"
  | "FOLDER_UNREACHABLE"
  | "PLATFORM_UNSUPPORTED"
  | "VERSION_MISMATCH"
  | "START_FAILED";

/** A start-up failure of the embedded PostgreSQL. */
export class EmbeddedPostgresError extends Error {
  override readonly name = "EmbeddedPostgresError";

  constructor(readonly fault: EmbeddedFault, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}
