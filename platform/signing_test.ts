import { assert, assertEquals, assertThrows } from "@std/assert";
import { createSigner, deriveSigningKey, isSignedBy } from "./signing.ts";

/** RFC 8032, section 7.1, test 2: a message of one byte. */
const RFC_8032 = {
  privateKey: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
  publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
  message: "72",
  signature: "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
};

Deno.test("createSigner() signs as the standard does", () => {
  const signer = createSigner(Uint8Array.fromHex(RFC_8032.privateKey));
  const message = Uint8Array.fromHex(RFC_8032.message);

  assertEquals(signer.publicKey.toHex(), RFC_8032.publicKey);
  assertEquals(signer.sign(message).toHex(), RFC_8032.signature);
});

Deno.test("isSignedBy() refuses other bytes, keys and signatures", () => {
  const signer = createSigner(deriveSigningKey("one secret"));
  const other = createSigner(deriveSigningKey("another secret"));
  const message = new TextEncoder().encode("result");
  const signature = signer.sign(message);

  assert(isSignedBy(signer.publicKey, message, signature));
  assert(!isSignedBy(other.publicKey, message, signature));
  assert(!isSignedBy(signer.publicKey, new TextEncoder().encode("Result"), signature));
  assert(!isSignedBy(signer.publicKey, message, signature.with(0, signature[0]! ^ 1)));
  assert(!isSignedBy(new Uint8Array(31), message, signature));
  assertThrows(() => createSigner(new Uint8Array(31)), RangeError, "32");
});
