import { type Cidr, isAddress, isInNetwork, plainAddress } from "@/platform/cidr.ts";
import type { RequestFields } from "../request_fields.ts";
import { checking, type CheckMiddleware } from "./one_level.ts";

export interface ClientAddressOptions {
  /** Networks whose `X-Forwarded-For` is believed. */
  trustedProxies: readonly Cidr[];
}

/** Proxies in a row that anybody has; the rest of a longer list is not looked at. */
const HOPS_MAX = 10;
/** The address where there is no socket, as in tests that call the app. */
export const UNKNOWN_ADDRESS = "unknown";

/** Finds the caller's address, and starts the request with an anonymous actor from there. */
export function clientAddress(options: ClientAddressOptions): CheckMiddleware {
  const { trustedProxies } = options;
  return checking((c) => {
    const address = clientAddressOf(c.env?.info, c.req.raw.headers, trustedProxies);
    c.set("clientAddress", address);
    c.set("actor", { kind: "anonymous", requestId: c.get("requestId") ?? null, address });
  });
}

/** The caller's address: that of the socket, or what a trusted proxy says. */
export function clientAddressOf(
  info: Deno.ServeHandlerInfo | undefined,
  headers: RequestFields,
  trustedProxies: readonly Cidr[],
): string {
  const socket = socketAddress(info?.remoteAddr);
  if (socket === undefined) return UNKNOWN_ADDRESS;
  if (trustedProxies.length === 0) return socket;
  return callerOf(socket, headers.get("x-forwarded-for"), trustedProxies);
}

function socketAddress(remote: Deno.Addr | undefined): string | undefined {
  return remote && "hostname" in remote ? plainOf(remote.hostname) : undefined;
}

/** To look at the shape of an address costs more than to look it up. */
const plainAddresses = new Map<string, string>();
/** Addresses that are remembered, some 100 bytes each. */
const PLAIN_ADDRESSES_MAX = 10_000;

function plainOf(address: string): string {
  let plain = plainAddresses.get(address);
  if (plain === undefined) {
    if (plainAddresses.size >= PLAIN_ADDRESSES_MAX) plainAddresses.clear();
    plainAddresses.set(address, plain = plainAddress(address));
  }
  return plain;
}

/** Each proxy appends whom it saw: the last address that is no proxy of ours is the caller's. */
function callerOf(socket: string, forwarded: string | null, proxies: readonly Cidr[]): string {
  const isProxy = (address: string) => proxies.some((network) => isInNetwork(address, network));
  if (forwarded === null || !isProxy(socket)) return socket;
  let caller = socket;
  for (const hop of forwarded.split(",").slice(-HOPS_MAX).reverse()) {
    const address = hopAddress(hop.trim());
    if (address === undefined) break;
    caller = address;
    if (!isProxy(caller)) break;
  }
  return caller;
}

/** Some proxies append the port: `203.0.113.9:4711`, `[2001:db8::1]:4711`. */
function hopAddress(hop: string): string | undefined {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop;
  return isAddress(bare) ? plainAddress(bare) : undefined;
}
