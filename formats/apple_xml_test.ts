import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { AppleXml, ATTRIBUTE } from "./apple_xml.ts";
import { FormatError } from "./reader.ts";

const encoder = new TextEncoder();

/** What is opened and closed, with types and values, read in pieces of so many bytes. */
function read(text: string, pieceBytes = text.length || 1): string[] {
  const seen: string[] = [];
  const xml = new AppleXml({
    open(name, parent, tag) {
      const type = tag.word(ATTRIBUTE.type)?.text ?? "";
      seen.push(`${parent}>${name} ${type} ${tag.decimal(ATTRIBUTE.value) ?? ""}`.trim());
    },
    close: (name) => void seen.push(`/${name}`),
  });
  const bytes = encoder.encode(text);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    xml.push(bytes.subarray(at, at + pieceBytes));
  }
  xml.end();
  return seen;
}

const DOCUMENT = `\ufeff<?xml version="1.0"?>
<!DOCTYPE HealthData [ <!-- any <Record> --> <!ATTLIST Record type CDATA #REQUIRED> ]>
<HealthData locale='fi'>
 <!-- a comment > with <Record type="x"/> in it -->
 <Record type="A &amp; B &#x2019; > 1" value="12.5" other = "no">
  <MetadataEntry key="k" value="7"/>
 </Record >
 <Record type='it&apos;s "so"' value="-3"/><![CDATA[ <Record/> ]]>
</HealthData>
`;
const SEEN = [
  ">HealthData",
  "HealthData>Record A & B ’ > 1 12.5",
  "Record>MetadataEntry  7",
  "/MetadataEntry",
  "/Record",
  `HealthData>Record it's "so" -3`,
  "/Record",
  "/HealthData",
];

Deno.test("AppleXml reads tags, entities, comments and a DTD, wherever the pieces end", () => {
  for (const pieceBytes of [1, 2, 3, 7, 64, 10_000]) {
    assertEquals(read(DOCUMENT, pieceBytes), SEEN, `pieces of ${pieceBytes}`);
  }
});

const REFUSED: Readonly<Record<string, [string, string]>> = {
  "an entity of its own": [`<!DOCTYPE a [<!ENTITY b "c">]><a/>`, "entity_refused"],
  "a DTD from elsewhere": [`<!DOCTYPE a SYSTEM "http://example.org/a.dtd"><a/>`, "entity_refused"],
  "an entity nobody declared": [`<a type="&b;"/>`, "entity_refused"],
  "text outside": [`<a/>text`, "malformed"],
  "a second root": [`<a/><b/>`, "malformed"],
  "an end without a begin": [`</a>`, "malformed"],
  "crossed elements": [`<a><b></a></b>`, "malformed"],
  "a value without quotes": [`<a type=b/>`, "malformed"],
  "a tag in a value": [`<a type="<b/>"/>`, "malformed"],
  "no name": [`<a>< /></a>`, "malformed"],
  "a slash inside": [`<a / type="b">`, "malformed"],
  "an end too early": [`<a><b/>`, "truncated"],
  "half a tag": [`<a type="b`, "truncated"],
  "nothing": [" ", "truncated"],
  "too deep": ["<a>".repeat(100), "too_large"],
  "an endless tag": [`<a type="${"x".repeat(2_000_000)}`, "too_large"],
};

for (const [name, [text, reason]] of Object.entries(REFUSED)) {
  Deno.test(`AppleXml refuses ${name} as ${reason}`, () => {
    const error = assertThrows(() => read(text, 100_000), FormatError);

    assertEquals(error.reason, reason);
  });
}

Deno.test("AppleXml answers any bytes, in the same way however they are cut", () => {
  const piece = fc.constantFrom("<", ">", "/", "a", " ", '"', "=", "!", "-", "?", "]", "&", "'");
  const text = fc.array(piece, { maxLength: 40 }).map((parts) => parts.join(""));
  const outcome = (given: string, pieceBytes: number) => {
    try {
      return read(given, pieceBytes);
    } catch (error) {
      if (error instanceof FormatError) return error.reason;
      throw error;
    }
  };
  fc.assert(
    fc.property(text, (given) => {
      assertEquals(outcome(given, 1), outcome(given, 1000));
    }),
    { numRuns: 300 },
  );
});
