import { nameFrom } from "./name.ts";

const FIELD = /(?:^|, )(name|manufacturer|model|hardware|firmware|software):/g;

/**
 * Maker and product from HealthKit's description of a device, without the address in memory it had
 * when the export was made and without versions, which would make another device of each update.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { deviceFrom } from "@/formats/apple_device.ts";
 *
 * const watch = "name:Apple Watch, manufacturer:Apple Inc., model:Watch, hardware:Watch6,7, software:10.2>";
 * assertEquals(deviceFrom(`<<HKDevice: 0x3012772a0>, ${watch}`), "Apple Inc. Watch6,7");
 * assertEquals(deviceFrom("<<HKDevice: 0x1>, name:HRM-Dual>"), "HRM-Dual");
 * ```
 */
export function deviceFrom(description: string): string | undefined {
  const text = description.replace(/^<*HKDevice: \w{1,20}>?/, "").replace(/^, /, "")
    .replace(/>+$/, "");
  const found = [...text.matchAll(FIELD)];
  const fields = new Map(found.map((match, index) => {
    const start = match.index + match[0].length;
    return [match[1]!, text.slice(start, found[index + 1]?.index).trim()];
  }));
  const product = fields.get("hardware") || fields.get("model") || fields.get("name");
  if (fields.size === 0) return nameFrom(text);
  return nameFrom([fields.get("manufacturer"), product].filter(Boolean).join(" "));
}
