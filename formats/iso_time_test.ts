import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseIsoTime } from "./iso_time.ts";

const instant = fc.date({
  min: new Date("0001-01-01T00:00:00Z"),
  max: new Date("9999-12-31T23:59:59Z"),
  noInvalidDate: true,
});

Deno.test("parseIsoTime() gives back every instant that toISOString() writes", () => {
  fc.assert(fc.property(instant, (date) => {
    assertEquals(parseIsoTime(date.toISOString()), { at: date.getTime(), zoneOffsetMinutes: null });
  }));
});

Deno.test("parseIsoTime() reads any zone", () => {
  const zone = fc.integer({ min: -14 * 60, max: 14 * 60 });
  const day = fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true });

  fc.assert(fc.property(day, zone, (date, minutes) => {
    const local = new Date(date.getTime() + minutes * 60_000).toISOString().slice(0, -1);
    const two = (value: number) => String(value).padStart(2, "0");
    const size = Math.abs(minutes);
    const text = `${local}${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${
      two(size % 60)
    }`;

    assertEquals(parseIsoTime(text), { at: date.getTime(), zoneOffsetMinutes: minutes });
  }));
});

Deno.test.each<[string, string]>([
  ["2010-08-05T14:23:59", "2010-08-05T14:23:59.000Z"],
  [" 2016-05-27T10:08:47.8Z\n", "2016-05-27T10:08:47.800Z"],
  ["1901-12-13T20:45:52.2073437Z", "1901-12-13T20:45:52.207Z"],
  ["2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"],
  ["2024-02-29 12:00:00+0530", "2024-02-29T06:30:00.000Z"],
  ["2024-02-29T12:00:00-03", "2024-02-29T15:00:00.000Z"],
  ["2024-02-29T12:07Z", "2024-02-29T12:07:00.000Z"],
  ["2024-02-29t12:07:01.5z", "2024-02-29T12:07:01.500Z"],
])("parseIsoTime() reads %s", (text, expected) => {
  assertEquals(new Date(parseIsoTime(text)!.at).toISOString(), expected);
});

Deno.test.each([
  "",
  "2024-05-01",
  "2024-05-01T10Z",
  "2024-05-01T10:00.5Z",
  "2023-02-29T00:00:00Z",
  "2024-13-01T00:00:00Z",
  "2024-00-10T00:00:00Z",
  "2024-04-31T00:00:00Z",
  "2024-05-01T24:00:00Z",
  "2024-05-01T10:60:00Z",
  "24-05-01T10:00:00Z",
  "2024-05-01T10:00:00Zulu",
  "yesterday",
])("parseIsoTime() does not read %s", (text) => {
  assertEquals(parseIsoTime(text), undefined);
});
