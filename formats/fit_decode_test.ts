import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  field,
  type FitBaseType,
  type FitMessageSpec,
  writeFit,
} from "@/tests/support/fit_writer.ts";
import { decodeMessages, fitInstant, type FitMessage } from "./fit_decode.ts";
import { FIT_MESSAGES_MAX } from "./limits.ts";
import { FormatError } from "./reader.ts";

const RECORD = 20;

function decode<T>(messages: FitMessageSpec[], take: (message: FitMessage) => T): T[] {
  const bytes = writeFit(messages);
  const taken: T[] = [];
  decodeMessages({
    view: new DataView(bytes.buffer),
    start: 14,
    end: bytes.length - 2,
    wanted: new Set([RECORD]),
  }, (message) => {
    taken.push(take(message));
  });
  return taken;
}

const RANGES: Partial<Record<FitBaseType, [number, number]>> = {
  enum: [0, 0xfe],
  sint8: [-128, 126],
  uint8: [0, 0xfe],
  sint16: [-0x8000, 0x7ffe],
  uint16: [0, 0xfffe],
  sint32: [-0x80000000, 0x7ffffffe],
  uint32: [0, 0xfffffffe],
  uint8z: [1, 0xff],
  uint16z: [1, 0xffff],
  uint32z: [1, 0xffffffff],
  sint64: [-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  uint64: [0, Number.MAX_SAFE_INTEGER],
  uint64z: [1, Number.MAX_SAFE_INTEGER],
};

const numericField = fc.constantFrom(...Object.keys(RANGES) as FitBaseType[]).chain((type) => {
  const [min, max] = RANGES[type]!;
  return fc.record({
    type: fc.constant(type),
    values: fc.array(fc.integer({ min, max }), { minLength: 1, maxLength: 3 }),
    number: fc.integer({ min: 0, max: 250 }),
  });
});

Deno.test("decodeMessages() gives back the first value of any field, in both byte orders", () => {
  const fields = fc.uniqueArray(numericField, { selector: (each) => each.number, maxLength: 8 });
  const developer = fc.array(fc.uint8Array({ minLength: 1, maxLength: 9 }), { maxLength: 3 });
  const message = fc.record({
    global: fc.constant(RECORD),
    local: fc.integer({ min: 0, max: 15 }),
    bigEndian: fc.boolean(),
    fields,
    developer,
  });

  fc.assert(fc.property(fc.array(message, { maxLength: 6 }), (messages) => {
    let index = 0;
    const values = decode(messages, (read) => {
      const spec = messages[index++]!;
      return spec.fields.map((each) => read.number(each.number));
    });

    assertEquals(values, messages.map((each) => each.fields.map(({ values: [first] }) => first)));
  }));
});

Deno.test("decodeMessages() counts compressed timestamps on from the last full one", () => {
  const start = fc.integer({ min: 0x1000_0000, max: 0xf000_0000 });
  const steps = fc.array(fc.integer({ min: 0, max: 31 }), { maxLength: 50 });

  fc.assert(fc.property(start, steps, (startS, gaps) => {
    let at = startS;
    const times = gaps.map((gap) => at += gap);
    const messages: FitMessageSpec[] = [
      { global: RECORD, fields: [field(253, "uint32", startS)] },
      ...times.map((time) => ({
        global: RECORD,
        local: 2,
        compressedTimestamp: time,
        fields: [field(3, "uint8", 120)],
      })),
    ];

    assertEquals(decode(messages, (message) => message.timestamp), [startS, ...times]);
  }));
});

Deno.test("decodeMessages() leaves a compressed timestamp unknown before any full one", () => {
  const messages = [{
    global: RECORD,
    compressedTimestamp: 7,
    fields: [field(3, "uint8", 120)],
  }];

  assertEquals(decode(messages, (message) => message.timestamp), [undefined]);
});

Deno.test.each<[FitBaseType, number]>([
  ["enum", 0xff],
  ["sint8", 0x7f],
  ["uint8", 0xff],
  ["sint16", 0x7fff],
  ["uint16", 0xffff],
  ["sint32", 0x7fffffff],
  ["uint32", 0xffffffff],
  ["float32", NaN],
  ["float64", NaN],
  ["uint8z", 0],
  ["uint16z", 0],
  ["uint32z", 0],
  ["byte", 0xff],
  ["uint64", -1],
  ["uint64z", 0],
])("FitMessage.number() has no value for the invalid %s", (type, value) => {
  const messages = [{ global: RECORD, fields: [field(7, type, value)] }];

  assertEquals(decode(messages, (message) => message.number(7)), [undefined]);
});

Deno.test("FitMessage.number() skips a field whose size is no multiple of its type", () => {
  const odd = { number: 5, type: "uint8" as const, values: [1, 2, 3] };
  const bytes = writeFit([{ global: RECORD, fields: [odd, field(3, "uint8", 140)] }]);
  // The base type of the first field becomes uint32, which three bytes cannot hold.
  bytes[14 + 6 + 2] = 0x86;
  const seen: unknown[] = [];

  decodeMessages({
    view: new DataView(bytes.buffer),
    start: 14,
    end: bytes.length - 2,
    wanted: new Set([RECORD]),
  }, (message) => {
    seen.push(message.number(5), message.number(3));
  });

  assertEquals(seen, [undefined, 140]);
});

Deno.test("FitMessage.text() ends at the first NUL and is absent for numbers", () => {
  const messages = [{
    global: RECORD,
    fields: [{ number: 8, type: "string" as const, values: "Pace 2\0xx" }, field(1, "uint8", 65)],
  }];

  const texts = decode(messages, (message) => [message.text(8), message.text(1), message.text(9)]);

  assertEquals(texts, [["Pace 2", undefined, undefined]]);
});

Deno.test("decodeMessages() stops when the visitor says so", () => {
  const bytes = writeFit(
    [1, 2, 3].map((n) => ({ global: RECORD, fields: [field(3, "uint8", n)] })),
  );
  const seen: unknown[] = [];
  const range = { view: new DataView(bytes.buffer), start: 14, end: bytes.length - 2 };

  decodeMessages({ ...range, wanted: new Set([RECORD]) }, (message) => {
    seen.push(message.number(3));
    return seen.length < 2;
  });

  assertEquals(seen, [1, 2]);
});

Deno.test.each<[string, number[]]>([
  ["data without a definition", [0x03, 1, 2]],
  ["a definition that is cut", [0x40, 0, 0]],
  ["fields that are cut", [0x40, 0, 0, 20, 0, 9, 253, 4]],
  ["developer fields that are cut", [0x60, 0, 0, 20, 0, 0, 5, 1]],
  ["data that is cut", [0x40, 0, 0, 20, 0, 1, 253, 4, 0x86, 0x00, 1]],
])("decodeMessages() refuses %s as malformed", (_name, content) => {
  const view = new DataView(Uint8Array.from(content).buffer);
  const range = { view, start: 0, end: content.length, wanted: new Set([RECORD]) };

  const error = assertThrows(() => decodeMessages(range, () => {}), FormatError);

  assertEquals(error.reason, "malformed");
});

Deno.test("decodeMessages() bounds the number of messages", () => {
  // A definition without fields makes messages of one byte each.
  const content = new Uint8Array(FIT_MESSAGES_MAX + 10);
  content.set([0x40, 0, 0, RECORD, 0, 0]);
  const range = { view: new DataView(content.buffer), start: 0, end: content.length };

  const error = assertThrows(
    () => decodeMessages({ ...range, wanted: new Set() }, () => {}),
    FormatError,
  );

  assertEquals(error.reason, "too_large");
});

Deno.test("fitInstant() counts from 1989-12-31", () => {
  assertEquals(fitInstant(0), Date.UTC(1989, 11, 31));
});
