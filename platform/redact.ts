/**
 * What must not reach a log: secrets and personal data, by the name of the property and by the
 * look of the text. Logs are kept, copied and shipped; the database is the place for such values.
 *
 * @module
 */

export const REDACTED = "[redacted]";

/** Endings of property names, in lower case without `-` and `_`. */
const PRIVATE_ENDINGS = [
  "authorization",
  "cookie",
  "password",
  "passphrase",
  "secret",
  "secrets",
  "token",
  "tokens",
  "apikey",
  "invitecode",
  "credentials",
  "email",
  "emailaddress",
  "phone",
  "displayname",
  "clientaddress",
  "ipaddress",
] as const;

/** Deeper values are cut: a log line is no dump. */
const DEPTH_MAX = 5;
/** Items of a list, and properties of an object, that a line shows. */
const ITEMS_MAX = 30;
/** Characters of one text: a stack fits. */
const TEXT_MAX = 6_000;

const TEXT_PATTERNS: readonly [RegExp, string][] = [
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, REDACTED],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${REDACTED}`],
  [/([?&](?:token|code|secret|password|key)=)[^&\s"']+/gi, `$1${REDACTED}`],
  [/(\b[a-z][a-z0-9+]{1,20}:\/\/)[^\s/:@]{1,200}:[^\s/@]{1,200}@/gi, `$1${REDACTED}@`],
  [/[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g, REDACTED],
];

/** Replaces mail addresses, tokens and passwords within a text.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { redactText } from "@/platform/redact.ts";
 *
 * assertEquals(redactText("mail to mira@example.org failed"), "mail to [redacted] failed");
 * ```
 */
export function redactText(text: string): string {
  let result = text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text;
  for (const [pattern, replacement] of TEXT_PATTERNS) {
    result = result.replace(pattern, replacement);
  }
  return result;
}

/** A copy of a value that is fit for a log: JSON types only, bounded, without private parts.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { redact } from "@/platform/redact.ts";
 *
 * assertEquals(redact({ path: "/", "Set-Cookie": "a=b" }), { path: "/", "Set-Cookie": "[redacted]" });
 * ```
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return redactText(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "function" || typeof value === "symbol") return undefined;
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date) return value.toJSON();
  if (depth >= DEPTH_MAX) return "[…]";
  if (value instanceof Error) return redactError(value, depth);
  if (Array.isArray(value)) return value.slice(0, ITEMS_MAX).map((item) => redact(item, depth + 1));
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  return redactProperties(Object.entries(value), depth);
}

function redactProperties(entries: [string, unknown][], depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of entries.slice(0, ITEMS_MAX)) {
    copy[name] = isPrivate(name) && isPresent(value) ? REDACTED : redact(value, depth + 1);
  }
  return copy;
}

/** That a password was absent is worth knowing, and tells nothing. */
function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}

function isPrivate(name: string): boolean {
  const plain = name.toLowerCase().replaceAll("-", "").replaceAll("_", "");
  return PRIVATE_ENDINGS.some((ending) => plain.endsWith(ending));
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  return {
    ...redactProperties(Object.entries(error), depth),
    name: error.name,
    message: redactText(error.message),
    stack: redactText(error.stack ?? ""),
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
  };
}
