/** JSON with one spelling for one value, so that it can be hashed and compared byte for byte. */

/** A value that JSON can tell; keys of undefined are left out. */
export type CanonicalValue =
  | string
  | number
  | boolean
  | null
  | readonly CanonicalValue[]
  | { readonly [key: string]: CanonicalValue | undefined };

/** Writes a value with sorted keys and no spaces; throws `RangeError` for NaN and infinities.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { canonicalJson } from "@/domain/canonical_json.ts";
 *
 * assertEquals(canonicalJson({ b: 1, a: [true, null], c: undefined }), '{"a":[true,null],"b":1}');
 * ```
 */
export function canonicalJson(value: CanonicalValue): string {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new RangeError(`Cannot write "${value}" as JSON: it is not finite`);
  }
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const members = Object.entries(value).filter(isPresent)
    .sort(([a], [b]) => a < b ? -1 : 1)
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}

function isList(value: object): value is readonly CanonicalValue[] {
  return Array.isArray(value);
}

function isPresent(
  member: [string, CanonicalValue | undefined],
): member is [string, CanonicalValue] {
  return member[1] !== undefined;
}
