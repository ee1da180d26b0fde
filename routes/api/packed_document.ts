/** A large document that is asked for at times: packed meanwhile, it takes a fiftieth of the memory. */

import { gunzipSync, gzipSync } from "node:zlib";
import { sha256 } from "@/platform/sha256.ts";

/** JSON kept packed. */
export class PackedDocument<T extends object> {
  /** Of the text, without quotes. */
  readonly etag: string;
  readonly #packed: Uint8Array;
  #read: WeakRef<T> | undefined;

  constructor(document: object) {
    const text = JSON.stringify(document);
    this.etag = sha256(text).toHex().slice(0, 32);
    this.#packed = gzipSync(text);
  }

  text(): string {
    return gunzipSync(this.#packed).toString();
  }

  /** The document as JSON carries it; the same object for as long as somebody holds it. */
  read(): T {
    const known = this.#read?.deref();
    if (known) return known;
    const document: T = JSON.parse(this.text());
    this.#read = new WeakRef(document);
    return document;
  }
}
