import { createHash } from "node:crypto";

/** SHA-256 in one synchronous call; WebCrypto's is asynchronous, and slower for small inputs. */
export function sha256(...parts: readonly (Uint8Array | string)[]): Uint8Array<ArrayBuffer> {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return Uint8Array.from(hash.digest());
}
