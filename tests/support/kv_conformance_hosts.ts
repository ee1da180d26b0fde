/// <reference lib="deno.unstable" />
/** Blobs, files, exceptions of the DOM and keys of cryptography, wherever in a value they lie. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { KvStore } from "@/cache/kv.ts";
import type { KvCases } from "./kv_conformance.ts";

async function stored<T>(kv: KvStore, value: T): Promise<T> {
  await kv.set(["v"], value);
  const entry = await kv.get<T>(["v"]);
  assert(entry.versionstamp !== null);
  return entry.value;
}

const AES = { name: "AES-GCM", length: 256 } as const;

export const HOST_CASES: KvCases = {
  async "a Blob comes back with its type and bytes"(kv) {
    const blob = await stored(kv, new Blob(["Grüße, ", "Läufer"], { type: "text/plain" }));

    assert(blob instanceof Blob && !(blob instanceof File));
    assertEquals([blob.type, blob.size], ["text/plain", 16]);
    assertEquals(await blob.text(), "Grüße, Läufer");
    assertEquals((await stored(kv, new Blob())).size, 0);
  },

  async "a File comes back with its name and time"(kv) {
    const file = await stored(
      kv,
      new File(["0,1\n"], "läufe.csv", { type: "text/csv", lastModified: 12_345 }),
    );

    assert(file instanceof File);
    assertEquals([file.name, file.type, file.lastModified, await file.text()], [
      "läufe.csv",
      "text/csv",
      12_345,
      "0,1\n",
    ]);
  },

  async "a DOMException comes back with its name, code and stack"(kv) {
    const exception = new DOMException("oops", "DataCloneError");

    const { name, message, code, stack } = await stored(kv, exception);

    assertEquals([name, message, code], ["DataCloneError", "oops", 25]);
    assertEquals(stack, exception.stack);
  },

  async "keys of cryptography come back able to do what they could"(kv) {
    const text = new TextEncoder().encode("a lap in 61.2 s");
    const secret = await crypto.subtle.generateKey(AES, false, ["encrypt", "decrypt"]);
    const iv = new Uint8Array(12);
    const sealed = await crypto.subtle.encrypt({ name: AES.name, iv }, secret, text);

    const opener = await stored(kv, secret);

    assert(opener instanceof CryptoKey);
    assertEquals([opener.type, opener.extractable, opener.usages], ["secret", false, [
      "encrypt",
      "decrypt",
    ]]);
    assertEquals(opener.algorithm as AesKeyAlgorithm, AES);
    const opened = await crypto.subtle.decrypt({ name: AES.name, iv }, opener, sealed);
    assertEquals(new Uint8Array(opened), text);
  },

  async "a pair of keys signs and verifies after it was stored"(kv) {
    const algorithm = { name: "ECDSA", namedCurve: "P-256" };
    const pair = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);

    const { privateKey, publicKey } = await stored(kv, { ...pair });

    const how = { name: "ECDSA", hash: "SHA-256" };
    const text = new Uint8Array([1, 2, 3]);
    const signature = await crypto.subtle.sign(how, privateKey, text);
    assert(await crypto.subtle.verify(how, publicKey, signature, text));
    assertEquals([privateKey.type, publicKey.type], ["private", "public"]);
  },

  async "objects of the web keep their places in a value, and its other parts theirs"(kv) {
    const blob = new Blob(["x"]);
    const at = new Date(0);
    const value = {
      list: [blob, , 1n],
      map: new Map<unknown, unknown>([["first", 1], ["blob", blob], [blob, { at }]]),
      set: new Set<unknown>([at, blob, "last"]),
      empty: {},
      error: new RangeError("own"),
      self: undefined as unknown,
    };
    value.self = value;

    const back = await stored(kv, value);

    const [again] = back.list as Blob[];
    assert(again instanceof Blob && back.self === back);
    assertEquals([1 in back.list, back.list.length, back.list[2]], [false, 3, 1n]);
    const keys = [...back.map.keys()];
    assertEquals([keys[0], keys[1], keys[2] === again], ["first", "blob", true]);
    assert(back.map.get("blob") === again);
    assertEquals(back.map.get(again), { at });
    const members = [...back.set];
    assertEquals([members[0], members[1] === again, members[2]], [at, true, "last"]);
    assertEquals(back.empty, {});
    assert(back.error instanceof RangeError && back.error.message === "own");
  },

  async "a commit and a message carry objects of the web"(kv) {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const listening = kv.listenQueue(resolve);
    const key = ["a"];

    const committing = kv.atomic().set(key, [new Blob(["in a commit"])])
      .enqueue({ file: new File(["in a message"], "m") }).commit();
    key[0] = "changed meanwhile";

    assert((await committing).ok);
    assertEquals(await (await kv.get<Blob[]>(["a"])).value![0]!.text(), "in a commit");
    assertEquals(await (await promise as { file: File }).file.text(), "in a message");
    kv.close();
    await listening;
  },

  async "what only lives in its process is refused and leaves nothing"(kv) {
    const { port1, port2 } = new MessageChannel();
    for (const value of [new ReadableStream(), [new WritableStream()], { port1 }]) {
      await assertRejects(() => kv.set(["v"], value), TypeError, "Unsupported object type");
    }
    port1.close();
    port2.close();
    const shared = await assertRejects(() => kv.set(["v"], new SharedArrayBuffer(3)));
    assertEquals([shared.constructor, shared.message], [
      Error,
      "#<SharedArrayBuffer> could not be cloned.",
    ]);
    await assertRejects(() => kv.set(["v"], new Proxy({}, {})), TypeError, "could not be cloned");

    assertEquals((await kv.get(["v"])).versionstamp, null);
  },
};
