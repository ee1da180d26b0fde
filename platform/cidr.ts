/** IP addresses and networks: which proxies are trusted, and which addresses are one caller. */

/** An address as bits: 32 for IPv4, 128 for IPv6. IPv4 mapped into IPv6 counts as IPv4. */
interface Address {
  bits: bigint;
  length: 32 | 128;
}

/** A network in CIDR form; a plain address is a network of one. */
export interface Cidr extends Address {
  prefix: number;
}

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;
const MAPPED_PREFIX = 0xffffn;
/** A home or a phone gets a /64, so that its addresses are one caller. */
const IPV6_CALLER_PREFIX = 64;

/** Reads `10.0.0.0/8`, `::1` or `192.0.2.7`; undefined for anything else.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isInNetwork, parseCidr } from "@/platform/cidr.ts";
 *
 * const network = parseCidr("10.0.0.0/8")!;
 * assertEquals(isInNetwork("10.1.2.3", network), true);
 * assertEquals(isInNetwork("::ffff:10.1.2.3", network), true);
 * assertEquals(isInNetwork("11.0.0.1", network), false);
 * ```
 */
export function parseCidr(text: string): Cidr | undefined {
  const [host, prefixText, ...rest] = text.split("/");
  const address = parseAddress(host ?? "");
  if (!address || rest.length > 0) return undefined;
  if (prefixText === undefined) return { ...address, prefix: address.length };
  if (!/^\d{1,3}$/.test(prefixText)) return undefined;
  const prefix = Number(prefixText);
  return prefix <= address.length ? { ...address, prefix } : undefined;
}

/** Tells whether an address lies in a network; false for text that is no address. */
export function isInNetwork(text: string, network: Cidr): boolean {
  const address = parseAddress(text);
  if (!address || address.length !== network.length) return false;
  const shift = BigInt(network.length - network.prefix);
  return address.bits >> shift === network.bits >> shift;
}

/** An address as it is compared and stored: IPv4 mapped into IPv6 becomes plain IPv4.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { plainAddress } from "@/platform/cidr.ts";
 *
 * assertEquals(plainAddress("::ffff:192.0.2.1"), "192.0.2.1");
 * ```
 */
export function plainAddress(text: string): string {
  if (isIpv4(text)) return text;
  const address = parseAddress(text);
  if (!address || address.length === 128) return text;
  return [24n, 16n, 8n, 0n].map((shift) => (address.bits >> shift) & 255n).join(".");
}

/** The part of an address that names a caller: IPv4 whole, IPv6 its /64; other text as it is.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { callerNetwork } from "@/platform/cidr.ts";
 *
 * assertEquals(callerNetwork("203.0.113.9"), "203.0.113.9");
 * assertEquals(callerNetwork("2001:db8::1"), callerNetwork("2001:db8::ffff:1"));
 * ```
 */
export function callerNetwork(text: string): string {
  if (isIpv4(text)) return text;
  const address = parseAddress(text);
  if (!address || address.length === 32) return plainAddress(text);
  const network = address.bits >> BigInt(128 - IPV6_CALLER_PREFIX);
  return `${network.toString(16)}::/${IPV6_CALLER_PREFIX}`;
}

/** Tells whether an address is the machine itself. */
export function isLoopback(text: string): boolean {
  return LOOPBACK.some((network) => isInNetwork(text, network));
}

const LOOPBACK: readonly Cidr[] = [
  { bits: 127n << 24n, length: 32, prefix: 8 },
  { bits: 1n, length: 128, prefix: 128 },
];

/** Tells whether the text is an IP address. */
export function isAddress(text: string): boolean {
  return parseAddress(text) !== undefined;
}

function parseAddress(text: string): Address | undefined {
  const v4 = parseIpv4(text);
  if (v4 !== undefined) return { bits: v4, length: 32 };
  const v6 = parseIpv6(text);
  if (v6 === undefined) return undefined;
  const isMapped = v6 >> 32n === MAPPED_PREFIX;
  return isMapped ? { bits: v6 & 0xffffffffn, length: 32 } : { bits: v6, length: 128 };
}

/** Without the bits, which few callers need and every request would pay for. */
function isIpv4(text: string): boolean {
  const match = IPV4.exec(text);
  if (!match) return false;
  for (let octet = 1; octet <= 4; octet++) if (Number(match[octet]) > 255) return false;
  return true;
}

function parseIpv4(text: string): bigint | undefined {
  const octets = IPV4.exec(text)?.slice(1).map(Number);
  if (!octets || octets.some((octet) => octet > 255)) return undefined;
  return octets.reduce((bits, octet) => (bits << 8n) | BigInt(octet), 0n);
}

/** Longest text of an IPv6 address with an embedded IPv4 one. */
const IPV6_LENGTH_MAX = 45;

function parseIpv6(text: string): bigint | undefined {
  if (text.length > IPV6_LENGTH_MAX || !text.includes(":")) return undefined;
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(groupsOf);
  if (!head) return undefined;
  if (halves.length === 1) return head.length === 8 ? joinGroups(head) : undefined;
  if (!tail || head.length + tail.length > 7) return undefined;
  return joinGroups([...head, ...Array(8 - head.length - tail.length).fill(0), ...tail]);
}

/** The 16-bit groups of one side of `::`; undefined when one is not a group. */
function groupsOf(side: string): number[] | undefined {
  if (side === "") return [];
  const parts = side.split(":");
  const v4 = parseIpv4(parts.at(-1)!);
  const hex = v4 === undefined ? parts : parts.slice(0, -1);
  if (hex.some((part) => !/^[0-9a-f]{1,4}$/i.test(part))) return undefined;
  const groups = hex.map((part) => parseInt(part, 16));
  return v4 === undefined ? groups : [...groups, Number(v4 >> 16n), Number(v4 & 0xffffn)];
}

function joinGroups(groups: readonly number[]): bigint {
  return groups.reduce((bits, group) => (bits << 16n) | BigInt(group), 0n);
}
