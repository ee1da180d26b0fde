/**
 * XML for the track formats: encoding, limits and refusals around `saxes`. Names come without
 * their namespace prefix, because files bind the same schema to any prefix or to none.
 *
 * @module
 */

import { SaxesParser } from "saxes";
import { XML_BYTES_MAX, XML_DEPTH_MAX, XML_ELEMENTS_MAX, XML_TOKEN_CHARS_MAX } from "./limits.ts";
import { FormatError } from "./reader.ts";

/** Attributes of one element by their name as written. */
export type XmlAttributes = Readonly<Record<string, string>>;

/** What a format takes from the document. */
export interface XmlHandler {
  /** An element begins. `parent` is "" for the root. */
  open(name: string, parent: string, attributes: XmlAttributes): void;
  /** An element ends. `text` is its own text since its last child, untrimmed. */
  close(name: string, parent: string, text: string): void;
}

const CHUNK_BYTES = 64 * 1024;

/**
 * Reads the document into the handler. Throws `FormatError` with `malformed`, `entity_refused` or
 * `too_large`.
 */
export function readXml(bytes: Uint8Array, handler: XmlHandler): void {
  if (bytes.length > XML_BYTES_MAX) throw tooLarge(`it is over ${XML_BYTES_MAX} bytes`);
  const decoder = decoderOf(bytes);
  const document = new XmlDocument(handler);
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    document.write(decoder.decode(bytes.subarray(at, at + CHUNK_BYTES), { stream: true }));
  }
  document.write(decoder.decode());
  document.close();
}

/** The five entities of XML itself; without a prototype, so that `&toString;` is none. */
const ENTITIES: Readonly<Record<string, string>> = Object.freeze(
  Object.assign(Object.create(null), { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }),
);

class XmlDocument {
  readonly #parser = new SaxesParser();
  readonly #names: string[] = [""];
  #text = "";
  #elementCount = 0;
  #hasBegun = false;
  /** Characters written since the last event: the length of a token that is still open. */
  #pendingChars = 0;

  constructor(readonly handler: XmlHandler) {
    const parser = this.#parser;
    parser.ENTITIES = ENTITIES;
    parser.on("error", (error) => {
      throw xmlFault(error);
    });
    parser.on("doctype", (doctype) => this.#checkDoctype(doctype));
    parser.on("opentag", (tag) => this.#open(tag.name, tag.attributes));
    parser.on("closetag", () => this.#close());
    parser.on("text", (text) => this.#append(text));
    parser.on("cdata", (text) => this.#append(text));
  }

  write(text: string): void {
    const filled = withoutFill(text);
    // Some exports begin with blank lines before the XML declaration, which XML does not allow.
    const chunk = this.#hasBegun ? filled : filled.trimStart();
    this.#hasBegun ||= chunk !== "";
    this.#pendingChars += chunk.length;
    this.#parser.write(chunk);
    if (this.#pendingChars > XML_TOKEN_CHARS_MAX) {
      throw tooLarge(`one text or tag is over ${XML_TOKEN_CHARS_MAX} characters`);
    }
  }

  close(): void {
    this.#parser.close();
  }

  #checkDoctype(doctype: string): void {
    if (doctype.includes("<!ENTITY")) {
      throw new FormatError("entity_refused", "Cannot read XML: its DOCTYPE declares entities");
    }
  }

  #open(tagName: string, attributes: XmlAttributes): void {
    this.#pendingChars = 0;
    this.#elementCount++;
    if (this.#elementCount > XML_ELEMENTS_MAX) throw tooLarge(`over ${XML_ELEMENTS_MAX} elements`);
    if (this.#names.length > XML_DEPTH_MAX) throw tooLarge(`nested over ${XML_DEPTH_MAX} deep`);
    const name = localName(tagName);
    this.handler.open(name, this.#names.at(-1)!, attributes);
    this.#names.push(name);
    this.#text = "";
  }

  #close(): void {
    this.#pendingChars = 0;
    const name = this.#names.pop()!;
    this.handler.close(name, this.#names.at(-1)!, this.#text);
    this.#text = "";
  }

  #append(text: string): void {
    this.#text += text;
  }
}

/** Without the zeros with which some devices fill the last block of a file. */
function withoutFill(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0) end--;
  return text.slice(0, end);
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

function tooLarge(state: string): FormatError {
  return new FormatError("too_large", `Cannot read XML: ${state}`);
}

/** What the parser found; an unknown entity is refused rather than malformed. */
function xmlFault(cause: Error): FormatError {
  const isEntity = cause.message.includes("undefined entity");
  const state = cause.message.slice(0, 200);
  return new FormatError(
    isEntity ? "entity_refused" : "malformed",
    `Cannot read XML: ${state}`,
    { cause },
  );
}

/** Enough for any declaration and licence comment before the root element. */
const HEAD_BYTES = 64 * 1024;

/** The local name of the root element, from the first bytes; undefined when it is no XML. */
export function xmlRootName(bytes: Uint8Array): string | undefined {
  const head = bytes.subarray(0, HEAD_BYTES);
  const text = decoderOf(head).decode(head, { stream: true });
  let at = skipBlanks(text, 0);
  for (let end: number | undefined; (end = prologEnd(text, at)) !== undefined;) {
    at = skipBlanks(text, end);
  }
  return /^<([\w.:-]{1,100})[\s/>]/.exec(text.slice(at, at + 110))?.[1]?.replace(/^.*:/, "");
}

function skipBlanks(text: string, at: number): number {
  let next = at;
  while (next < text.length && text.charCodeAt(next) <= 0x20) next++;
  return next;
}

/** Where the declaration, comment, instruction or DOCTYPE at `at` ends; undefined when it is none. */
function prologEnd(text: string, at: number): number | undefined {
  if (text.startsWith("<?", at)) return after(text, "?>", at);
  if (text.startsWith("<!--", at)) return after(text, "-->", at);
  if (text.startsWith("<!DOCTYPE", at)) return doctypeEnd(text, at);
  return undefined;
}

const SUBSET_END = /\]\s*>/g;

function doctypeEnd(text: string, at: number): number {
  const subset = text.indexOf("[", at);
  const end = after(text, ">", at);
  if (subset < 0 || subset > end) return end;
  SUBSET_END.lastIndex = subset;
  return SUBSET_END.test(text) ? SUBSET_END.lastIndex : text.length;
}

/** Past the next `mark`; the end of the text when there is none, so that the caller always moves on. */
function after(text: string, mark: string, at: number): number {
  const found = text.indexOf(mark, at);
  return found < 0 ? text.length : found + mark.length;
}

/** A decoder by byte order mark, by the shape of the first bytes, or by the XML declaration. */
function decoderOf(bytes: Uint8Array): TextDecoder {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) {
    return new TextDecoder("utf-16le");
  }
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) {
    return new TextDecoder("utf-16be");
  }
  return declaredDecoder(bytes);
}

function declaredDecoder(bytes: Uint8Array): TextDecoder {
  const declaration = new TextDecoder("latin1").decode(bytes.subarray(0, 200));
  const label = /encoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(declaration)?.[1];
  try {
    const decoder = new TextDecoder(label ?? "utf-8");
    // The bytes are not UTF-16, whatever they declare: the check above would have seen it.
    return decoder.encoding.startsWith("utf-16") ? new TextDecoder() : decoder;
  } catch {
    return new TextDecoder();
  }
}
