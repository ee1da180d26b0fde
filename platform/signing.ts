/** Ed25519 signatures of results, which anybody checks with the public key alone. */

import {
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";

/** Signs with one key. */
export interface Signer {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array;
}

export const KEY_BYTES = 32;

/** What stands before the 32 bytes of a key in PKCS #8 and in SPKI (RFC 8410). */
const PRIVATE_PREFIX = Uint8Array.fromHex("302e020100300506032b657004220420");
const PUBLIC_PREFIX = Uint8Array.fromHex("302a300506032b6570032100");

/** Makes a signer of a private key of 32 bytes. */
export function createSigner(privateKey: Uint8Array): Signer {
  const key = createPrivateKey({
    key: joined(PRIVATE_PREFIX, privateKey),
    format: "der",
    type: "pkcs8",
  });
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  return {
    publicKey: new Uint8Array(spki.subarray(PUBLIC_PREFIX.length)),
    sign: (bytes) => new Uint8Array(sign(null, bytes, key)),
  };
}

/** A signing key that follows from another secret, so that every node has the same. */
export function deriveSigningKey(secret: string): Uint8Array {
  const derived = hkdfSync("sha256", secret, "", "paceboard result signing", KEY_BYTES);
  return new Uint8Array(derived);
}

/** Whether the signature of the bytes is that of the key. */
export function isSignedBy(
  publicKey: Uint8Array,
  bytes: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (publicKey.length !== KEY_BYTES) return false;
  return verify(null, bytes, publicKeyOf(publicKey), signature);
}

function publicKeyOf(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: joined(PUBLIC_PREFIX, raw), format: "der", type: "spki" });
}

function joined(prefix: Uint8Array, key: Uint8Array): Buffer {
  if (key.length !== KEY_BYTES) {
    throw new RangeError(`Cannot use a key of ${key.length} bytes: Ed25519 keys have 32`);
  }
  return Buffer.concat([prefix, key]);
}
