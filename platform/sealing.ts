/**
 * Secrets of others at rest: AES-256-GCM under keys that can be changed while old ones still open.
 * The first key seals; each sealed value names its key, so that the right one is taken at once.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { sha256Hex } from "./sha256.ts";

/** A sealed text as it is stored. */
export interface Sealed {
  /** Names the key; tells nothing about it. */
  keyId: string;
  /** Nonce (12 bytes), ciphertext, tag (16 bytes). */
  bytes: Uint8Array;
}

export interface Sealer {
  /** Seals for one place: what is moved elsewhere (`context`) does not open there. */
  seal(text: string, context: string): Sealed;
  /** Opens; throws `SealError` where the key is gone, or value or place are not what was sealed. */
  open(sealed: Sealed, context: string): string;
  /** Whether the value is under the key that seals now. */
  isCurrent(keyId: string): boolean;
}

/** A value that no key here opens. */
export class SealError extends Error {
  override readonly name = "SealError";
}

/** SP 800-38D: 96 bits, random; far below 2^32 values are ever sealed under one key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const KEY_ID_LENGTH = 12;
const CIPHER = "aes-256-gcm";

/** Keeps what is derived here apart from other uses of the same secret. */
const PURPOSE = "paceboard sealing 1";

/** Makes a sealer of the secrets, the one that seals first.
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { createSealer } from "@/platform/sealing.ts";
 *
 * const old = createSealer(["an older secret of thirty-two characters"]);
 * const sealed = old.seal("token", "row 1");
 * const rotated = createSealer(["a newer secret of thirty-two characters!", "an older secret of thirty-two characters"]);
 * assertEquals(rotated.open(sealed, "row 1"), "token");
 * assertEquals(rotated.isCurrent(sealed.keyId), false);
 * assertThrows(() => rotated.open(sealed, "row 2"));
 * ```
 */
export function createSealer(secrets: readonly string[]): Sealer {
  const keys = secrets.map((secret) => {
    const key = Buffer.from(hkdfSync("sha256", secret, "", PURPOSE, KEY_BYTES));
    return { id: sha256Hex(`${PURPOSE} ${key.toString("hex")}`).slice(0, KEY_ID_LENGTH), key };
  });
  const [first] = keys;
  if (first === undefined) throw new RangeError("Cannot seal: there is no key");
  return {
    seal: (text, context) => ({ keyId: first.id, bytes: encrypt(first.key, text, context) }),
    open(sealed, context) {
      const found = keys.find(({ id }) => id === sealed.keyId);
      if (!found) throw new SealError(`Cannot open: key "${sealed.keyId}" is not among the keys`);
      return decrypt(found.key, sealed.bytes, context);
    },
    isCurrent: (keyId) => keyId === first.id,
  };
}

function encrypt(key: Uint8Array, text: string, context: string): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(context));
  const parts = [nonce, cipher.update(text, "utf8"), cipher.final()];
  return Buffer.concat([...parts, cipher.getAuthTag()]);
}

function decrypt(key: Uint8Array, bytes: Uint8Array, context: string): string {
  if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new SealError("Cannot open: it is too short");
  try {
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(context))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    const body = bytes.subarray(NONCE_BYTES, -TAG_BYTES);
    return Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
  } catch (cause) {
    throw new SealError("Cannot open: it was sealed for another place, or changed", { cause });
  }
}
