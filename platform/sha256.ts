import { createHash } from "node:crypto";

/** SHA-256 in one synchronous call; WebCrypto's is asynchronous, and slower for small inputs. */
export function sha256(...parts: readonly (Uint8Array | string)[]): Uint8Array<ArrayBuffer> {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return Uint8Array.from(hash.digest());
}

/** SHA-256 on another thread, for what is too large to hold up this one. */
export async function sha256Aside(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
