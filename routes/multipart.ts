/**
 * `multipart/form-data` as it comes: the platform's `formData()` holds a whole body in memory, which
 * an upload of a gigabyte must not do.
 *
 * @module
 */

import { DomainError } from "@/domain/error.ts";

/** One part; its bytes must be taken, or the parts after it are never found. */
export interface FormPart {
  name: string;
  /** Of files. */
  fileName: string | undefined;
  chunks: AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** Heads name a field and a file; longer ones are no form's. */
const HEAD_BYTES_MAX = 8 * 1024;
/** A form of ours has four. */
const PARTS_MAX = 32;
/** RFC 2046 allows 70. */
const BOUNDARY = /^multipart\/form-data\s*;.*?boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i;

const CRLF = "\r\n";
const HEAD_END = "\r\n\r\n";

/** Whether a request carries such a form. */
export function isMultipart(headers: Headers): boolean {
  return BOUNDARY.test(headers.get("content-type") ?? "");
}

/** Reads the parts one after the other. Fails with `BAD_REQUEST` when the form is damaged. */
export async function* readMultipart(request: Request): AsyncGenerator<FormPart> {
  const [, quoted, plain] = BOUNDARY.exec(request.headers.get("content-type") ?? "") ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined || request.body === null) throw damaged("it has no boundary");
  const input = new Input(request.body.getReader());
  try {
    // As if a line ended before the first boundary, so that all of them look alike.
    input.unread(bytesOf(CRLF));
    const mark = bytesOf(`${CRLF}--${boundary}`);
    await drain(input.until(mark));
    for (let count = 0; await hasNext(input); count++) {
      if (count >= PARTS_MAX) throw damaged("it has too many parts");
      const chunks = input.until(mark);
      yield { ...partHead(await readHead(input)), chunks };
      await drain(chunks);
    }
  } finally {
    await input.close();
  }
}

/** After a boundary comes a line end, or `--` after the last. */
async function hasNext(input: Input): Promise<boolean> {
  const tail = new TextDecoder().decode(await input.take(2));
  if (tail === "--") return false;
  if (tail === CRLF) return true;
  throw damaged("a boundary is not at the end of its line");
}

async function readHead(input: Input): Promise<string> {
  let text = "";
  for await (const chunk of input.until(bytesOf(HEAD_END))) {
    text += new TextDecoder().decode(chunk);
    if (text.length > HEAD_BYTES_MAX) throw damaged("a part has too long a head");
  }
  return text;
}

/** Browsers quote values; .NET does not where it need not. */
const PARAMETER = /;\s*([\w*]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/g;
/** Names beyond ASCII as RFC 5987 writes them, which forms should not have and clients send. */
const ENCODED = /^utf-8'[\w-]*'(.*)$/i;

function partHead(head: string): Omit<FormPart, "chunks"> {
  const line = head.split(CRLF).find((each) => /^content-disposition:/i.test(each)) ?? "";
  const parameters = new Map(
    [...line.matchAll(PARAMETER)].map(([, key, quoted, plain]) => {
      return [key!.toLowerCase(), quoted === undefined ? plain! : unescaped(quoted)];
    }),
  );
  const name = parameters.get("name");
  if (name === undefined) throw damaged("a part has no name");
  const encoded = ENCODED.exec(parameters.get("filename*") ?? "")?.[1];
  const fileName = encoded === undefined ? parameters.get("filename") : decoded(encoded);
  return { name, fileName };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Browsers write quotes and line ends in names as percent codes. */
function unescaped(text: string): string {
  return text.replace(/%22/g, '"').replace(/%0[AaDd]/g, " ").replace(/\\(.)/g, "$1");
}

/** Reads a small field. Fails with `BAD_REQUEST` when it is not one. */
export async function readField(part: FormPart, charsMax = 4_096): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of part.chunks) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > charsMax) throw damaged(`"${part.name.slice(0, 40)}" is too long`);
  }
  return text + decoder.decode();
}

async function drain(chunks: AsyncIterable<unknown>): Promise<void> {
  const iterator = chunks[Symbol.asyncIterator]();
  while (!(await iterator.next()).done);
}

/** The body, with what was read too far. */
class Input {
  #rest = new Uint8Array(0);
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(reader: ReadableStreamDefaultReader<Uint8Array>) {
    this.#reader = reader;
  }

  unread(bytes: Uint8Array<ArrayBuffer>): void {
    this.#rest = joined(bytes, this.#rest);
  }

  async take(length: number): Promise<Uint8Array<ArrayBuffer>> {
    while (this.#rest.length < length) await this.#more();
    const taken = this.#rest.slice(0, length);
    this.#rest = this.#rest.slice(length);
    return taken;
  }

  /** What comes before the mark, which is taken too; nothing when it was found already. */
  until(mark: Uint8Array): AsyncIterableIterator<Uint8Array<ArrayBuffer>> {
    return this.#until(mark);
  }

  async *#until(mark: Uint8Array): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (;;) {
      const at = indexOf(this.#rest, mark);
      if (at >= 0) {
        const last = this.#rest.slice(0, at);
        this.#rest = this.#rest.slice(at + mark.length);
        if (last.length > 0) yield last;
        return;
      }
      // The last bytes may be the beginning of the mark.
      const sure = this.#rest.length - mark.length + 1;
      if (sure > 0) {
        const chunk = this.#rest.slice(0, sure);
        this.#rest = this.#rest.slice(sure);
        yield chunk;
      }
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    const { value, done } = await this.#reader.read();
    if (done) throw damaged("it ends too early");
    this.#rest = joined(this.#rest, value);
  }

  async close(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
  }
}

function indexOf(bytes: Uint8Array, mark: Uint8Array): number {
  for (let at = bytes.indexOf(mark[0]!); at >= 0; at = bytes.indexOf(mark[0]!, at + 1)) {
    if (at + mark.length > bytes.length) return -1;
    if (mark.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function damaged(state: string): DomainError {
  return new DomainError("BAD_REQUEST", `Cannot read the form: ${state}`);
}
