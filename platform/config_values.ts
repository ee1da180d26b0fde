/** How the values of environment variables are written: durations, sizes, lists, switches, rates. */

import { z } from "zod";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "@/domain/time.ts";
import { type Cidr, parseCidr } from "./cidr.ts";
import { type FailpointPlan, FAILPOINTS, readFailpoint } from "./failpoint.ts";

const DURATION_UNITS: Record<string, number> = {
  ms: 1,
  s: SECOND_MS,
  m: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
};
const SIZE_UNITS: Record<string, number> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };
const RATE_UNITS: Record<string, number> = { s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS };

/** A rate as configured; main gives it its name. */
export interface Rate {
  count: number;
  windowMs: number;
  burst: number;
}

/** A text that `read` understands; `expected` completes "expected …" in the fault. */
function value<T>(expected: string, read: (text: string) => T | undefined): z.ZodType<T> {
  return z.unknown().transform((text, context) => {
    const result = read(String(text).trim());
    if (result !== undefined) return result;
    context.addIssue({ code: "custom", message: expected });
    return z.NEVER;
  });
}

/** A whole number within bounds. */
export function integer(min: number, max: number): z.ZodType<number> {
  return value(`a whole number from ${min} to ${max}`, (text) => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    return number >= min && number <= max ? number : undefined;
  });
}

/** A place of the write path where the process ends, and at which passing. */
export const failpoint: z.ZodType<FailpointPlan> = value(
  `${FAILPOINTS.join(", ")}, with :n for the nth passing`,
  readFailpoint,
);

/** `15m`, `30d`, `500ms` → milliseconds. */
export function duration(minMs: number, maxMs: number): z.ZodType<number> {
  const bounds = `from ${showDuration(minMs)} to ${showDuration(maxMs)}`;
  return value(`a duration like 500ms, 30s, 15m, 12h or 30d, ${bounds}`, (text) => {
    const [, count, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? [];
    const ms = Number(count) * (DURATION_UNITS[unit ?? ""] ?? NaN);
    return ms >= minMs && ms <= maxMs ? ms : undefined;
  });
}

/** Milliseconds in the largest unit that divides them.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { showDuration } from "@/platform/config_values.ts";
 *
 * assertEquals(showDuration(900_000), "15m");
 * ```
 */
export function showDuration(ms: number): string {
  const units = Object.entries(DURATION_UNITS).reverse();
  const [unit, size] = units.find(([, size]) => ms % size === 0 && ms >= size) ?? ["ms", 1];
  return `${ms / size}${unit}`;
}

/** `64KiB`, `10MiB`, `1024` → bytes. */
export function size(minBytes: number, maxBytes: number): z.ZodType<number> {
  const bounds = `from ${showSize(minBytes)} to ${showSize(maxBytes)}`;
  return value(`a size like 512B, 64KiB, 10MiB or 2GiB, ${bounds}`, (text) => {
    const [, count, unit = "B"] = /^(\d{1,12})(B|KiB|MiB|GiB)?$/.exec(text) ?? [];
    const bytes = Number(count) * SIZE_UNITS[unit]!;
    return bytes >= minBytes && bytes <= maxBytes ? bytes : undefined;
  });
}

/** Bytes in the largest unit that divides them.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { showSize } from "@/platform/config_values.ts";
 *
 * assertEquals(showSize(65_536), "64KiB");
 * ```
 */
export function showSize(bytes: number): string {
  const units = Object.entries(SIZE_UNITS).reverse();
  const [unit, size] = units.find(([, size]) => bytes % size === 0 && bytes >= size) ?? ["B", 1];
  return `${bytes / size}${unit}`;
}

/** `on` or `off`. */
export const onOff: z.ZodType<boolean> = value("on or off", (text) => {
  return text === "on" || text === "off" ? text === "on" : undefined;
});

/** One of a few words. */
export function oneOf<const T extends string>(words: readonly T[]): z.ZodType<T> {
  return value(`one of ${words.join(", ")}`, (text) => words.find((word) => word === text));
}

/** Any text up to a length, without control characters. */
export function text(lengthMax: number): z.ZodType<string> {
  return value(`1 to ${lengthMax} printable characters`, (given) => {
    return given.length <= lengthMax && /^[^\p{Cc}]+$/u.test(given) ? given : undefined;
  });
}

/** `100/s:200`: a count a second, minute or hour, and the most at once; `off` gives null. */
export const rate: z.ZodType<Rate | null> = value(
  "a rate like 100/s:200 (count a s, m or h, then the most at once), or off",
  (text) => {
    if (text === "off") return null;
    const [, count, unit, burst] = /^(\d{1,7})\/([smh]):(\d{1,7})$/.exec(text) ?? [];
    const read = {
      count: Number(count),
      windowMs: RATE_UNITS[unit ?? ""] ?? NaN,
      burst: Number(burst),
    };
    return read.count >= 1 && read.burst >= 1 ? read : undefined;
  },
);

/** A list separated by commas, each part read alike; empty parts are refused. */
function list<T>(expected: string, read: (part: string) => T | undefined): z.ZodType<T[]> {
  return value(expected, (text) => {
    const parts = text.split(",").map((part) => read(part.trim()));
    return parts.every((part) => part !== undefined) ? parts as T[] : undefined;
  });
}

/** `10.0.0.0/8,::1` */
export const networks: z.ZodType<Cidr[]> = list(
  "networks separated by commas, like 10.0.0.0/8,fd00::/8",
  parseCidr,
);

/** `https://app.example.org,http://localhost:3000` */
export const origins: z.ZodType<string[]> = list(
  "origins separated by commas, like https://app.example.org",
  (text) => {
    const url = URL.parse(text);
    return url && isHttp(url) && url.origin === text ? text : undefined;
  },
);

/** An address of this product in a browser, without a path. */
export const publicUrl: z.ZodType<string> = value(
  "an http or https address without a path, like https://paceboard.example.org",
  (text) => {
    const url = URL.parse(text);
    const isRoot = url?.pathname === "/" && !url.search && !url.hash && !url.username;
    return url && isHttp(url) && isRoot ? url.origin : undefined;
  },
);

function isHttp(url: URL): boolean {
  return url.protocol === "http:" || url.protocol === "https:";
}

/** `postgres://user:password@host:5432/database` */
export const databaseUrl: z.ZodType<string> = value(
  "an address like postgres://user:password@host:5432/database",
  (text) => {
    const protocol = URL.parse(text)?.protocol;
    return protocol === "postgres:" || protocol === "postgresql:" ? text : undefined;
  },
);

/** One Redis, or the nodes of a Cluster parted by commas. */
export const redisUrl: z.ZodType<string> = value(
  "an address like redis://host:6379, or several parted by commas",
  (text) => {
    const addresses = text.split(",").map((address) => address.trim());
    const isGood = (address: string) => /^rediss?(\+cluster)?:\/\/[^/]/.test(address);
    return addresses.every((address) => isGood(address) && URL.canParse(address))
      ? addresses.join()
      : undefined;
  },
);

/** A secret or restricted key of Stripe; a publishable one can do nothing here. */
export const stripeKey: z.ZodType<string> = value(
  "a secret or restricted key like sk_live_… or rk_test_…",
  (text) => /^(sk|rk)_(live|test)_[A-Za-z0-9_]{8,}$/.test(text) ? text : undefined,
);

/** A mail address. */
export const mailAddress: z.ZodType<string> = value("a mail address", (text) => {
  return z.email().max(254).safeParse(text).success ? text.toLowerCase() : undefined;
});

/** Secrets separated by commas, each long enough that nobody guesses it. */
export function secrets(lengthMin: number): z.ZodType<string[]> {
  const expected = `secrets separated by commas, each of at least ${lengthMin} characters`;
  return list(expected, (secret) => secret.length >= lengthMin ? secret : undefined);
}

/** One secret. */
export function secret(lengthMin: number): z.ZodType<string> {
  return value(`at least ${lengthMin} characters`, (given) => {
    return given.length >= lengthMin ? given : undefined;
  });
}
