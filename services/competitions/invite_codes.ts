/**
 * The codes of invites: a public handle, and a signature of it that only this installation can
 * make. Nothing that the database holds lets anybody in, and yet a code can be shown and printed
 * again.
 *
 * @module
 */

import { sha256 } from "@/platform/sha256.ts";
import type { Signer } from "@/platform/signing.ts";
import { isSameSecret } from "@/platform/token.ts";

export interface InviteCodes {
  /** A new public handle of eight characters. */
  newHandle(): string;
  /** The whole code of a handle. */
  codeOf(handle: string): string;
  /** The handle of a code that is ours, however it was typed; undefined for any other text. */
  handleOf(code: string): string | undefined;
}

export interface InviteCodesDeps {
  /** Deterministic, so that signing again compares. */
  signer: Pick<Signer, "sign">;
  /** Random text of at least eight bytes. */
  newToken: () => string;
}

/** Letters and digits that nobody mistakes for each other (Crockford), in small. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const HANDLE_LENGTH = 8;
/** 80 bits: more than can be tried. */
const SEAL_LENGTH = 16;
const CODE = new RegExp(`^[${ALPHABET}]{${HANDLE_LENGTH}}-[${ALPHABET}]{${SEAL_LENGTH}}$`);

export function createInviteCodes({ signer, newToken }: InviteCodesDeps): InviteCodes {
  const encoder = new TextEncoder();
  const codeOf = (handle: string) => {
    const signature = signer.sign(encoder.encode(`paceboard invite\n${handle}`));
    return `${handle}-${lettersOf(sha256(signature), SEAL_LENGTH)}`;
  };
  return {
    newHandle: () => lettersOf(sha256(encoder.encode(newToken())), HANDLE_LENGTH),
    codeOf,
    handleOf(given) {
      const code = given.trim().toLowerCase();
      if (!CODE.test(code)) return undefined;
      const handle = code.slice(0, HANDLE_LENGTH);
      return isSameSecret(code, codeOf(handle)) ? handle : undefined;
    },
  };
}

/** Five bits of each byte. */
function lettersOf(bytes: Uint8Array, length: number): string {
  return [...bytes.subarray(0, length)].map((byte) => ALPHABET[byte & 31]).join("");
}
