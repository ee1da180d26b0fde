/**
 * What a provider of activity says instead of an answer.
 *
 * @module
 */

import type { EpochMs } from "./time.ts";

/** Why a provider said no. */
export type ProviderFaultKind =
  /** The token or code is not good (any more). */
  | "unauthorised"
  /** Too many calls of this app; `until` says when it may ask again. */
  | "quota"
  /** Anything else that asking again does not change, e.g. an answer that nobody understands. */
  | "refused";

/** The provider answered, and not with what was asked for. */
export class ProviderFault extends Error {
  override readonly name = "ProviderFault";
  constructor(
    readonly kind: ProviderFaultKind,
    message: string,
    readonly until?: EpochMs,
  ) {
    super(message);
  }
}
