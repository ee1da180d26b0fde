import { assert, assertEquals, assertThrows } from "@std/assert";
import { XML_DEPTH_MAX, XML_TOKEN_CHARS_MAX } from "./limits.ts";
import { FormatError } from "./reader.ts";
import { readXml, xmlRootName } from "./xml.ts";

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function utf16(
  text: string,
  { littleEndian, hasMark }: { littleEndian: boolean; hasMark: boolean },
) {
  const marked = hasMark ? `\ufeff${text}` : text;
  const view = new DataView(new ArrayBuffer(marked.length * 2));
  for (let at = 0; at < marked.length; at++) {
    view.setUint16(at * 2, marked.charCodeAt(at), littleEndian);
  }
  return new Uint8Array(view.buffer);
}

/** The events of a document, one line each. */
function events(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  readXml(bytes, {
    open: (name, parent, attributes) => {
      lines.push(`${parent}>${name} ${JSON.stringify(attributes)}`);
    },
    close: (name, parent, text) => {
      lines.push(`${parent}<${name} ${text}`);
    },
  });
  return lines;
}

function reasonOf(bytes: Uint8Array): string {
  return assertThrows(() => events(bytes), FormatError).reason;
}

Deno.test("readXml() gives names without prefix, parents, attributes and own text", () => {
  const xml =
    `<?xml version="1.0"?><a:r xmlns:a="x" k="1 &amp; &#50;"><b>t<![CDATA[<u>]]></b>v<c/></a:r>`;

  assertEquals(events(utf8(xml)), [
    `>r {"xmlns:a":"x","k":"1 & 2"}`,
    "r>b {}",
    "r<b t<u>",
    "r>c {}",
    "r<c ",
    "<r ",
  ]);
});

const BODY = "<r><n>Zürich 東京</n></r>";

Deno.test.each<[string, Uint8Array]>([
  ["UTF-8", utf8(BODY)],
  ["UTF-8 with a byte order mark", utf8(`\ufeff<?xml version="1.0" encoding="utf-8"?>${BODY}`)],
  ["UTF-8 after blank lines", utf8(`\n\n   <?xml version="1.0"?>${BODY}`)],
  ["UTF-16LE with a mark", utf16(BODY, { littleEndian: true, hasMark: true })],
  ["UTF-16BE with a mark", utf16(BODY, { littleEndian: false, hasMark: true })],
  ["UTF-16LE without a mark", utf16(BODY, { littleEndian: true, hasMark: false })],
  ["UTF-16BE without a mark", utf16(BODY, { littleEndian: false, hasMark: false })],
  ["UTF-8 before zeros that fill a block", utf8(`${BODY}\n${"\0".repeat(100_000)}`)],
  ["UTF-8 that declares UTF-16", utf8(`<?xml version="1.0" encoding="UTF-16"?>${BODY}`)],
  ["an unknown encoding", utf8(`<?xml version="1.0" encoding="x-none"?>${BODY}`)],
])("readXml() decodes %s", (_name, bytes) => {
  assert(events(bytes).includes("r<n Zürich 東京"));
  assertEquals(xmlRootName(bytes), "r");
});

Deno.test("readXml() decodes the encoding that the document declares", () => {
  const text = `<?xml version="1.0" encoding="ISO-8859-1"?><r><n>Zürich</n></r>`;
  const latin1 = Uint8Array.from(text, (character) => character.charCodeAt(0));

  assert(events(latin1).includes("r<n Zürich"));
});

Deno.test.each<[string, string]>([
  ["an internal entity", `<!DOCTYPE r [<!ENTITY a "b">]><r>&a;</r>`],
  ["an external entity", `<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><r/>`],
  ["a parameter entity", `<!DOCTYPE r [<!ENTITY % a SYSTEM "http://localhost/x">%a;]><r/>`],
  ["an undeclared entity", `<r>&nbsp;</r>`],
  ["an entity named like a method", `<r>&toString;</r>`],
  ["an entity in an attribute", `<r a="&constructor;"/>`],
])("readXml() refuses %s", (_name, xml) => {
  assertEquals(reasonOf(utf8(xml)), "entity_refused");
});

Deno.test("readXml() accepts a DOCTYPE that declares no entity", () => {
  assertEquals(events(utf8(`<!DOCTYPE r [<!ELEMENT r ANY>]><r/>`)).length, 2);
});

Deno.test.each<[string, string]>([
  ["an open element", "<r><a>"],
  ["crossed elements", "<r><a></r></a>"],
  ["a bare ampersand", "<r>a & b</r>"],
  ["an attribute twice", `<r a="1" a="2"/>`],
  ["two roots", "<r/><r/>"],
  ["a control character", "<r>\u0001</r>"],
])("readXml() answers %s with malformed", (_name, xml) => {
  assertEquals(reasonOf(utf8(xml)), "malformed");
});

Deno.test("readXml() bounds depth", () => {
  const nested = (depth: number) => utf8("<a>".repeat(depth) + "</a>".repeat(depth));

  assertEquals(events(nested(XML_DEPTH_MAX)).length, 2 * XML_DEPTH_MAX);
  assertEquals(reasonOf(nested(XML_DEPTH_MAX + 1)), "too_large");
});

Deno.test.each<[string, string, string]>([
  ["text", "<r>", "</r>"],
  ["attribute", `<r a="`, `"/>`],
  ["comment", "<r><!--", "--></r>"],
  ["name", "<r", "/>"],
])("readXml() bounds the length of one %s", (_name, before, behind) => {
  const long = "x".repeat(XML_TOKEN_CHARS_MAX + 200_000);

  assertEquals(reasonOf(utf8(before + long + behind)), "too_large");
});

Deno.test.each<[string, string | undefined]>([
  [`<?xml version="1.0"?><!-- <gpx> --><?pi x?><!DOCTYPE gpx [<!ELEMENT gpx ANY>]>\n<gpx>`, "gpx"],
  [`<!DOCTYPE gpx SYSTEM "x"><g:gpx xmlns:g="y"/>`, "gpx"],
  ["<gpx/>", "gpx"],
  ["<!DOCTYPE", undefined],
  ["<!DOCTYPE r [", undefined],
  ["<!-- open", undefined],
  ["<?", undefined],
  ["< gpx>", undefined],
  ["gpx", undefined],
  ["", undefined],
])("xmlRootName() of %s is %s", (xml, name) => {
  assertEquals(xmlRootName(utf8(xml)), name);
});
